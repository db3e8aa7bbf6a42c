"""Reading alerts of other countries: the list with its filters, and one with its chain."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from lims.exchange.foreign_records import ForeignAlert, ForeignCitation
from lims.exchange.queries import PAGE_SIZE, Part
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import Message, _
from lims.network.rules import Permission

STATES = ("current", "ended")
STATE_WORDS: dict[str, Message] = {
    "in force": _("holds"),
    "expired": _("expired"),
    "updated": _("replaced by an update"),
    "cancelled": _("cancelled by its sender"),
    "cancel": _("cancels another one"),
}
SEVERITY_WORDS: dict[str, Message] = {
    "Extreme": _("extreme"),
    "Severe": _("severe"),
    "Moderate": _("moderate"),
    "Minor": _("minor"),
    "Unknown": _("not stated"),
}


@dataclass(frozen=True)
class ForeignFilter:
    """Which foreign alerts are wanted; an empty field does not narrow the list."""

    state: str = ""
    severity: str = ""
    text: str = ""


@dataclass(frozen=True)
class Chain:
    """A foreign alert with the messages before and after it that we hold.

    `twins` bear the same sender and identifier and say something else: one of them is false.
    """

    alert: ForeignAlert
    before: Sequence[ForeignAlert]
    after: Sequence[ForeignAlert]
    twins: Sequence[ForeignAlert]


def state_of(alert: ForeignAlert, now: datetime) -> str:
    """Return how a foreign alert stands: by its update or cancel, else by its own expiry."""
    if alert.ended_by is not None:
        return "cancelled" if alert.ended_by.msg_type == "Cancel" else "updated"
    if alert.msg_type == "Cancel":
        return "cancel"
    return "expired" if alert.expires is not None and alert.expires < now else "in force"


def foreign_alerts(
    session: Session, actor: Actor, wanted: ForeignFilter, page: int = 1
) -> Part[ForeignAlert]:
    """Return alerts of other countries, newest first."""
    actor.must(Permission.CONSULT)
    conditions = _conditions(wanted)
    total = session.scalar(select(func.count()).select_from(ForeignAlert).where(*conditions)) or 0
    asked = (
        select(ForeignAlert)
        .where(*conditions)
        .options(selectinload(ForeignAlert.ended_by), selectinload(ForeignAlert.signal))
        .order_by(ForeignAlert.sent.desc(), ForeignAlert.identifier)
        .offset((max(page, 1) - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    return Part(session.scalars(asked).all(), total, max(page, 1))


def _conditions(wanted: ForeignFilter) -> list[ColumnElement[bool]]:
    now, found = clock.now(), list[ColumnElement[bool]]()
    holds = and_(
        ForeignAlert.ended_by_id.is_(None),
        ForeignAlert.msg_type != "Cancel",
        or_(ForeignAlert.expires.is_(None), ForeignAlert.expires >= now),
    )
    if wanted.state:
        found.append(holds if wanted.state == "current" else ~holds)
    if wanted.severity:
        found.append(ForeignAlert.severity == wanted.severity)
    if wanted.text:
        looked = (ForeignAlert.headlines, ForeignAlert.sender, ForeignAlert.source)
        found.append(or_(*(one.icontains(wanted.text, autoescape=True) for one in looked)))
    return found


def foreign_alert(session: Session, actor: Actor, alert_id: uuid.UUID) -> ForeignAlert:
    """Return one foreign alert; raises NotFound."""
    actor.must(Permission.CONSULT)
    found = session.get(ForeignAlert, alert_id)
    if found is None:
        raise NotFound(_("There is no such alert."))
    return found


def chain_of(session: Session, actor: Actor, alert_id: uuid.UUID) -> Chain:
    """Return a foreign alert with what it cites and what cites it, the oldest first."""
    alert = foreign_alert(session, actor, alert_id)
    before = (
        select(ForeignAlert)
        .join(
            ForeignCitation,
            (ForeignCitation.sender == ForeignAlert.sender)
            & (ForeignCitation.identifier == ForeignAlert.identifier),
        )
        .where(ForeignCitation.alert_id == alert.id)
    )
    after = (
        select(ForeignAlert)
        .join(ForeignCitation, ForeignCitation.alert_id == ForeignAlert.id)
        .where(
            ForeignCitation.sender == alert.sender, ForeignCitation.identifier == alert.identifier
        )
    )
    twins = select(ForeignAlert).where(
        ForeignAlert.sender == alert.sender,
        ForeignAlert.identifier == alert.identifier,
        ForeignAlert.id != alert.id,
    )
    order = (ForeignAlert.sent, ForeignAlert.identifier)
    found = (one.order_by(*order).limit(PAGE_SIZE) for one in (before, after, twins))
    return Chain(alert, *(session.scalars(one).unique().all() for one in found))


def known(session: Session, sha256: str) -> ForeignAlert | None:
    """Return the alert of a file that was brought in before, or None."""
    return session.scalar(select(ForeignAlert).where(ForeignAlert.sha256 == sha256))
