"""EARS C1, C2 and C3: a week against the mean and spread of the seven weeks before it.

Hutwagner, Thompson, Seeman, Treadwell, J Urban Health 2003;80(2 Suppl 1):i89-i96. With the mean m
and the standard deviation s (n - 1) of the baseline, and z the normal quantile of 1 - alpha:

C1   baseline t-7 ... t-1   bound m + z s
C2   baseline t-9 ... t-3   bound m + z s
C3   C2 of three weeks: the sum of max(0, C2 - 1), C2(i) = (y(i) - m(i)) / s(i)

For C3 the bound is max(0, y(t) + s(t) (z - sum over t-1, t-2 of max(0, C2(i) - 1))), as R
`surveillance` 1.20 gives it: the week itself cancels out, and C3 alarms when the two weeks before
it were high. It cannot be said where one of these had a baseline without spread.

When to trust it: needs no years of history, and pays with false alarms (3 to 5 in 100 quiet
weeks of the simulated scenarios). A series of few cases makes a spread near zero: give
`min_sigma`. It never alerts by itself.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from lims.surveillance.detectors.detection import (
    Detection,
    Floats,
    Weeks,
    checked_counts,
    checked_share,
    checked_weeks,
    checked_whole,
    judged,
)

Method = Literal["C1", "C2", "C3"]
# Weeks between the baseline and the judged week.
GAP = {"C1": 1, "C2": 3, "C3": 3}


def ears(
    counts: ArrayLike,
    at: ArrayLike,
    *,
    method: Method,
    baseline: int = 7,
    alpha: float = 0.001,
    min_sigma: float = 0.0,
) -> Detection:
    """Judge weeks by EARS; `baseline` in weeks, `min_sigma` the least spread in cases."""
    if method not in get_args(Method):
        raise ValueError("method: C1, C2 or C3")
    y = checked_counts(counts)
    weeks = checked_weeks(at, y.shape[-1])
    baseline = checked_whole(baseline, "baseline", 2)
    z = float(ndtri(1 - checked_share(alpha, "alpha")))
    shape = (*y.shape[:-1], len(weeks))
    mean, spread = _baseline(y, weeks, GAP[method], baseline, min_sigma)
    now = y[..., weeks]
    with np.errstate(all="ignore"):
        if method != "C3":
            score, upper = (now - mean) / spread, mean + z * spread
            chance = 1 - ndtr(score)
        else:
            before = [_excess(y, weeks - lag, baseline, min_sigma) for lag in (1, 2)]
            score = before[0] + before[1]
            upper, chance = now + spread * (z - score), np.full(shape, np.nan)
            upper = np.where(np.isnan(upper), np.nan, np.maximum(0.0, upper))
    return judged(
        weeks,
        shape,
        upper=upper,
        alarm=now > upper,
        known=~np.isnan(upper),
        expected=mean,
        statistic=score,
        p_value=chance,
    )


def _baseline(
    y: Floats, weeks: Weeks, gap: int, length: int, least: float
) -> tuple[Floats, Floats]:
    places = weeks[:, None] - gap - np.arange(length)
    known = places.min(axis=1, initial=0) >= 0
    window = y[..., np.clip(places, 0, None)]
    mean = np.where(known, window.mean(axis=-1), np.nan)
    spread = np.where(known, np.maximum(window.std(axis=-1, ddof=1), least), np.nan)
    return mean, spread


def _excess(y: Floats, weeks: Weeks, length: int, least: float) -> Floats:
    mean, spread = _baseline(y, weeks, GAP["C3"], length, least)
    score = (y[..., np.clip(weeks, 0, None)] - mean) / spread
    return np.where(np.isnan(score), np.nan, np.maximum(0.0, score - 1))
