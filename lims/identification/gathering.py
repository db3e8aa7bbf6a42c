"""All evidence on one sample, gathered technique by technique for its fusion.

Plates and colours speak with the log-ratios of what fits them now, spectra with their kept lists,
techniques that were read by hand with the answers of their runs. One run speaks for a technique:
a verified one before others, the latest of equals; for plates, one per system.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.analysis.answers import scope_of
from lims.analysis.queries import ENDED, READERS
from lims.analysis.records import Answer, Run, RunSample
from lims.analysis.states import AnswerKind, RunState
from lims.foundation.actors import Actor
from lims.identification import calibration
from lims.identification.certainty import CATEGORIES
from lims.identification.fusion import Fused, Setting, Statement, fuse
from lims.identification.knowledge import FOUND, counts
from lims.identification.plate_evidence import (
    Calibrations,
    Told,
    best_ratios,
    of_sample,
    plates_and_colours,
)
from lims.identification.records import Calibration, CandidateList, Decision
from lims.identification.retention import indexes_agree
from lims.identification.rules import NONE_OF_THE_LIBRARY, Prior
from lims.identification.scoring import scored_of
from lims.identification.spectrum_fits import NOT_APART
from lims.intake import queries as intake
from lims.intake.records import Sample
from lims.library import queries as library
from lims.library.records import Substance
from lims.network.rules import Permission

SEARCHING = frozenset({"ftir", "raman", "gcms", "lcms", "hplc_uv"})
"""Techniques whose scope, when they answer at all, tells what they did not detect."""


@dataclass(frozen=True)
class SampleEvidence:
    """All evidence on one sample, and what it adds up to."""

    sample: Sample
    told: tuple[Told, ...]
    prior: Prior
    fused: Fused
    library_version: int
    #: runs that stand but do not speak: of a technique that another run speaks for, or failed
    silent: tuple[Run, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(one.statement for one in self.told)

    @property
    def answers(self) -> list[Answer]:
        return [answer for one in self.told for answer in one.answers]


@dataclass
class _Gathered:
    """What was found so far."""

    told: list[Told] = field(default_factory=list)
    spoken: set[uuid.UUID] = field(default_factory=set)

    def add(self, told: Told | None) -> None:
        if told is not None:
            self.told.append(told)
            self.spoken.update(run.id for run in told.runs)


def gather_evidence(
    session: Session, sample: Sample, *, with_prior: bool = True, demonstration: bool
) -> SampleEvidence:
    """Return all evidence on a sample, fused; the number of queries grows with its runs only."""
    runs = _standing(session, sample.id)
    calibrations = newest_calibrations(session)
    found = _Gathered()
    plates = [run for run in runs if run.technique in ("tlc", "reagent")]
    found.add(plates_and_colours(session, sample, plates, calibrations, demonstration))
    lists = _lists(session, sample.id)
    decisions = _decisions(session, sample.id)
    for technique in CATEGORIES:
        of_technique = [run for run in runs if run.technique == technique]
        if technique not in ("tlc", "reagent") and of_technique:
            found.add(_by_run(session, sample.id, of_technique, lists, decisions, calibrations))
    sold_as = sample.sold_as_substance
    prior = Prior(counts(session), frozenset({sold_as.key} if sold_as else ()), with_prior)
    fused = fuse([one.statement for one in found.told], prior)
    silent = tuple(run for run in runs if run.id not in found.spoken)
    version = library.library_version(session)
    return SampleEvidence(sample, tuple(found.told), prior, fused, version, silent)


def sample_evidence(
    session: Session, actor: Actor, sample_id: uuid.UUID, *, with_prior: bool = True
) -> SampleEvidence:
    """Return all evidence on a sample that is examined where the actor works; raises NotFound."""
    actor.must(next((one for one in READERS if actor.may(one)), Permission.ANALYSE))
    sample = intake.sample(session, actor, sample_id)
    return gather_evidence(
        session, sample, with_prior=with_prior, demonstration=actor.demonstration
    )


def laboratory_of(evidence: SampleEvidence) -> uuid.UUID | None:
    """Return the laboratory that holds a sample, else the one that examined it last."""
    if evidence.sample.laboratory_id is not None:
        return evidence.sample.laboratory_id
    runs = [run for told in evidence.told for run in told.runs]
    return max(runs, key=lambda run: run.started_at).site_id if runs else None


def kept_fusions(session: Session, sample_id: uuid.UUID) -> list[CandidateList]:
    """Return the fusions kept of a sample, newest first."""
    query = select(CandidateList).where(
        CandidateList.sample_id == sample_id, CandidateList.method == "fusion"
    )
    return list(session.scalars(query.order_by(CandidateList.made_at.desc())))


def newest_calibrations(session: Session) -> Calibrations:
    """Return the newest calibration by technique, protocol and the algorithm that it serves."""
    query = select(Calibration).order_by(Calibration.made_at)
    return {(one.technique, one.protocol, one.scores_of): one for one in session.scalars(query)}


def _standing(session: Session, sample_id: uuid.UUID) -> list[Run]:
    """Return the standing runs that say something of substances, the most telling last."""
    query = (
        select(Run)
        .join(RunSample, RunSample.run_id == Run.id)
        .where(RunSample.sample_id == sample_id, Run.state.not_in(ENDED))
        .where(Run.technique.in_(list(CATEGORIES)))
        .options(
            joinedload(Run.protocol),
            selectinload(Run.samples).joinedload(RunSample.sample),
            selectinload(Run.answers).joinedload(Answer.substance),
        )
        .order_by(Run.started_at, Run.number)
    )
    return sorted(session.scalars(query), key=lambda run: run.state == RunState.VERIFIED)


def _lists(session: Session, sample_id: uuid.UUID) -> list[CandidateList]:
    query = select(CandidateList).where(
        CandidateList.sample_id == sample_id, CandidateList.method.in_(("search", "mixture"))
    )
    return list(session.scalars(query.order_by(CandidateList.made_at)))


def _decisions(session: Session, sample_id: uuid.UUID) -> dict[uuid.UUID, tuple[str, str]]:
    """Return the last verdict on each list of a sample, with the key of what was accepted."""
    query = (
        select(Decision, Substance.key)
        .join(CandidateList, CandidateList.id == Decision.candidate_list_id)
        .outerjoin(Substance, Substance.id == Decision.substance_id)
        .where(CandidateList.sample_id == sample_id)
        .order_by(Decision.at)
    )
    rows = session.execute(query)
    return {row[0].candidate_list_id: (row[0].verdict, row[1] or "") for row in rows}


def _named_in(answers: Iterable[Answer]) -> tuple[str, ...]:
    found = (one.substance.key for one in answers if one.kind in FOUND and one.substance)
    return tuple(dict.fromkeys(found))


def _by_run(
    session: Session,
    sample_id: uuid.UUID,
    runs: Sequence[Run],
    lists: Sequence[CandidateList],
    decisions: Mapping[uuid.UUID, tuple[str, str]],
    calibrations: Calibrations,
) -> Told:
    """Let the last of the runs speak that has something to say, by lists and answers."""
    speaking = [run for run in runs if of_sample(run, sample_id) or _latest(lists, run)]
    run = (speaking or list(runs))[-1]
    mine, answers = _latest(lists, run), of_sample(run, sample_id)
    named, accepted, nothing = _named(mine, decisions, answers)
    kept = (
        calibrations.get((run.technique, run.protocol.name, mine[-1].algorithm)) if mine else None
    )
    weights = calibration.coefficients_of(kept.coefficients) if kept else None
    scored = [scored_of(one.ranked, one.method) for one in mine]
    statement = Statement(
        technique=run.technique,
        setting=_setting_of(session, run, mine, named),
        runs=(run.number,),
        named=named,
        alike=_alike(mine, named),
        accepted=accepted,
        fits_nothing=nothing,
        slight=_slight(answers),
        denied=_denied(run, answers, named),
        calibrated=best_ratios(scored, weights) if weights else None,
        bound=weights.bound if weights else 0.0,
        verified=run.state == RunState.VERIFIED,
    )
    return Told(statement, (run,), answers, mine, kept)


def _latest(lists: Sequence[CandidateList], run: Run) -> tuple[CandidateList, ...]:
    """Return the newest list of each spectrum of a run."""
    found = {(one.spectrum_id, one.method): one for one in lists if one.run_id == run.id}
    return tuple(found.values())


def _named(
    lists: Sequence[CandidateList],
    decisions: Mapping[uuid.UUID, tuple[str, str]],
    answers: Sequence[Answer],
) -> tuple[tuple[str, ...], bool, bool]:
    """Return what a run names: its answers, else accepted, else the first of each list."""
    answered = _named_in(answers)
    if answered:
        return answered, True, False
    verdicts = [decisions.get(one.id, ("", "")) for one in lists]
    accepted = [key for verdict, key in verdicts if verdict == "accept" and key]
    if accepted:
        return tuple(dict.fromkeys(accepted)), True, False
    open_lists = [
        one
        for one, said in zip(lists, verdicts, strict=True)
        if said[0] != "reject" and not one.observed.get("none_fits")
    ]
    firsts = [scored_of(one.ranked, one.method) for one in open_lists]
    named = [lines[0].substance for lines in firsts if lines]
    found = tuple(dict.fromkeys(key for key in named if key != NONE_OF_THE_LIBRARY))
    return found, False, bool(lists) and not found


def _alike(lists: Sequence[CandidateList], named: Sequence[str]) -> tuple[str, ...]:
    """Return what a search does not tell apart from what stands first and is named."""
    found: list[str] = []
    for one in lists:
        lines = scored_of(one.ranked, one.method) if one.method == "search" else []
        near = [line.substance for line in lines if lines[0].score - line.score < NOT_APART]
        if any(key in named for key in near):
            found += [key for key in near if key not in named]
    return tuple(dict.fromkeys(found))


def _setting_of(
    session: Session, run: Run, lists: Sequence[CandidateList], named: Sequence[str]
) -> str:
    if run.technique == "ftir":
        return Setting.FTIR
    if run.technique == "gcms" and indexes_agree(session, lists, named):
        return Setting.GCMS_WITH_INDEX
    return Setting.NONE_STATED


def _slight(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return what was found as a trace, or below quantification: silence elsewhere is no doubt."""
    return tuple(
        one.substance.key
        for one in answers
        if one.substance and (one.abundance == "trace" or one.kind == AnswerKind.BELOW_LOQ)
    )


def _denied(run: Run, answers: Sequence[Answer], named: Sequence[str]) -> tuple[str, ...]:
    """Return what was looked for and not detected: as answered, and as the scope implies."""
    said = [
        one.substance.key
        for one in answers
        if one.kind == AnswerKind.NOT_DETECTED and one.substance
    ]
    if run.technique in SEARCHING and answers:
        asked = [one.key for one in scope_of(run.protocol.document) if not one.is_group]
        said += [key for key in asked if key not in named]
    return tuple(dict.fromkeys(said))
