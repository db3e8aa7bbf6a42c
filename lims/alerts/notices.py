"""What escalates: told to the coordination's own mailboxes, once, and as thin as every mail.

The banner on the pages shows the same for as long as it lasts.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import addressees, delivered
from lims.alerts.deliveries import DeliveryInTrouble
from lims.alerts.issuing import MessageOwed
from lims.alerts.outbox import Delivery
from lims.alerts.records import AlertVersion, Event
from lims.alerts.rules import AlertState, EventState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.network.rules import Permission
from lims.surveillance.acts import SignalEscalated
from lims.surveillance.records import Signal

REVIEW_HOURS = 1
"""House convention: a red alert that waits longer for the second person is told."""


@dataclass(frozen=True)
class EscalateUnreceived:
    """Look for red alerts that nobody confirmed within so many hours."""

    hours: int = 4


def escalate_unreceived(session: Session, actor: Actor, command: EscalateUnreceived) -> int:
    """Escalate the deliveries of red alerts that nobody confirmed in time; return how many.

    Each is escalated once, and the coordination is told once for each version.
    """
    actor.must(Permission.KEEP_RECIPIENTS)
    before = clock.now() - timedelta(hours=command.hours)
    late = [
        one
        for found in delivered.unreceived(session, before)
        if (one := delivered.delivery_to_change(session, found.id)).escalated_at is None
        and one.state == found.state
    ]
    for delivery in late:
        delivery.escalated_at = clock.now()
    versions = {one.version_id: one.version for one in late if one.version is not None}
    for version in versions.values():
        mine = [one for one in late if one.version_id == version.id]
        about = [("alert_version", version.id), ("alert", version.alert_id)]
        journal.record(session, actor, "escalate unreceived alert", about, recipients=len(mine))
        _tell_of_version(session, actor, version, "unreceived")
    return len(late)


@dataclass(frozen=True)
class EscalateWaiting:
    """Look for red alerts in review that were drafted so many hours ago, and for red events that
    nobody has decided so many hours after they were opened.
    """

    review_hours: int = REVIEW_HOURS
    decide_hours: int = 24


def escalate_waiting(session: Session, actor: Actor, command: EscalateWaiting) -> int:
    """Tell the coordination what waits for people and not for a machine; return how many.

    Each is told once. Without a mailbox of the coordination nobody can be told.
    """
    actor.must(Permission.KEEP_RECIPIENTS)
    if not addressees.own_mailboxes(session):
        return 0
    at = clock.now()
    late = _late_reviews(session, at - timedelta(hours=command.review_hours))
    late |= _late_events(session, at - timedelta(hours=command.decide_hours))
    known = set(session.scalars(select(Delivery.about).where(Delivery.about.in_(list(late)))))
    fresh = {about: told for about, told in late.items() if about not in known}
    for about, told in fresh.items():
        queue_notices(session, actor, about, told)
    return len(fresh)


def _late_reviews(session: Session, before: datetime) -> dict[str, dict[str, Any]]:
    query = select(AlertVersion).where(
        AlertVersion.state == AlertState.REVIEW,
        AlertVersion.level == "red",
        AlertVersion.made_at < before,
    )
    return {
        f"unapproved:{one.id}": {
            **{"what": "unapproved", "number": one.alert.number, "level": one.level},
            "path": f"/alerts/{one.id}",
        }
        for one in session.scalars(query)
    }


def _late_events(session: Session, before: datetime) -> dict[str, dict[str, Any]]:
    query = select(Event).where(
        Event.state == EventState.PENDING, Event.level == "red", Event.opened_at < before
    )
    return {
        f"undecided:{one.id}:{len(one.history)}": {
            **{"what": "undecided", "number": one.number, "level": one.level},
            "path": f"/events/{one.id}",
        }
        for one in session.scalars(query)
    }


def tell_of_trouble(session: Session, actor: Actor, happening: DeliveryInTrouble) -> None:
    """Tell the coordination of a red alert that does not arrive; once for each version."""
    delivery = session.get_one(Delivery, happening.delivery_id)
    if delivery.version is not None and delivery.level == "red" and delivery.purpose == "alert":
        _tell_of_version(session, actor, delivery.version, "undelivered")


def tell_of_owed(session: Session, actor: Actor, happening: MessageOwed) -> None:
    """Tell the coordination of an alert whose file for programs could not be signed."""
    version = session.get_one(AlertVersion, happening.version_id)
    _tell_of_version(session, actor, version, "unsigned")


def tell_of_signal(session: Session, actor: Actor, happening: SignalEscalated) -> None:
    """Tell the coordination that a signal waits too long: red ones each, others once an hour."""
    signal = session.get_one(Signal, happening.signal_id)
    hour = f"{clock.now():%Y-%m-%dT%H}"
    about = f"signal:{signal.id}" if signal.level == "red" else f"signals:{hour}"
    told = {"what": "signal", "number": signal.number, "level": signal.level, "path": "/signals"}
    queue_notices(session, actor, about, told)


def _tell_of_version(session: Session, actor: Actor, version: AlertVersion, what: str) -> None:
    told = {"what": what, "number": version.alert.number, "level": version.level}
    told["path"] = f"/alerts/{version.id}/recipients"
    queue_notices(session, actor, f"{what}:{version.id}", told, version_id=version.id)


def queue_notices(
    session: Session,
    actor: Actor,
    about: str,
    told: dict[str, Any],
    version_id: uuid.UUID | None = None,
) -> int:
    """Queue a notice to each of the coordination's own mailboxes that has not got it yet."""
    known = set(session.scalars(select(Delivery.recipient_id).where(Delivery.about == about)))
    own = [one for one in addressees.own_mailboxes(session) if one.id not in known]
    for recipient in own:
        session.add(
            Delivery(
                id=uuid.uuid4(),
                purpose="notice",
                about=about,
                version_id=version_id,
                recipient_id=recipient.id,
                audience=recipient.audience,
                level=str(told.get("level", "")),
                told=told,
                queued_at=clock.now(),
                next_at=clock.now(),
            )
        )
    session.flush()
    what = {"what": told["what"], "number": told["number"], "mailboxes": len(own)}
    journal.record(session, actor, "tell coordination", [("notice", about)], **what)
    return len(own)
