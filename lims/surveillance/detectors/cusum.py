"""CUSUM of transformed counts: many small excesses add up.

Rossi, Lampugnani, Marchi, Stat Med 1999;18:2111-2122. With the in-control mean m, counts y become

standard   z = (y - m) / sqrt(m)
rossi      z = (y - 3 m + 2 sqrt(m y)) / (2 sqrt(m)), nearer to normal for small m

and S(t) = max(0, S(t-1) + z(t) - k). An alarm at S >= h; S goes on. The path begins at 0 in the
first asked week. Without `mean` m is the mean of all weeks before it. The bound is the count that
would make S reach h (for `standard` rounded up); it says nothing where S is so high that a week
without cases alarms too.

When to trust it: m has to be right. Seasons or a trend make it alarm for months.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from lims.surveillance.detectors.detection import (
    Detection,
    Floats,
    checked_counts,
    checked_weeks,
    judged,
)

Transform = Literal["rossi", "standard"]


def cusum(
    counts: ArrayLike,
    at: ArrayLike,
    *,
    k: float = 1.04,
    h: float = 2.26,
    transform: Transform = "rossi",
    mean: ArrayLike | None = None,
) -> Detection:
    """Judge weeks by the path; `mean`: cases a week in control, one for all or for each series."""
    if transform not in get_args(Transform):
        raise ValueError("transform: rossi or standard")
    y = checked_counts(counts)
    weeks = checked_weeks(at, y.shape[-1])
    shape = (*y.shape[:-1], len(weeks))
    first = int(weeks.min()) if len(weeks) else 0
    m = _in_control(y, first, mean)
    value, path, bound = np.zeros(y.shape[:-1]), np.zeros(y.shape), np.zeros(y.shape)
    for week in range(first, int(weeks.max()) + 1 if len(weeks) else 0):
        bound[..., week] = _needed(m, h + k - value, transform)
        value = np.maximum(0.0, value + _score(y[..., week], m, transform) - k)
        path[..., week] = value
    known = np.broadcast_to((m > 0)[..., None], shape)
    told = np.where(known, path[..., weeks], np.nan)
    return judged(
        weeks,
        shape,
        upper=np.where(known, bound[..., weeks], np.nan),
        alarm=told >= h,
        known=known,
        expected=m[..., None],
        statistic=told,
    )


def _in_control(y: Floats, first: int, mean: ArrayLike | None) -> Floats:
    if mean is None:
        m = y[..., :first].sum(axis=-1) / max(first, 1)
        return np.where(m > 0, m, np.nan)
    m = np.broadcast_to(np.asarray(mean, np.float64), y.shape[:-1])
    if not (m > 0).all():
        raise ValueError("mean: above 0")
    return m


def _score(y: Floats, m: Floats, transform: Transform) -> Floats:
    if transform == "standard":
        return np.asarray((y - m) / np.sqrt(m))
    return np.asarray((y - 3 * m + 2 * np.sqrt(m * y)) / (2 * np.sqrt(m)))


def _needed(m: Floats, score: Floats, transform: Transform) -> Floats:
    """Return the count whose score is this."""
    root = np.sqrt(m)
    if transform == "standard":
        return np.asarray(np.maximum(0.0, np.ceil(m + score * root)))
    # With u = sqrt(y): u^2 + 2 u sqrt(m) - 3 m - 2 score sqrt(m) = 0. Where u is below 0 even no
    # case is enough; its square is told all the same, as R does.
    inside = 4 * m + 2 * score * root
    return np.asarray(np.where(inside < 0, 0.0, (np.sqrt(np.maximum(0.0, inside)) - root) ** 2))
