"""When a place is open: its hours of the week, days it is closed, sessions of its own.

Hours are those of the clock on the wall in Belgium, the days of both clock changes included. A
day that is closed takes away the hours of the week; a session stands whatever the week says.
Nothing here tells a date from an address: a place is open or it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lims.foundation.errors import Problem
from lims.foundation.words import Message, _

BELGIUM = ZoneInfo("Europe/Brussels")
WEEKDAYS: tuple[Message, ...] = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
LONGEST_CLOSURE = 366
"""Days in one closure: longer than a year is a slip of the date."""
MOST_ROWS = 60
AHEAD = 370
"""Days in which the next opening is looked for."""


@dataclass(frozen=True)
class Weekly:
    """Hours on a day of the week (Monday is 0); `next_day` when they end after midnight."""

    weekday: int
    opens: time
    closes: time
    next_day: bool = False


@dataclass(frozen=True)
class Closed:
    """Days without the hours of the week, the first and the last included."""

    first: date
    last: date


@dataclass(frozen=True)
class Session:
    """Hours on one day, such as a festival night, with the name that people know it by."""

    day: date
    opens: time
    closes: time
    next_day: bool = False
    name: str = ""


@dataclass(frozen=True)
class Timetable:
    """Everything that says when a place is open."""

    weekly: tuple[Weekly, ...] = ()
    closed: tuple[Closed, ...] = ()
    sessions: tuple[Session, ...] = ()


@dataclass(frozen=True)
class Opening:
    """One time that a place is open, from `start` up to `end`, both in UTC."""

    start: datetime
    end: datetime
    name: str = ""

    @property
    def day(self) -> date:
        """Return the day on which it begins, as the wall tells it."""
        return self.start.astimezone(BELGIUM).date()


def openings(timetable: Timetable, first: date, days: int) -> list[Opening]:
    """Return the openings that begin on some days in a row, in their order."""
    found: list[Opening] = []
    for ahead in range(days):
        found += _on(timetable, first + timedelta(days=ahead))
    return sorted(found, key=lambda one: (one.start, one.end, one.name))


def open_at(timetable: Timetable, moment: datetime) -> Opening | None:
    """Return the opening that holds at a moment, the one that ends last; None when closed."""
    today = moment.astimezone(BELGIUM).date()
    held = [
        one
        for one in openings(timetable, today - timedelta(days=1), 2)
        if one.start <= moment < one.end
    ]
    return max(held, key=lambda one: one.end, default=None)


def next_opening(timetable: Timetable, moment: datetime, ahead: int = AHEAD) -> Opening | None:
    """Return the first opening that begins after a moment, within some days; None otherwise."""
    today = moment.astimezone(BELGIUM).date()
    for day in range(ahead + 1):
        for one in openings(timetable, today + timedelta(days=day), 1):
            if one.start > moment:
                return one
    return None


def _on(timetable: Timetable, day: date) -> Iterator[Opening]:
    for session in timetable.sessions:
        if session.day == day:
            yield from _opening(day, session, session.name)
    if any(one.first <= day <= one.last for one in timetable.closed):
        return
    for hours in timetable.weekly:
        if hours.weekday == day.weekday():
            yield from _opening(day, hours)


def _opening(day: date, hours: Weekly | Session, name: str = "") -> Iterator[Opening]:
    """Give the opening of some hours on a day.

    An hour that the clock shows twice counts from its first time to its second; an hour that it
    leaves out is moved past the gap, and what then has no length is no opening.
    """
    last = day + timedelta(days=1) if hours.next_day else day
    start = datetime.combine(day, hours.opens, BELGIUM).replace(fold=0).astimezone(UTC)
    end = datetime.combine(last, hours.closes, BELGIUM).replace(fold=1).astimezone(UTC)
    if start < end:
        yield Opening(start, end, name)


# ------------------------------------------------------------------------------------------------
# What is wrong with hours as they were typed.
# ------------------------------------------------------------------------------------------------


def problems(timetable: Timetable) -> list[Problem]:
    """Return what is wrong with a timetable, each problem beside its row."""
    found = [*_backwards("weekly", timetable.weekly), *_backwards("sessions", timetable.sessions)]
    for at, closed in enumerate(timetable.closed):
        if closed.last < closed.first:
            words = _("The last day lies before the first.")
            found.append(Problem(f"closed.{at}.last", words))
        elif (closed.last - closed.first).days > LONGEST_CLOSURE:
            words = _("This is more than a year; check the dates.")
            found.append(Problem(f"closed.{at}.last", words))
    for name in ("weekly", "closed", "sessions"):
        if len(getattr(timetable, name)) > MOST_ROWS:
            found.append(Problem(name, _("At most %(n)s rows, please.", n=MOST_ROWS)))
    return found or [*_weekly_overlaps(timetable.weekly), *_session_overlaps(timetable.sessions)]


def _backwards(name: str, rows: Sequence[Weekly | Session]) -> Iterator[Problem]:
    for at, one in enumerate(rows):
        if not one.next_day and one.closes <= one.opens:
            words = _(
                "The end lies before the beginning. Open past midnight? Tick “until the next day”."
            )
            yield Problem(f"{name}.{at}.closes", words)
        if one.next_day and one.closes > one.opens:
            words = _("This is longer than 24 hours; check the times.")
            yield Problem(f"{name}.{at}.closes", words)


MINUTES = 24 * 60
WEEK = 7 * MINUTES


def _span(day: int, hours: Weekly | Session) -> tuple[int, int]:
    """Return hours as minutes from the beginning of day 0."""
    begin = day * MINUTES + hours.opens.hour * 60 + hours.opens.minute
    last = day + 1 if hours.next_day else day
    return begin, last * MINUTES + hours.closes.hour * 60 + hours.closes.minute


def _weekly_overlaps(rows: Sequence[Weekly]) -> list[Problem]:
    """Return the rows of the week that overlap an earlier one, Sunday night and Monday too."""
    spans = [_span(one.weekday, one) for one in rows]
    circle = [[(begin + turn, end + turn) for turn in (-WEEK, 0, WEEK)] for begin, end in spans]
    return _overlaps("weekly", circle)


def _session_overlaps(rows: Sequence[Session]) -> list[Problem]:
    return _overlaps("sessions", [[_span(one.day.toordinal(), one)] for one in rows])


def _overlaps(name: str, spans: Sequence[Sequence[tuple[int, int]]]) -> list[Problem]:
    found = []
    for at, mine in enumerate(spans):
        earlier = [span for others in spans[:at] for span in others]
        begin, end = mine[len(mine) // 2]
        if any(begin < other_end and other_begin < end for other_begin, other_end in earlier):
            words = _("These hours overlap other hours above.")
            found.append(Problem(f"{name}.{at}.opens", words))
    return found


# ------------------------------------------------------------------------------------------------
# As plain values that JSON can hold.
# ------------------------------------------------------------------------------------------------


def kept(timetable: Timetable) -> dict[str, list[dict[str, Any]]]:
    """Return a timetable as plain values, in the order of its rows."""
    return {
        name: [{key: _written(value) for key, value in vars(one).items()} for one in rows]
        for name, rows in (
            ("weekly", timetable.weekly),
            ("closed", timetable.closed),
            ("sessions", timetable.sessions),
        )
    }


def _written(value: Any) -> Any:
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else value


def read(values: Mapping[str, Any]) -> Timetable:
    """Return the timetable that was kept as plain values."""
    return Timetable(
        weekly=tuple(Weekly(one["weekday"], *_hours(one)) for one in _rows(values, "weekly")),
        closed=tuple(
            Closed(date.fromisoformat(one["first"]), date.fromisoformat(one["last"]))
            for one in _rows(values, "closed")
        ),
        sessions=tuple(
            Session(date.fromisoformat(one["day"]), *_hours(one), name=one.get("name", ""))
            for one in _rows(values, "sessions")
        ),
    )


def _rows(values: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    rows: Iterable[Mapping[str, Any]] = values.get(name) or ()
    return rows


def _hours(row: Mapping[str, Any]) -> tuple[time, time, bool]:
    next_day = bool(row.get("next_day"))
    return time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"]), next_day
