"""Quasi-Poisson regression of many series at once: log mean = level of the period + slope × time.

Iteratively reweighted least squares (McCullagh, Nelder, Generalized Linear Models, 2nd ed. 1989,
ch. 2 and 9) from the start mean y + 0.1, until the deviance changes by less than 1e-8 of itself:
the start and the rule to stop of R's `glm`, so that answers agree where a period without cases
drives its level towards minus infinity. Since there is one level for each period, each step is
solved period by period (weighted means and one slope within periods) instead of by a matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lims.surveillance.detectors.detection import Floats

MOST_STEPS, PRECISION, START = 25, 1e-8, 0.1
SMALLEST_MEAN = float(np.finfo(np.float64).eps)


@dataclass
class Fit:
    """What was fitted: one column for each series."""

    #: means of the used weeks
    mean: Floats
    #: slope by week; 0 without a trend
    slope: Floats
    #: squared standard error of the slope, before dispersion; nan without a trend
    slope_error: Floats
    #: how much each week pulls its own mean (diagonal of the hat matrix)
    leverage: Floats
    #: dispersion, Pearson's chi-square over the degrees of freedom
    dispersion: Floats
    #: the same with the case weights alone, not the working weights
    plain_dispersion: Floats
    #: degrees of freedom
    freedom: int
    #: log mean of the asked week, population left out, and its squared error before dispersion
    asked: Floats
    asked_error: Floats
    #: did the steps come to an end
    converged: NDArray[np.bool_]


@dataclass(frozen=True)
class Model:
    """The weeks of a baseline, in order of their periods; counts are weeks × fits."""

    #: weeks before the asked week (negative), periods one after the other
    times: Floats
    #: how many weeks each period has; the last period is that of the asked week
    lengths: NDArray[np.int64]

    def fit(self, y: Floats, weights: Floats, offset: Floats, *, trend: bool) -> Fit:
        """Fit each column of counts; `weights` of the cases, `offset`: log of the population."""
        eta, working, mean = np.log(y + START), np.empty(y.shape), y + START
        levels, slope = np.empty((len(self.lengths), y.shape[1])), np.empty(y.shape[1])
        known = _known_part(y, weights)
        deviance = _deviance(known, y, weights, eta, mean)
        going = np.ones(y.shape[1], np.bool_)
        for _step in range(MOST_STEPS):
            # Fits that have come to an end keep what they have, as if each were made alone.
            on = slice(None) if going.all() else np.flatnonzero(going)
            working[:, on] = now = weights[:, on] * mean[:, on]
            target = eta[:, on] + (y[:, on] - mean[:, on]) / mean[:, on] - offset[:, on]
            levels[:, on], slope[on] = level, rise = self._solved(target, now, trend)
            eta[:, on] = told = self._spread(level) + rise * self._time + offset[:, on]
            mean[:, on] = means = np.maximum(np.exp(told), SMALLEST_MEAN)
            before = deviance.copy()
            deviance[on] = _deviance(known[on], y[:, on], weights[:, on], told, means)
            going &= np.abs(deviance - before) / (np.abs(deviance) + 0.1) >= PRECISION
            if not going.any():
                break
        freedom = len(y) - len(self.lengths) - trend
        errors = self._errors(y, weights, mean, working, trend, freedom)
        return Fit(mean, slope, asked=levels[-1], converged=~going, freedom=freedom, **errors)

    @cached_property
    def _time(self) -> Floats:
        return self.times[:, None]

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.asarray(np.cumsum(self.lengths) - self.lengths)

    def _sums(self, values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values, self._starts, axis=0))

    def _spread(self, by_period: Floats) -> Floats:
        return np.repeat(by_period, self.lengths, axis=0)

    def _solved(self, target: Floats, working: Floats, trend: bool) -> tuple[Floats, Floats]:
        totals = self._sums(working)
        levels = self._sums(working * target) / totals
        if not trend:
            return levels, np.zeros(target.shape[1])
        middles = self._sums(working * self._time) / totals
        apart = self._time - self._spread(middles)
        lever = working * apart
        spread = (lever * apart).sum(axis=0)
        with np.errstate(all="ignore"):
            slope = np.where(spread > 0, (lever * target).sum(axis=0) / spread, 0.0)
        return levels - slope * middles, slope

    def _errors(
        self,
        y: Floats,
        weights: Floats,
        mean: Floats,
        working: Floats,
        trend: bool,
        freedom: int,
    ) -> dict[str, Floats]:
        totals = self._sums(working)
        leverage, asked_error = working / self._spread(totals), 1 / totals[-1]
        slope_error = np.full(y.shape[1], np.nan)
        relative = ((y - mean) / mean) ** 2
        with np.errstate(all="ignore"):
            if trend:
                middles = self._sums(working * self._time) / totals
                lever = working * (self._time - self._spread(middles)) ** 2
                slope_error = 1 / lever.sum(axis=0)
                leverage = leverage + lever * slope_error
                asked_error = asked_error + middles[-1] ** 2 * slope_error
            dispersion = (working * relative).sum(axis=0) / freedom
            plain = (weights * relative).sum(axis=0) / freedom
        return {
            "slope_error": slope_error,
            "leverage": leverage,
            "dispersion": dispersion,
            "plain_dispersion": plain,
            "asked_error": asked_error,
        }


def _known_part(y: Floats, weights: Floats) -> Floats:
    """Return the part of the deviance that no step changes."""
    return np.asarray((weights * (y * np.log(np.where(y > 0, y, 1.0)) - y)).sum(axis=0))


def _deviance(known: Floats, y: Floats, weights: Floats, eta: Floats, mean: Floats) -> Floats:
    return np.asarray(2 * (known + (weights * (mean - y * eta)).sum(axis=0)))
