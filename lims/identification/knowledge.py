"""What is known of the substances that could be there, gathered from the records of the network.

Standards on the same plate, what this laboratory measured before, what is cited, the colour table,
the palette; and what was probable before looking. The number of queries does not grow with any.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.analysis.readings import PlateRead, SpotRead
from lims.analysis.records import Answer, Run
from lims.analysis.states import AnswerKind, LaneRole, RunState
from lims.identification.co_spots import CoSpotObservation, LaneSpot, read_co_spot
from lims.identification.documents import Question, colour_words
from lims.identification.evidence import SpotEvidence
from lims.identification.likelihood import (
    ColourKnowledge,
    HrfBasis,
    HrfKnowledge,
    PaletteColour,
)
from lims.identification.rules import Library, Prior
from lims.intake.records import Sample
from lims.library import queries as library
from lims.library import references
from lims.library.records import RetentionReference, Substance
from lims.library.rules import stages

FOUND = (AnswerKind.MEASURED, AnswerKind.FOUND, AnswerKind.BELOW_LOQ)
_Keys = Mapping[uuid.UUID, str]


@dataclass(frozen=True)
class Knowledge:
    """All that the spots and samples of one run are compared with."""

    keys: _Keys
    library: Library
    counts: Mapping[str, int]
    version: int

    def question(self, evidence: SpotEvidence, sample: Sample, with_prior: bool) -> Question:
        """Return the question that an observation of a sample puts to the ranking."""
        sold_as = self.keys.get(sample.sold_as_id) if sample.sold_as_id else None
        declared = frozenset({sold_as} if sold_as else ())
        prior = Prior(counts=self.counts, declared=declared, used=with_prior)
        return Question(evidence, tuple(self.keys.values()), self.library, prior)


def gather(
    session: Session,
    run: Run,
    plate: PlateRead | None,
    reagents: Collection[str],
    *,
    demonstration: bool,
) -> Knowledge:
    """Gather what bears on a run; measurements of a demonstration count in a demonstration only."""
    every = select(Substance.id, Substance.key).order_by(Substance.key)
    keys = {row[0]: row[1] for row in session.execute(every)}
    version = library.library_version(session)
    hrfs: tuple[HrfKnowledge, ...] = ()
    if plate is not None:
        system = plate.plate.system
        cited = references.cited_retentions(session, system=system)
        hrfs = (
            *_same_plate(plate, cited, keys),
            *_of_this_laboratory(session, run, system, keys, demonstration),
            *_cited(cited, keys),
        )
    known = Library(
        hrfs=hrfs,
        colours=tuple(_colours(session, reagents, keys, demonstration)),
        palette=palette(session),
        version=str(version),
    )
    return Knowledge(keys, known, counts(session), version)


def palette(session: Session) -> tuple[PaletteColour, ...]:
    """Return the palette with its CIELAB values; a colour's name is said later, from its list."""
    return tuple(
        PaletteColour(term.code, colour_words(term.code), _lab(term.extra.get("lab")))
        for term in library.terms(session, "palette")
    )


def _lab(given: Sequence[float] | None) -> tuple[float, float, float] | None:
    return None if given is None else (float(given[0]), float(given[1]), float(given[2]))


def counts(session: Session) -> dict[str, int]:
    """Return in how many samples of the network verified runs found each substance."""
    query = (
        select(Substance.key, func.count(Answer.sample_id.distinct()))
        .join(Answer, Answer.substance_id == Substance.id)
        .join(Run, Run.id == Answer.run_id)
        .where(Run.state == RunState.VERIFIED, Answer.kind.in_(FOUND))
        .group_by(Substance.key)
        .order_by(Substance.key)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def reagent_names(session: Session) -> dict[str, str]:
    """Return the names of the reagents by their codes; a proper name is the same in all tongues."""
    return {term.code: term.label("en") for term in library.terms(session, "reagent")}


def running(seen: SpotRead) -> float | None:
    """Return the corrected hRf, or the raw one where the plate has nothing to correct with."""
    value = seen.hrf if seen.corrected is None else seen.corrected
    return None if value is None else float(value)


def co_spots_of(plate: PlateRead, seen: SpotRead) -> tuple[CoSpotObservation, ...]:
    """Return what the co-spot lanes of its sample say of a spot, by the standard of each lane."""
    value = running(seen)
    lanes = [
        lane
        for lane in plate.plate.lanes
        if lane.role == LaneRole.CO_SPOT and lane.sample_id == seen.lane.sample_id
    ]
    if value is None or not lanes:
        return ()
    others = [
        where
        for one in plate.spots
        if one.lane is seen.lane and one is not seen and (where := running(one)) is not None
    ]
    found = []
    for lane in lanes:
        standard = plate.standards.get(lane.lot_id) if lane.lot_id else None
        if standard is None:
            continue
        spots = [
            LaneSpot(where, one.spot.tailing)
            for one in plate.spots
            if one.lane is lane and (where := running(one)) is not None
        ]
        outcome = read_co_spot(value, others, spots, _standard_at(plate, standard.id))
        if outcome is not None:
            found.append(CoSpotObservation(standard.key, outcome, lane.position))
    return tuple(found)


def _standard_at(plate: PlateRead, substance_id: uuid.UUID) -> float | None:
    """Return where a standard ran in lanes of its own, the mean; None when it did not."""
    places = [
        where
        for one in plate.spots
        if one.lane.role == LaneRole.REFERENCE
        and one.spot.substance_id == substance_id
        and (where := running(one)) is not None
    ]
    return fmean(places) if places else None


def _same_plate(
    plate: PlateRead, cited: Sequence[RetentionReference], keys: _Keys
) -> Iterator[HrfKnowledge]:
    """Give each standard of the plate; a plate reference is one when the library holds it."""
    of_reference = {row.substance_key: row.substance_id for row in cited}
    found: dict[str, list[float]] = {}
    for seen in plate.spots:
        if seen.lane.role not in (LaneRole.REFERENCE, LaneRole.CO_SPOT):
            continue
        what = seen.spot.substance_id or of_reference.get(seen.spot.reference)
        value = running(seen)
        if what is not None and what in keys and value is not None:
            found.setdefault(keys[what], []).append(value)
    for key, values in found.items():
        sd = stdev(values) if len(values) > 1 else None
        system, basis = plate.plate.system, HrfBasis.SAME_PLATE
        yield HrfKnowledge(key, system, basis, fmean(values), sd, len(values))


def _of_this_laboratory(
    session: Session, run: Run, system: str, keys: _Keys, demonstration: bool
) -> Iterator[HrfKnowledge]:
    kept = references.measured_retentions(session, protocol_id=run.protocol_id, site_id=run.site_id)
    for one in kept:
        if one.demonstration and not demonstration:
            continue
        sd = None if one.sd is None else float(one.sd)
        basis, mean = HrfBasis.LABORATORY, float(one.mean)
        yield HrfKnowledge(keys[one.substance_id], system, basis, mean, sd, one.n)


def _cited(cited: Sequence[RetentionReference], keys: _Keys) -> Iterator[HrfKnowledge]:
    for row in cited:
        if row.substance_id is not None:
            basis, mean = HrfBasis.CITED_CORRECTED, float(row.hrf)
            key = keys[row.substance_id]
            yield HrfKnowledge(key, row.system, basis, mean, source=row.source)


def _colours(
    session: Session, reagents: Collection[str], keys: _Keys, demonstration: bool
) -> Iterator[ColourKnowledge]:
    """Give the cited colours, and beside them what the network's own standards showed."""
    if not reagents:
        return
    names, wanted = reagent_names(session), sorted(reagents)
    for row in references.colour_references(session, reagents=wanted):
        reagent = names.get(row.reagent, row.reagent)
        yield ColourKnowledge(keys[row.substance_id], reagent, stages(row.colours), row.source)
    for own in references.measured_colours(session, reagents=wanted):
        if demonstration or not own.demonstration:
            reagent = names.get(own.reagent, own.reagent)
            source = f"{own.site}, {own.protocol}, n = {own.n}"
            yield ColourKnowledge(keys[own.substance_id], reagent, stages(own.colours), source)
