"""The Bayes method: a count against the predictive distribution of its reference values.

Riebler, LMU München 2004; Höhle, Comput Stat 2007;22:571-582. With Jeffreys' prior Gamma(1/2, 0)
on the rate and n reference values of sum s (`past_seasons`), the next count is negative binomial
with size s + 1/2 and probability n / (n + 1). Bound: its quantile of 1 - alpha; alarm above it.

When to trust it: counts without overdispersion, season covered by `b` past years. With b = 0 it is
a comparison with the last weeks, and an outbreak hides itself after some weeks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lims.surveillance.detectors.detection import (
    Detection,
    checked_counts,
    checked_share,
    checked_weeks,
    judged,
)
from lims.surveillance.detectors.past_seasons import reference_values


def bayes(
    counts: ArrayLike,
    at: ArrayLike,
    *,
    b: int = 0,
    w: int = 6,
    alpha: float = 0.05,
    current_year: bool = True,
) -> Detection:
    """Judge weeks; `b` years, `w` weeks on either side, `current_year`: the last weeks too."""
    from scipy.stats import nbinom

    y = checked_counts(counts)
    weeks = checked_weeks(at, y.shape[-1])
    checked_share(alpha, "alpha")
    values, known = reference_values(y, weeks, b=b, w=w, current_year=current_year)
    number, total = values.shape[-1], values.sum(axis=-1)
    size, chance = total + 0.5, number / (number + 1)
    now = y[..., weeks]
    upper = nbinom.ppf(1 - alpha, size, chance)
    return judged(
        weeks,
        now.shape,
        upper=np.where(known, upper, np.nan),
        alarm=now > upper,
        known=known,
        expected=np.where(known, size / number, np.nan),
        statistic=np.where(known, now, np.nan),
        p_value=np.where(known, nbinom.sf(now - 1, size, chance), np.nan),
    )
