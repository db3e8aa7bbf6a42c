"""What a message opens: one version of an alert, or all that a digest tells of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from lims.alerts.outbox import Delivery
from lims.alerts.records import AlertMessage, AlertVersion

MOST = 100
"""Versions in one digest; more would not be read."""


def between(session: Session, since: datetime, until: datetime) -> Sequence[AlertVersion]:
    """Return the versions that were published or ended in a period, the newest first."""
    published = and_(AlertVersion.published_at > since, AlertVersion.published_at <= until)
    ended = and_(AlertVersion.ended_at > since, AlertVersion.ended_at <= until)
    query = (
        select(AlertVersion)
        .where(AlertVersion.published_at.is_not(None), or_(published, ended))
        .options(joinedload(AlertVersion.alert))
        .order_by(AlertVersion.published_at.desc(), AlertVersion.id)
    )
    return session.scalars(query.limit(MOST)).all()


def since_of(delivery: Delivery) -> datetime:
    """Return the beginning of the period of a digest."""
    return datetime.fromisoformat(delivery.told["since"])


def versions_of(session: Session, delivery: Delivery) -> Sequence[AlertVersion]:
    """Return the versions that a delivery tells of."""
    if delivery.purpose == "digest":
        until = datetime.fromisoformat(delivery.told["until"])
        return between(session, since_of(delivery), until)
    return [delivery.version] if delivery.version is not None else []


@dataclass(frozen=True)
class Item:
    """A version with the message of one audience in one language."""

    version: AlertVersion
    message: AlertMessage


def items_of(session: Session, delivery: Delivery, language: str) -> list[Item]:
    """Return what the reader of a delivery may read: the messages of its audience alone."""
    versions = versions_of(session, delivery)
    query = select(AlertMessage).where(
        AlertMessage.alert_version_id.in_([one.id for one in versions]),
        AlertMessage.audience == delivery.audience,
        AlertMessage.language == language,
    )
    texts = {one.alert_version_id: one for one in session.scalars(query)}
    return [Item(one, texts[one.id]) for one in versions if one.id in texts]


def message_of(session: Session, delivery: Delivery, language: str) -> AlertMessage | None:
    """Return the message that a delivery of an alert carries, or None."""
    found = items_of(session, delivery, language)
    return found[0].message if found else None
