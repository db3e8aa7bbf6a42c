"""OutbreakP: has the incidence begun to rise, whatever its shape?

Frisén, Andersson, Schiöler, Stat Med 2009;28:476-493. The likelihood of the counts 1 ... s under
the best never-falling course (isotonic regression m1) against that under a constant (their mean
m0), both Poisson: the product of (m1(t) / m0)^y(t), as both courses have the same sum. An alarm
above `limit`.

When to trust it: only for the beginning of one epidemic: it looks back to the first week of the
series, and once a rise has been seen it alarms for ever. Not for series without end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from lims.surveillance.detectors.detection import (
    Detection,
    Floats,
    checked_counts,
    checked_weeks,
    judged,
)


def outbreak_p(counts: ArrayLike, at: ArrayLike, *, limit: float = 100.0) -> Detection:
    """Judge weeks by all weeks up to them; `upper` is the limit of the statistic."""
    y = checked_counts(counts)
    weeks = checked_weeks(at, y.shape[-1])
    if not limit > 0:
        raise ValueError("limit: above 0")
    flat = y.reshape(-1, y.shape[-1])
    logs = np.array([[_log_ratio(one[: week + 1]) for week in weeks] for one in flat])
    logs = logs.reshape(*y.shape[:-1], len(weeks))
    with np.errstate(over="ignore"):
        statistic = np.exp(logs)
    return judged(weeks, logs.shape, upper=limit, alarm=logs > np.log(limit), statistic=statistic)


def _log_ratio(y: Floats) -> float:
    some = y > 0
    if not some.any():
        return 0.0
    rising = isotonic_regression(y).x
    return float((y[some] * np.log(rising[some] / y.mean())).sum())
