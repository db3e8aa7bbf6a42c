"""The queues: what waits at each point and laboratory, how it grows, how long a result may take.

A number of queries that does not grow with the records; the sums are made of a few facts of each
sample of the last half year.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lims.findings.records import Finding
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.intake.records import Sample
from lims.intake.rules import day_in_belgium
from lims.journal.records import JournalEntry, JournalSubject
from lims.network.points import PointPage
from lims.network.queries import sites
from lims.network.records import Site
from lims.network.rules import Permission
from lims.overview import capacities, waiting
from lims.overview.waiting import Estimate, Passage

SECONDS_PER_DAY = 86_400
LOOK_BACK = timedelta(weeks=26)
"""Samples that ended before are in no sum; those that still wait are, however old."""
SHOWN_WEEKS = 8
WAITING = ("registered", "sent", "received")
OPEN = (*WAITING, "in analysis", "to verify")
WITHOUT_RESULT = ("mark not analysed", "withdraw sample")


@dataclass(frozen=True)
class Week:
    """Samples handed in, and samples that ended with or without a result, from a Monday on."""

    monday: date
    came: int
    left: int


@dataclass(frozen=True)
class Queue:
    """What waits at one point or laboratory."""

    kind: str
    site_id: uuid.UUID
    name: str
    waiting: int
    in_analysis: int
    to_verify: int
    oldest: datetime | None
    weeks: tuple[Week, ...]
    estimate: Estimate | None
    stated: bool

    @property
    def oldest_days(self) -> int | None:
        if self.oldest is None:
            return None
        return max(0, (clock.now() - self.oldest).days)


@dataclass(frozen=True)
class Journey:
    """The few facts of a sample that a queue is made of."""

    point: uuid.UUID
    laboratory: uuid.UUID | None
    state: str
    came: datetime
    left: datetime | None
    told: bool


@dataclass(frozen=True)
class Behind:
    """Who analyses whose samples, what each laboratory can do, and when each is closed."""

    laboratories: Mapping[uuid.UUID, tuple[uuid.UUID, ...]]
    per_day: Mapping[uuid.UUID, float | None]
    closed: Mapping[uuid.UUID, frozenset[int]]


def queues(session: Session, actor: Actor) -> list[Queue]:
    """Return the queue of each point and laboratory whose samples the actor follows."""
    actor.must(Permission.FOLLOW_SAMPLES)
    follows = actor.sites_for(Permission.FOLLOW_SAMPLES)
    places = [
        one
        for one in sites(session, "testing", "laboratory")
        if follows is None or one.id in follows
    ]
    everything = _journeys(session)
    behind = _behind(session, everything)
    places.sort(key=lambda one: (one.kind != "testing", one.name))
    return [_queue(place, everything, behind) for place in places]


def queue_of(session: Session, site_id: uuid.UUID) -> Queue:
    """Return the queue of one point or laboratory, whoever asks."""
    place = session.get_one(Site, site_id)
    everything = _journeys(session)
    return _queue(place, everything, _behind(session, everything))


def strip(session: Session, actor: Actor) -> Queue | None:
    """Return the queue of the site that the actor works at, when there is one to follow."""
    if actor.site_id is None or not actor.may(Permission.FOLLOW_SAMPLES, actor.site_id):
        return None
    place = session.get_one(Site, actor.site_id)
    return queue_of(session, place.id) if place.kind in ("testing", "laboratory") else None


# ------------------------------------------------------------------------------------------------
# Reading.
# ------------------------------------------------------------------------------------------------


def _journeys(session: Session) -> list[Journey]:
    since = clock.now() - LOOK_BACK
    first = (
        select(Finding.sample_id, func.min(Finding.released_at).label("at"))
        .where(Finding.released_at.is_not(None))
        .group_by(Finding.sample_id)
        .subquery()
    )
    rows = session.execute(
        select(
            *(Sample.id, Sample.site_id, Sample.laboratory_id, Sample.state),
            *(Sample.recorded_at, first.c.at),
        )
        .outerjoin(first, first.c.sample_id == Sample.id)
        .where(
            or_(Sample.state.in_(OPEN), Sample.recorded_at >= since),
        )
    )
    ended = _ended_without_result(session, since)
    return [_journey(tuple(row), ended) for row in rows]


def _journey(row: tuple[Any, ...], ended: Mapping[uuid.UUID, datetime]) -> Journey:
    sample_id, point, laboratory, state, came, released = row
    left = released
    if left is None and state not in OPEN:
        left = ended.get(sample_id, came)
    return Journey(point, laboratory, state, came, left, released is not None)


def _ended_without_result(session: Session, since: datetime) -> dict[uuid.UUID, datetime]:
    """Return sample → when it was said that it would have no result, from the journal."""
    rows = session.execute(
        select(JournalSubject.subject_id, func.max(JournalEntry.at))
        .join(JournalEntry, JournalEntry.seq == JournalSubject.seq)
        .where(
            JournalEntry.act.in_(WITHOUT_RESULT),
            JournalEntry.at >= since,
            JournalSubject.kind == "sample",
        )
        .group_by(JournalSubject.subject_id)
    )
    return {uuid.UUID(subject): at for subject, at in rows}


def _behind(session: Session, everything: Iterable[Journey]) -> Behind:
    """Return who analyses whose samples: as a point says, otherwise where its samples went."""
    told: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for one in everything:
        if one.laboratory is not None:
            told[one.point].add(one.laboratory)
    for page in session.scalars(select(PointPage)):
        named = (page.published or page.draft).get("laboratories", ())
        if named:
            told[page.site_id] = {uuid.UUID(one) for one in named}
    return Behind(
        {point: tuple(sorted(found)) for point, found in told.items()},
        capacities.per_day(session),
        capacities.closed_days(session),
    )


# ------------------------------------------------------------------------------------------------
# Counting.
# ------------------------------------------------------------------------------------------------


def _queue(place: Site, everything: Sequence[Journey], behind: Behind) -> Queue:
    is_point = place.kind == "testing"
    own = [one for one in everything if place.id == (one.point if is_point else one.laboratory)]
    there = [one for one in own if one.left is None]
    laboratories = behind.laboratories.get(place.id, ()) if is_point else (place.id,)
    per_day = [behind.per_day.get(one) for one in laboratories]
    known = bool(per_day) and all(per_day)
    return Queue(
        kind="point" if is_point else "laboratory",
        site_id=place.id,
        name=place.name,
        waiting=sum(one.state in WAITING for one in there),
        in_analysis=sum(one.state == "in analysis" for one in there),
        to_verify=sum(one.state == "to verify" for one in there),
        oldest=min((one.came for one in there), default=None),
        weeks=_weeks(own),
        estimate=waiting.estimate(
            _passages(place, everything, laboratories, behind),
            _days(clock.now()),
            sum(one or 0.0 for one in per_day) if known else None,
            _all_closed(laboratories, behind),
        ),
        stated=known,
    )


def _passages(
    place: Site, everything: Iterable[Journey], laboratories: Sequence[uuid.UUID], behind: Behind
) -> list[Passage]:
    """Return the samples that share a queue with those of a place."""
    shared = set(laboratories)
    found = []
    for one in everything:
        goes = {one.laboratory} if one.laboratory else behind.laboratories.get(one.point, ())
        own = place.id in (one.point, one.laboratory)
        if own or shared.intersection(goes):
            left = None if one.left is None else _days(one.left)
            found.append(Passage(_days(one.came), left, one.told, own))
    return found


def _all_closed(laboratories: Sequence[uuid.UUID], behind: Behind) -> frozenset[int]:
    """Return the days on which none of some laboratories works."""
    closed = [behind.closed.get(one, frozenset()) for one in laboratories]
    return frozenset.intersection(*closed) if closed else frozenset()


def _days(moment: datetime) -> float:
    return moment.timestamp() / SECONDS_PER_DAY


def _weeks(own: Iterable[Journey]) -> tuple[Week, ...]:
    today = day_in_belgium(clock.now())
    this = today - timedelta(days=today.weekday())
    mondays = [this - timedelta(weeks=ago) for ago in reversed(range(SHOWN_WEEKS))]
    came: dict[date, int] = defaultdict(int)
    left: dict[date, int] = defaultdict(int)
    for one in own:
        came[_monday(one.came)] += 1
        if one.left is not None:
            left[_monday(one.left)] += 1
    return tuple(Week(monday, came[monday], left[monday]) for monday in mondays)


def _monday(moment: datetime) -> date:
    day = day_in_belgium(moment)
    return day - timedelta(days=day.weekday())
