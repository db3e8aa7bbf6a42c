"""Bounds above what a quasi-Poisson regression expects, and the probability of as much or more.

Noufaily et al., Stat Med 2013;32:1206-1222 (nbPlugin, muan); Farrington et al., J R Stat Soc A
1996;159:547-563 (delta: the count to the power 2/3 is nearly symmetric).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr, ndtri

from lims.surveillance.detectors.detection import Floats

Threshold = Literal["nbPlugin", "delta", "muan"]
# A mean beyond this says that the regression knows nothing.
LARGEST = 1e12
Power = Literal["2/3", "1/2", "none"]


@dataclass(frozen=True)
class Expected:
    """Mean, dispersion and squared error of the mean of the asked week, one for each fit."""

    mean: Floats
    #: at least 1
    dispersion: Floats
    error: Floats
    #: false where the regression came to no end
    known: Any


def delta(
    y: Floats, expected: Expected, alpha: float, power: Power = "2/3"
) -> tuple[Floats, Floats]:
    """Return the bound of a normal distribution of the transformed count, and the probability."""
    mean = expected.mean
    with np.errstate(all="ignore"):
        wide = expected.dispersion + expected.error / mean
        # Variance phi mu + se^2, carried through the transformation by its slope.
        exponent, spread = {
            "2/3": (2 / 3, np.sqrt(4 / 9 * mean ** (1 / 3) * wide)),
            "1/2": (1 / 2, np.sqrt(wide / 4)),
            "none": (1.0, np.sqrt(mean * wide)),
        }[power]
        bound = (mean**exponent - ndtri(alpha) * spread) ** (1 / exponent)
        chance = ndtr((mean**exponent - y**exponent) / spread)
    return bound, chance


def plug_in(y: Floats, expected: Expected, alpha: float) -> tuple[Floats, Floats]:
    """Return the quantile of the negative binomial distribution that is expected, and the tail."""
    mean, dispersion = expected.mean, expected.dispersion
    return quantile(mean, dispersion, alpha), tail(y, mean, dispersion)


def upper_mean(y: Floats, expected: Expected, alpha: float) -> tuple[Floats, Floats]:
    """Return the same at the upper confidence limit of the mean."""
    with np.errstate(all="ignore"):
        mean = expected.mean * np.exp(-ndtri(alpha) * np.sqrt(expected.error) / expected.mean)
    mean = np.where(mean < LARGEST, mean, np.nan)
    return quantile(mean, expected.dispersion, alpha), tail(y, mean, expected.dispersion)


def quantile(mean: Floats, dispersion: Floats, alpha: float) -> Floats:
    """Return the smallest count with P(Y > count) <= alpha, variance = dispersion × mean."""
    from scipy.stats import nbinom, poisson

    found = np.full(mean.shape, np.nan)
    known = np.isfinite(mean) & np.isfinite(dispersion)
    wide = known & (dispersion > 1)
    size = mean[wide] / (dispersion[wide] - 1)
    found[wide] = nbinom.ppf(1 - alpha, size, 1 / dispersion[wide])
    plain = known & ~wide
    found[plain] = poisson.ppf(1 - alpha, mean[plain])
    return found


def tail(y: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return P(Y >= y), variance = dispersion × mean."""
    from scipy.stats import nbinom, poisson

    found = np.full(mean.shape, np.nan)
    known = np.isfinite(mean) & np.isfinite(dispersion)
    wide = known & (dispersion > 1)
    size = mean[wide] / (dispersion[wide] - 1)
    found[wide] = nbinom.sf(y[wide] - 1, size, 1 / dispersion[wide])
    plain = known & ~wide
    found[plain] = poisson.sf(y[plain] - 1, mean[plain])
    return found


BOUNDS: dict[str, Callable[[Floats, Expected, float], tuple[Floats, Floats]]] = {
    "nbPlugin": plug_in,
    "delta": delta,
    "muan": upper_mean,
}
