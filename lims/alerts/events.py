"""Events: opened from signals, assessed by two people, confirmed or refuted.

A pending event takes in by itself what is raised on the same matter; the signals stay readable as
its evidence.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import merging, queries, rules, verification
from lims.alerts.records import Event
from lims.alerts.rules import AfterClosing, EventState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, refuse_field, refuse_stale
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.surveillance import operations as surveillance
from lims.surveillance.operations import SignalRaised
from lims.surveillance.queries import signal_to_decide
from lims.surveillance.records import Signal
from lims.surveillance.rules import SignalState, rank


@dataclass(frozen=True)
class OpenEvent:
    """Signals that are one matter, under a title."""

    signal_ids: tuple[uuid.UUID, ...]
    title: str
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class AddToEvent:
    """One more signal of the same matter."""

    event_id: uuid.UUID
    signal_id: uuid.UUID


@dataclass(frozen=True)
class AssessEvent:
    """What one assessor thinks, from 1 to 3 each, and why."""

    event_id: uuid.UUID
    hazard: int
    exposure: int
    certainty: int
    words: str
    row_version: int


@dataclass(frozen=True)
class DecideEvent:
    """The end of the verification."""

    event_id: uuid.UUID
    confirmed: bool
    reason: str
    row_version: int


def open_event(session: Session, actor: Actor, command: OpenEvent) -> Event:
    """Open an event from open signals; its level is that of the gravest.

    Sending the same event twice keeps one. Raises Invalid without signal or title, Refused when a
    signal is already decided.
    """
    actor.must(Permission.TRIAGE)
    known = session.get(Event, command.id) if command.id else None
    if known is not None:
        return known
    _refuse_opening(command)
    wanted = dict.fromkeys(command.signal_ids)
    signals = [signal_to_decide(session, signal_id) for signal_id in wanted]
    return _make(session, actor, signals, command.title, command.id)


def _make(
    session: Session,
    actor: Actor,
    signals: Sequence[Signal],
    title: str,
    event_id: uuid.UUID | None = None,
    follows: Event | None = None,
) -> Event:
    event = Event(
        id=event_id or uuid.uuid4(),
        number=next_number(session, Event.number, "E-"),
        title=title,
        state=EventState.PENDING,
        product_id=_shared(signals, lambda one: one.product_id),
        substance_id=_shared(signals, lambda one: one.substance_id),
        level=max((one.level for one in signals), key=rank),
        area=_area(signals),
        assessments=[],
        history=[],
        follows_id=follows.id if follows else None,
        opened_by=actor.account,
        opened_at=clock.now(),
    )
    session.add(event)
    session.flush()
    for signal in signals:
        surveillance.hand_to_event(session, actor, signal, event.id, SignalState.EVENT)
    facts = {"level": event.level, "follows": follows.number if follows else ""}
    journal.record(session, actor, "open event", _about(event, *signals), **facts)
    return event


def _area(signals: Sequence[Signal]) -> str:
    """Return the region that all signals share; several, or one that is not known, is none."""
    named = {one.area.strip().casefold() for one in signals}
    return signals[0].area if len(named) == 1 else ""


def _refuse_opening(command: OpenEvent) -> None:
    problems = []
    if not command.title.strip():
        problems.append(Problem("title", _("Give the event a short title.")))
    if not command.signal_ids:
        problems.append(Problem("signal_ids", _("Choose at least one signal.")))
    if problems:
        raise Invalid(problems)


def _shared(
    signals: Sequence[Signal], part: Callable[[Signal], uuid.UUID | None]
) -> uuid.UUID | None:
    """Return what all signals that name one agree on, or None."""
    named = {part(one) for one in signals} - {None}
    return named.pop() if len(named) == 1 else None


def _about(event: Event, *signals: Signal) -> list[tuple[str, uuid.UUID | str]]:
    found: list[tuple[str, uuid.UUID | str]] = [("event", event.id)]
    for signal in signals:
        found.append(("signal", signal.id))
        if signal.sample_id is not None:
            found.append(("sample", signal.sample_id))
    return found


def absorb_signal(session: Session, actor: Actor, happening: SignalRaised) -> None:
    """Let a pending event on the same matter and region take a new signal in.

    Without one, a reporter who may may have asked for an event; else the coordination's policy
    says what follows an event that was decided lately.
    """
    signal = signal_to_decide(session, happening.signal_id)
    for event in verification.pending_events(session, signal.product_id, signal.substance_id):
        if _takes(event, signal, is_graver=rank(signal.level) > rank(event.level)):
            surveillance.hand_to_event(session, actor, signal, event.id, SignalState.MERGED)
            journal.record(session, actor, "absorb signal", _about(event, signal))
            return
    if happening.event_title:
        command = OpenEvent((signal.id,), happening.event_title)
        open_event(session, actor, command)
        return
    _follow_closed(session, actor, signal)


def _takes(event: Event, signal: Signal, *, is_graver: bool) -> bool:
    return rules.absorbs(
        event=(event.product_id, event.substance_id),
        signal=(signal.product_id, signal.substance_id),
        is_graver=is_graver,
        areas=(event.area, signal.area),
    )


def _follow_closed(session: Session, actor: Actor, signal: Signal) -> None:
    """Do what the policy says with a signal on the matter of an event decided lately."""
    policy = verification.policy(session)
    if policy.after == AfterClosing.QUEUE:
        return
    since = clock.now() - timedelta(days=policy.days)
    listed = verification.closed_event(session, signal.product_id, signal.substance_id, since)
    closed = next((one for one in listed if _takes(one, signal, is_graver=False)), None)
    if closed is None:
        return
    if policy.after == AfterClosing.CREATE:
        _make(session, actor, [signal], closed.title, follows=closed)
        return
    event = verification.event_to_change(session, closed.id)
    rules.refuse_event_move(event.state, EventState.PENDING)
    merging.take_up_again(session, actor, event, f"{signal.number}")
    event.level = max((event.level, signal.level), key=rank)
    surveillance.hand_to_event(session, actor, signal, event.id, SignalState.MERGED)
    journal.record(session, actor, "absorb signal", _about(event, signal))


def add_to_event(session: Session, actor: Actor, command: AddToEvent) -> Event:
    """Add an open signal to a pending event; the event takes the graver level."""
    actor.must(Permission.TRIAGE)
    event = verification.event_to_change(session, command.event_id)
    rules.refuse_event_move(event.state, EventState.CONFIRMED)
    signal = signal_to_decide(session, command.signal_id)
    surveillance.hand_to_event(session, actor, signal, event.id, SignalState.MERGED)
    event.level = max((event.level, signal.level), key=rank)
    event.area = event.area if rules.same_area(event.area, signal.area) else ""
    journal.record(session, actor, "add signal to event", _about(event, signal))
    return event


def assess_event(session: Session, actor: Actor, command: AssessEvent) -> Event:
    """Grade hazard, exposure and certainty; each assessor has one voice, the last one counts.

    Coordinators and alert approvers assess. Raises Invalid for a grade outside 1 to 3.
    """
    actor.must(queries.either(actor, Permission.TRIAGE, Permission.APPROVE_ALERT))
    event = verification.event_to_change(session, command.event_id)
    rules.refuse_event_move(event.state, EventState.CONFIRMED)
    refuse_stale(event, command.row_version)
    grades = {name: getattr(command, name) for name in rules.GRADES}
    problems = rules.graded_wrong(grades)
    if not command.words.strip():
        problems.append(Problem("words", _("Say why in a few words.")))
    if problems:
        raise Invalid(problems)
    mine = rules.Assessment(
        by=actor.account, words=command.words, at=clock.now().isoformat(), **grades
    )
    others: list[Any] = [one for one in event.assessments if one["by"] != actor.account]
    event.assessments = [*others, asdict(mine)]
    journal.record(session, actor, "assess event", _about(event), grades=grades)
    return event


def decide_event(session: Session, actor: Actor, command: DecideEvent) -> Event:
    """Confirm or refute an event that two people have assessed; dissent stays readable."""
    actor.must(Permission.TRIAGE)
    event = verification.event_to_change(session, command.event_id)
    state = EventState.CONFIRMED if command.confirmed else EventState.REFUTED
    rules.refuse_event_move(event.state, state)
    refuse_stale(event, command.row_version)
    rules.refuse_decision(rules.assessments(event.assessments))
    if not command.reason.strip():
        raise refuse_field("reason", _("Say why: others will ask."))
    event.state, event.decision_reason = state, command.reason
    event.decided_at, event.decided_by = clock.now(), actor.account
    journal.record(session, actor, "decide event", _about(event), state=str(state))
    return event
