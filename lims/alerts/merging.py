"""Events that turn out to be one, that are taken up again, and what follows a closed one.

Nothing is lost: what an event said before it was merged or re-opened stays in its history.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import rules, verification
from lims.alerts.records import Event
from lims.alerts.rules import AfterClosing, EventState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.network.records import Installation
from lims.network.rules import Permission
from lims.surveillance import operations as surveillance
from lims.surveillance.rules import rank


@dataclass(frozen=True)
class MergeEvents:
    """One event is the same matter as another, which goes on."""

    event_id: uuid.UUID
    into_id: uuid.UUID
    reason: str
    row_version: int


@dataclass(frozen=True)
class ReopenEvent:
    """A decided event is taken up again."""

    event_id: uuid.UUID
    reason: str
    row_version: int


@dataclass(frozen=True)
class ChoosePolicy:
    """What becomes of new signals on the matter of a decided event."""

    after: str
    days: int


def merge_events(session: Session, actor: Actor, command: MergeEvents) -> Event:
    """Merge a pending event into another pending one; its signals go along, its history stays.

    Returns the event that goes on. Raises Refused for the same or a decided event, Invalid.
    """
    actor.must(Permission.TRIAGE)
    if command.event_id == command.into_id:
        raise Refused(_("An event cannot be merged into itself."))
    in_order = sorted((command.event_id, command.into_id))
    locked = {one: verification.event_to_change(session, one) for one in in_order}
    event, into = locked[command.event_id], locked[command.into_id]
    rules.refuse_event_move(event.state, EventState.MERGED)
    rules.refuse_event_move(into.state, EventState.MERGED)
    refuse_stale(event, command.row_version)
    reason = _reason(command.reason)
    moved = surveillance.move_signals(session, actor, event.id, into.id)
    event.state, event.merged_into_id = EventState.MERGED, into.id
    event.decided_at, event.decided_by = clock.now(), actor.account
    event.decision_reason = reason
    told = {"reason": reason, "signals": moved, "assessments": list(event.assessments)}
    event.history = [*event.history, _step(actor, "merged", event=into.number, **told)]
    into.history = [
        *into.history,
        _step(actor, "took in", event=event.number, event_id=str(event.id), **told),
    ]
    into.level = max((into.level, event.level), key=rank)
    into.area = into.area if rules.same_area(into.area, event.area) else ""
    into.product_id = into.product_id or event.product_id
    into.substance_id = into.substance_id or event.substance_id
    about = [("event", event.id), ("event", into.id)]
    journal.record(session, actor, "merge events", about, reason=reason, into=into.number)
    return into


def reopen_event(session: Session, actor: Actor, command: ReopenEvent) -> Event:
    """Take a decided event up again: it is assessed anew, what was decided stays readable."""
    actor.must(Permission.TRIAGE)
    event = verification.event_to_change(session, command.event_id)
    rules.refuse_event_move(event.state, EventState.PENDING)
    refuse_stale(event, command.row_version)
    take_up_again(session, actor, event, _reason(command.reason))
    return event


def take_up_again(session: Session, actor: Actor, event: Event, reason: str) -> None:
    """Set a decided event to pending and keep what was decided in its history."""
    kept = _step(
        actor,
        "reopened",
        reason=reason,
        state=event.state,
        decided_by=event.decided_by,
        decided_at=event.decided_at.isoformat() if event.decided_at else "",
        decision_reason=event.decision_reason,
        assessments=list(event.assessments),
    )
    event.history = [*event.history, kept]
    event.state, event.assessments = EventState.PENDING, []
    event.decided_at, event.decided_by, event.decision_reason = None, "", ""
    journal.record(session, actor, "reopen event", [("event", event.id)], reason=reason)


def choose_policy(session: Session, actor: Actor, command: ChoosePolicy) -> rules.Policy:
    """Choose what becomes of new signals on the matter of a decided event; raises Invalid."""
    actor.must(Permission.TRIAGE)
    wrong = []
    if command.after not in tuple(AfterClosing):
        wrong.append(Problem("after", _("Choose one of the list.")))
    if not 1 <= command.days <= rules.LONGEST_AFTER_DAYS:
        most = rules.LONGEST_AFTER_DAYS
        wrong.append(Problem("days", _("Between 1 and %(n)s days, please.", n=most)))
    if wrong:
        raise Invalid(wrong)
    kept = session.get(Installation, verification.POLICY)
    if kept is None:
        kept = Installation(key=verification.POLICY, value={})
        session.add(kept)
    kept.value = {"after": command.after, "days": command.days}
    told = {"after": command.after, "days": command.days}
    journal.record(session, actor, "choose policy after closing", (), **told)
    return rules.Policy(AfterClosing(command.after), command.days)


def _step(actor: Actor, act: str, **facts: Any) -> dict[str, Any]:
    return {"act": act, "by": actor.account, "at": clock.now().isoformat(), **facts}


def _reason(text: str) -> str:
    if not text.strip():
        raise refuse_field("reason", _("Say why: others will ask."))
    return text.strip()
