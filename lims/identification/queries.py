"""Reading identifications: rankings as they stand now, lists as they were kept, unknowns."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.analysis import queries as analysis
from lims.analysis.readings import PlateRead, SpotRead, read_plate
from lims.analysis.records import Run
from lims.analysis.states import LaneRole
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound
from lims.foundation.words import _
from lims.identification import knowledge, rules
from lims.identification.evidence import ColourObservation, HrfObservation, SpotEvidence
from lims.identification.likelihood import ColourKnowledge, HrfBasis, HrfKnowledge, Parameters
from lims.identification.records import CandidateList, Decision, Unknown
from lims.intake.records import Sample
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.protocols.rules import Technique

RANKED_LANES = (LaneRole.SAMPLE, LaneRole.CO_SPOT)


@dataclass(frozen=True)
class Ranked:
    """A ranking of one spot (or of a sample's colour tests), with all that it stands on."""

    sample: Sample
    seen: SpotRead | None
    label: str
    evidence: SpotEvidence
    knowledge: knowledge.Knowledge
    ranking: rules.Ranking


def rankings(
    session: Session, run: Run, *, use_prior: bool = True, language: str = "en"
) -> list[Ranked]:
    """Rank every sample spot of a plate, or the colour tests of every sample, as of now."""
    if run.technique == Technique.TLC:
        return _plate_rankings(session, run, use_prior, language)
    if run.technique == Technique.REAGENT:
        found = (
            rank_colours(session, run, item.sample, use_prior, language) for item in run.samples
        )
        return [one for one in found if one]
    return []


def _plate_rankings(session: Session, run: Run, use_prior: bool, language: str) -> list[Ranked]:
    """Rank each sample spot; what is known is gathered once for each sample."""
    plate = read_plate(session, run, language)
    known: dict[uuid.UUID, knowledge.Knowledge] = {}
    found = []
    for seen in plate.spots:
        sample = seen.lane.sample
        if sample is None or seen.lane.role not in RANKED_LANES:
            continue
        if sample.id not in known:
            known[sample.id] = _known(session, run, plate, sample, use_prior, language)
        if one := _spot(plate, seen, sample, known[sample.id]):
            found.append(one)
    return found


def _known(
    session: Session,
    run: Run,
    plate: PlateRead,
    sample: Sample,
    use_prior: bool,
    language: str,
) -> knowledge.Knowledge:
    reagents = {step for seen in plate.spots for step in seen.colours}
    return knowledge.known_for(
        session,
        run,
        sample,
        plate,
        reagents=sorted(reagents),
        use_prior=use_prior,
        language=language,
    )


def _spot(
    plate: PlateRead, seen: SpotRead, sample: Sample, known: knowledge.Knowledge
) -> Ranked | None:
    evidence = knowledge.spot_evidence(plate, seen, known.reagents)
    return _ranked(sample, seen, f"{seen.lane.position}{seen.spot.label}", evidence, known)


def rank_spot(
    session: Session, run: Run, plate: PlateRead, seen: SpotRead, use_prior: bool
) -> Ranked | None:
    """Rank the candidates of one spot; None when nothing of it was observed yet."""
    sample = seen.lane.sample
    if sample is None:
        return None
    known = _known(session, run, plate, sample, use_prior, "en")
    return _spot(plate, seen, sample, known)


def rank_colours(
    session: Session, run: Run, sample: Sample, use_prior: bool, language: str = "en"
) -> Ranked | None:
    """Rank the candidates of a sample by its colour tests; None without any."""
    evidence = knowledge.colour_evidence(session, run, sample.id)
    codes = {name: code for code, name in knowledge.reagent_names(session).items()}
    reagents = [codes.get(one.reagent, one.reagent) for one in evidence.colours]
    known = knowledge.known_for(
        session, run, sample, None, reagents=reagents, use_prior=use_prior, language=language
    )
    return _ranked(sample, None, "", evidence, known)


def _ranked(
    sample: Sample,
    seen: SpotRead | None,
    label: str,
    evidence: SpotEvidence,
    known: knowledge.Knowledge,
) -> Ranked | None:
    if not evidence.hrfs and not evidence.colours:
        return None
    try:
        ranking = rules.rank(evidence, known.substances, known.library, known.prior)
    except Invalid:  # a colour that this palette no longer holds: nothing to rank with
        return None
    return Ranked(sample, seen, label, evidence, known, ranking)


def document_of(ranked: Ranked) -> dict[str, Any]:
    """Return what was observed and known as plain values, enough to rank again."""
    used = {one.substance for one in ranked.ranking.candidates}
    library = ranked.knowledge.library
    return {
        "label": ranked.label,
        "seen": ranked.seen.seen if ranked.seen else {},
        "evidence": asdict(ranked.evidence),
        "substances": list(ranked.knowledge.substances),
        "hrfs": [asdict(one) for one in library.hrfs if one.substance in used],
        "colours": [asdict(one) for one in library.colours if one.substance in used],
        "counts": {key: n for key, n in ranked.knowledge.prior.counts.items() if key in used},
        "declared": sorted(ranked.knowledge.prior.declared),
        "prior_used": ranked.knowledge.prior.used,
    }


def recompute(session: Session, kept: CandidateList) -> rules.Ranking:
    """Rank again from what a list keeps; with the same algorithm the result is the same."""
    seen = kept.observed
    evidence = SpotEvidence(
        hrfs=tuple(HrfObservation(**one) for one in seen["evidence"]["hrfs"]),
        colours=tuple(
            ColourObservation(one["reagent"], tuple(one["colours"]))
            for one in seen["evidence"]["colours"]
        ),
    )
    library = rules.Library(
        hrfs=tuple(_hrf(one) for one in seen["hrfs"]),
        colours=tuple(_colour(one) for one in seen["colours"]),
        palette=knowledge.palette(session),
        version=str(kept.library_version),
    )
    prior = rules.Prior(seen["counts"], frozenset(seen["declared"]), seen["prior_used"])
    parameters = Parameters(**kept.parameters)
    return rules.rank(evidence, seen["substances"], library, prior, parameters)


def _hrf(one: Mapping[str, Any]) -> HrfKnowledge:
    return HrfKnowledge(**{**one, "basis": HrfBasis(one["basis"])})


def _colour(one: Mapping[str, Any]) -> ColourKnowledge:
    stages = tuple(tuple(stage) for stage in one["stages"])
    return ColourKnowledge(**{**one, "stages": stages})


def candidates(
    session: Session,
    actor: Actor,
    run_id: uuid.UUID,
    *,
    use_prior: bool = True,
    language: str = "en",
) -> list[Ranked]:
    """Return the rankings of a run as of now to somebody who may read it."""
    return rankings(
        session, analysis.run(session, actor, run_id), use_prior=use_prior, language=language
    )


def kept_lists(session: Session, actor: Actor, run_id: uuid.UUID) -> list[CandidateList]:
    """Return the candidate lists that were kept of a run, oldest first."""
    analysis.run(session, actor, run_id)
    query = select(CandidateList).where(CandidateList.run_id == run_id)
    return list(session.scalars(query.order_by(CandidateList.made_at, CandidateList.id)))


def decisions(
    session: Session, run_id: uuid.UUID
) -> list[tuple[Decision, CandidateList, Substance | None]]:
    """Return what was decided on a run's lists, oldest first."""
    query = (
        select(Decision, CandidateList, Substance)
        .join(CandidateList, CandidateList.id == Decision.candidate_list_id)
        .outerjoin(Substance, Substance.id == Decision.substance_id)
        .where(CandidateList.run_id == run_id)
        .order_by(Decision.at, Decision.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def substances_of(session: Session, keys: Sequence[str]) -> dict[str, Substance]:
    """Return substances by key."""
    query = select(Substance).where(Substance.key.in_(keys))
    return {one.key: one for one in session.scalars(query)} if keys else {}


def unknowns(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[tuple[Unknown, Substance | None]], int]:
    """Return one page of what no method has named, newest first, and how many there are."""
    actor.must(Permission.CONSULT)
    total = session.scalar(select(func.count()).select_from(Unknown)) or 0
    query = select(Unknown, Substance).outerjoin(Substance, Substance.id == Unknown.substance_id)
    query = query.order_by(Unknown.at.desc(), Unknown.number.desc())
    rows = session.execute(query.offset((page - 1) * size).limit(size))
    return [(row[0], row[1]) for row in rows], total


def unknown(session: Session, unknown_id: uuid.UUID) -> Unknown:
    """Return a numbered unknown; raises NotFound."""
    found = session.get(Unknown, unknown_id)
    if found is None:
        raise NotFound(_("There is no such unknown."))
    return found
