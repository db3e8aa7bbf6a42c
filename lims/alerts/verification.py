"""Reading events: what is under verification, and what was made of it."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.alerts.event_records import EventCheck
from lims.alerts.queries import either
from lims.alerts.records import Alert, Event
from lims.alerts.rules import AfterClosing, EventState, Policy
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.network.records import Installation
from lims.network.rules import Permission

POLICY = "event-after-closing"


def events(
    session: Session, actor: Actor, state: str = "", page: int = 1, size: int = 50
) -> tuple[list[Event], int]:
    """Return one page of events, the newest first, and how many there are."""
    actor.must(either(actor, Permission.TRIAGE, Permission.APPROVE_ALERT))
    query = select(Event).where(Event.state == state) if state else select(Event)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Event.opened_at.desc(), Event.number.desc())
    loaded = ordered.options(joinedload(Event.product), joinedload(Event.substance))
    return list(session.scalars(loaded.offset((page - 1) * size).limit(size))), total


def event(session: Session, actor: Actor, event_id: uuid.UUID) -> Event:
    """Return an event with product and substance; raises NotFound."""
    actor.must(either(actor, Permission.TRIAGE, Permission.APPROVE_ALERT))
    loaded = (joinedload(Event.product), joinedload(Event.substance))
    found = session.scalar(select(Event).where(Event.id == event_id).options(*loaded))
    if found is None:
        raise NotFound(_("There is no such event."))
    return found


def event_to_change(session: Session, event_id: uuid.UUID) -> Event:
    """Return an event, locked until the unit of work ends; raises NotFound."""
    found = session.get(Event, event_id, with_for_update=True)
    if found is None:
        raise NotFound(_("There is no such event."))
    return found


def event_in_force(session: Session, found: Event | None) -> Event | None:
    """Return the event that goes on for an event: itself, or the one that took it in."""
    while found is not None and found.merged_into_id is not None:
        found = session.get(Event, found.merged_into_id)
    return found


def pending_events(
    session: Session, product_id: uuid.UUID | None, substance_id: uuid.UUID | None
) -> list[Event]:
    """Return the events under verification on a product or a substance, oldest first."""
    same = []
    if product_id is not None:
        same.append(Event.product_id == product_id)
    if substance_id is not None:
        same.append(Event.substance_id == substance_id)
    if not same:
        return []
    query = select(Event).where(Event.state == EventState.PENDING, or_(*same))
    return list(session.scalars(query.order_by(Event.opened_at)))


def pending_matters(session: Session) -> set[tuple[uuid.UUID | None, uuid.UUID | None]]:
    """Return product and substance of every event under verification."""
    query = select(Event.product_id, Event.substance_id).where(Event.state == EventState.PENDING)
    return {(row[0], row[1]) for row in session.execute(query)}


def closed_event(
    session: Session, product_id: uuid.UUID | None, substance_id: uuid.UUID | None, since: datetime
) -> list[Event]:
    """Return the events on a product or substance that were decided lately, the latest first."""
    same = []
    if product_id is not None:
        same.append(Event.product_id == product_id)
    if substance_id is not None:
        same.append(Event.substance_id == substance_id)
    if not same:
        return []
    decided = Event.state.in_((EventState.CONFIRMED, EventState.REFUTED))
    query = select(Event).where(decided, Event.decided_at >= since, or_(*same))
    return list(session.scalars(query.order_by(Event.decided_at.desc()).limit(20)))


def policy(session: Session) -> Policy:
    """Return what becomes of signals on the matter of a decided event."""
    kept = session.get(Installation, POLICY)
    if kept is None:
        return Policy()
    return Policy(AfterClosing(kept.value["after"]), int(kept.value["days"]))


def merged_events(session: Session, event_id: uuid.UUID) -> list[Event]:
    """Return the events that an event took in, oldest first."""
    query = select(Event).where(Event.merged_into_id == event_id)
    return list(session.scalars(query.order_by(Event.opened_at)))


def related_events(session: Session, found: Event) -> list[Event]:
    """Return the event that an event follows or was merged into, and those that follow it."""
    ids = [one for one in (found.follows_id, found.merged_into_id) if one is not None]
    query = select(Event).where(or_(Event.id.in_(ids), Event.follows_id == found.id))
    return list(session.scalars(query.order_by(Event.opened_at)))


def other_pending(session: Session, event_id: uuid.UUID, most: int = 100) -> list[Event]:
    """Return the other events under verification, the newest first."""
    query = select(Event).where(Event.state == EventState.PENDING, Event.id != event_id)
    return list(session.scalars(query.order_by(Event.opened_at.desc()).limit(most)))


def checks(session: Session, event_id: uuid.UUID) -> list[EventCheck]:
    """Return the steps of verification that were ticked, oldest first."""
    query = select(EventCheck).where(EventCheck.event_id == event_id).order_by(EventCheck.at)
    loaded = (joinedload(EventCheck.run), joinedload(EventCheck.sample))
    return list(session.scalars(query.options(*loaded)))


def alerts_of_event(session: Session, *event_ids: uuid.UUID) -> list[Alert]:
    """Return the alerts that were made of some events, with their versions."""
    query = select(Alert).where(Alert.event_id.in_(event_ids)).order_by(Alert.number)
    return list(session.scalars(query.options(selectinload(Alert.versions))))
