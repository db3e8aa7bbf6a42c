"""What stays of a curve when its components are taken away: how its points depend on each other.

Neighbouring points of a residual repeat each other; a residual of n points is worth fewer
independent ones, and a fit is fairer on values that are freed of what each repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Lags looked at for the number of free points, and where a correlation ends.
LONGEST_LAG = 40
LEAST_CORRELATION = 0.05


def polynomials(x: Floats, regions: Sequence[tuple[float, float]], degree: int) -> Floats:
    """Return Legendre columns up to `degree` for every region that holds points."""
    columns = []
    for low, high in regions:
        here = (x >= low) & (x <= high)
        if not here.any():
            continue
        place = 2 * (x - low) / (high - low) - 1
        for column in np.polynomial.legendre.legvander(place, degree).T:
            columns.append(np.where(here, column, 0.0))
    return np.array(columns).T


def whitened(values: Floats, correlation: float, starts: Sequence[int]) -> Floats:
    """Return the values (last axis: points) without what each point repeats of the one before."""
    made = np.array(values, dtype=np.float64)
    made[..., 1:] -= correlation * values[..., :-1]
    for start in starts:
        made[..., start] = values[..., start] * np.sqrt(1.0 - correlation**2)
    return made


def lag_one(residual: Floats, starts: Sequence[int]) -> float:
    """Return the correlation of neighbouring points, between 0 and 0.98."""
    return float(np.clip(_lag(residual, 1, starts), 0.0, 0.98))


def _lag(residual: Floats, lag: int, starts: Sequence[int]) -> float:
    whole = float(residual @ residual)
    ends = [*starts[1:], residual.size]
    products = [
        float(residual[start : end - lag] @ residual[start + lag : end])
        for start, end in zip(starts, ends, strict=True)
        if end - start > lag
    ]
    return sum(products) / whole if whole > 0 else 0.0


def free_points(residual: Floats, starts: Sequence[int]) -> float:
    """Return how many independent points a residual is worth: n / (1 + 2 Σ correlation)."""
    total = 0.0
    for lag in range(1, LONGEST_LAG):
        value = _lag(residual, lag, starts)
        if value < LEAST_CORRELATION:
            break
        total += value
    return residual.size / (1.0 + 2.0 * total)


def starts_of(runs: Sequence[slice]) -> list[int]:
    """Return where stretches begin once the points between them are left out."""
    lengths = [0, *(run.stop - run.start for run in runs)]
    places = np.cumsum(lengths).tolist()
    return [start for start, end in pairwise(places) if end > start]


def structure(residual: Floats) -> float:
    """Return the mean square of what is not noise in a residual.

    Noise does not repeat two and three points further on; what is left of bands does.
    """
    repeated = [float(np.mean(residual[:-lag] * residual[lag:])) for lag in (2, 3)]
    return max(0.0, sum(repeated) / len(repeated))
