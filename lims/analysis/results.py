"""Recording peaks by hand and the answers with their figures: FTIR, GC-MS, HPLC and the like."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lims.analysis.answers import Figures, figure_problems, scope_of
from lims.analysis.lanes import not_in_library
from lims.analysis.noting import (
    Notes,
    named_substance,
    not_in_run,
    note,
    open_run,
    record_in_journal,
    refuse_all,
)
from lims.analysis.records import Answer, Peak, Run
from lims.analysis.states import AnswerKind
from lims.foundation.actors import Actor
from lims.foundation.errors import Problem, Refused, refuse_field
from lims.foundation.words import _
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.protocols.rules import Technique

MOST_LINES = 200
MOST_PLACE = Decimal(100_000)
INSTRUMENTAL = (
    Technique.FTIR,
    Technique.RAMAN,
    Technique.GCMS,
    Technique.LCMS,
    Technique.HPLC_UV,
    Technique.UV,
)
PLACE_UNITS: Mapping[str, str] = {
    Technique.FTIR: "cm-1",
    Technique.RAMAN: "cm-1",
    Technique.UV: "nm",
}


@dataclass(frozen=True)
class PeakGiven:
    """A peak: wavenumber or minutes, its ions, what the analyst assigns it to."""

    sample_id: uuid.UUID
    place: Decimal
    unit: str = ""
    height: Decimal | None = None
    ions: str = ""
    substance: str = ""
    match_score: str = ""
    match_library: str = ""


@dataclass(frozen=True)
class AnswerGiven:
    """An answer on a substance (by key or name) or group of one sample."""

    sample_id: uuid.UUID
    figures: Figures
    substance: str = ""
    group: str = ""
    remark: str = ""


@dataclass(frozen=True)
class RecordResults:
    """All peaks and answers of an instrumental run; what is left out is taken away."""

    run_id: uuid.UUID
    row_version: int
    peaks: tuple[PeakGiven, ...] = ()
    answers: tuple[AnswerGiven, ...] = ()
    notes: Notes = Notes()


def record_results(session: Session, actor: Actor, command: RecordResults) -> Run:
    """Record peaks and answers; a peak that is assigned is found where no answer says more.

    Raises Invalid for a name, unit, salt or figure that cannot be, each at its place.
    """
    actor.must(Permission.ANALYSE)
    run = open_run(session, actor, command.run_id, command.row_version)
    if run.technique not in INSTRUMENTAL:
        raise Refused(_("This run follows another technique."))
    if len(command.peaks) + len(command.answers) > MOST_LINES:
        raise refuse_field("", _("At most %(n)s lines in one run.", n=MOST_LINES))
    note(run, command.notes)
    named = _named(session, command)
    refuse_all([*_peak_problems(run, command, named), *_answer_problems(run, command, named)])
    session.execute(delete(Peak).where(Peak.run_id == run.id))
    evidence = {_what(one): one.evidence for one in run.answers if one.evidence.get("spectra")}
    run.answers.clear()
    session.flush()
    for place, peak in enumerate(command.peaks, start=1):
        session.add(_peak(run, peak, named, place))
    run.answers.extend(_answers(command, named))
    for answer in run.answers:
        answer.evidence = evidence.get(_what(answer), answer.evidence)
    facts = {"peaks": len(command.peaks), "answers": len(run.answers)}
    record_in_journal(session, actor, "record results", run, **facts)
    return run


def _what(answer: Answer) -> tuple[uuid.UUID, uuid.UUID | None, str]:
    """Return what an answer is about: what stands on a spectrum goes on standing on it."""
    return answer.sample_id, answer.substance_id, answer.group


def _named(session: Session, command: RecordResults) -> dict[str, Substance]:
    wanted = {one.substance for one in command.peaks} | {one.substance for one in command.answers}
    found = {}
    for name in wanted - {""}:
        one = named_substance(session, name)
        if one is not None:
            found[name] = one
    return found


def _peak(run: Run, peak: PeakGiven, named: Mapping[str, Substance], place: int) -> Peak:
    assigned = named.get(peak.substance)
    return Peak(
        run_id=run.id,
        sample_id=peak.sample_id,
        position=place,
        place=peak.place,
        unit=peak.unit or PLACE_UNITS.get(run.technique, "min"),
        height=peak.height,
        ions=peak.ions,
        substance_id=assigned.id if assigned else None,
        match_score=peak.match_score,
        match_library=peak.match_library,
    )


def _answers(command: RecordResults, named: Mapping[str, Substance]) -> Iterator[Answer]:
    said = {(one.sample_id, named[one.substance].id) for one in command.answers if one.substance}
    place = 0
    for place, one in enumerate(command.answers, start=1):
        yield _answer(one, named.get(one.substance), place)
    for peak in command.peaks:
        assigned = named.get(peak.substance)
        if assigned is None or (peak.sample_id, assigned.id) in said:
            continue
        said.add((peak.sample_id, assigned.id))
        place += 1
        found = AnswerGiven(peak.sample_id, Figures(AnswerKind.FOUND))
        answer = _answer(found, assigned, place)
        answer.evidence = {"peak": str(peak.place), "match": peak.match_score}
        yield answer


def _answer(one: AnswerGiven, substance: Substance | None, place: int) -> Answer:
    given = one.figures
    return Answer(
        sample_id=one.sample_id,
        position=place,
        substance_id=substance.id if substance else None,
        group="" if substance else one.group,
        kind=given.kind,
        value=given.value,
        unit=given.unit,
        expressed_as=_written(given.expressed_as, substance),
        uncertainty=given.uncertainty,
        lod=given.lod,
        loq=given.loq,
        replicates=given.replicates or 1,
        basis_mg=given.basis_mg,
        abundance=given.abundance,
        remark=one.remark,
        evidence={},
    )


def _written(expressed_as: str, substance: Substance | None) -> str:
    """Return a salt as the library writes it."""
    forms = ["base", *(substance.salts if substance else [])]
    return next((form for form in forms if form.casefold() == expressed_as.casefold()), "")


def _peak_problems(
    run: Run, command: RecordResults, named: Mapping[str, Substance]
) -> Iterator[Problem]:
    samples = {item.sample_id for item in run.samples}
    for number, peak in enumerate(command.peaks):
        at = f"peaks.{number}"
        if peak.sample_id not in samples:
            yield Problem(f"{at}.sample_id", not_in_run())
        if not (peak.place.is_finite() and 0 < peak.place <= MOST_PLACE):
            yield Problem(f"{at}.place", _("Where the peak stands is above zero."))
        if peak.unit not in ("", "cm-1", "min", "nm"):
            yield Problem(f"{at}.unit", _("Choose one of the list."))
        if peak.height is not None and not (peak.height.is_finite() and 0 <= peak.height <= 100):
            yield Problem(f"{at}.height", _("At most %(n)s, please.", n=100))
        if peak.substance and peak.substance not in named:
            yield Problem(f"{at}.substance", not_in_library(peak.substance))


def _answer_problems(
    run: Run, command: RecordResults, named: Mapping[str, Substance]
) -> Iterator[Problem]:
    samples = {item.sample_id for item in run.samples}
    scope = {one.key for one in scope_of(run.protocol.document)}
    seen: set[tuple[uuid.UUID, str]] = set()
    for number, one in enumerate(command.answers):
        at, substance = f"answers.{number}", named.get(one.substance)
        key = substance.key if substance else one.group
        if one.sample_id not in samples:
            yield Problem(f"{at}.sample_id", not_in_run())
        if one.substance and substance is None:
            yield Problem(f"{at}.substance", not_in_library(one.substance))
        elif not key:
            yield Problem(f"{at}.substance", _("Say which substance."))
        elif (one.sample_id, key) in seen:
            yield Problem(f"{at}.substance", _("One answer on each substance of a sample."))
        seen.add((one.sample_id, key))
        yield from _figures(at, one, substance, key in scope)


def _figures(
    at: str, one: AnswerGiven, substance: Substance | None, in_scope: bool
) -> Sequence[Problem]:
    salts = substance.salts if substance else []
    wrong = figure_problems(one.figures, salts, in_scope=in_scope)
    return [replace(problem, field=f"{at}.{problem.field}") for problem in wrong]
