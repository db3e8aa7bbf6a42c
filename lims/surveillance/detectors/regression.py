"""What the regressions of Farrington's methods expect of a week, of many series at once.

The steps that both methods share (Farrington et al. 1996; Noufaily et al. 2013): fit, weigh past
outbreaks down by their Anscombe residuals, fit again, and keep the trend only where it earns it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from lims.surveillance.detectors.detection import Floats, Weeks, checked_counts
from lims.surveillance.detectors.quasi_poisson import SMALLEST_MEAN, Fit, Model
from lims.surveillance.detectors.reference_weeks import Baseline
from lims.surveillance.detectors.thresholds import Expected

# Fits that are made together: their numbers stay in the cache of the processor.
TOGETHER = 512
# An extrapolation beyond this is no expectation of a weekly count.
LARGEST_MEAN = 1e12
# A trend over fewer years is not told from a season that fell early or late.
YEARS_FOR_A_TREND = 3


@dataclass(frozen=True)
class Terms:
    """How outliers are weighed and when a trend is kept."""

    #: residuals above this are weighed by residual^-2; None: all weeks count alike
    outlier: float | None
    trend: bool
    #: the trend is kept below this p value; 1: always
    p_trend: float
    years: int
    #: errors take their dispersion from the case weights alone, below 1 too (R, flexible method)
    plain: bool


def expect(
    y: Floats, people: Floats, weeks: Weeks, groups: Sequence[Baseline], terms: Terms
) -> Expected:
    """Return what the baselines of the asked weeks expect; nan where there is no baseline."""
    flat, persons = (values.reshape(-1, y.shape[-1]) for values in (y, people))
    found = np.full((3, len(flat), len(weeks)), np.nan)
    for group in groups:
        model = Model(group.shifts.astype(np.float64), group.lengths)
        now = weeks[group.rows]
        places = now + group.shifts[:, None]
        some = max(1, TOGETHER // len(now))
        for start in range(0, len(flat), some):
            rows = slice(start, start + some)
            told = _fitted(
                model,
                _columns(flat[rows], places),
                np.log(_columns(persons[rows], places)),
                persons[rows][:, now].ravel(),
                terms,
            )
            found[:, rows, group.rows] = told.reshape(3, -1, len(now))
    mean, dispersion, error = found.reshape(3, *y.shape[:-1], len(weeks))
    known = np.isfinite(mean) & np.isfinite(dispersion)
    return Expected(mean, np.maximum(dispersion, 1.0), error, known)


def _fitted(model: Model, y: Floats, offset: Floats, people: Floats, terms: Terms) -> Floats:
    """Return mean, dispersion and squared standard error of the mean of the asked week."""
    told = np.full((3, y.shape[1]), np.nan)
    plain = np.ones(y.shape[1], np.bool_)
    if terms.trend and terms.years >= YEARS_FOR_A_TREND:
        fit = _reweighted(model, y, offset, terms, trend=True)
        told = _told(fit, people, terms)
        with np.errstate(all="ignore"):
            spread = fit.plain_dispersion if terms.plain else fit.dispersion
            score = -np.abs(fit.slope) / np.sqrt(spread * fit.slope_error)
            chance = 2 * stdtr(fit.freedom, score)
            clear = (chance < terms.p_trend) | (terms.p_trend >= 1)
            plain = ~(fit.converged & clear & (told[0] <= y.max(axis=0)))
    if plain.any():
        fit = _reweighted(model, y[:, plain], offset[:, plain], terms, trend=False)
        told[:, plain] = _told(fit, people[plain], terms)
    return told


def _reweighted(model: Model, y: Floats, offset: Floats, terms: Terms, *, trend: bool) -> Fit:
    fit = model.fit(y, np.ones(y.shape), offset, trend=trend)
    if terms.outlier is not None:
        with np.errstate(all="ignore"):
            # Anscombe residuals, standardised.
            spread = np.sqrt(np.maximum(fit.dispersion, 1.0) * (1 - fit.leverage))
            away = 1.5 * (y ** (2 / 3) * fit.mean ** (-1 / 6) - np.sqrt(fit.mean)) / spread
            weights = np.where(away > terms.outlier, away**-2.0, 1.0)
        weights *= len(y) / weights.sum(axis=0)
        fit = model.fit(y, weights, offset, trend=trend)
    else:
        fit.plain_dispersion = fit.dispersion
    return fit


def _told(fit: Fit, people: Floats, terms: Terms) -> Floats:
    with np.errstate(all="ignore"):
        mean = np.maximum(np.exp(fit.asked) * people, SMALLEST_MEAN)
    mean = np.where(fit.converged & (mean < LARGEST_MEAN), mean, np.nan)
    spread = fit.plain_dispersion if terms.plain else np.maximum(fit.dispersion, 1.0)
    return np.stack([mean, fit.dispersion, spread * fit.asked_error * mean**2])


def _columns(series: Floats, places: Weeks) -> Floats:
    """Return weeks × (series × asked weeks)."""
    return np.ascontiguousarray(series[:, places].transpose(1, 0, 2).reshape(len(places), -1))


def checked_population(population: ArrayLike | None, y: Floats) -> Floats:
    """Return the population of each week, 1 where none is given (ValueError if not above 0)."""
    if population is None:
        return np.ones(y.shape)
    people = np.broadcast_to(checked_counts(population, "population"), y.shape)
    if (people <= 0).any():
        raise ValueError("population: above 0")
    return people


def cases_of(y: Floats, weeks: Weeks, length: int) -> Floats:
    """Return the cases of the `length` weeks that end with each asked week."""
    sums = np.concatenate([np.zeros((*y.shape[:-1], 1)), y.cumsum(axis=-1)], axis=-1)
    return np.asarray(sums[..., weeks + 1] - sums[..., np.maximum(weeks + 1 - length, 0)])
