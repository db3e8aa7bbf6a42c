"""The CDC method: the cases of four weeks against fifteen blocks of four weeks of past years.

Stroup, Williamson, Herndon, Karon, Stat Med 1989;8:323-329. The cases of the last four weeks are
compared with those of the same four weeks of `b` past years and the `m` blocks before and after:
n = b (2 m + 1) values of mean x and standard deviation s (n - 1). Bound: x + z s sqrt(1 + 1/n), z
the normal quantile of 1 - alpha / 2.

When to trust it: frequent, stable counts. Values of neighbouring blocks are not independent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from lims.surveillance.detectors.detection import (
    Detection,
    checked_counts,
    checked_share,
    checked_weeks,
    checked_whole,
    judged,
)
from lims.surveillance.detectors.reference_weeks import WEEKS_OF_A_YEAR
from lims.surveillance.detectors.regression import cases_of

BLOCK = 4


def cdc(
    counts: ArrayLike, at: ArrayLike, *, b: int = 5, m: int = 1, alpha: float = 0.025
) -> Detection:
    """Judge the four weeks that end with each asked week; `b` years, `m` blocks on either side."""
    y = checked_counts(counts)
    weeks = checked_weeks(at, y.shape[-1])
    z = float(-ndtri(checked_share(alpha, "alpha") / 2))
    b, m = checked_whole(b, "b"), checked_whole(m, "m", 0)
    years = -WEEKS_OF_A_YEAR * np.arange(1, b + 1)
    ends = (years[:, None] + BLOCK * np.arange(-m, m + 1)).ravel()
    if ends.max() > -BLOCK or len(ends) < 2:
        raise ValueError("b, m: two blocks at least, all before the judged one")
    places = weeks[:, None] + ends
    known = places.min(axis=1) >= BLOCK - 1
    blocks, now = cases_of(y, np.clip(places, 0, None), BLOCK), cases_of(y, weeks, BLOCK)
    mean = blocks.mean(axis=-1)
    spread = blocks.std(axis=-1, ddof=1) * np.sqrt(1 + 1 / len(ends))
    upper = mean + z * spread
    with np.errstate(all="ignore"):
        score = (now - mean) / spread
    return judged(
        weeks,
        now.shape,
        upper=np.where(known, upper, np.nan),
        alarm=now > upper,
        known=known,
        expected=np.where(known, mean, np.nan),
        statistic=np.where(known, score, np.nan),
        p_value=np.where(known, ndtr(-score), np.nan),
    )
