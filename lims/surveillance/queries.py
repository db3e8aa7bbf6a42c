"""Reading signals: the queue with its clocks, one signal, and what raises them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, extract, func, or_, select
from sqlalchemy.orm import Session, joinedload

from lims.foundation import clock, codes
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, refuse_field
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.products.records import Product, ProductSample
from lims.surveillance import rules
from lims.surveillance.records import Signal
from lims.surveillance.report_records import HumanReport, SignalEscalation
from lims.surveillance.rules import SignalSource, SignalState, Target


@dataclass(frozen=True)
class SignalFilters:
    """What to show of the queue; an empty answer shows all."""

    state: str = "open"
    level: str = ""
    source: str = ""
    late: bool = False


LOADED = (
    joinedload(Signal.sample).joinedload(Sample.site),
    joinedload(Signal.product),
    joinedload(Signal.substance),
)


def signals(
    session: Session,
    actor: Actor,
    filters: SignalFilters,
    page: int = 1,
    size: int = 50,
    targets: Mapping[str, Target] = rules.TARGETS,
) -> tuple[list[Signal], int]:
    """Return one page of signals and how many there are.

    What is past its time comes first, then the gravest, then what is due next.
    """
    actor.must(Permission.TRIAGE)
    query = _filtered(select(Signal), filters, targets)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    late = case((is_late(clock.now(), targets), 0), else_=1)
    order = (late, _urgent().desc(), _due(targets), Signal.number)
    ordered = query.order_by(*order)
    rows = session.scalars(ordered.options(*LOADED).offset((page - 1) * size).limit(size))
    return list(rows), total


def _urgent() -> Any:
    return case({level: rules.rank(level) for level in rules.LEVELS}, value=Signal.level, else_=0)


def _due(targets: Mapping[str, Target]) -> Any:
    """Return when the next step on a signal is due, in seconds since 1970."""
    hours = case(
        *(
            (and_(Signal.level == level, Signal.looked_at.is_(None)), target.look)
            for level, target in targets.items()
        ),
        *((Signal.level == level, target.decide) for level, target in targets.items()),
        else_=0,
    )
    return extract("epoch", Signal.opened_at) + hours * 3600


def _filtered(
    query: Select[Signal], filters: SignalFilters, targets: Mapping[str, Target]
) -> Select[Signal]:
    if filters.state:
        query = query.where(Signal.state == filters.state)
    if filters.level:
        query = query.where(Signal.level == filters.level)
    if filters.source:
        query = query.where(Signal.source == filters.source)
    return query.where(is_late(clock.now(), targets)) if filters.late else query


def is_late(at: datetime, targets: Mapping[str, Target] = rules.TARGETS) -> Any:
    """Return the condition that a signal's clock is past its target at a moment."""
    return or_(
        *(
            and_(
                Signal.level == level,
                Signal.decided_at.is_(None),
                or_(
                    and_(
                        Signal.looked_at.is_(None),
                        Signal.opened_at < at - timedelta(hours=target.look),
                    ),
                    Signal.opened_at < at - timedelta(hours=target.decide),
                ),
            )
            for level, target in targets.items()
        )
    )


@dataclass(frozen=True)
class QueueCount:
    """How many signals wait, and how many of them past their time."""

    open: int
    late: int


def queue_count(
    session: Session, actor: Actor, targets: Mapping[str, Target] = rules.TARGETS
) -> QueueCount:
    """Count the open signals and those past their time."""
    actor.must(Permission.TRIAGE)
    late = func.sum(case((is_late(clock.now(), targets), 1), else_=0))
    query = select(func.count(), func.coalesce(late, 0)).where(Signal.state == SignalState.OPEN)
    waiting, past = session.execute(query).one()
    return QueueCount(int(waiting), int(past))


def escalated(
    session: Session, actor: Actor, targets: Mapping[str, Target] = rules.TARGETS, most: int = 5
) -> tuple[list[Signal], int]:
    """Return the gravest signals that nobody took up in time, and how many there are.

    For everybody who coordinates or approves; nobody else is asked.
    """
    actor.must(in_charge(actor))
    query = select(Signal).where(Signal.state == SignalState.OPEN, is_late(clock.now(), targets))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(_urgent().desc(), _due(targets), Signal.number)
    return list(session.scalars(ordered.limit(most))), total


def in_charge(actor: Actor) -> Permission:
    """Return the permission under which somebody answers for late signals."""
    approves = actor.may(Permission.APPROVE_ALERT) and not actor.may(Permission.TRIAGE)
    return Permission.APPROVE_ALERT if approves else Permission.TRIAGE


def report_of(session: Session, signal_id: uuid.UUID) -> HumanReport | None:
    """Return what a person told that raised a signal, or None."""
    return session.scalar(select(HumanReport).where(HumanReport.signal_id == signal_id))


def reports_of(session: Session, signal_ids: Sequence[uuid.UUID]) -> list[HumanReport]:
    """Return what people told that raised some signals, oldest first."""
    query = select(HumanReport).where(HumanReport.signal_id.in_(signal_ids))
    return list(
        session.scalars(query.order_by(HumanReport.at).options(joinedload(HumanReport.signal)))
    )


def escalations(session: Session, signal_id: uuid.UUID) -> list[SignalEscalation]:
    """Return when a signal was told to everybody in charge, oldest first."""
    query = select(SignalEscalation).where(SignalEscalation.signal_id == signal_id)
    return list(session.scalars(query.order_by(SignalEscalation.at)))


def signal(session: Session, actor: Actor, signal_id: uuid.UUID) -> Signal:
    """Return a signal with sample, product and substance; raises NotFound."""
    actor.must(Permission.TRIAGE)
    found = session.scalar(select(Signal).where(Signal.id == signal_id).options(*LOADED))
    if found is None:
        raise NotFound(_("There is no such signal."))
    return found


def merged_into(session: Session, signal_id: uuid.UUID) -> list[Signal]:
    """Return the signals that were merged into this one, oldest first."""
    query = select(Signal).where(Signal.merged_into_id == signal_id).order_by(Signal.opened_at)
    return list(session.scalars(query.options(*LOADED)))


def signal_to_decide(session: Session, signal_id: uuid.UUID) -> Signal:
    """Return a signal, locked until the unit of work ends; raises NotFound."""
    found = session.get(Signal, signal_id, with_for_update=True)
    if found is None:
        raise NotFound(_("There is no such signal."))
    return found


def signals_of_event(session: Session, event_id: uuid.UUID) -> list[Signal]:
    """Return the signals that an event is made of or has taken in, oldest first."""
    query = select(Signal).where(Signal.event_id == event_id).order_by(Signal.opened_at)
    return list(session.scalars(query.options(*LOADED)))


def rule_signals_of_sample(session: Session, sample_id: uuid.UUID) -> dict[str, Signal]:
    """Return the latest unmerged signal of each danger rule on a sample, by rule key."""
    query = (
        select(Signal)
        .where(
            Signal.sample_id == sample_id,
            Signal.source == SignalSource.RULE,
            or_(Signal.state != SignalState.MERGED, Signal.event_id.is_not(None)),
        )
        .order_by(Signal.opened_at)
    )
    return {one.rule_key: one for one in session.scalars(query) if one.rule_key}


def product_id_of(session: Session, sample_id: uuid.UUID) -> uuid.UUID | None:
    """Return the product under which a sample is filed now, if any."""
    return session.scalar(
        select(ProductSample.product_id).where(ProductSample.current_sample_id == sample_id)
    )


def substance_id_of(session: Session, key: str) -> uuid.UUID | None:
    """Return the substance that a danger judgement names by its key, if the library has it."""
    return session.scalar(select(Substance.id).where(Substance.key == key)) if key else None


def sample_for_report(session: Session, text: str) -> Sample | None:
    """Return the sample of a typed code, or None when none is given; raises Invalid."""
    if not text.strip():
        return None
    try:
        code = codes.read_code(text)
    except Invalid as refusal:
        raise refuse_field("sample_code", refusal.problems[0].message) from refusal
    found = session.scalar(select(Sample).where(Sample.code == code))
    if found is None:
        raise refuse_field("sample_code", _("There is no sample with this code."))
    return found


def product_for_report(session: Session, number: str) -> uuid.UUID | None:
    """Return the product of a typed number, or None when none is given; raises Invalid."""
    wanted = number.strip().upper()
    if not wanted:
        return None
    found = session.scalar(select(Product.id).where(Product.number == wanted))
    if found is None:
        raise refuse_field("product_number", _("There is no product with this number."))
    return found
