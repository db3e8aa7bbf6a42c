"""Signals: raised by a released finding or by a person, then looked at, merged or discarded.

A signal that is raised is announced; whether an event under verification takes it in is decided
by those who know of events.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.findings.acts import FindingReleased
from lims.findings.records import Finding
from lims.foundation import clock, happenings
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field, refuse_stale
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.surveillance import queries, rules
from lims.surveillance.acts import ReportEffect, SignalRaised
from lims.surveillance.records import Signal
from lims.surveillance.reports import report_effect
from lims.surveillance.rules import Again, SignalSource, SignalState

__all__ = ["ReportEffect", "SignalRaised", "report_effect"]


@dataclass(frozen=True)
class LookAtSignal:
    """Somebody of the coordination opened the signal."""

    signal_id: uuid.UUID


@dataclass(frozen=True)
class DiscardSignal:
    """No reason to go on, and why."""

    signal_id: uuid.UUID
    reason: str
    row_version: int


@dataclass(frozen=True)
class MergeSignal:
    """The same matter as another open signal."""

    signal_id: uuid.UUID
    into_id: uuid.UUID
    row_version: int


def raise_danger_signals(session: Session, actor: Actor, happening: FindingReleased) -> None:
    """Raise one signal for each danger judgement of level caution or above, at once.

    An amended finding raises only what is new; what an open signal already says merges into it.
    """
    actor.must(Permission.VERIFY)
    finding = session.get_one(Finding, happening.finding_id)
    product_id = queries.product_id_of(session, finding.sample_id)
    earlier = queries.rule_signals_of_sample(session, finding.sample_id)
    for judged in rules.judgements(finding.danger_outcomes):
        signal = _signal_of(session, finding, judged, product_id)
        before = earlier.get(judged["rule"])
        again = _again(signal, before) if before is not None else Again.RAISE
        if again is Again.RAISE:
            _open(session, actor, signal)
        elif again is Again.MERGE and before is not None:
            _take_in(session, actor, signal, before)


def _again(signal: Signal, before: Signal) -> Again:
    return rules.judged_again(
        earlier_state=before.state,
        same_data=before.data_hash == signal.data_hash,
        graver=rules.rank(signal.level) > rules.rank(before.level),
    )


def _signal_of(
    session: Session, finding: Finding, judged: Mapping[str, Any], product_id: uuid.UUID | None
) -> Signal:
    return Signal(
        id=uuid.uuid4(),
        source=SignalSource.RULE,
        level=judged["level"],
        state=SignalState.OPEN,
        finding_id=finding.id,
        sample_id=finding.sample_id,
        product_id=product_id,
        substance_id=queries.substance_id_of(session, judged["substance"]),
        rule_key=judged["rule"],
        rule_version=judged["version"],
        reason=judged["words"],
        data_hash=rules.data_hash(judged),
        opened_at=clock.now(),
        area=finding.sample.site.area,
    )


def _open(session: Session, actor: Actor, signal: Signal) -> None:
    signal.number = next_number(session, Signal.number, "S-")
    session.add(signal)
    journal.record(
        session, actor, "raise signal", _about(signal), level=signal.level, rule=signal.rule_key
    )
    happenings.announce(session, actor, SignalRaised(signal.id))


def _take_in(session: Session, actor: Actor, signal: Signal, into: Signal) -> None:
    """Keep the new judgement as merged; the open signal takes the graver level."""
    signal.number = next_number(session, Signal.number, "S-")
    signal.state, signal.decided_at = SignalState.MERGED, clock.now()
    signal.merged_into_id, signal.decided_by = into.id, actor.account
    if rules.rank(signal.level) > rules.rank(into.level):
        into.level = signal.level
    session.add(signal)
    subjects = [*_about(signal), ("signal", into.id)]
    journal.record(session, actor, "merge signal", subjects, level=signal.level)


def _about(signal: Signal) -> list[tuple[str, uuid.UUID | str]]:
    named = (("sample", signal.sample_id), ("product", signal.product_id))
    return [("signal", signal.id), *((kind, one) for kind, one in named if one is not None)]


def look_at_signal(session: Session, actor: Actor, command: LookAtSignal) -> Signal:
    """Note that somebody of the coordination has opened a signal; the first time counts."""
    actor.must(Permission.TRIAGE)
    signal = queries.signal_to_decide(session, command.signal_id)
    if signal.looked_at is None:
        signal.looked_at, signal.looked_by = clock.now(), actor.account
        journal.record(session, actor, "look at signal", _about(signal))
    return signal


def discard_signal(session: Session, actor: Actor, command: DiscardSignal) -> Signal:
    """Discard a signal with a reason; raises Refused when it is already decided."""
    actor.must(Permission.TRIAGE)
    signal = queries.signal_to_decide(session, command.signal_id)
    rules.refuse_move(signal.state, SignalState.DISCARDED)
    refuse_stale(signal, command.row_version)
    if not command.reason.strip():
        raise refuse_field("reason", _("Say why: others will ask."))
    signal.decision_reason = command.reason
    return _decide(session, actor, signal, SignalState.DISCARDED, "discard signal")


def merge_signal(session: Session, actor: Actor, command: MergeSignal) -> Signal:
    """Merge a signal into another open one, which takes the graver level.

    Raises Refused when either is already decided, or both are the same.
    """
    actor.must(Permission.TRIAGE)
    signal = queries.signal_to_decide(session, command.signal_id)
    rules.refuse_move(signal.state, SignalState.MERGED)
    refuse_stale(signal, command.row_version)
    into = queries.signal_to_decide(session, command.into_id)
    if into.id == signal.id:
        raise Refused(_("A signal cannot be merged into itself."))
    rules.refuse_move(into.state, SignalState.MERGED)
    if rules.rank(signal.level) > rules.rank(into.level):
        into.level = signal.level
    signal.merged_into_id = into.id
    return _decide(session, actor, signal, SignalState.MERGED, "merge signal")


def hand_to_event(
    session: Session, actor: Actor, signal: Signal, event_id: uuid.UUID, state: SignalState
) -> Signal:
    """Make a signal part of an event: its origin (event), or taken in by it (merged)."""
    rules.refuse_move(signal.state, state)
    signal.event_id = event_id
    return _decide(session, actor, signal, state, "hand signal to event", ("event", event_id))


def move_signals(
    session: Session, actor: Actor, event_id: uuid.UUID, into_id: uuid.UUID
) -> list[str]:
    """Move the signals of an event into another and return their numbers; the events say why."""
    actor.must(Permission.TRIAGE)
    moved = queries.signals_of_event(session, event_id)
    for signal in moved:
        signal.event_id = into_id
        subjects = [*_about(signal), ("event", event_id), ("event", into_id)]
        journal.record(session, actor, "move signal to event", subjects)
    return [signal.number for signal in moved]


def _decide(
    session: Session,
    actor: Actor,
    signal: Signal,
    state: SignalState,
    act: str,
    *more: tuple[str, uuid.UUID | str],
) -> Signal:
    signal.state, signal.decided_at, signal.decided_by = state, clock.now(), actor.account
    journal.record(session, actor, act, [*_about(signal), *more], state=str(state))
    return signal
