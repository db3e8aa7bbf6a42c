"""Recording colour tests, strips and weighings; a strip answers at once, a colour test never."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lims.analysis.answers import scope_of
from lims.analysis.lanes import wrong_lot
from lims.analysis.noting import (
    Notes,
    not_in_run,
    note,
    open_run,
    record_in_journal,
    refuse_all,
)
from lims.analysis.records import Answer, ReagentTest, Run, StripTest, Weighing
from lims.analysis.states import AnswerKind, StripResult
from lims.foundation.actors import Actor
from lims.foundation.errors import Problem, Refused, refuse_field
from lims.foundation.words import _
from lims.library.queries import terms
from lims.library.rules import code_of
from lims.network.rules import Permission
from lims.protocols.rules import Technique
from lims.quality.queries import reagent_lots
from lims.quality.records import ReagentLot

MOST_LINES = 60
MOST_MG = Decimal(1_000_000)
MOST_MG_ML = Decimal(1000)


@dataclass(frozen=True)
class ReagentGiven:
    """The palette colours of a sample with a reagent at 0, 30 and 60 s; "none" is a result."""

    sample_id: uuid.UUID
    reagent: str
    at_0: str
    at_30: str = ""
    at_60: str = ""
    lot_id: uuid.UUID | None = None


@dataclass(frozen=True)
class RecordReagents:
    """All colour tests of a run; what is left out is taken away."""

    run_id: uuid.UUID
    row_version: int
    tests: tuple[ReagentGiven, ...]
    notes: Notes = Notes()


@dataclass(frozen=True)
class StripGiven:
    """A strip on a sample: what it looks for (empty: what the protocol does), and the result."""

    sample_id: uuid.UUID
    result: str
    target: str = ""
    dilution_mg_ml: Decimal | None = None
    lot_id: uuid.UUID | None = None


@dataclass(frozen=True)
class RecordStrips:
    """All strips of a run; what is left out is taken away."""

    run_id: uuid.UUID
    row_version: int
    strips: tuple[StripGiven, ...]
    notes: Notes = Notes()


@dataclass(frozen=True)
class WeighingGiven:
    """A weighing in mg with its k = 2 uncertainty, of one unit or of the whole."""

    sample_id: uuid.UUID
    mg: Decimal
    uncertainty_mg: Decimal | None = None
    of: str = "whole"


@dataclass(frozen=True)
class RecordWeighings:
    """All weighings of a run; what is left out is taken away."""

    run_id: uuid.UUID
    row_version: int
    weighings: tuple[WeighingGiven, ...]
    notes: Notes = Notes()


def record_reagents(session: Session, actor: Actor, command: RecordReagents) -> Run:
    """Record the colour tests of a run. Colours exclude; they answer nothing by themselves."""
    actor.must(Permission.ANALYSE)
    run = _open(session, actor, command, Technique.REAGENT)
    lots = {lot.id: lot for lot in reagent_lots(session, run.site_id)}
    palette = {term.code for term in terms(session, "palette")}
    refuse_all(_reagent_problems(run, command.tests, lots, palette))
    session.execute(delete(ReagentTest).where(ReagentTest.run_id == run.id))
    for one in command.tests:
        session.add(
            ReagentTest(
                run_id=run.id,
                sample_id=one.sample_id,
                reagent=code_of(one.reagent),
                at_0=one.at_0,
                at_30=one.at_30,
                at_60=one.at_60,
                lot_id=one.lot_id,
            )
        )
    record_in_journal(session, actor, "record colour tests", run, tests=len(command.tests))
    return run


def _reagent_problems(
    run: Run,
    tests: Sequence[ReagentGiven],
    lots: dict[uuid.UUID, ReagentLot],
    palette: set[str],
) -> Iterator[Problem]:
    for place, one in enumerate(tests):
        at, reagent = f"tests.{place}", code_of(one.reagent)
        yield from _sample_problems(run, at, one.sample_id)
        if not 0 < len(reagent) <= 40:
            yield Problem(f"{at}.reagent", _("Say which reagent."))
        if one.at_60 and not one.at_30:
            yield Problem(f"{at}.at_30", _("Note the colour at 30 s too."))
        for name in ("at_0", "at_30", "at_60"):
            colour = getattr(one, name)
            if (colour or name == "at_0") and colour not in palette:
                yield Problem(f"{at}.{name}", _("Choose colours of the list."))
        if one.lot_id is not None:
            yield from _lot_problems(f"{at}.lot_id", run, lots.get(one.lot_id), reagent)


def record_strips(session: Session, actor: Actor, command: RecordStrips) -> Run:
    """Record strips: positive is found; negative is not detected, down to what the lot states."""
    actor.must(Permission.ANALYSE)
    run = _open(session, actor, command, Technique.STRIP)
    lots = {lot.id: lot for lot in reagent_lots(session, run.site_id)}
    targets = [one.key for one in scope_of(run.protocol.document)]
    refuse_all(_strip_problems(run, command.strips, lots, targets))
    session.execute(delete(StripTest).where(StripTest.run_id == run.id))
    run.answers.clear()
    session.flush()
    for place, one in enumerate(command.strips, start=1):
        target = one.target or targets[0]
        session.add(
            StripTest(
                run_id=run.id,
                sample_id=one.sample_id,
                target=target,
                result=one.result,
                dilution_mg_ml=one.dilution_mg_ml,
                lot_id=one.lot_id,
            )
        )
        lot = lots.get(one.lot_id) if one.lot_id else None
        if one.result != StripResult.INVALID:
            run.answers.append(_strip_answer(one, target, lot, place))
    record_in_journal(session, actor, "record strips", run, strips=len(command.strips))
    return run


def _strip_answer(one: StripGiven, target: str, lot: ReagentLot | None, place: int) -> Answer:
    positive = one.result == StripResult.POSITIVE
    stated = lot.stated_lod if lot is not None else ""
    return Answer(
        sample_id=one.sample_id,
        position=place,
        group=target,
        kind=AnswerKind.FOUND if positive else AnswerKind.NOT_DETECTED,
        remark="" if positive else stated,
        evidence={"strip": one.result, "stated_lod": stated},
    )


def _strip_problems(
    run: Run,
    strips: Sequence[StripGiven],
    lots: dict[uuid.UUID, ReagentLot],
    targets: Sequence[str],
) -> Iterator[Problem]:
    seen = set()
    for place, one in enumerate(strips):
        at, target = f"strips.{place}", one.target or (targets[0] if targets else "")
        yield from _sample_problems(run, at, one.sample_id)
        if target not in targets:
            yield Problem(f"{at}.target", _("This protocol does not look for it."))
        if one.result not in set(StripResult):
            yield Problem(f"{at}.result", _("Choose one of the list."))
        if (one.sample_id, target) in seen and one.result != StripResult.INVALID:
            yield Problem(f"{at}.result", _("One valid strip a sample; repeat in a new run."))
        if one.result in (StripResult.POSITIVE, StripResult.NEGATIVE):
            seen.add((one.sample_id, target))
        dilution = one.dilution_mg_ml
        if dilution is not None and not (dilution.is_finite() and 0 < dilution <= MOST_MG_ML):
            words = _("A dilution is above zero and at most %(most)s mg/ml.", most=MOST_MG_ML)
            yield Problem(f"{at}.dilution_mg_ml", words)
        if one.lot_id is not None:
            yield from _lot_problems(f"{at}.lot_id", run, lots.get(one.lot_id), target)


def record_weighings(session: Session, actor: Actor, command: RecordWeighings) -> Run:
    """Record weighings, or what was seen of the look in words; they answer no substance."""
    actor.must(Permission.ANALYSE)
    run = _open(session, actor, command, Technique.WEIGHING, Technique.APPEARANCE)
    refuse_all(_weighing_problems(run, command.weighings))
    session.execute(delete(Weighing).where(Weighing.run_id == run.id))
    for one in command.weighings:
        session.add(
            Weighing(
                run_id=run.id,
                sample_id=one.sample_id,
                mg=one.mg,
                uncertainty_mg=one.uncertainty_mg,
                of=one.of,
            )
        )
    record_in_journal(session, actor, "record weighings", run, weighings=len(command.weighings))
    return run


def _weighing_problems(run: Run, weighings: Sequence[WeighingGiven]) -> Iterator[Problem]:
    for place, one in enumerate(weighings):
        at = f"weighings.{place}"
        yield from _sample_problems(run, at, one.sample_id)
        if not (one.mg.is_finite() and 0 < one.mg <= MOST_MG):
            words = _("A mass is above zero and at most %(most)s mg.", most=MOST_MG)
            yield Problem(f"{at}.mg", words)
        spread = one.uncertainty_mg
        if spread is not None and not (spread.is_finite() and 0 <= spread <= MOST_MG):
            yield Problem(f"{at}.uncertainty_mg", _("The uncertainty must be zero or more."))
        if one.of not in ("unit", "whole"):
            yield Problem(f"{at}.of", _("Choose one of the list."))


def _open(
    session: Session,
    actor: Actor,
    command: RecordReagents | RecordStrips | RecordWeighings,
    *techniques: Technique,
) -> Run:
    run = open_run(session, actor, command.run_id, command.row_version)
    if run.technique not in techniques:
        raise Refused(_("This run follows another technique."))
    lines = next(value for value in vars(command).values() if isinstance(value, tuple))
    if len(lines) > MOST_LINES:
        raise refuse_field("", _("At most %(n)s lines in one run.", n=MOST_LINES))
    note(run, command.notes)
    return run


def _sample_problems(run: Run, at: str, sample_id: uuid.UUID) -> Iterator[Problem]:
    if sample_id not in {item.sample_id for item in run.samples}:
        yield Problem(f"{at}.sample_id", not_in_run())


def _lot_problems(field: str, run: Run, lot: ReagentLot | None, what: str) -> Iterator[Problem]:
    """A lot is of this reagent or strip, was in date, and did not fail its last check."""
    if lot is None or not (lot.reagent == what or lot.reagent == what.removesuffix("s")):
        yield Problem(field, wrong_lot())
    elif lot.expires < run.started_at.date():
        words = _("This lot was past its date: it expired on %(day)s.", day=lot.expires)
        yield Problem(field, words)
    elif lot.check_failed:
        yield Problem(field, _("This lot failed its last check with a positive and a negative."))
