"""Reading identification: what fits each spot or sample of a run, what was kept and decided."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from lims.analysis import queries as analysis
from lims.analysis.readings import PlateRead, SpotRead, read_plate
from lims.analysis.records import Answer, ReagentTest, Run
from lims.analysis.states import LaneRole
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, Refused
from lims.foundation.words import Message, _
from lims.identification.documents import Question, question_of
from lims.identification.evidence import ColourObservation, HrfObservation, SpotEvidence
from lims.identification.knowledge import Knowledge, co_spots_of, gather, reagent_names, running
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
    session: Session, actor: Actor, run_id: uuid.UUID, with_prior: bool = True, language: str = "en"
) -> Fits:
    """Return what fits each spot or sample of a run now, without keeping anything."""
    run = analysis.run(session, actor, run_id)
    return fits_of_run(session, run, with_prior, language, demonstration=actor.demonstration)


def fits_of_run(
    session: Session,
    run: Run,
    with_prior: bool = True,
    language: str = "en",
    *,
    demonstration: bool,
) -> Fits:
    """Return what fits each spot or sample of a run that somebody may read."""
    if run.technique not in (Technique.TLC, Technique.REAGENT):
        raise Refused(_("This technique has no spots or colours to compare."))
    if run.technique == Technique.TLC:
        plate = read_plate(session, run, language)
        observed = _spots(session, plate)
    else:
        plate = None
        observed = _colour_tests(session, run)
    reagents = {step for one in observed for step in one[2]}
    known = gather(session, run, plate, reagents, demonstration=demonstration)
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


_Observed = tuple[Sample, SpotRead | None, Mapping[str, tuple[str, ...]], SpotEvidence]


def _spots(session: Session, plate: PlateRead) -> list[_Observed]:
    """Return each spot of a sample lane with what was observed of it."""
    names = reagent_names(session)
    found: list[_Observed] = []
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


def _colour_tests(session: Session, run: Run) -> list[_Observed]:
    """Return each sample of a run of colour tests with its colours in time per reagent."""
    names = reagent_names(session)
    query = select(ReagentTest).where(ReagentTest.run_id == run.id)
    by_sample: dict[uuid.UUID, dict[str, tuple[str, ...]]] = {}
    for test in session.scalars(query.order_by(ReagentTest.reagent, ReagentTest.id)):
        seen = tuple(colour for colour in (test.at_0, test.at_30, test.at_60) if colour)
        by_sample.setdefault(test.sample_id, {})[test.reagent] = seen
    found: list[_Observed] = []
    for item in run.samples:
        colours = by_sample.get(item.sample_id, {})
        found.append((item.sample, None, colours, SpotEvidence((), _named(colours, names))))
    return found


def _fit(run: Run, known: Knowledge, observed: _Observed, with_prior: bool) -> Fit:
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
