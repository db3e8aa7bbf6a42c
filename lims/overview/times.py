"""How long things take: from hand-in to receipt and to release, from finding to alert.

Each figure counts what ended in the last twelve weeks; what still waits is counted beside it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Executable, func, or_, select, true
from sqlalchemy.orm import Session

from lims.alerts.records import Alert, AlertVersion
from lims.custody.records import ParcelItem
from lims.findings.records import Finding
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.intake.records import Sample
from lims.network.records import Site
from lims.network.rules import Permission
from lims.overview import rules
from lims.surveillance.records import Signal

ENDED_WITHOUT_RESULT = ("withdrawn", "not analysed")


class Interval(StrEnum):
    """What is timed."""

    TO_RECEIPT = "hand-in to receipt"
    TO_RELEASE = "hand-in to release"
    TO_ALERT = "finding to alert"


@dataclass(frozen=True)
class Row:
    """The times of one interval at one place (all places when `place` is empty)."""

    interval: Interval
    kind: str
    place: str
    spread: rules.Spread | None
    waiting: int = 0


def turn_around(session: Session, actor: Actor) -> list[Row]:
    """Return the times of every interval, over all places, per point and per laboratory."""
    actor.must(Permission.READ_INDICATORS)
    since = clock.now() - timedelta(weeks=rules.WEEKS)
    names = {row[0]: row[1] for row in session.execute(select(Site.id, Site.name))}
    ended: dict[Interval, Iterable[Any]] = {
        Interval.TO_RECEIPT: session.execute(_received(actor, since)),
        Interval.TO_RELEASE: session.execute(_released(actor, since)),
        Interval.TO_ALERT: _alerted(session, actor, since),
    }
    waiting = _waiting(session, actor)
    rows: list[Row] = []
    for interval, found in ended.items():
        rows += _grouped(interval, found, names, waiting.get(interval, {}))
    return rows


def _mine(actor: Actor) -> Any:
    sites = actor.sites_for(Permission.READ_INDICATORS)
    if sites is None:
        return true()
    return or_(Sample.site_id.in_(sites), Sample.laboratory_id.in_(sites))


def _received(actor: Actor, since: datetime) -> Executable:
    first = func.min(ParcelItem.scanned_at)
    return (
        select(Sample.site_id, Sample.laboratory_id, Sample.recorded_at, first)
        .join(ParcelItem, ParcelItem.sample_id == Sample.id)
        .where(ParcelItem.scan == "received", ParcelItem.scanned_at >= since, _mine(actor))
        .group_by(Sample.id, Sample.site_id, Sample.laboratory_id, Sample.recorded_at)
    )


def _released(actor: Actor, since: datetime) -> Executable:
    return (
        select(Sample.site_id, Finding.site_id, Sample.recorded_at, Finding.released_at)
        .join(Finding, Finding.sample_id == Sample.id)
        .where(Finding.version == 1, Finding.released_at >= since, _mine(actor))
    )


def _alerted(session: Session, actor: Actor, since: datetime) -> list[tuple[Any, ...]]:
    """Return, for each first version of an alert, the finding that raised its signals first."""
    rows = session.execute(
        select(
            AlertVersion.id,
            Sample.site_id,
            Finding.site_id,
            Finding.released_at,
            AlertVersion.published_at,
        )
        .join(Alert, Alert.id == AlertVersion.alert_id)
        .join(Signal, Signal.event_id == Alert.event_id)
        .join(Finding, Finding.id == Signal.finding_id)
        .join(Sample, Sample.id == Finding.sample_id)
        .where(
            AlertVersion.version == 1,
            AlertVersion.published_at >= since,
            Finding.released_at.is_not(None),
            _mine(actor),
        )
        .order_by(Finding.released_at)
    )
    first: dict[uuid.UUID, tuple[Any, ...]] = {}
    for version_id, *times in rows:
        first.setdefault(version_id, tuple(times))
    return list(first.values())


def _waiting(
    session: Session, actor: Actor
) -> dict[Interval, dict[tuple[uuid.UUID | None, uuid.UUID | None], int]]:
    """Return how many samples still wait for receipt and for release, by point and laboratory."""
    found: dict[Interval, dict[tuple[uuid.UUID | None, uuid.UUID | None], int]] = {
        Interval.TO_RECEIPT: defaultdict(int),
        Interval.TO_RELEASE: defaultdict(int),
    }
    rows = session.execute(
        select(Sample.state, Sample.site_id, Sample.laboratory_id, func.count())
        .where(
            Sample.state.not_in((*ENDED_WITHOUT_RESULT, "released", "amended")),
            _mine(actor),
        )
        .group_by(Sample.state, Sample.site_id, Sample.laboratory_id)
    )
    for state, point, laboratory, count in rows:
        found[Interval.TO_RELEASE][point, laboratory] += count
        if state in ("registered", "sent"):
            found[Interval.TO_RECEIPT][point, laboratory] += count
    return found


def _grouped(
    interval: Interval,
    found: Iterable[Any],
    names: dict[uuid.UUID, str],
    waiting: dict[tuple[uuid.UUID | None, uuid.UUID | None], int],
) -> list[Row]:
    days: dict[tuple[str, str], list[float]] = defaultdict(list)
    left: dict[tuple[str, str], int] = defaultdict(int)
    for point, laboratory, begin, end in found:
        for key in _places(point, laboratory, names):
            days[key].append(rules.days_between(begin, end))
    for (point, laboratory), count in waiting.items():
        for key in _places(point, laboratory, names):
            left[key] += count
    order = {"all": 0, "point": 1, "laboratory": 2}
    keys = sorted({("all", ""), *days, *left}, key=lambda key: (order[key[0]], key[1]))
    return [
        Row(interval, kind, place, rules.spread(days.get((kind, place), [])), left[kind, place])
        for kind, place in keys
    ]


def _places(
    point: uuid.UUID | None, laboratory: uuid.UUID | None, names: dict[uuid.UUID, str]
) -> list[tuple[str, str]]:
    places = [("all", "")]
    if point in names:
        places.append(("point", names[point]))
    if laboratory in names:
        places.append(("laboratory", names[laboratory]))
    return places
