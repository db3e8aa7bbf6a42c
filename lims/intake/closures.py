"""Reading what laboratories do not take for a while: for the register page and for the public."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake.closed import ClosedIntake
from lims.intake.rules import day_in_belgium
from lims.network.points import PointPage
from lims.network.rules import Permission


@dataclass(frozen=True)
class Closure:
    """What is not taken until a day; `everywhere` when no laboratory behind the point takes it."""

    form: str
    technique: str
    until: date
    words: dict[str, str]
    laboratory: str
    everywhere: bool


def laboratories_of(session: Session, site_id: uuid.UUID) -> tuple[uuid.UUID, ...]:
    """Return the laboratories that a point says its samples go to; empty when it says nothing."""
    found = session.scalar(select(PointPage).where(PointPage.site_id == site_id))
    return _named(found) if found is not None else ()


def _named(page: PointPage) -> tuple[uuid.UUID, ...]:
    told = page.published or page.draft
    return tuple(uuid.UUID(one) for one in told.get("laboratories", ()))


def in_force(
    session: Session, laboratories: Sequence[uuid.UUID] = (), day: date | None = None
) -> list[Closure]:
    """Return what laboratories (all when none is named) do not take on a day, today unless said."""
    return _told(_rows(session, day or day_in_belgium(clock.now())), laboratories)


def _rows(session: Session, day: date) -> Sequence[ClosedIntake]:
    query = (
        select(ClosedIntake)
        .options(joinedload(ClosedIntake.laboratory))
        .where(
            ClosedIntake.reopened_at.is_(None),
            ClosedIntake.first <= day,
            ClosedIntake.until >= day,
        )
    )
    return session.scalars(query.order_by(ClosedIntake.form, ClosedIntake.until)).all()


def _told(every: Sequence[ClosedIntake], laboratories: Sequence[uuid.UUID]) -> list[Closure]:
    """Return what some laboratories, all when none is named, do not take."""
    rows = [one for one in every if not laboratories or one.laboratory_id in laboratories]
    closed: dict[tuple[str, str], set[uuid.UUID]] = {}
    for one in rows:
        closed.setdefault((one.form, one.technique), set()).add(one.laboratory_id)
    return [
        Closure(
            one.form,
            one.technique,
            one.until,
            dict(one.words),
            one.laboratory.name,
            bool(laboratories) and closed[one.form, one.technique] >= set(laboratories),
        )
        for one in rows
    ]


def at_point(session: Session, site_id: uuid.UUID) -> list[Closure]:
    """Return what the laboratories behind a point do not take today."""
    return in_force(session, laboratories_of(session, site_id))


def at_every_point(
    session: Session, most: int
) -> tuple[dict[uuid.UUID, list[Closure]], list[Closure]]:
    """Return what is not taken today at points, at most so many of those that name laboratories.

    The second part holds for every other point: whatever any laboratory does not take.
    """
    rows = _rows(session, day_in_belgium(clock.now()))
    if not rows:
        return {}, []
    pages = session.scalars(select(PointPage).order_by(PointPage.site_id)).all()
    named = {one.site_id: _named(one) for one in pages if _named(one)}
    kept = list(named.items())[:most]
    return {site: _told(rows, laboratories) for site, laboratories in kept}, _told(rows, ())


def closures(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[ClosedIntake], int]:
    """Return one page of all closures, the newest first, and how many there are."""
    actor.must(Permission.FOLLOW_SAMPLES)
    total = session.scalar(select(func.count()).select_from(ClosedIntake)) or 0
    rows = session.scalars(
        select(ClosedIntake)
        .options(joinedload(ClosedIntake.laboratory))
        .order_by(ClosedIntake.closed_at.desc(), ClosedIntake.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return list(rows), total


def closure(session: Session, actor: Actor, closure_id: uuid.UUID) -> ClosedIntake:
    """Return one closure; raises NotFound."""
    actor.must(Permission.FOLLOW_SAMPLES)
    found = session.get(ClosedIntake, closure_id)
    if found is None:
        raise NotFound(_("There is no such closure."))
    return found
