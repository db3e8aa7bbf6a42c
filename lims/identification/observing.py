"""What was observed: the spots of a plate, the colours of a test, and both on other runs.

Evidence on one sample comes from several plates and tests. Which spot of another plate is the spot
looked at here, nobody sees; the ranking averages over them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import queries as analysis
from lims.analysis.readings import PlateRead, SpotRead, read_plate
from lims.analysis.records import ReagentTest, Run
from lims.analysis.states import LaneRole
from lims.identification.evidence import (
    ColourObservation,
    Elsewhere,
    HrfObservation,
    SpotEvidence,
)
from lims.identification.knowledge import Knowledge, co_spots_of, gather, reagent_names, running
from lims.identification.rules import Library, together_of
from lims.intake.records import Sample
from lims.protocols.rules import Technique

Observed = tuple[Sample, SpotRead | None, Mapping[str, tuple[str, ...]], SpotEvidence]
"""A sample, its spot on a plate, colours by reagent, and what was observed as evidence."""


def spots_seen(session: Session, plate: PlateRead) -> list[Observed]:
    """Return each spot of a sample lane with what was observed of it."""
    names = reagent_names(session)
    found: list[Observed] = []
    for seen in plate.spots:
        sample = seen.lane.sample
        if seen.lane.role != LaneRole.SAMPLE or sample is None:
            continue
        value = running(seen)
        hrfs = (
            (HrfObservation(plate.plate.system, value, seen.corrected is not None),)
            if value is not None
            else ()
        )
        evidence = SpotEvidence(hrfs, _named(seen.colours, names), co_spots_of(plate, seen))
        found.append((sample, seen, seen.colours, evidence))
    return found


def _named(
    colours: Mapping[str, tuple[str, ...]], names: Mapping[str, str]
) -> tuple[ColourObservation, ...]:
    return tuple(ColourObservation(names.get(step, step), seen) for step, seen in colours.items())


def colour_tests(session: Session, run: Run) -> list[Observed]:
    """Return each sample of a run of colour tests with its colours in time per reagent."""
    names = reagent_names(session)
    query = select(ReagentTest).where(ReagentTest.run_id == run.id)
    by_sample: dict[uuid.UUID, dict[str, tuple[str, ...]]] = {}
    for test in session.scalars(query.order_by(ReagentTest.reagent, ReagentTest.id)):
        seen = tuple(colour for colour in (test.at_0, test.at_30, test.at_60) if colour)
        by_sample.setdefault(test.sample_id, {})[test.reagent] = seen
    found: list[Observed] = []
    for item in run.samples:
        colours = by_sample.get(item.sample_id, {})
        found.append((item.sample, None, colours, SpotEvidence((), _named(colours, names))))
    return found


def with_elsewhere(
    session: Session,
    run: Run,
    observed: Sequence[Observed],
    known: Knowledge,
    demonstration: bool,
) -> tuple[list[Observed], Knowledge]:
    """Add to each observation what other plates and tests of its sample show.

    The latest accepted plate of each other system speaks, and each reagent once: what this run
    shows stands before, then the latest other run.
    """
    samples = {one[0].id for one in observed}
    found: dict[uuid.UUID, list[Elsewhere]] = {one: [] for one in samples}
    libraries = [known.library]
    for sample_id in samples:
        here = {step for one in observed if one[0].id == sample_id for step in one[2]}
        systems = {system_of(run)}
        for other in reversed(analysis.standing_runs(session, sample_id)):
            if other.id == run.id or other.technique not in (Technique.TLC, Technique.REAGENT):
                continue
            system = system_of(other)
            if other.technique == Technique.TLC and system in systems:
                continue
            shown = _shown_by(session, other, sample_id, here, demonstration)
            if shown is not None:
                spots, library, reagents = shown
                about = _about(other, system)
                found[sample_id].append(Elsewhere(about, spots))
                libraries.append(library)
                here |= reagents
                systems |= {system}
    whole = [
        (sample, seen, colours, replace(evidence, elsewhere=tuple(found[sample.id])))
        for sample, seen, colours, evidence in observed
    ]
    return whole, replace(known, library=together_of(libraries))


def system_of(run: Run) -> str:
    """Return the code of the system of a plate's run."""
    return analysis.system_of(run.protocol.name)


def _about(run: Run, system: str) -> str:
    return f"{system}, {run.number}" if run.technique == Technique.TLC else run.number


def _shown_by(
    session: Session, run: Run, sample_id: uuid.UUID, counted: set[str], demonstration: bool
) -> tuple[tuple[SpotEvidence, ...], Library, set[str]] | None:
    """Return what a run shows of a sample with reagents not counted yet; None for nothing."""
    plate = read_plate(session, run) if run.technique == Technique.TLC else None
    if plate is not None and not plate.is_accepted:
        return None
    listed = spots_seen(session, plate) if plate is not None else colour_tests(session, run)
    mine = [one for one in listed if one[0].id == sample_id]
    names = reagent_names(session)
    old = {names.get(step, step) for step in counted}
    spots = []
    for one in mine:
        colours = tuple(c for c in one[3].colours if c.colours and c.reagent not in old)
        if one[3].hrfs or colours:
            spots.append(SpotEvidence(one[3].hrfs, colours))
    if not spots:
        return None
    steps = {step for one in mine for step in one[2]}
    known = gather(session, run, plate, steps, demonstration=demonstration)
    return tuple(spots), known.library, steps
