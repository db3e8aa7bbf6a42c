"""Farrington's first method: a count against the same season of the years before, no periods.

Farrington, Andrews, Beale, Catchpole, J R Stat Soc A 1996;159:547-563. Quasi-Poisson regression of
the `w` weeks on either side of the week one ... `b` years before, with a linear trend:

1. Weeks with a standardised Anscombe residual s above 1 are weighed by s^-2 and the fit is made
   again (see `farrington_flexible`).
2. The trend stays if b >= 3, its p value is below 0.05, and the expected count is not above any
   count of the baseline.
3. Bound: normal on the scale of y^(2/3) (or y^(1/2), or y), at level 1 - alpha / 2; `alpha` is
   two-sided here, as in R `surveillance`.
4. An alarm if the count is above the bound and at least `limit54[0]` cases were seen in the last
   `limit54[1]` weeks. R writes a bound of 0 for weeks that are held back so; here it is told.

When to trust it: kept to compare with others. Its low limit for outliers makes bounds too low and
alarms too many; `farrington_flexible` is what mends that.
"""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from lims.surveillance.detectors.detection import (
    Detection,
    checked_counts,
    checked_share,
    checked_weeks,
    judged,
)
from lims.surveillance.detectors.reference_weeks import baselines
from lims.surveillance.detectors.regression import Terms, cases_of, expect
from lims.surveillance.detectors.thresholds import Power, delta

OUTLIER, P_TREND = 1.0, 0.05


def farrington(
    counts: ArrayLike,
    at: ArrayLike,
    *,
    b: int,
    w: int = 3,
    alpha: float = 0.01,
    reweight: bool = True,
    trend: bool = True,
    limit54: tuple[int, int] = (5, 4),
    power: Power = "2/3",
    dates: Any = None,
) -> Detection:
    """Judge weeks; `dates`: the first day of each week, to go by calendar years."""
    if power not in get_args(Power):
        raise ValueError("power: 2/3, 1/2 or none")
    y = checked_counts(counts)
    weeks = checked_weeks(at, y.shape[-1])
    checked_share(alpha, "alpha")
    groups = baselines(weeks, y.shape[-1], b=b, w=w, periods=1, left_out=0, dates=dates)
    terms = Terms(OUTLIER if reweight else None, trend, P_TREND, b, False)
    expected = expect(y, np.ones(y.shape), weeks, groups, terms)
    now = y[..., weeks]
    upper, p = delta(now, expected, alpha / 2, power)
    enough = cases_of(y, weeks, limit54[1]) >= limit54[0]
    with np.errstate(all="ignore"):
        score = np.where(enough, (now - expected.mean) / (upper - expected.mean), 0.0)
    return judged(
        weeks,
        now.shape,
        upper=upper,
        alarm=enough & (now > upper),
        known=expected.known & ~np.isnan(upper),
        expected=expected.mean,
        statistic=np.where(expected.known, score, np.nan),
        p_value=p,
    )
