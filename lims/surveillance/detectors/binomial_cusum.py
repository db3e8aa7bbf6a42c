"""Likelihood-ratio CUSUM of a proportion: small lasting rises that no single week shows.

Steiner, Cook, Farewell, Treasure, Biostatistics 2000;1:441-452; Höhle, in: Kneib, Tutz (eds),
Statistical Modelling and Regression Structures, 2010, 377-397. From the in-control proportion p0
to p1, whose odds are `odds_ratio` times as high:

C(t) = max(0, C(t-1) + y(t) log(p1 / p0) + (n(t) - y(t)) log((1 - p1) / (1 - p0)))

An alarm at C >= `limit`, after which C begins again at 0. The path begins at 0 in the first asked
week and runs through every week up to the last one.

When to trust it: p0 has to come from weeks before the path, without an outbreak. Weeks without
totals change nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lims.surveillance.detectors.detection import (
    Detection,
    checked_parts,
    checked_weeks,
    judged,
)


def binomial_cusum(
    positives: ArrayLike,
    totals: ArrayLike,
    at: ArrayLike,
    *,
    p0: ArrayLike,
    odds_ratio: float = 1.5,
    limit: float = 5.0,
) -> Detection:
    """Judge weeks by the path; `p0` is one proportion, or one for each series."""
    y, n = checked_parts(positives, totals)
    weeks = checked_weeks(at, y.shape[-1])
    quiet = np.broadcast_to(np.asarray(p0, np.float64), y.shape[:-1])
    if not ((quiet > 0) & (quiet < 1)).all():
        raise ValueError("p0: between 0 and 1")
    if not (odds_ratio > 1 and limit > 0):
        raise ValueError("odds_ratio: above 1; limit: above 0")
    shape = (*y.shape[:-1], len(weeks))
    if not len(weeks):
        return judged(weeks, shape)
    changed = odds_ratio * quiet / (1 - quiet + odds_ratio * quiet)
    gain = np.log(changed / quiet)[..., None]
    loss = np.log((1 - changed) / (1 - quiet))[..., None]
    steps = y * gain + (n - y) * loss
    first = int(weeks.min())
    path = np.zeros(y.shape)
    value = np.zeros(y.shape[:-1])
    for week in range(first, int(weeks.max()) + 1):
        value = np.maximum(0.0, np.where(value >= limit, 0.0, value) + steps[..., week])
        path[..., week] = value
    told = path[..., weeks]
    expected = quiet[..., None] * n[..., weeks]
    return judged(weeks, shape, upper=limit, alarm=told >= limit, expected=expected, statistic=told)
