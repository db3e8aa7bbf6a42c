"""Ranking and deciding: what fits a spot is kept as it was shown, and a person decides on it.

An accepted candidate becomes an answer of the run, with the list as its evidence. Colours alone
exclude and never confirm; a plate that failed may be ranked, but nothing is concluded on it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lims.analysis.noting import open_run, own_open_run, record_in_journal
from lims.analysis.records import Run
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.words import _
from lims.identification import queries
from lims.identification.answering import add_answer, refuse_to_conclude, withdraw_answer
from lims.identification.deciding import (
    LONGEST_WHY,
    Decide,
    Verdict,
    decided_facts,
    said_why,
    write_decision,
)
from lims.identification.documents import observed_document
from lims.identification.queries import Fit, Fits
from lims.identification.records import CandidateList, Decision
from lims.identification.rules import NONE_OF_THE_LIBRARY, Ranking
from lims.identification.spectrum_deciding import SPECTRAL, decide_on_list
from lims.library.queries import substance
from lims.library.records import Substance
from lims.network.rules import Permission

__all__ = [
    "LONGEST_WHY",
    "Decide",
    "DecideNow",
    "RankSampleColours",
    "RankSpot",
    "Verdict",
    "decide",
    "decide_now",
    "rank_sample_colours",
    "rank_spot",
]


@dataclass(frozen=True)
class RankSpot:
    """The candidates for one spot of a plate, to be kept as they are now."""

    run_id: uuid.UUID
    spot_id: uuid.UUID
    with_prior: bool = True
    together: bool = False


@dataclass(frozen=True)
class RankSampleColours:
    """The candidates for one sample of a run of colour tests, to be kept as they are now."""

    run_id: uuid.UUID
    sample_id: uuid.UUID
    with_prior: bool = True
    together: bool = False


@dataclass(frozen=True)
class DecideNow:
    """A decision on what fits a spot or sample now; the list is kept with it."""

    run_id: uuid.UUID
    row_version: int
    verdict: str
    sample_id: uuid.UUID | None = None
    spot_id: uuid.UUID | None = None
    substance_id: uuid.UUID | None = None
    why: str = ""
    with_prior: bool = True
    together: bool = False


def rank_spot(session: Session, actor: Actor, command: RankSpot) -> CandidateList:
    """Keep the candidates for a spot; raises Refused when nothing has been observed of it."""
    actor.must(Permission.ANALYSE)
    run = own_open_run(session, actor, command.run_id)
    fits = _fits(session, actor, run, command)
    kept = _keep(session, queries.fit_of(fits, None, command.spot_id))
    record_in_journal(session, actor, "rank spot", run, **_facts(kept))
    return kept


def rank_sample_colours(
    session: Session, actor: Actor, command: RankSampleColours
) -> CandidateList:
    """Keep the candidates for the colours of a sample; raises Refused when there are none."""
    actor.must(Permission.ANALYSE)
    run = own_open_run(session, actor, command.run_id)
    fits = _fits(session, actor, run, command)
    kept = _keep(session, queries.fit_of(fits, command.sample_id, None))
    record_in_journal(session, actor, "rank sample colours", run, **_facts(kept))
    return kept


def decide(session: Session, actor: Actor, command: Decide) -> Decision:
    """Decide on a kept list; an accepted substance becomes an answer of the run.

    Raises Invalid without a reason, Refused on a failed plate, on colours alone, or when the spot
    reads otherwise than in the list.
    """
    actor.must(Permission.ANALYSE)
    kept = queries.kept_list(session, command.candidate_list_id)
    if kept.run_id is None:
        raise Refused(_("A list over several runs is read, not decided on. Decide in a run."))
    run = own_open_run(session, actor, kept.run_id)
    open_run(session, actor, run.id, run.row_version)
    if kept.method in SPECTRAL:
        return decide_on_list(session, actor, run, kept, command)[-1]
    together = bool(kept.observed.get("elsewhere"))
    with_prior = kept.observed["prior_used"]
    fits = queries.preview(session, actor, run.id, with_prior, together=together)
    fit = queries.fit_of(fits, kept.sample_id, kept.spot_id)
    _refuse_another_reading(kept, fit)
    made = _decide(session, actor, fits, fit, kept, command)
    record_in_journal(session, actor, "decide on candidates", run, **decided_facts(session, made))
    return made


def decide_now(session: Session, actor: Actor, command: DecideNow) -> Decision:
    """Keep what fits a spot or sample now and decide on it, in one act; raises as `decide`."""
    actor.must(Permission.ANALYSE)
    run = open_run(session, actor, command.run_id, command.row_version)
    fits = _fits(session, actor, run, command)
    fit = queries.fit_of(fits, command.sample_id, command.spot_id)
    kept = _keep(session, fit)
    told = Decide(kept.id, command.verdict, command.substance_id, command.why)
    made = _decide(session, actor, fits, fit, kept, told)
    record_in_journal(session, actor, "decide on candidates", run, **decided_facts(session, made))
    return made


def _fits(
    session: Session, actor: Actor, run: Run, command: RankSpot | RankSampleColours | DecideNow
) -> Fits:
    prior, together = command.with_prior, command.together
    return queries.preview(session, actor, run.id, prior, together=together)


def _keep(session: Session, fit: Fit) -> CandidateList:
    if fit.ranking is None:
        raise Refused(_("Nothing has been observed yet."))
    document = fit.ranking.as_document()
    kept = CandidateList(
        run_id=fit.run.id,
        sample_id=fit.sample.id,
        spot_id=fit.seen.spot.id if fit.seen else None,
        library_version=fit.library_version,
        algorithm=fit.ranking.algorithm,
        parameters=fit.ranking.parameters.as_dict(),
        observed=observed_document(fit.question, _assessed(fit.ranking)),
        ranked=document["candidates"],
    )
    session.add(kept)
    session.flush()
    return kept


def _assessed(ranking: Ranking) -> tuple[str, ...]:
    keys = (one.substance for one in ranking.candidates)
    return tuple(key for key in keys if key != NONE_OF_THE_LIBRARY)


def _facts(kept: CandidateList) -> Mapping[str, Any]:
    first = kept.ranked[0]["substance"]
    return {"list": kept.id, "first": first, "library": kept.library_version}


def _refuse_another_reading(kept: CandidateList, fit: Fit) -> None:
    now = observed_document(fit.question, ())
    parts = ("hrfs", "colours", "co_spots", "elsewhere")
    if any(now[part] != kept.observed.get(part, []) for part in parts):
        words = _("What was observed has changed since this list was kept. Rank it again.")
        raise Refused(words)


def _decide(
    session: Session, actor: Actor, fits: Fits, fit: Fit, kept: CandidateList, command: Decide
) -> Decision:
    why = said_why(command.verdict, command.why)
    accepted = None
    if command.verdict == Verdict.ACCEPT:
        accepted = _accepted(session, kept, command.substance_id)
        refuse_to_conclude(fits, fit)
    withdraw_answer(fits.run, fit)
    if accepted is not None:
        add_answer(fits.run, fit, accepted, "", why, _evidence(kept, accepted))
    return write_decision(session, actor, kept, accepted, command.verdict, why)


def _accepted(session: Session, kept: CandidateList, substance_id: uuid.UUID | None) -> Substance:
    if substance_id is None:
        raise refuse_field("substance_id", _("Say which candidate you accept."))
    try:
        found = substance(session, substance_id)
    except NotFound as missing:
        raise refuse_field("substance_id", missing.message) from missing
    if all(one["substance"] != found.key for one in kept.ranked):
        raise refuse_field("substance_id", _("This substance is not one of the candidates."))
    return found


def _evidence(kept: CandidateList, accepted: Substance) -> dict[str, Any]:
    ranking = queries.compute_again(kept)
    line = next(one for one in ranking.candidates if one.substance == accepted.key)
    alike = next((group for group in ranking.groups if accepted.key in group), ())
    return {
        "candidate_list_id": str(kept.id),
        "rank": line.rank,
        "posterior": round(line.posterior, 4),
        "not_separated_from": [key for key in alike if key != accepted.key],
        "library_version": kept.library_version,
        "algorithm": kept.algorithm,
    }
