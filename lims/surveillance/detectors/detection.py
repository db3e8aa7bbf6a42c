"""What a detector answers, and how the weeks and counts that it is given are checked.

A series is one number a week. Several series of the same length can be judged at once: counts of
two dimensions (series × weeks) give answers of two dimensions (series × asked weeks).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Weeks = NDArray[np.int64]

CANNOT_SAY = -1


@dataclass(frozen=True)
class Detection:
    """The judgement of one detector on the asked weeks; arrays of equal length.

    `weeks` has one dimension always; the others have one more where several series were judged.
    """

    #: 0-based places of the judged weeks in the series
    weeks: Weeks
    #: bound above which a week alarms (count, proportion or limit of the statistic); nan: none
    upper: Floats
    #: 1 alarm, 0 none, -1 cannot be said (too little history, or R answers NA)
    alarm: NDArray[np.int8]
    #: what the method expected; nan where it expects nothing
    expected: Floats
    #: score, CUSUM value, observed share ...; nan: none
    statistic: Floats
    #: one-sided probability of as much or more where nothing changed; nan: the method has none
    p_value: Floats

    def of_series(self, place: int) -> Detection:
        """Return the judgement of one of several series."""
        rows = (self.upper, self.alarm, self.expected, self.statistic, self.p_value)
        upper, alarm, expected, statistic, p_value = (row[place] for row in rows)
        return Detection(self.weeks, upper, alarm, expected, statistic, p_value)


@dataclass(frozen=True)
class Detector:
    """A detector as it is named in signals: its version changes when its answers do."""

    key: str
    version: int
    source: str
    function: Callable[..., Detection]


def judged(
    weeks: Weeks,
    shape: tuple[int, ...],
    *,
    upper: ArrayLike = np.nan,
    alarm: ArrayLike = False,
    known: ArrayLike = True,
    **more: ArrayLike,
) -> Detection:
    """Return a judgement; where `known` is false the answer is "cannot be said"."""

    def spread(values: ArrayLike) -> Floats:
        return np.array(np.broadcast_to(np.asarray(values, np.float64), shape))

    told = np.where(np.broadcast_to(known, shape), np.broadcast_to(alarm, shape), CANNOT_SAY)
    parts: dict[str, Any] = {
        name: spread(more.get(name, np.nan)) for name in ("expected", "statistic", "p_value")
    }
    return Detection(weeks, spread(upper), told.astype(np.int8), **parts)


def checked_counts(counts: ArrayLike, what: str = "counts") -> Floats:
    """Return counts as numbers, or refuse what is no series (ValueError)."""
    numbers = np.asarray(counts, np.float64)
    if numbers.ndim not in {1, 2}:
        raise ValueError(f"{what}: one series, or series × weeks")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{what}: a week without a number; a week without cases counts 0")
    if (numbers < 0).any():
        raise ValueError(f"{what}: below zero")
    return numbers


def checked_parts(positives: ArrayLike, totals: ArrayLike) -> tuple[Floats, Floats]:
    """Return positives and totals of equal shape, or refuse them (ValueError)."""
    part, whole = checked_counts(positives, "positives"), checked_counts(totals, "totals")
    if part.shape != whole.shape:
        raise ValueError("positives and totals: not as many weeks")
    if (part > whole).any():
        raise ValueError("positives: more than the total of the week")
    return part, whole


def checked_weeks(at: ArrayLike, length: int) -> Weeks:
    """Return the asked weeks as 0-based places, or refuse those outside the series (ValueError)."""
    weeks = np.atleast_1d(np.asarray(at))
    if weeks.size and not np.issubdtype(weeks.dtype, np.integer):
        raise ValueError("at: whole numbers, the 0-based places of the weeks")
    if weeks.ndim != 1 or (weeks.size and (weeks.min() < 0 or weeks.max() >= length)):
        raise ValueError("at: a week outside the series")
    return weeks.astype(np.int64)


def checked_share(value: float, what: str) -> float:
    """Return a probability between 0 and 1, both excluded (ValueError otherwise)."""
    if not 0 < value < 1:
        raise ValueError(f"{what}: between 0 and 1")
    return float(value)


def checked_whole(value: int, what: str, least: int = 1) -> int:
    """Return a whole number of at least `least` (ValueError otherwise)."""
    if value != int(value) or value < least:
        raise ValueError(f"{what}: a whole number, at least {least}")
    return int(value)
