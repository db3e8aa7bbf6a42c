"""Reading identification: what fits each spot or sample of a run, what was kept and decided."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from lims.analysis import queries as analysis
from lims.analysis.readings import SpotRead, read_plate
from lims.analysis.records import Answer, Run
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Refused
from lims.foundation.words import Message, _
from lims.identification.documents import Question, question_of
from lims.identification.knowledge import Knowledge, gather
from lims.identification.observing import Observed, colour_tests, spots_seen, with_elsewhere
from lims.identification.records import CandidateList, Decision, Unknown
from lims.identification.rules import Ranking
from lims.intake.records import Sample
from lims.network.rules import Permission
from lims.protocols.rules import Technique

Key = tuple[uuid.UUID, uuid.UUID | None]
"""A sample, and the spot of it when it is about one spot."""


@dataclass(frozen=True)
class Fit:
    """What fits one spot, or one sample of a colour test, as it reads now."""

    run: Run
    sample: Sample
    seen: SpotRead | None
    question: Question
    #: None when nothing has been observed yet
    ranking: Ranking | None
    library_version: int
    answer: Answer | None = None
    kept: CandidateList | None = None
    decision: Decision | None = None

    @property
    def key(self) -> Key:
        return self.sample.id, self.seen.spot.id if self.seen else None


@dataclass(frozen=True)
class Fits:
    """Every spot or sample of a run with its candidates, and why the run may not be concluded."""

    run: Run
    fits: tuple[Fit, ...]
    obstacles: tuple[Message, ...]


@dataclass(frozen=True)
class UnknownFilters:
    """Which unknowns; an empty answer does not narrow."""

    state: str = ""
    text: str = ""


def preview(
    session: Session,
    actor: Actor,
    run_id: uuid.UUID,
    with_prior: bool = True,
    language: str = "en",
    *,
    together: bool = False,
) -> Fits:
    """Return what fits each spot or sample of a run now, without keeping anything.

    `together` counts what other plates and colour tests of the same sample show too.
    """
    run = analysis.run(session, actor, run_id)
    with_demo = {"demonstration": actor.demonstration}
    return fits_of_run(session, run, with_prior, language, together=together, **with_demo)


def fits_of_run(
    session: Session,
    run: Run,
    with_prior: bool = True,
    language: str = "en",
    *,
    demonstration: bool,
    together: bool = False,
) -> Fits:
    """Return what fits each spot or sample of a run that somebody may read."""
    if run.technique not in (Technique.TLC, Technique.REAGENT):
        raise Refused(_("This technique has no spots or colours to compare."))
    if run.technique == Technique.TLC:
        plate = read_plate(session, run, language)
        observed = spots_seen(session, plate)
    else:
        plate = None
        observed = colour_tests(session, run)
    reagents = {step for one in observed for step in one[2]}
    known = gather(session, run, plate, reagents, demonstration=demonstration)
    if together:
        observed, known = with_elsewhere(session, run, observed, known, demonstration)
    fits = [_fit(run, known, one, with_prior) for one in observed]
    failed = [check.message for check in plate.checks if not check.passed] if plate else []
    return Fits(run, tuple(_with_decisions(session, run, fits)), tuple(failed))


def fit_of(fits: Fits, sample_id: uuid.UUID | None, spot_id: uuid.UUID | None) -> Fit:
    """Return what fits one spot, or one sample; raises NotFound."""
    for fit in fits.fits:
        if spot_id is not None and fit.key[1] == spot_id:
            return fit
        if spot_id is None and fit.key == (sample_id, None):
            return fit
    raise NotFound(_("This run shows no such spot or sample."))


def _fit(run: Run, known: Knowledge, observed: Observed, with_prior: bool) -> Fit:
    sample, seen, _colours, evidence = observed
    question = known.question(evidence, sample, with_prior)
    try:
        ranking = question.ranking()
    except Invalid:
        ranking = None
    return Fit(run, sample, seen, question, ranking, known.version)


def _with_decisions(session: Session, run: Run, fits: Sequence[Fit]) -> list[Fit]:
    """Add what was kept and decided last of each spot, and the answer that stands on it."""
    lists = {one.id: one for one in lists_of_run(session, run.id)}
    kept = {(one.sample_id, one.spot_id): one for one in lists.values()}
    decided: dict[Key, Decision] = {}
    for one in decisions_of_run(session, run.id):
        about = lists[one.candidate_list_id]
        decided[about.sample_id, about.spot_id] = one
    answers = {answered_key(answer): answer for answer in run.answers}
    return [
        replace(
            fit,
            answer=answers.get(fit.key) if fit.seen else None,
            kept=kept.get(fit.key),
            decision=decided.get(fit.key),
        )
        for fit in fits
    ]


def answered_key(answer: Answer) -> Key:
    """Return the sample and spot that an answer stands on."""
    spot = answer.evidence.get("spot_id")
    return answer.sample_id, uuid.UUID(spot) if spot else None


def lists_of_run(session: Session, run_id: uuid.UUID) -> list[CandidateList]:
    """Return the kept lists of a run, oldest first."""
    query = select(CandidateList).where(CandidateList.run_id == run_id)
    return list(session.scalars(query.order_by(CandidateList.made_at)))


def decisions_of_run(session: Session, run_id: uuid.UUID) -> list[Decision]:
    """Return what was decided on the kept lists of a run, oldest first."""
    query = select(Decision).join(CandidateList, CandidateList.id == Decision.candidate_list_id)
    query = query.where(CandidateList.run_id == run_id)
    return list(session.scalars(query.order_by(Decision.at)))


def kept_lists(
    session: Session, actor: Actor, run_id: uuid.UUID, page: int = 1, size: int = 50
) -> tuple[list[CandidateList], int]:
    """Return one page of the lists kept of a run, newest first, and how many there are."""
    run = analysis.run(session, actor, run_id)
    wanted = CandidateList.run_id == run.id
    total = session.scalar(select(func.count()).select_from(CandidateList).where(wanted)) or 0
    query = select(CandidateList).where(wanted).order_by(CandidateList.made_at.desc())
    return list(session.scalars(query.offset((page - 1) * size).limit(size))), total


def kept_list(session: Session, list_id: uuid.UUID) -> CandidateList:
    """Return a kept list; raises NotFound."""
    found = session.get(CandidateList, list_id)
    if found is None:
        raise NotFound(_("There is no such list of candidates."))
    return found


def compute_again(kept: CandidateList) -> Ranking:
    """Return the ranking of a kept list, computed again from what was kept with it."""
    return question_of(kept.observed, kept.parameters).ranking()


def unknowns(
    session: Session, actor: Actor, filters: UnknownFilters, page: int = 1, size: int = 50
) -> tuple[list[Unknown], int]:
    """Return one page of the unknowns of the network, newest first, and how many there are."""
    if not any(actor.may(permission) for permission in analysis.READERS):
        actor.must(Permission.ANALYSE)
    wanted: list[ColumnElement[bool]] = []
    if filters.state:
        solved = filters.state == "solved"
        column = Unknown.substance_id
        wanted.append(column.is_not(None) if solved else column.is_(None))
    if text := "".join(one for one in filters.text if one.isprintable()).strip():
        said = Unknown.description.icontains(text, autoescape=True)
        wanted.append(said | Unknown.number.istartswith(text, autoescape=True))
    total = session.scalar(select(func.count()).select_from(Unknown).where(*wanted)) or 0
    query = select(Unknown).where(*wanted).order_by(Unknown.at.desc(), Unknown.number.desc())
    whole = query.options(joinedload(Unknown.sample), joinedload(Unknown.substance))
    return list(session.scalars(whole.offset((page - 1) * size).limit(size))), total
