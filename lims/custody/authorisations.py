"""Reading the transport authorisations: which there are, which fit a route, which end soon."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload

from lims.custody import rules
from lims.custody.conventions import PERMIT_DAYS
from lims.custody.records import Parcel, TransportPermit
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused
from lims.intake.rules import day_in_belgium
from lims.network.rules import Permission

P = TransportPermit


def today() -> date:
    """Return the day that decides whether an authorisation is valid."""
    return day_in_belgium(clock.now())


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an authorisation concerns one of the actor's sites."""
    if actor.may(Permission.KEEP_PERMITS) and actor.sites_for(Permission.KEEP_PERMITS) is None:
        return true()
    kept = actor.sites_for(Permission.KEEP_PERMITS) or frozenset()
    followed = actor.sites_for(Permission.FOLLOW_SAMPLES)
    return true() if followed is None else P.from_site_id.in_(kept | followed)


def permits(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[TransportPermit], int]:
    """Return one page of the authorisations of the actor's sites, and how many there are."""
    if not actor.may(Permission.KEEP_PERMITS):
        actor.must(Permission.FOLLOW_SAMPLES)
    mine = _mine(actor)
    total = session.scalar(select(func.count()).select_from(P).where(mine)) or 0
    query = select(P).where(mine).options(joinedload(P.from_site), joinedload(P.to_site))
    order = (P.withdrawn_at.is_not(None), func.coalesce(P.valid_until, date.max).desc(), P.number)
    return list(
        session.scalars(query.order_by(*order).offset((page - 1) * size).limit(size))
    ), total


def usable(
    session: Session, from_site_id: uuid.UUID, to_site_id: uuid.UUID
) -> Sequence[TransportPermit]:
    """Return the authorisations that are valid today for a route, the longest valid first."""
    day = today()
    query = (
        select(P)
        .where(
            P.from_site_id == from_site_id,
            or_(P.to_site_id.is_(None), P.to_site_id == to_site_id),
            P.withdrawn_at.is_(None),
            or_(P.valid_from.is_(None), P.valid_from <= day),
            or_(P.valid_until.is_(None), P.valid_until >= day),
        )
        .order_by(P.to_site_id.is_(None), func.coalesce(P.valid_until, date.max).desc(), P.number)
    )
    return session.scalars(query).all()


def has_ended(parcel: Parcel) -> bool:
    """Tell whether the authorisation of a parcel does not cover today: it may not be sent so."""
    try:
        rules.refuse_permit(parcel.chosen_permit, today())
    except Refused:
        return True
    return False


def ending(actor: Actor, permission: Permission) -> Select[Any]:
    """Select how many authorisations end soon, or ended lately, without another in their place."""
    day = today()
    later = aliased(TransportPermit)
    soon = day + timedelta(days=PERMIT_DAYS)
    renewed = exists().where(
        later.from_site_id == P.from_site_id,
        later.id != P.id,
        or_(later.to_site_id.is_(None), later.to_site_id == P.to_site_id),
        later.withdrawn_at.is_(None),
        or_(later.valid_until.is_(None), later.valid_until > soon),
        or_(later.valid_from.is_(None), later.valid_from <= P.valid_until),
    )
    sites = actor.sites_for(permission)
    mine = true() if sites is None else P.from_site_id.in_(sites)
    return (
        select(func.count())
        .select_from(P)
        .where(
            mine,
            P.withdrawn_at.is_(None),
            P.valid_until <= soon,
            P.valid_until >= day - timedelta(days=PERMIT_DAYS),
            ~renewed,
        )
    )


def ending_soon(session: Session, actor: Actor) -> int:
    """Return how many authorisations of the actor's sites end soon, with none in their place."""
    may = Permission.HAND_OVER if actor.may(Permission.HAND_OVER) else Permission.KEEP_PERMITS
    return session.scalar(ending(actor, may)) or 0


def days_left(permit: TransportPermit) -> int | None:
    """Return how many days an authorisation is still valid, negative when it ended."""
    return None if permit.valid_until is None else (permit.valid_until - today()).days


def ends_soon(permit: TransportPermit) -> bool:
    """Tell whether an authorisation ends within the time in which that is pointed out."""
    left = days_left(permit)
    return permit.withdrawn_at is None and left is not None and left <= PERMIT_DAYS
