"""Which past weeks a week is compared with: the same time of year in the `b` years before it.

Farrington, Andrews, Beale, Catchpole, J R Stat Soc A 1996;159:547-563: `w` weeks on either side of
the week one, two ... b years before. Noufaily et al., Stat Med 2013;32:1206-1222: the weeks between
these windows are used too, as `periods` - 1 further periods of (nearly) equal length, the longer
ones first. A year is 52 weeks; with dates it is a calendar year, and the reference is the week that
begins nearest to the same date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lims.surveillance.detectors.detection import Weeks, checked_whole

WEEKS_OF_A_YEAR = 52
DAYS = 7


@dataclass(frozen=True)
class Baseline:
    """The weeks that some asked weeks share, told from each of them on."""

    #: places of the asked weeks among those asked
    rows: NDArray[np.int64]
    #: weeks before the asked week (negative), in order of their periods
    shifts: NDArray[np.int64]
    #: how many weeks each period has; the last period is that of the asked week itself
    lengths: NDArray[np.int64]


def baselines(
    at: Weeks, length: int, *, b: int, w: int, periods: int, left_out: int, dates: Any = None
) -> list[Baseline]:
    """Group asked weeks of a series of some length by their baseline; too early ones are in none.

    `left_out`: how many weeks before the asked one are not used, as they may be an outbreak.
    """
    b, periods = checked_whole(b, "b"), checked_whole(periods, "periods")
    w, left_out = checked_whole(w, "w", 0), checked_whole(left_out, "weeks left out", 0)
    if 2 * w + 1 > WEEKS_OF_A_YEAR:
        raise ValueError("w: the windows of two years overlap")
    days = None if dates is None else first_days(dates, length)
    found: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for row, week in enumerate(at.tolist()):
        years = _references(week, b, days)
        if week + years[0] < 0:
            continue
        weeks = _periods(years, w, periods)
        used = tuple(sorted((p, s) for s, p in weeks if s < -left_out and week + s >= 0))
        if used:
            found.setdefault(used, []).append(row)
    return [
        Baseline(
            np.array(rows),
            np.array([shift for _period, shift in used]),
            np.unique([period for period, _shift in used], return_counts=True)[1],
        )
        for used, rows in found.items()
    ]


def first_days(dates: Any, length: int) -> Sequence[date]:
    """Return the first days of the weeks, or refuse them where one is missing (ValueError)."""
    days = np.asarray(dates, "datetime64[D]")
    if days.shape != (length,) or (np.diff(days) != np.timedelta64(DAYS, "D")).any():
        raise ValueError("dates: one for each week, seven days apart")
    told: list[date] = days.tolist()
    return told


def _references(week: int, b: int, days: Sequence[date] | None) -> list[int]:
    if days is None:
        return [-WEEKS_OF_A_YEAR * year for year in range(b, -1, -1)]
    return [(year_before(days[week], year) - days[week]).days // DAYS for year in range(b, -1, -1)]


def year_before(day: date, years: int) -> date:
    """Return the same day of the week that is nearest to the same date of an earlier year."""
    try:
        then = day.replace(year=day.year - years)
    except ValueError:
        then = date(day.year - years, 3, 1)
    return then + timedelta((day.weekday() - then.weekday() + 3) % DAYS - 3)


def _periods(years: Sequence[int], w: int, periods: int) -> list[tuple[int, int]]:
    weeks: dict[int, int] = {}
    for one, following in pairwise(years):
        weeks |= dict.fromkeys(range(one - w, one + w + 1), periods - 1)
        if periods == 1:
            continue
        start = one + w + 1
        each, longer = divmod(following - w - start, periods - 1)
        for period in range(periods - 1):
            end = start + each + (period < longer)
            weeks |= dict.fromkeys(range(start, end), period)
            start = end
    return list(weeks.items())
