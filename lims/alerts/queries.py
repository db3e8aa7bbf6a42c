"""Reading events and alerts: what is current, what waits for a decision, and each message."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, load_only, selectinload

from lims.alerts import rules
from lims.alerts.audiences import Audience
from lims.alerts.composing import compose
from lims.alerts.published import PublicAlert, public_alerts, public_history
from lims.alerts.records import Alert, AlertMessage, AlertVersion, Event
from lims.alerts.rules import AlertState, Kind
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, NotPermitted
from lims.foundation.words import LANGUAGES, _
from lims.network.rules import Permission
from lims.products import queries as products

__all__ = ["PublicAlert", "public_alerts", "public_history"]

COORDINATION = (Permission.TRIAGE, Permission.DRAFT_ALERT, Permission.APPROVE_ALERT)
"""Who sees drafts and the messages of every audience."""
READERS = (Audience.PUBLIC, Audience.RDR_NETWORK)
"""The messages that everybody reads who may consult alerts."""


def either(actor: Actor, first: Permission, second: Permission) -> Permission:
    """Return the one of two permissions that the actor holds, else the first."""
    return first if actor.may(first) or not actor.may(second) else second


def is_coordination(actor: Actor) -> bool:
    """Tell whether the actor sees drafts, events and every audience."""
    return any(actor.may(permission) for permission in COORDINATION)


def readable_version(actor: Actor, alert: Alert) -> AlertVersion | None:
    """Return the newest version that an actor may read, if any."""
    read = [one for one in alert.versions if one.published_at or is_coordination(actor)]
    return read[-1] if read and actor.may(Permission.CONSULT) else None


def audiences_of(actor: Actor) -> tuple[Audience, ...]:
    """Return the audiences whose messages an actor may read."""
    return tuple(Audience) if is_coordination(actor) else READERS


@dataclass(frozen=True)
class AlertFilters:
    """What to show: current, in work, ended, or waiting for a decision; empty shows all."""

    which: str = "current"
    level: str = ""


LISTED = (
    *(AlertVersion.id, AlertVersion.alert_id, AlertVersion.version, AlertVersion.kind),
    *(AlertVersion.state, AlertVersion.level, AlertVersion.review_on, AlertVersion.made_at),
    *(AlertVersion.published_at, AlertVersion.ended_at),
)
"""What a list says of a version."""


@dataclass(frozen=True)
class Listed:
    """A version in a list, with its headline for the RdR network."""

    version: AlertVersion
    headline: str
    needs_decision: bool


def alerts(
    session: Session,
    actor: Actor,
    filters: AlertFilters,
    page: int = 1,
    language: str = "en",
    size: int = 50,
    *,
    whole: bool = False,
) -> tuple[list[Listed], int]:
    """Return one page of alert versions, the newest first, and how many there are.

    Versions in work are shown to the coordination only. `whole`: with their facts.
    """
    actor.must(Permission.CONSULT)
    query = _chosen(select(AlertVersion), filters)
    if not is_coordination(actor):
        query = query.where(AlertVersion.published_at.is_not(None))
    total = _count(session, query)
    newest = func.coalesce(AlertVersion.published_at, AlertVersion.made_at)
    number = joinedload(AlertVersion.alert).load_only(Alert.number)
    ordered = query.order_by(newest.desc(), AlertVersion.id).options(number)
    if not whole:  # the facts of fifty alerts are long, and the page shows none of them
        ordered = ordered.options(load_only(*LISTED))
    versions = list(session.scalars(ordered.offset((page - 1) * size).limit(size)))
    spoken = _headlines(session, [one.id for one in versions], language)
    return [_listed(one, spoken.get(one.id, "")) for one in versions], total


def _listed(version: AlertVersion, headline: str) -> Listed:
    overdue = rules.needs_decision(version.state, version.review_on, clock.today())
    return Listed(version, headline, overdue and version.kind != Kind.WITHDRAWAL)


def _chosen(query: Select[AlertVersion], filters: AlertFilters) -> Select[AlertVersion]:
    state = AlertVersion.state
    if filters.which in ("current", "decision"):
        query = query.where(state == AlertState.PUBLISHED, AlertVersion.kind != Kind.WITHDRAWAL)
    if filters.which == "decision":
        refuted = select(Event.id).where(Event.state == rules.EventState.REFUTED)
        unfounded = select(Alert.id).where(Alert.event_id.in_(refuted))
        overdue = AlertVersion.review_on <= clock.today()
        query = query.where(or_(overdue, AlertVersion.alert_id.in_(unfounded)))
    if filters.which == "work":
        query = query.where(state.in_(rules.IN_WORK))
    if filters.which == "ended":
        is_withdrawal = (state == AlertState.PUBLISHED) & (AlertVersion.kind == Kind.WITHDRAWAL)
        query = query.where(or_(state.in_(rules.ENDS), is_withdrawal))
    return query.where(AlertVersion.level == filters.level) if filters.level else query


def _count(session: Session, query: Select[AlertVersion]) -> int:
    counted = query.with_only_columns(func.count(AlertVersion.id), maintain_column_froms=True)
    return session.scalar(counted) or 0


def _headlines(
    session: Session, version_ids: Collection[uuid.UUID], language: str
) -> dict[uuid.UUID, str]:
    rows = session.execute(
        select(AlertMessage.alert_version_id, AlertMessage.headline).where(
            AlertMessage.alert_version_id.in_(version_ids),
            AlertMessage.audience == Audience.RDR_NETWORK,
            AlertMessage.language == language,
        )
    )
    return {version_id: headline for version_id, headline in rows}


def decisions_needed(session: Session) -> int:
    """Count the published alerts that are past their review date or whose event was refuted."""
    return _count(session, _chosen(select(AlertVersion), AlertFilters("decision")))


def current_alerts(
    session: Session,
    *,
    product_id: uuid.UUID | None = None,
    substance_ids: Sequence[uuid.UUID] = (),
    page: int = 1,
    size: int = 20,
) -> tuple[list[AlertVersion], int]:
    """Return the published alerts, all or those on a product or substances, and how many."""
    query = _chosen(select(AlertVersion), AlertFilters()).join(AlertVersion.alert)
    same = []
    if product_id is not None:
        same.append(Alert.product_id.in_(products.known_as(product_id)))
    if substance_ids:
        same.append(Alert.substance_id.in_(substance_ids))
    if same:
        query = query.where(or_(*same))
    total = _count(session, query)
    if not total:
        return [], 0
    loaded = (joinedload(AlertVersion.alert), selectinload(AlertVersion.messages))
    ordered = query.order_by(AlertVersion.published_at.desc(), AlertVersion.id).options(*loaded)
    return list(session.scalars(ordered.offset((page - 1) * size).limit(size))), total


# Made once, so that SQLAlchemy finds its SQL again at once.
_WHOLE = (
    select(AlertVersion)
    .where(AlertVersion.id == bindparam("version_id"))
    .options(
        joinedload(AlertVersion.alert).joinedload(Alert.event),
        joinedload(AlertVersion.alert).selectinload(Alert.versions),
        selectinload(AlertVersion.messages),
        selectinload(AlertVersion.picture),
    )
)


def version(session: Session, actor: Actor, version_id: uuid.UUID) -> AlertVersion:
    """Return a version with alert, event and messages; who may only consult sees no drafts."""
    actor.must(Permission.CONSULT)
    found = session.scalar(_WHOLE, {"version_id": version_id})
    hidden = found is not None and found.published_at is None and not is_coordination(actor)
    if found is None or hidden:
        raise NotFound(_("There is no such alert."))
    return found


def version_to_change(session: Session, version_id: uuid.UUID) -> AlertVersion:
    """Return a version, its alert locked until the unit of work ends; raises NotFound."""
    found = session.get(AlertVersion, version_id)
    if found is None:
        raise NotFound(_("There is no such alert."))
    session.get(Alert, found.alert_id, with_for_update=True)
    session.refresh(found, with_for_update=True)
    return found


def alert_to_change(session: Session, alert_id: uuid.UUID) -> Alert:
    """Return an alert, locked until the unit of work ends; raises NotFound."""
    found = session.get(Alert, alert_id, with_for_update=True)
    if found is None:
        raise NotFound(_("There is no such alert."))
    return found


def published_version(session: Session, alert_id: uuid.UUID) -> AlertVersion | None:
    """Return the version of an alert that stands published and warns, or None."""
    query = _chosen(select(AlertVersion), AlertFilters())
    return session.scalar(query.where(AlertVersion.alert_id == alert_id))


def alert_by_number(session: Session, number: str) -> Alert | None:
    """Return the alert of a number such as 2026-0001, or None."""
    return session.scalar(select(Alert).where(Alert.number == number))


def message(session: Session, version_id: uuid.UUID, audience: str, language: str) -> AlertMessage:
    """Return the message of one audience in one language; raises NotFound."""
    found = session.scalar(
        select(AlertMessage).where(
            AlertMessage.alert_version_id == version_id,
            AlertMessage.audience == audience,
            AlertMessage.language == language,
        )
    )
    if found is None:
        raise NotFound(_("There is no such message."))
    return found


def readable_message(
    session: Session, actor: Actor, version_id: uuid.UUID, audience: str, language: str
) -> AlertMessage:
    """Return a message that the actor may read; raises NotPermitted for another audience."""
    seen = version(session, actor, version_id)
    if audience not in audiences_of(actor):
        raise NotPermitted(_("This message is for another audience."))
    return message(session, seen.id, audience, language)


def is_edited(version: AlertVersion, message: AlertMessage) -> bool:
    """Tell whether a person wrote this text, or it is as composed from the facts."""
    text = compose(version.facts, Audience(message.audience), version.kind, message.language)
    return (message.headline, message.body) != (text.headline, text.body)


def content_of(session: Session, product_id: uuid.UUID | None) -> list[dict[str, Any]]:
    """Return the content range of each substance measured in a product, with its count."""
    if product_id is None:
        return []
    return [
        {
            "substance": {
                "code": one.substance.key,
                **{language: one.substance.name(language) for language in LANGUAGES},
            },
            "low": format(one.low, "f"),
            "high": format(one.high, "f"),
            "unit": one.unit,
            "expressed_as": one.expressed_as,
            "n": one.n,
        }
        for one in products.spread(session, product_id)
    ]


def about(version: AlertVersion) -> list[tuple[str, uuid.UUID | str]]:
    """Return what an act on a version is about, for the journal."""
    named = (("event", version.alert.event_id), ("product", version.alert.product_id))
    found: list[tuple[str, uuid.UUID | str]] = [("alert", version.alert_id)]
    found.append(("alert_version", version.id))
    return found + [(kind, one) for kind, one in named if one is not None]
