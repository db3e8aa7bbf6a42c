"""Shares: how sure one is, from how many it stands on, and the smallest number that is told."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: a two-sided interval of 95 %."""
SMALLEST_TOLD = 5
"""The smallest number of people or samples that leaves in a part of a table; nought is told.

Rule of this network (privacy design: minimum cell 5).
"""


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share; of none, everything is possible.

    (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n): E. B. Wilson, Probable inference, the law of
    succession, and statistical inference, Journal of the American Statistical Association 22 (1927)
    209–212, doi 10.1080/01621459.1927.10502953.
    """
    if of <= 0:
        return 0.0, 1.0
    share, square = count / of, Z95 * Z95
    middle, bottom = share + square / (2 * of), 1 + square / of
    half = Z95 * sqrt(share * (1 - share) / of + square / (4 * of * of))
    low = 0.0 if count == 0 else max(0.0, (middle - half) / bottom)
    high = 1.0 if count == of else min(1.0, (middle + half) / bottom)
    return low, high
