"""Periods of the indicators: half-years, years and free ones, always of whole ISO weeks.

A hand-in older than 90 days is kept by its week alone (its Monday stands for it). A border inside
a week would move people from one half-year to the other when their day is let go; a border between
weeks never does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lims.foundation.errors import Invalid, Problem, refuse_field
from lims.foundation.words import _

BELGIUM = ZoneInfo("Europe/Brussels")
KNOWN_TO_THE_DAY = timedelta(days=90)
"""After so long the day of a hand-in or of a talk is its week (privacy-and-security)."""
LONGEST = timedelta(weeks=53 * 6)
EARLIEST, LATEST = 2000, 2200
_NAME = re.compile(r"(\d{4})(?:-([12]))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """Whole weeks from a Monday to a Sunday; `name` is 2026-1, 2026, or empty for a free one."""

    first: date
    last: date
    name: str = ""

    @property
    def begins(self) -> datetime:
        """Return the moment at which it begins in Belgium."""
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """Return the moment at which it is over in Belgium."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def weeks(self) -> int:
        return ((self.last - self.first).days + 1) // 7

    @property
    def is_half_year(self) -> bool:
        return "-" in self.name

    def before(self) -> Period:
        """Return the period to compare with: the half-year, the year or as many weeks before."""
        if not self.name:
            length = timedelta(weeks=self.weeks)
            return Period(self.first - length, self.last - length)
        year = int(self.name[:4])
        if not self.is_half_year:
            return named(str(year - 1))
        return named(f"{year}-1" if self.name.endswith("2") else f"{year - 1}-2")


def named(name: str) -> Period:
    """Return half-year `2026-1`, `2026-2` or year `2026`; raises Invalid for anything else.

    Years are ISO years: the first half is weeks 1 to 26, the second week 27 to the last.
    """
    found = _NAME.fullmatch(name.strip())
    if found is None or not EARLIEST <= int(found[1]) <= LATEST:
        words = _("Write a half-year such as 2026-1, or a year such as 2026.")
        raise refuse_field("period", words)
    year, half = int(found[1]), found[2]
    begin, middle = date.fromisocalendar(year, 1, 1), date.fromisocalendar(year, 27, 1)
    end = date.fromisocalendar(year + 1, 1, 1)
    first = middle if half == "2" else begin
    after = middle if half == "1" else end
    return Period(first, after - timedelta(days=1), name.strip())


def between(first: date, last: date) -> Period:
    """Return the whole weeks that hold two days and all between; raises Invalid."""
    if last < first:
        raise Invalid([Problem("to", _("The last day lies before the first."))])
    if last - first > LONGEST or not EARLIEST <= first.year <= last.year <= LATEST:
        raise Invalid([Problem("to", _("Choose at most six years."))])
    monday = first - timedelta(days=first.weekday())
    return Period(monday, last + timedelta(days=6 - last.weekday()))


def half_of(day: date) -> Period:
    """Return the half-year that a day belongs to."""
    year, week, _weekday = day.isocalendar()
    return named(f"{year}-{1 if week <= 26 else 2}")


def chosen(name: str, first: date | None, last: date | None, today: date) -> Period:
    """Return the period that was asked for: two days, a name, or the half-year of today."""
    if first is not None or last is not None:
        return between(first or last or today, last or today)
    return named(name) if name else half_of(today)


def recent(today: date, halves: int = 4) -> list[str]:
    """Return the names to offer: the last half-years and the years that hold them, newest first."""
    found: list[str] = []
    period = half_of(today)
    for _each in range(halves):
        found += [one for one in (period.name, period.name[:4]) if one not in found]
        period = period.before()
    return found


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> str:
    """Return the month, such as 2026-03, of a day: that of the Thursday of its ISO week.

    So a day and the week that stands for it later are of one month, and weeks 1 to 26 are
    January to June.
    """
    return f"{monday(day) + timedelta(days=3):%Y-%m}"


def months(period: Period, until: date) -> list[str]:
    """Return the months of a period in their order, as far as a day."""
    found: list[str] = []
    day = period.first
    while day <= min(period.last, until):
        if month_of(day) not in found:
            found.append(month_of(day))
        day += timedelta(weeks=1)
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BELGIUM).astimezone(UTC)
