"""The method that the Robert Koch Institute used: a count against a limit for the mean of the past.

Altmann, The Surveillance System of the Robert Koch Institute, 2003 (as described by Riebler 2004
and Höhle 2007). With the mean m of the reference values (`past_seasons`): up to m = 20 the bound is
the upper 95 % confidence limit of a Poisson count of m, rounded down (Crow, Gardner, Biometrika
1959;46:441-453, table); above it, m + 2 s with the standard deviation s (n - 1).

When to trust it: kept to compare with others. The limit of a confidence interval is used as that of
a prediction, and the steps of the table make it jump.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lims.surveillance.detectors.detection import (
    Detection,
    checked_counts,
    checked_weeks,
    judged,
)
from lims.surveillance.detectors.past_seasons import reference_values

# Upper 95 % limits for counts of 0 ... 20 (Crow, Gardner 1959).
CROW_GARDNER = np.array(
    [
        *(3.285, 5.323, 6.686, 8.102, 9.598, 11.177, 12.817, 13.765, 14.921, 16.768),
        *(17.633, 19.05, 20.335, 21.364, 22.945, 23.762, 25.4, 26.306, 27.735, 28.966, 30.017),
    ]
)
LARGEST_IN_TABLE = len(CROW_GARDNER) - 1


def rki(
    counts: ArrayLike, at: ArrayLike, *, b: int = 2, w: int = 6, current_year: bool = True
) -> Detection:
    """Judge weeks; `b` years, `w` weeks on either side, `current_year`: the last weeks too."""
    y = checked_counts(counts)
    weeks = checked_weeks(at, y.shape[-1])
    values, known = reference_values(y, weeks, b=b, w=w, current_year=current_year)
    mean = values.mean(axis=-1)
    spread = values.std(axis=-1, ddof=1) if values.shape[-1] > 1 else np.zeros(mean.shape)
    table = CROW_GARDNER[np.minimum(mean, LARGEST_IN_TABLE).astype(np.int64)]
    upper = np.where(mean <= LARGEST_IN_TABLE, table, mean + 2 * spread)
    now = y[..., weeks]
    return judged(
        weeks,
        now.shape,
        upper=np.where(known, upper, np.nan),
        alarm=now > upper,
        known=known,
        expected=np.where(known, mean, np.nan),
        statistic=np.where(known, now, np.nan),
    )
