"""Fitting one curve by a library: which points are used, which references looked at, what shift.

The candidates are proposed by their curves and by their slopes, since either alone misses some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.identification.band_facts import Bits, Rows
from lims.identification.band_search import BandIndex
from lims.identification.residuals import lag_one, polynomials, starts_of, structure
from lims.identification.unmixing import Fit, Pool, propose
from lims.spectra import shaping, signal
from lims.spectra.spectrum import Floats

Curves = TypeVar("Curves", NDArray[np.float32], NDArray[np.float64])

# A point of the grid is used when so many of the references reach it, and a reference is used
# when it reaches so many of the points.
REACHED_BY = 0.9
# Neighbouring points of a residual that are more alike than this are freed of it.
WORTH_WHITENING = 0.3
# So few candidates are all looked at closely.
FEW = 60


@dataclass(frozen=True)
class Parameters:
    """What a resolution depends on; kept with its result."""

    most_components: int = 6
    #: A component of less than this part of the spectrum is not claimed.
    least_fraction: float = 0.01
    #: Degree of the baseline in each region: at first, and at most.
    degree: int = 2
    greatest_degree: int = 8
    #: The axis may be off by this much (unit of the grid), tried in these steps.
    greatest_shift: float = 4.0
    shift_step: float = 0.5
    finest_shift: float = 0.1
    #: More than this part of the signal left over is called unexplained.
    unexplained: float = 0.05
    #: Whether the references' own scales mean something: one instrument, one setting.
    as_measured: bool = False


@dataclass(eq=False)
class Scene:
    """A query on the points that its library reaches too, and the references to choose from."""

    curve: signal.Curve
    used: Bits
    places: NDArray[np.int64]
    parameters: Parameters
    index: BandIndex
    degree: int
    #: The candidates worth a closer look, when they were found before.
    known: list[int] | None = None

    @cached_property
    def y(self) -> Floats:
        """Return the query on the points used."""
        return self.curve.y[self.used]

    @cached_property
    def x(self) -> Floats:
        """Return the points used."""
        return self.curve.grid.x[self.used]

    @cached_property
    def starts(self) -> list[int]:
        """Return where a stretch without a gap begins."""
        return starts_of(signal.stretches(self.used, self.curve.grid))

    @cached_property
    def columns(self) -> Floats:
        """Return the columns of the baseline."""
        return self.columns_of(self.degree)

    def columns_of(self, degree: int) -> Floats:
        """Return the columns of a baseline of this degree."""
        return polynomials(self.x, self.curve.grid.regions, degree)

    @cached_property
    def proposed(self) -> list[int]:
        """Return the candidates worth a closer look."""
        if self.known is not None:
            return self.known
        count = len(self.places)
        if count <= FEW:
            return list(range(count))
        steps = self.parameters.most_components
        found = propose(self.y, self._curves(), self.columns, steps)
        row, known = shaping.fingerprint(self.curve)
        both = known & self.used
        slopes = self.index.rows if self._whole else self.index.rows[self.places]
        mine = np.where(both, row, 0.0).astype(np.float64)
        found += propose(mine, slopes, np.zeros((mine.size, 0)), steps)
        return list(dict.fromkeys(found))

    @cached_property
    def rows(self) -> Floats:
        """Return the curves of the proposed candidates."""
        chosen = self.index.curves[self.places[self.proposed]]
        return filled(chosen[:, self.used].astype(np.float64))

    @cached_property
    def weights(self) -> Floats:
        """Return what turns the amounts of the proposed into parts of the whole."""
        if not self.parameters.as_measured:
            return np.ones(len(self.proposed))
        return np.asarray(1.0 / self.index.scales[self.places[self.proposed]])

    @property
    def _whole(self) -> bool:
        return bool(self.places.size == self.index.ids.size)

    def _curves(self) -> Rows:
        if self._whole and self.used.all():
            return self.index.curves
        return filled(self.index.curves[self.places][:, self.used])

    def problem(self, correlation: float, rows: Floats | None = None) -> Pool:
        """Return the proposed references, freed of the baseline and of this correlation."""
        return Pool.of(
            self.y,
            self.rows if rows is None else rows,
            self.columns,
            self.starts,
            correlation,
            len(self.places),
        )

    def explained(self, fit: Fit) -> tuple[Floats, Floats]:
        """Return the curve of the components, and the baseline under it."""
        components = fit.amounts @ self.rows[list(fit.chosen)]
        rest = self.y - components
        slow = self.columns @ np.linalg.lstsq(self.columns, rest, rcond=None)[0]
        return np.asarray(components), np.asarray(slow)

    def ids(self, places: Sequence[int]) -> list[int]:
        """Return the ids of proposed candidates."""
        return [int(self.index.ids[self.places[self.proposed[place]]]) for place in places]


def scene_of(
    curve: signal.Curve,
    index: BandIndex,
    among: Sequence[int] | None,
    parameters: Parameters,
    degree: int | None = None,
) -> Scene:
    """Return the points and references that can be used; Invalid when there are none."""
    places = np.arange(index.ids.size) if among is None else index.places_of(among)
    reach = index.reach[places]
    used = curve.covered & (reach.mean(axis=0) >= REACHED_BY if places.size else False)
    places = places[reach[:, used].mean(axis=1) >= REACHED_BY] if used.any() else places[:0]
    if not places.size or used.sum() < signal.SMALLEST_SHARE * used.size:
        raise refuse_field(
            signal.FIELD, _("No reference covers enough of the range of this spectrum.")
        )
    return Scene(curve, used, places, parameters, index, degree or parameters.degree)


def filled(rows: Curves) -> Curves:
    """Return curves without gaps: the few points that one lacks are drawn from those beside."""
    for number in np.flatnonzero(np.isnan(rows).any(axis=1)):
        gaps = np.isnan(rows[number])
        there = np.flatnonzero(~gaps)
        rows[number, gaps] = np.interp(np.flatnonzero(gaps), there, rows[number, ~gaps])
    return rows


def fitted(scene: Scene, fixed: bool) -> tuple[Fit, Pool, float]:
    """Fit, see how alike neighbouring points of the residual are, free them of it, fit again."""
    correlation = 0.0
    problem = scene.problem(correlation)
    fit = _choose(scene, problem, fixed)
    for _round in range(2):
        components, slow = scene.explained(fit)
        alike = lag_one(scene.y - components - slow, scene.starts)
        alike = alike if alike > WORTH_WHITENING else 0.0
        if abs(alike - correlation) < 0.05:
            break
        correlation = alike
        problem = scene.problem(correlation)
        fit = _choose(scene, problem, fixed)
    return fit, problem, correlation


def credible(scene: Scene, problem: Pool, fit: Fit) -> Fit:
    """Take away what explains less of the curve than the structure that nothing explains.

    Many references together follow any curve a little; without this a substance that the library
    lacks would be called a mixture of strangers.
    """
    plain = scene.problem(0.0)
    while fit.chosen:
        components, slow = scene.explained(fit)
        residual = scene.y - components - slow
        left = residual.size * structure(residual)
        rest = {place: [one for one in fit.chosen if one != place] for place in fit.chosen}
        with_all = plain.amounts(fit.chosen)[1]
        brings = {place: plain.amounts(others)[1] - with_all for place, others in rest.items()}
        weakest = min(brings, key=lambda place: brings[place])
        if brings[weakest] >= left:
            break
        fit = problem.fit(rest[weakest])
    return fit


def _choose(scene: Scene, problem: Pool, fixed: bool) -> Fit:
    if fixed:
        return problem.fit(range(len(scene.proposed)))
    parameters = scene.parameters
    return problem.choose(parameters.most_components, parameters.least_fraction, scene.weights)


def shift_of(scene: Scene, fit: Fit, correlation: float) -> float:
    """Return by how much the query's axis must be moved to fit; nought when it is not needed.

    The references are moved, not the query, so that its noise stays what it is.
    """
    parameters = scene.parameters
    if not fit.chosen or parameters.greatest_shift <= 0:
        return 0.0
    coarse = np.arange(0.0, parameters.greatest_shift + 1e-9, parameters.shift_step)
    tried = {shift: _moved(scene, fit, correlation, shift) for shift in {*coarse, *-coarse}}
    best = min(tried, key=lambda shift: tried[shift].rss)
    free = tried[best].free_points
    if _gain(tried[0.0], tried[best]) <= log(free) + 2 * log(len(tried)):
        return 0.0
    near = np.arange(-parameters.shift_step, parameters.shift_step + 1e-9, parameters.finest_shift)
    finer = {best + step: _moved(scene, fit, correlation, best + step) for step in near}
    return round(float(min(finer, key=lambda shift: finer[shift].rss)), 3)


def _moved(scene: Scene, fit: Fit, correlation: float, shift: float) -> Fit:
    rows = [np.interp(scene.x + shift, scene.x, scene.rows[place]) for place in fit.chosen]
    return scene.problem(correlation, np.array(rows)).fit(range(len(rows)))


def _gain(before: Fit, after: Fit) -> float:
    return after.free_points * log(max(before.rss, 1e-300) / max(after.rss, 1e-300))


def degree_of(scene: Scene, fit: Fit) -> int:
    """Return the degree of the baseline that these components need (Bayesian information)."""
    rows = scene.rows[list(fit.chosen)]
    criteria = {}
    for degree in range(scene.parameters.degree, scene.parameters.greatest_degree + 1):
        columns = scene.columns_of(degree)
        tried = Pool.of(scene.y, rows, columns, scene.starts, 0.0, 1).fit(range(len(rows)))
        criteria[degree] = (tried, columns.shape[1])
    free = max(tried.free_points for tried, _width in criteria.values())
    return min(
        criteria,
        key=lambda degree: (
            free * log(max(criteria[degree][0].rss, 1e-300)) + criteria[degree][1] * log(free)
        ),
    )
