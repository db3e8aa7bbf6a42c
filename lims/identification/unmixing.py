"""Which references add up to a measured curve: non-negative least squares with selection.

Candidates are proposed by greedy orthogonal least squares over a whole library, then chosen among
the proposed: grown, exchanged for better ones, and taken away again while the extended Bayesian
information criterion (Chen and Chen, Biometrika 2008, 95, 759) does not need them. The points of
a residual are not independent: the criterion counts the points that are, and the fit is repeated
on values freed of the correlation from point to point (Cochrane and Orcutt, JASA 1949, 44, 32).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from lims.identification.band_facts import products
from lims.identification.residuals import Floats, free_points, whitened

Rows = NDArray[np.float32]

# Proposals kept at each step of the growth.
PROPOSED_PER_STEP = 40
# What is so nearly made of the others already brings nothing of its own.
OWN_SHARE = 1e-5
MOST_EXCHANGES = 24
# What explains this much of what a component brings cannot be told apart from it.
RIVAL_SHARE = 0.98
# However short the list, a mixture could have held others.
FEWEST_CANDIDATES = 10
# Fewer independent points than this can decide nothing.
FEWEST_FREE_POINTS = 8.0


@dataclass(frozen=True, eq=False)
class Fit:
    """Chosen references (places in the pool), their amounts and what is left."""

    chosen: tuple[int, ...]
    amounts: Floats
    covariance: Floats
    rss: float
    free_points: float


def propose(y: Floats, rows: Rows, fixed: Floats, steps: int) -> list[int]:
    """Return the references that greedy growth would take, and the runners-up of each step.

    `fixed`: columns that are always in the fit. All points must be numbers.
    """
    basis = np.linalg.qr(fixed)[0] if fixed.shape[1] else fixed
    norms = np.einsum("ij,ij->i", rows, rows)
    proposed: list[int] = []
    taken: list[int] = []
    spanned = np.sum(products(rows, basis.astype(np.float32)) ** 2, axis=1)
    residual = y - basis @ (basis.T @ y)
    for _step in range(min(steps, len(rows))):
        own = norms - spanned
        along = products(rows, residual.astype(np.float32))
        usable = (own > 10 * OWN_SHARE * norms) & (along > 0)
        gains = np.where(usable, along**2 / np.where(usable, own, 1.0), 0.0)
        gains[taken] = 0.0
        best = int(np.argmax(gains))
        if gains[best] <= 0:
            break
        count = min(PROPOSED_PER_STEP, len(rows))
        proposed += [int(place) for place in np.argpartition(-gains, count - 1)[:count]]
        taken.append(best)
        column = rows[best] - basis @ (basis.T @ rows[best])
        column /= np.linalg.norm(column)
        basis = np.column_stack([basis, column])
        spanned = spanned + products(rows, column.astype(np.float32)) ** 2
        residual = residual - column * float(column @ residual)
    return list(dict.fromkeys([*taken, *proposed]))


@dataclass(eq=False)
class Pool:
    """The proposed references of one mixture, freed of the baseline and of correlation.

    `candidates`: how many references there were to choose from; the more, the more a chance fit
    must prove.
    """

    y: Floats
    rows: Floats
    starts: Sequence[int]
    candidates: int
    dimensions: int

    @classmethod
    def of(
        cls,
        y: Floats,
        rows: Floats,
        columns: Floats,
        starts: Sequence[int],
        correlation: float,
        candidates: int,
    ) -> Pool:
        """Free curve and references of correlation, then of the baseline's columns."""
        basis = np.linalg.qr(whitened(columns.T, correlation, starts).T)[0]
        mine = whitened(y, correlation, starts)
        theirs = whitened(rows, correlation, starts)
        return cls(
            mine - basis @ (basis.T @ mine),
            theirs - (theirs @ basis) @ basis.T,
            starts,
            max(candidates, FEWEST_CANDIDATES),
            columns.shape[1],
        )

    def choose(self, most: int, least_fraction: float, weights: Floats) -> Fit:
        """Grow, exchange and take away; `weights` turn amounts into parts of the whole."""
        chosen: list[int] = []
        while len(chosen) < min(most, len(self.rows)):
            best, gain = self._best_beside(chosen)
            if best is None or gain <= 1e-12 * self.whole:
                break
            chosen = self._exchanged([*chosen, best])
        return self._without_needless(chosen, least_fraction, weights)

    @cached_property
    def products(self) -> Floats:
        """Return the products of every two references."""
        return np.asarray(self.rows @ self.rows.T)

    @cached_property
    def along(self) -> Floats:
        """Return the products of every reference with the curve."""
        return np.asarray(self.rows @ self.y)

    @cached_property
    def whole(self) -> float:
        """Return the sum of squares of the curve."""
        return float(self.y @ self.y)

    def amounts(self, chosen: Sequence[int]) -> tuple[Floats, float]:
        """Return the non-negative amounts of these references, and the sum of squares left."""
        from scipy.optimize import nnls

        places = list(chosen)
        if not places:
            return np.zeros(0), self.whole
        scale = np.sqrt(np.maximum(np.diag(self.products)[places], 1e-300))
        square = self.products[np.ix_(places, places)] / np.outer(scale, scale)
        factor = np.linalg.cholesky(square + 1e-10 * np.eye(len(places)))
        target = np.linalg.solve(factor, self.along[places] / scale)
        amounts, missed = nnls(factor.T, target)
        left = self.whole - float(target @ target) + float(missed) ** 2
        return amounts / scale, max(left, 1e-12 * self.whole)

    def fit(self, chosen: Sequence[int]) -> Fit:
        """Fit these references with amounts that are never negative; those at nought stay in."""
        amounts, _left = self.amounts(chosen)
        columns = self.rows[list(chosen)].T
        residual = self.y - columns @ amounts
        rss, free = float(residual @ residual), free_points(residual, self.starts)
        inverse = np.asarray(np.linalg.pinv(columns.T @ columns))
        scatter = rss / max(self.y.size - len(chosen) - self.dimensions, 1)
        # Of fewer independent points each amount is known as much worse.
        spread = inverse * scatter * (self.y.size / free)
        return Fit(tuple(chosen), amounts, spread, rss, free)

    def needed(self, without: float, fit: Fit) -> bool:
        """Say whether the fit is so much better than the one without as to justify a component."""
        if without <= 0:
            return False
        free = max(fit.free_points, FEWEST_FREE_POINTS)
        better = free * log(without / max(fit.rss, 1e-12 * without))
        return better > log(free) + 2.0 * log(self.candidates)

    def rivals(self, fit: Fit) -> list[tuple[int, int]]:
        """Return (chosen, other) where the other in its stead explains as much.

        As much: no worse than chance allows, or nearly all of what the component brings, which
        is what two spectra of one substance by two instruments differ by.
        """
        free = max(fit.free_points, FEWEST_FREE_POINTS)
        by_chance = fit.rss * exp(log(free) / free)
        found = []
        for place in fit.chosen:
            rest = [one for one in fit.chosen if one != place]
            without = self.amounts(rest)[1]
            left = without - self._gains(rest)
            enough = max(by_chance, without - RIVAL_SHARE * (without - fit.rss))
            found += [
                (place, int(other))
                for other in np.argsort(left)
                if left[other] <= enough and int(other) not in fit.chosen
            ]
        return found

    def _gains(self, chosen: Sequence[int]) -> Floats:
        """Return by how much each reference beside these would lessen the sum of squares."""
        norms, along = np.diag(self.products), self.along
        own = norms
        if chosen:
            places = list(chosen)
            square = self.products[np.ix_(places, places)]
            factor = np.linalg.cholesky(square + 1e-10 * np.diag(np.diag(square)))
            shared = np.linalg.solve(factor, self.products[places])
            own = norms - np.sum(shared**2, axis=0)
            along = along - shared.T @ np.linalg.solve(factor, along[places])
        usable = (own > OWN_SHARE * norms) & (along > 0)
        return np.where(usable, along**2 / np.where(usable, own, 1.0), 0.0)

    def _best_beside(self, chosen: Sequence[int]) -> tuple[int | None, float]:
        if not len(self.rows):
            return None, 0.0
        gains = self._gains(chosen)
        gains[list(chosen)] = 0.0
        best = int(np.argmax(gains))
        return (best, float(gains[best])) if gains[best] > 0 else (None, 0.0)

    def _exchanged(self, chosen: list[int]) -> list[int]:
        """Exchange components for better ones until none is better, and drop those at nought."""
        for _round in range(MOST_EXCHANGES):
            before = list(chosen)
            for place in before:
                rest = [one for one in chosen if one != place]
                best, _gain = self._best_beside(rest)
                if best is None or best == place:
                    continue
                if self.amounts([*rest, best])[1] < self.amounts(chosen)[1] * (1 - 1e-9):
                    chosen = [*rest, best]
            if chosen == before:
                break
        amounts = self.amounts(chosen)[0]
        return [place for place, amount in zip(chosen, amounts, strict=True) if amount > 0]

    def _without_needless(
        self, chosen: Sequence[int], least_fraction: float, weights: Floats
    ) -> Fit:
        fit = self.fit(chosen)
        while fit.chosen:
            parts = fit.amounts * weights[list(fit.chosen)]
            parts = parts / max(float(parts.sum()), 1e-300)
            rests = [[one for one in fit.chosen if one != place] for place in fit.chosen]
            without = [self.amounts(rest)[1] for rest in rests]
            weakest = int(np.argmin(without))
            tiny = [number for number, part in enumerate(parts) if part < least_fraction]
            if tiny:
                weakest = min(tiny, key=lambda number: without[number])
            elif self.needed(without[weakest], fit):
                break
            fit = self.fit(rests[weakest])
        return fit
