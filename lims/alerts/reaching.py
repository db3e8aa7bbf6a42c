"""Who is told of an alert: the groups chosen for it, and those that stand by rule.

Nobody else is; but whoever was told of an alert is told of its update and its withdrawal, whatever
is chosen then.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lims.alerts import addressees, delivering, queries
from lims.alerts.outbox import ChosenGroup, Delivery, Recipient, RecipientGroup
from lims.alerts.records import AlertVersion
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _


@dataclass(frozen=True)
class Told:
    """A recipient that is in reach of a version, and why, or why it is sent nothing."""

    recipient: Recipient
    through: tuple[str, ...]
    why_not: Message | None


@dataclass(frozen=True)
class Reach:
    """Everybody who is sent a version, and those in the same groups who are not."""

    told: tuple[Told, ...]
    left_out: tuple[Told, ...]
    groups: tuple[RecipientGroup, ...]

    def by_audience(self) -> dict[str, int]:
        """Return how many recipients of each audience are sent the version."""
        counted: dict[str, int] = {}
        for one in self.told:
            counted[one.recipient.audience] = counted.get(one.recipient.audience, 0) + 1
        return counted


def chosen(session: Session, version_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the groups that were chosen for a version."""
    query = select(ChosenGroup.group_id).where(ChosenGroup.version_id == version_id)
    return set(session.scalars(query))


def groups_of_version(session: Session, version: AlertVersion) -> list[RecipientGroup]:
    """Return the groups in use that are chosen for a version or stand by rule."""
    picked = select(ChosenGroup.group_id).where(ChosenGroup.version_id == version.id)
    query = select(RecipientGroup).where(
        RecipientGroup.purpose == "alerts",
        RecipientGroup.ended_at.is_(None),
        or_(
            RecipientGroup.id.in_(picked),
            RecipientGroup.standing_level.in_(delivering.standing(version.level)),
        ),
    )
    return list(session.scalars(query.order_by(RecipientGroup.name)))


def reach(session: Session, version: AlertVersion) -> Reach:
    """Return who would be sent a version if it were published now."""
    groups = groups_of_version(session, version)
    names = {one.id: one.name for one in groups}
    through: dict[uuid.UUID, list[str | Message]] = {}
    found: dict[uuid.UUID, Recipient] = {}
    for member in addressees.members_of(session, list(names)):
        found[member.recipient_id] = member.recipient
        through.setdefault(member.recipient_id, []).append(names[member.group_id])
    for recipient in _told_before(session, version):
        found.setdefault(recipient.id, recipient)
        through.setdefault(recipient.id, [])
    listed = [
        Told(one, tuple(str(name) for name in through[one.id]), delivering.why_not(one))
        for one in sorted(found.values(), key=lambda one: (len(one.number), one.number))
    ]
    return Reach(
        tuple(one for one in listed if one.why_not is None),
        tuple(one for one in listed if one.why_not is not None),
        tuple(groups),
    )


def _told_before(session: Session, version: AlertVersion) -> Sequence[Recipient]:
    """Return whoever was told of an earlier version, or of the alert that this one replaces."""
    replaced = queries.alert_by_number(session, str(version.facts.get("replaces") or ""))
    about = {version.alert_id, replaced.id if replaced is not None else version.alert_id}
    query = (
        select(Recipient)
        .join(Delivery, Delivery.recipient_id == Recipient.id)
        .join(AlertVersion, AlertVersion.id == Delivery.version_id)
        .where(
            AlertVersion.alert_id.in_(about),
            AlertVersion.id != version.id,
            Delivery.purpose == "alert",
            Delivery.state != delivering.DeliveryState.CANCELLED,
            Recipient.removed_at.is_(None),
        )
        .distinct()
    )
    return session.scalars(query).all()


def read_reach(session: Session, actor: Actor, version_id: uuid.UUID) -> Reach:
    """Return who would be told of a version; for the coordination alone."""
    actor.must(addressees.reader(actor))
    return reach(session, queries.version(session, actor, version_id))


BEFORE = _("was told of this alert before")
"""Why a recipient is told that is in none of the groups."""
