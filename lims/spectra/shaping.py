"""The shape of a curve without what the instrument adds: slope, scale, noise.

First derivative by Savitzky and Golay (Anal Chem 1964, 36, 1627), standard normal variate
(Barnes, Appl Spectrosc 1989, 43, 772). Every stretch without a gap is treated by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lims.spectra.signal import Curve, Grid, Mask, stretches
from lims.spectra.spectrum import Floats

POLYNOMIAL_ORDER = 2
# A band that stands less than this many times the noise above its surroundings is not named.
BAND_OVER_NOISE = 5.0


@dataclass(frozen=True)
class Band:
    """A band of a curve: where its top is (unit of the grid) and how high it stands."""

    position: float
    height: float


def slope(y: Floats, covered: Mask, grid: Grid) -> tuple[Floats, Mask]:
    """Return the first derivative per unit of the grid; nought where it cannot be known.

    At the ends of a stretch, where the window does not fit, the nearest slope stands.
    """
    weights, half = _slope_weights(grid.window, grid.step), grid.window // 2
    result, known = np.zeros(y.shape), np.zeros(covered.shape, dtype=bool)
    for run in stretches(covered, grid):
        if run.stop - run.start < grid.window:
            continue
        result[run] = np.pad(np.convolve(y[run], weights, mode="valid"), half, mode="edge")
        known[run] = True
    return result, known


@lru_cache(maxsize=8)
def _slope_weights(window: int, step: float) -> Floats:
    from scipy.signal import savgol_coeffs

    return np.asarray(savgol_coeffs(window, POLYNOMIAL_ORDER, deriv=1, delta=step))


@lru_cache(maxsize=8)
def reachable(grid: Grid) -> Mask:
    """Return where a curve that covers the whole grid can be compared."""
    everywhere = np.ones(grid.x.size, dtype=bool)
    if not grid.slope:
        return everywhere
    return slope(np.zeros(grid.x.size), everywhere, grid)[1]


def standardised(y: Floats, known: Mask) -> Floats:
    """Return the standard normal variate: mean 0 and deviation 1 over what is known, else 0."""
    result = np.zeros(y.shape)
    values = y[known]
    spread = float(values.std()) if values.size else 0.0
    if spread > 0:
        result[known] = (values - values.mean()) / spread
    return result


def fingerprint(curve: Curve) -> tuple[NDArray[np.float32], Mask]:
    """Return what two curves are compared by, of length 1, and where it is known.

    The dot product of two fingerprints with the same coverage is their correlation.
    """
    if curve.grid.slope:
        values, known = slope(curve.y, curve.covered, curve.grid)
    else:
        values, known = np.nan_to_num(curve.y), curve.covered
    shape = standardised(values, known)
    length = float(np.sqrt(np.sum(shape**2)))
    return (shape / length if length else shape).astype(np.float32), known


def noise(y: Floats, covered: Mask, grid: Grid) -> float:
    """Return the standard deviation of the noise, from second differences.

    The median absolute second difference is robust against bands; for independent noise its
    standard deviation is √6 times that of the points.
    """
    parts = [np.diff(y[run], n=2) for run in stretches(covered, grid)]
    second = np.concatenate(parts) if parts else np.zeros(0)
    if not second.size:
        return 0.0
    return float(np.median(np.abs(second)) / 0.6744897501960817 / np.sqrt(6.0))


def strongest_bands(y: Floats, covered: Mask, grid: Grid, count: int = 6) -> tuple[Band, ...]:
    """Return the highest bands above the noise, the strongest first."""
    from scipy.signal import find_peaks, savgol_filter

    least = BAND_OVER_NOISE * noise(y, covered, grid)
    found: list[Band] = []
    for run in stretches(covered, grid):
        if run.stop - run.start <= grid.window:
            continue
        smooth = savgol_filter(y[run], grid.window, POLYNOMIAL_ORDER)
        places, facts = find_peaks(smooth, prominence=max(least, 1e-12), width=2)
        found += [
            Band(float(grid.x[run.start + place]), float(height))
            for place, height in zip(places, facts["prominences"], strict=True)
        ]
    return tuple(sorted(found, key=lambda band: -band.height)[:count])
