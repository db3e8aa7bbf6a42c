"""How sure a middle value and a share are, from how many samples they stand on.

Both intervals assume samples that were drawn by chance from what is sold. People bring what worries
them: the intervals bound the play of chance alone, and the pages say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from lims.foundation.shares import wilson

LEVEL = 0.95
FEWEST_FOR_MEDIAN = 6
"""With five values the whole range covers the median in 93.75 % of cases only: 1 - 2 x 0.5^5."""


@dataclass(frozen=True)
class Middle:
    """The middle value with its 95 % interval; without one the samples are too few for it."""

    n: int
    median: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class Share:
    """So many of so many, with the 95 % interval of the share (None of none)."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def median(values: Sequence[Decimal]) -> Decimal:
    """Return the middle value; of an even number of values the mean of the two in the middle."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def middle(values: Sequence[Decimal]) -> Middle:
    """Return the median and its 95 % interval between two of the values themselves.

    The interval from order statistics needs no shape of the distribution: x(r) to x(n + 1 - r) with
    the largest r for which twice P(B < r), B binomial (n, 1/2), is at most 5 %. W. J. Conover,
    Practical Nonparametric Statistics, 3rd edition (1999), section 3.2. Covers at least 95 %.
    """
    ordered = sorted(values)
    rank = rank_for_median(len(ordered))
    if rank == 0:
        return Middle(len(ordered), median(ordered))
    return Middle(len(ordered), median(ordered), ordered[rank - 1], ordered[-rank])


def rank_for_median(n: int) -> int:
    """Return r of the interval x(r) to x(n + 1 - r), counted from one; 0 with too few values."""
    if n < FEWEST_FOR_MEDIAN:
        return 0
    k = np.arange(1, n // 2 + 1)
    logs = np.concatenate(([0.0], np.cumsum(np.log((n - k + 1) / k)))) - n * np.log(2)
    below = np.cumsum(np.exp(logs))  # below[r - 1] is P(B < r)
    return int(np.count_nonzero(2 * below <= 1 - LEVEL))


def share_of(count: int, of: int) -> Share:
    """Return a share with its 95 % score interval."""
    if of <= 0:
        return Share(count, of, None, None, None)
    return Share(count, of, count / of, *wilson(count, of))
