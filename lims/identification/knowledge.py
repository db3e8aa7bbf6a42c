"""What is known when a spot or a colour test is ranked, gathered as plain values for the rules.

Same-plate standards, this laboratory's history under this protocol version, cited retentions and
colours; how often the network found each substance; what was declared. Nothing is made up.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.analysis.answers import scope_of
from lims.analysis.readings import PlateRead, SpotRead
from lims.analysis.records import Answer, ReagentTest, Run
from lims.analysis.states import AnswerKind, LaneRole, RunState
from lims.foundation.words import Message
from lims.identification.evidence import ColourObservation, HrfObservation, SpotEvidence
from lims.identification.likelihood import (
    ColourKnowledge,
    HrfBasis,
    HrfKnowledge,
    PaletteColour,
    read_stages,
)
from lims.identification.rules import Library, Prior
from lims.intake.records import Sample
from lims.library import queries as library
from lims.library import references
from lims.library.records import Substance

POSITIVE = (AnswerKind.MEASURED, AnswerKind.FOUND, AnswerKind.BELOW_LOQ)


@dataclass(frozen=True)
class Knowledge:
    """Everything that a ranking stands on."""

    library: Library
    prior: Prior
    #: keys that may be ranked, or named as not assessed
    substances: tuple[str, ...]
    #: some measured values are of the demonstration
    demonstration: bool
    #: reagents as people write them, by code
    reagents: Mapping[str, str]


def palette(session: Session, language: str = "en") -> tuple[PaletteColour, ...]:
    """Return the palette with names in a language."""
    return tuple(
        PaletteColour(
            term.code,
            Message(term.label(language)),
            tuple(term.extra["lab"]) if term.extra.get("lab") else None,
        )
        for term in library.terms(session, "palette")
    )


def reagent_names(session: Session) -> dict[str, str]:
    """Return reagents as people write them, by code."""
    return {term.code: term.label("en") for term in library.terms(session, "reagent")}


def spot_evidence(plate: PlateRead, seen: SpotRead, names: Mapping[str, str]) -> SpotEvidence:
    """Return what was observed of one spot: its hRf in the system, its colours per reagent."""
    value = seen.corrected if seen.corrected is not None else seen.hrf
    corrected = seen.corrected is not None
    system = plate.plate.system
    hrfs = () if value is None else (HrfObservation(system, float(value), corrected),)
    return SpotEvidence(
        hrfs=hrfs,
        colours=tuple(
            ColourObservation(names.get(step, step), colours)
            for step, colours in seen.colours.items()
        ),
    )


def colour_evidence(session: Session, run: Run, sample_id: uuid.UUID) -> SpotEvidence:
    """Return what colour tests show of a sample, one sequence for each reagent."""
    names = reagent_names(session)
    query = select(ReagentTest).where(
        ReagentTest.run_id == run.id, ReagentTest.sample_id == sample_id
    )
    seen = {one.reagent: one for one in session.scalars(query.order_by(ReagentTest.reagent))}
    return SpotEvidence(
        colours=tuple(
            ColourObservation(
                names.get(code, code), tuple(filter(None, (one.at_0, one.at_30, one.at_60)))
            )
            for code, one in seen.items()
        )
    )


def known_for(
    session: Session,
    run: Run,
    sample: Sample,
    plate: PlateRead | None,
    *,
    reagents: Iterable[str],
    use_prior: bool,
    language: str = "en",
) -> Knowledge:
    """Gather what bears on a run's observations of one sample; few queries, none per spot."""
    keys = _keys(session)
    system = plate.plate.system if plate else ""
    names = reagent_names(session)
    hrfs, demonstration = _hrfs(session, run, plate, keys)
    colours = _colours(session, list(reagents), keys, names)
    declared = frozenset(
        keys[one] for one in (sample.sold_as_id, sample.believed_id) if one in keys
    )
    scope = [one.key for one in scope_of(run.protocol.document) if not one.is_group]
    wanted = [
        *(one.substance for one in hrfs if one.system == system),
        *(one.substance for one in colours),
        *sorted(declared),
        *scope,
    ]
    return Knowledge(
        library=Library(
            tuple(hrfs),
            tuple(colours),
            palette(session, language),
            str(library.library_version(session)),
        ),
        prior=Prior(network_counts(session), declared, use_prior),
        substances=tuple(dict.fromkeys(wanted)),
        demonstration=demonstration,
        reagents=names,
    )


def _keys(session: Session) -> dict[uuid.UUID, str]:
    return {row[0]: row[1] for row in session.execute(select(Substance.id, Substance.key))}


def network_counts(session: Session) -> dict[str, int]:
    """Return in how many samples the network's verified runs found each substance."""
    query = (
        select(Substance.key, func.count(Answer.sample_id.distinct()))
        .join(Answer, Answer.substance_id == Substance.id)
        .join(Run, Run.id == Answer.run_id)
        .where(Run.state == RunState.VERIFIED, Answer.kind.in_(POSITIVE))
        .group_by(Substance.key)
    )
    return {key: int(n) for key, n in session.execute(query)}


def _hrfs(
    session: Session, run: Run, plate: PlateRead | None, keys: dict[uuid.UUID, str]
) -> tuple[list[HrfKnowledge], bool]:
    if plate is None:
        return [], False
    system = plate.plate.system
    measured = references.measured_retentions(
        session, protocol_id=run.protocol_id, site_id=run.site_id
    )
    history = [
        HrfKnowledge(
            substance=keys[one.substance_id],
            system=system,
            basis=HrfBasis.LABORATORY,
            mean=float(one.mean),
            sd=None if one.sd is None else float(one.sd),
            n=one.n,
            source=f"{one.site}, {one.protocol}",
        )
        for one in measured
    ]
    cited = [
        HrfKnowledge(
            substance=keys[one.substance_id],
            system=system,
            basis=HrfBasis.CITED_CORRECTED,
            mean=float(one.hrf),
            source=one.source,
        )
        for one in references.cited_retentions(session, system=system)
        if one.substance_id is not None
    ]
    same = _same_plate(plate, system, keys)
    return [*same, *history, *cited], any(one.demonstration for one in measured)


def _same_plate(plate: PlateRead, system: str, keys: dict[uuid.UUID, str]) -> list[HrfKnowledge]:
    values: dict[str, list[float]] = {}
    for seen in plate.spots:
        value = seen.corrected if seen.corrected is not None else seen.hrf
        if seen.lane.role != LaneRole.REFERENCE or value is None:
            continue
        if seen.spot.substance_id is not None:
            values.setdefault(keys[seen.spot.substance_id], []).append(float(value))
    return [
        HrfKnowledge(
            substance=key,
            system=system,
            basis=HrfBasis.SAME_PLATE,
            mean=mean(seen_values),
            sd=stdev(seen_values) if len(seen_values) > 1 else None,
            n=len(seen_values),
        )
        for key, seen_values in values.items()
    ]


def _colours(
    session: Session,
    reagents: Sequence[str],
    keys: dict[uuid.UUID, str],
    names: Mapping[str, str],
) -> list[ColourKnowledge]:
    if not reagents:
        return []
    return [
        ColourKnowledge(
            substance=keys[one.substance_id],
            reagent=names.get(one.reagent, one.reagent),
            stages=read_stages(one.colours),
            source=one.source,
        )
        for one in references.colour_references(session, reagents=reagents)
    ]
