"""Reading the outbox: what waits, what was given up, who confirmed and after how long."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.base import ExecutableOption

from lims.alerts import addressees, owed
from lims.alerts.delivering import DELIVERY_MOVES, WAITING, DeliveryState
from lims.alerts.outbox import Delivery, Recipient
from lims.alerts.records import AlertVersion
from lims.alerts.rules import AlertState, Kind
from lims.foundation import clock, lockbox
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _

WHICH = ("trouble", "waiting", "unconfirmed", "all")
STUCK = timedelta(minutes=10)
"""House convention: twice as long as a worker has a delivery."""
UNDELIVERED = (DeliveryState.FAILED, DeliveryState.DEAD)


def deliveries(
    session: Session, actor: Actor, which: str = "trouble", page: int = 1, size: int = 50
) -> tuple[list[Delivery], int]:
    """Return one page of the deliveries, what was given up first, and how many there are."""
    actor.must(addressees.reader(actor))
    query = _which(select(Delivery), which)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    dead_first = (Delivery.state != DeliveryState.DEAD, Delivery.queued_at.desc(), Delivery.id)
    loaded = query.options(*_loaded()).order_by(*dead_first)
    return list(session.scalars(loaded.offset((page - 1) * size).limit(size))), total


def _loaded() -> tuple[ExecutableOption, ...]:
    alert = joinedload(Delivery.version).joinedload(AlertVersion.alert)
    return joinedload(Delivery.recipient), alert


def _which(query: Select[Delivery], which: str) -> Select[Delivery]:
    if which == "trouble":
        return query.where(_undelivered())
    if which == "waiting":
        return query.where(Delivery.state.in_((*WAITING, DeliveryState.SENDING)))
    if which == "unconfirmed":
        return query.where(Delivery.state == DeliveryState.SENT, Delivery.purpose == "alert")
    return query


def _undelivered() -> ColumnElement[bool]:
    """Return the condition that a message did not arrive; also one that no worker takes up."""
    on_its_way = Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SENDING))
    stuck = and_(on_its_way, Delivery.queued_at < clock.now() - STUCK)
    return or_(Delivery.state.in_(UNDELIVERED), stuck)


def of_version(session: Session, version_id: uuid.UUID) -> list[Delivery]:
    """Return the deliveries of one version by audience, with their recipients."""
    query = select(Delivery).where(Delivery.version_id == version_id, Delivery.purpose == "alert")
    ordered = query.join(Delivery.recipient).order_by(Delivery.audience, Recipient.number)
    return list(session.scalars(ordered.options(joinedload(Delivery.recipient))))


def of_recipient(session: Session, recipient_id: uuid.UUID, limit: int = 20) -> list[Delivery]:
    """Return the last deliveries to one recipient."""
    query = select(Delivery).where(Delivery.recipient_id == recipient_id).options(*_loaded())
    return list(session.scalars(query.order_by(Delivery.queued_at.desc()).limit(limit)))


def delivery_to_change(session: Session, delivery_id: uuid.UUID) -> Delivery:
    """Return a delivery, locked until the unit of work ends; raises NotFound."""
    found = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound(_("There is no such delivery."))
    return found


def is_followed(session: Session, delivery: Delivery, version: AlertVersion) -> bool:
    """Tell whether a recipient is told what came after a version: its next one, or another alert
    that replaces it.
    """
    query = (
        select(AlertVersion)
        .join(Delivery, Delivery.version_id == AlertVersion.id)
        .where(
            Delivery.recipient_id == delivery.recipient_id,
            Delivery.purpose == "alert",
            Delivery.state != DeliveryState.CANCELLED,
            AlertVersion.id != version.id,
            AlertVersion.published_at >= version.published_at,
        )
    )
    number = version.alert.number
    return any(
        one.alert_id == version.alert_id or one.facts.get("replaces") == number
        for one in session.scalars(query)
    )


def due(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a worker takes a delivery up: its time has come, or its worker fell
    silent.
    """
    return or_(
        and_(Delivery.state.in_(WAITING), Delivery.next_at <= at),
        and_(Delivery.state == DeliveryState.SENDING, Delivery.leased_until < at),
    )


def is_due(session: Session) -> bool:
    """Tell whether anything is to be sent now, without taking the writer's lock."""
    return session.scalar(select(Delivery.id).where(due(clock.now())).limit(1)) is not None


def trouble(session: Session) -> int:
    """Count the deliveries that were given up."""
    query = select(func.count()).select_from(Delivery)
    return session.scalar(query.where(Delivery.state == DeliveryState.DEAD)) or 0


@dataclass(frozen=True)
class Alarm:
    """What the banner says: red alerts that did not arrive or that nobody confirmed, owed files."""

    undelivered: int
    unconfirmed: int
    unsigned: int = 0

    def __bool__(self) -> bool:
        return bool(self.undelivered or self.unconfirmed or self.unsigned)


def alarm(session: Session) -> Alarm:
    """Return what goes wrong with red alerts that stand, and how many files are owed; one query."""
    undelivered = _undelivered()
    unconfirmed = and_(Delivery.state == DeliveryState.SENT, Delivery.escalated_at.is_not(None))
    query = (
        select(
            func.count(Delivery.id).filter(undelivered),
            func.count(Delivery.id).filter(unconfirmed),
            owed.count(),
        )
        .join(AlertVersion, AlertVersion.id == Delivery.version_id)
        .where(
            Delivery.level == "red",
            Delivery.purpose == "alert",
            or_(undelivered, unconfirmed),
            AlertVersion.state == AlertState.PUBLISHED,
        )
    )
    return Alarm(*session.execute(query).one())


def unreceived(session: Session, before: datetime) -> Sequence[Delivery]:
    """Return the deliveries of standing red alerts, sent before a moment, that nobody confirmed."""
    query = (
        select(Delivery)
        .join(AlertVersion, AlertVersion.id == Delivery.version_id)
        .where(
            Delivery.purpose == "alert",
            Delivery.level == "red",
            Delivery.state == DeliveryState.SENT,
            Delivery.sent_at < before,
            Delivery.escalated_at.is_(None),
            AlertVersion.state == AlertState.PUBLISHED,
            AlertVersion.kind != Kind.WITHDRAWAL,
        )
        .order_by(Delivery.queued_at, Delivery.id)
        .options(*_loaded())
    )
    return session.scalars(query).all()


@dataclass(frozen=True)
class AcknowledgementTime:
    """How long an audience took from the publication of an alert to its confirmation."""

    number: str
    version: int
    audience: str
    level: str
    published_at: datetime
    acknowledged_at: datetime | None

    @property
    def took(self) -> timedelta | None:
        """Return the time that passed; None while nobody has confirmed."""
        return self.acknowledged_at - self.published_at if self.acknowledged_at else None


def acknowledgement_times(session: Session, since: datetime) -> list[AcknowledgementTime]:
    """Return one line for each delivery of an alert published since a moment, confirmed or not.

    Deliveries that were cancelled are left out: nobody was asked.
    """
    query = (
        select(AlertVersion, Delivery.audience, Delivery.level, Delivery.acknowledged_at)
        .join(Delivery, Delivery.version_id == AlertVersion.id)
        .where(
            Delivery.purpose == "alert",
            Delivery.state != DeliveryState.CANCELLED,
            AlertVersion.published_at >= since,
        )
        .options(joinedload(AlertVersion.alert))
        .order_by(AlertVersion.published_at, Delivery.audience, Delivery.id)
    )
    return [
        AcknowledgementTime(
            version.alert.number,
            version.version,
            audience,
            level,
            version.published_at or version.made_at,
            acknowledged,
        )
        for version, audience, level, acknowledged in session.execute(query)
    ]


def may_be_tried_again(delivery: Delivery) -> bool:
    """Tell whether somebody may ask for another try by hand."""
    return DeliveryState.QUEUED in DELIVERY_MOVES[DeliveryState(delivery.state)]


def about(delivery: Delivery) -> list[tuple[str, uuid.UUID | str]]:
    """Return what an act on a delivery is about, for the journal."""
    found: list[tuple[str, uuid.UUID | str]] = [("delivery", delivery.id)]
    found.append(("recipient", delivery.recipient_id))
    if delivery.version_id is not None:
        found.append(("alert_version", delivery.version_id))
    return found


def token_hash(token: str) -> str:
    """Return the SHA-256 under which the token of a link is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_purpose(delivery_id: uuid.UUID) -> str:
    """Return for what the token of a link is kept."""
    return f"delivery {delivery_id}"


def token_of(delivery: Delivery, folder: Path) -> str:
    """Return the token of a delivery that is being sent; raises NotFound once it was sent."""
    if not delivery.token_sealed:
        raise NotFound(_("There is no such delivery."))
    return lockbox.unlock(folder, token_purpose(delivery.id), delivery.token_sealed)
