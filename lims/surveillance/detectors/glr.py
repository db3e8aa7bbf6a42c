"""Generalised likelihood ratio: has the level been higher for some weeks, since when unknown?

Höhle, Paul, Comput Stat Data Anal 2008;52:4357-4368. In control the mean m(t) has one yearly wave,
log m(t) = a + b cos(2 pi t / 52) + c sin(2 pi t / 52), fitted to all weeks before the first asked
one. The statistic of week n is the largest over the weeks k <= n, and over all rises e^r >= 1, of
the log likelihood ratio of means m(t) e^r against m(t) in the weeks k ... n. Counts are Poisson, or
negative binomial with variance m + dispersion m^2. An alarm at `limit` or more, after which the
weeks up to it are forgotten.

Poisson: with x cases where m were expected in k ... n, x log(x / m) - x + m for x > m, else 0.

When to trust it: frequent counts whose season repeats; the wave is fitted once and knows no trend.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lims.surveillance.detectors.detection import (
    Detection,
    Floats,
    checked_counts,
    checked_weeks,
    judged,
)
from lims.surveillance.detectors.reference_weeks import WEEKS_OF_A_YEAR

STEPS, PRECISION, START = 50, 1e-12, 0.1
# Weeks that the wave is fitted to, at least: a year.
LEAST_HISTORY = WEEKS_OF_A_YEAR


def glr(
    counts: ArrayLike, at: ArrayLike, *, limit: float = 5.0, dispersion: float = 0.0
) -> Detection:
    """Judge weeks by the statistic of the path that begins at the first asked week."""
    y = checked_counts(counts)
    weeks = checked_weeks(at, y.shape[-1])
    if not limit > 0 or not dispersion >= 0:
        raise ValueError("limit: above 0; dispersion: 0 or above")
    flat = y.reshape(-1, y.shape[-1])
    shape = (*y.shape[:-1], len(weeks))
    first, last = (int(weeks.min()), int(weeks.max())) if len(weeks) else (0, -1)
    path, mean = np.full(flat.shape, np.nan), np.full(flat.shape, np.nan)
    if first >= LEAST_HISTORY:
        for row, one in enumerate(flat):
            mean[row] = expected_wave(one, first, dispersion)
            path[row] = _path(one, mean[row], first, last, limit, dispersion)
    told = path[:, weeks].reshape(shape)
    return judged(
        weeks,
        shape,
        upper=limit,
        alarm=told >= limit,
        known=~np.isnan(told),
        expected=mean[:, weeks].reshape(shape),
        statistic=told,
    )


def expected_wave(y: Floats, length: int, dispersion: float) -> Floats:
    """Return the yearly wave of the first `length` weeks, for every week of the series.

    nan where these hold no case.
    """
    angle = 2 * np.pi * np.arange(len(y)) / WEEKS_OF_A_YEAR
    terms = np.stack([np.ones(len(y)), np.cos(angle), np.sin(angle)], axis=1)
    if not y[:length].any():
        return np.full(len(y), np.nan)
    x, seen = terms[:length], y[:length]
    eta, found = np.log(seen + START), np.zeros(3)
    for _step in range(STEPS):
        mean = np.exp(eta)
        weight = np.sqrt(mean / (1 + dispersion * mean))
        target = (eta + (seen - mean) / mean) * weight
        before, found = found, np.linalg.lstsq(x * weight[:, None], target, rcond=None)[0]
        eta = np.clip(x @ found, -30, 30)
        if np.abs(found - before).max() < PRECISION:
            break
    return np.asarray(np.exp(np.clip(terms @ found, -30, 30)))


def _path(
    y: Floats, mean: Floats, first: int, last: int, limit: float, dispersion: float
) -> Floats:
    path = np.full(len(y), np.nan)
    if np.isnan(mean).any():
        return path
    start = first
    for week in range(first, last + 1):
        part = slice(start, week + 1)
        # Sums over k ... n for every k at once, from the last week backwards.
        x, m = (np.cumsum(values[part][::-1]) for values in (y, mean))
        if dispersion:
            path[week] = _rise(y[part][::-1], mean[part][::-1], dispersion)
        else:
            ratio = x * np.log(np.maximum(x, m) / m) - np.maximum(x, m) + m
            path[week] = ratio.max()
        if path[week] >= limit:
            start = week + 1
    return path


def _rise(y: Floats, mean: Floats, dispersion: float) -> float:
    """Return the largest log likelihood ratio over beginnings and rises, negative binomial."""
    size, weeks = len(y), np.arange(len(y))
    within = weeks[:, None] >= weeks
    low, high = np.zeros(size), np.full(size, np.log(max(y.max() / mean.min(), 1.0)) + 1)
    for _step in range(STEPS):
        # The slope of the likelihood falls with the rise: halve until it crosses zero.
        middle = (low + high) / 2
        raised = mean * np.exp(middle)[:, None]
        slope = np.where(within, (y - raised) / (1 + dispersion * raised), 0.0).sum(axis=1)
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    raised = mean * np.exp(low)[:, None]
    wide = np.log1p(dispersion * raised) - np.log1p(dispersion * mean)
    ratio = y * (np.log(raised / mean) - wide) - wide / dispersion
    return float(np.where(within, ratio, 0.0).sum(axis=1).max())
