"""Farrington's method with seasons: a count against what several years of the same season expect.

Noufaily, Enki, Farrington, Garthwaite, Andrews, Charlett, Stat Med 2013;32:1206-1222. Regression
(quasi-Poisson) of the baseline (`reference_weeks`) on periods of the year and a linear trend, with
mean mu and dispersion phi (at least 1):

1. Anscombe residuals s = 3/2 (y^(2/3) mu^(-1/6) - mu^(1/2)) / sqrt(phi (1 - h)), h the leverage.
   Weeks with s above `weights_threshold` are weighed by s^-2 (all weights then scaled to a mean of
   1), so that past outbreaks count less; the fit is made again.
2. The trend stays if b >= 3, its p value is below `p_threshold_trend` (1: always), and the
   expected count is not above any count of the baseline; else the fit is made without it.
3. Bound at level 1 - alpha. nbPlugin: quantile of the negative binomial distribution of mean mu and
   variance phi mu (Poisson at phi = 1). delta: normal on the scale of y^(2/3), with variance
   4/9 mu^(1/3) (phi + se^2 / mu). muan: nbPlugin at the upper confidence limit of mu.
4. An alarm if the count is above the bound and at least `limit54[0]` cases were seen in the last
   `limit54[1]` weeks.

As in R `surveillance` 1.20, the standard error se of the delta method takes its dispersion from the
case weights (`plain_dispersion`), not from the working weights.

When to trust it: with `b` years of weekly counts that were made in the same way, and a handful of
cases a week; the fewest false alarms here (4 to 6 in 1,000 quiet weeks of the simulated scenarios).
In series of almost no cases the dispersion is a guess; limit54 is what holds it back.
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
from lims.surveillance.detectors.regression import Terms, cases_of, checked_population, expect
from lims.surveillance.detectors.thresholds import BOUNDS, Threshold


def farrington_flexible(
    counts: ArrayLike,
    at: ArrayLike,
    *,
    dates: Any = None,
    b: int = 5,
    w: int = 3,
    periods: int = 10,
    weights_threshold: float = 2.58,
    past_weeks_not_included: int = 26,
    p_threshold_trend: float = 1.0,
    threshold_method: Threshold = "nbPlugin",
    alpha: float = 0.005,
    limit54: tuple[int, int] = (5, 4),
    population: ArrayLike | None = None,
    trend: bool = True,
    reweight: bool = True,
) -> Detection:
    """Judge weeks; `dates`: the first day of each week, to go by calendar years."""
    if threshold_method not in get_args(Threshold):
        raise ValueError("threshold_method: nbPlugin, delta or muan")
    y = checked_counts(counts)
    people = checked_population(population, y)
    weeks = checked_weeks(at, y.shape[-1])
    checked_share(alpha, "alpha")
    left_out = past_weeks_not_included
    groups = baselines(
        weeks, y.shape[-1], b=b, w=w, periods=periods, left_out=left_out, dates=dates
    )
    terms = Terms(weights_threshold if reweight else None, trend, p_threshold_trend, b, True)
    expected = expect(y, people, weeks, groups, terms)
    now = y[..., weeks]
    upper, p = BOUNDS[threshold_method](now, expected, alpha)
    enough = cases_of(y, weeks, limit54[1]) >= limit54[0]
    with np.errstate(all="ignore"):
        room = np.where(upper > expected.mean, upper - expected.mean, np.nan)
        score = np.where(enough, (now - expected.mean) / room, 0.0)
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
