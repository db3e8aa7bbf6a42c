"""What the laboratories said of themselves: what they can do, and when they are closed."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.intake.rules import day_in_belgium
from lims.network.rules import Permission
from lims.overview import waiting
from lims.overview.records import ClosedDays, StatedCapacity
from lims.overview.waiting import Capacity

AHEAD = 120
"""Days for which a laboratory's closed days are looked at."""


def stated(session: Session, day: date | None = None) -> Sequence[StatedCapacity]:
    """Return what the laboratories say that they can do on a day, today unless said."""
    today = day or day_in_belgium(clock.now())
    rows = session.scalars(
        select(StatedCapacity)
        .where(
            StatedCapacity.withdrawn_at.is_(None),
            StatedCapacity.valid_from <= today,
            or_(StatedCapacity.valid_until.is_(None), StatedCapacity.valid_until >= today),
        )
        .order_by(StatedCapacity.valid_from, StatedCapacity.stated_at)
    )
    # The newest word on a technique holds.
    return list({(one.laboratory_id, one.technique): one for one in rows}.values())


def per_day(session: Session) -> dict[uuid.UUID, float | None]:
    """Return laboratory → samples per day of the calendar, for those that said so."""
    said: dict[uuid.UUID, list[Capacity]] = defaultdict(list)
    for one in stated(session):
        kept = Capacity(one.technique, one.samples, one.per, one.days)
        said[one.laboratory_id].append(kept)
    return {key: waiting.samples_per_day(found) for key, found in said.items()}


def closed_days(session: Session) -> dict[uuid.UUID, frozenset[int]]:
    """Return laboratory → the days ahead on which it is closed; 0 is today."""
    today = day_in_belgium(clock.now())
    rows = session.execute(
        select(ClosedDays.laboratory_id, ClosedDays.first, ClosedDays.last).where(
            ClosedDays.withdrawn_at.is_(None),
            ClosedDays.last >= today,
            ClosedDays.first <= today + timedelta(days=AHEAD),
        )
    )
    found: dict[uuid.UUID, set[int]] = defaultdict(set)
    for laboratory, first, last in rows:
        begin, end = (first - today).days, (last - today).days
        found[laboratory].update(range(max(0, begin), min(end, AHEAD) + 1))
    return {key: frozenset(days) for key, days in found.items()}


def capacities(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[StatedCapacity], int]:
    """Return one page of everything that was said of capacities, the newest first."""
    actor.must(Permission.FOLLOW_SAMPLES)
    total = session.scalar(select(func.count()).select_from(StatedCapacity)) or 0
    rows = session.scalars(
        select(StatedCapacity)
        .options(joinedload(StatedCapacity.laboratory))
        .order_by(StatedCapacity.stated_at.desc(), StatedCapacity.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return list(rows), total


def closed(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[ClosedDays], int]:
    """Return one page of the closed days that are not over, the next ones first."""
    actor.must(Permission.FOLLOW_SAMPLES)
    ahead = (
        ClosedDays.withdrawn_at.is_(None),
        ClosedDays.last >= day_in_belgium(clock.now()),
    )
    total = session.scalar(select(func.count()).select_from(ClosedDays).where(*ahead)) or 0
    rows = session.scalars(
        select(ClosedDays)
        .options(joinedload(ClosedDays.laboratory))
        .where(*ahead)
        .order_by(ClosedDays.first, ClosedDays.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return list(rows), total
