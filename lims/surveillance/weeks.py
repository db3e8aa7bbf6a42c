"""ISO weeks: a week is its Monday, and has a name such as 2026-W47. The present one is not over."""

from __future__ import annotations

from datetime import date, timedelta

WEEK = timedelta(weeks=1)


def monday_of(day: date) -> date:
    """Return the Monday of the ISO week in which a day lies."""
    return day - timedelta(days=day.weekday())


def week_name(day: date) -> str:
    """Return the name of the ISO week in which a day lies: `2026-W47` (ISO 8601)."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def last_complete(today: date) -> date:
    """Return the Monday of the last week that is over."""
    return monday_of(today) - WEEK


def weeks_between(first: date, last: date) -> int:
    """Return how many weeks lie from one Monday to another, both counted; 0 when none do."""
    return max(0, (last - first).days // 7 + 1)


def mondays(first: date, count: int) -> list[date]:
    """Return a run of Mondays."""
    return [first + place * WEEK for place in range(count)]
