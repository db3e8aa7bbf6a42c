"""A measured spectrum and a reference laid over each other, and what is left between them.

Curves are compared in absorbance or intensity on the common grid; the reference is scaled and
shifted by least squares, never turned over. Peaks of mass spectra stand against each other, each
scaled to 100.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lims.spectra import signal
from lims.spectra.spectrum import Floats, Spectrum


@dataclass(frozen=True, eq=False)
class Overlay:
    """Query and reference on one axis; the residual is what the reference leaves."""

    x: Floats
    query: Floats
    other: Floats
    residual: Floats
    scale: float


def overlay(query: Spectrum, reference: Spectrum) -> Overlay:
    """Lay a reference over a query; raises Invalid when either cannot be prepared."""
    mine, theirs = signal.prepare(query), signal.prepare(reference)
    scale, offset = _fit(mine.y, theirs.y)
    other = scale * theirs.y + offset
    return Overlay(mine.grid.x, mine.y, other, mine.y - other, scale)


def _fit(query: Floats, reference: Floats) -> tuple[float, float]:
    both = np.isfinite(query) & np.isfinite(reference)
    if int(both.sum()) < 2:
        return 0.0, 0.0
    x, y = reference[both], query[both]
    spread = float(np.var(x))
    slope = float(np.mean((x - x.mean()) * (y - y.mean()))) / spread if spread > 0 else 0.0
    slope = max(slope, 0.0)
    return slope, float(y.mean() - slope * x.mean())


def with_gaps(x: Floats, *curves: Floats) -> tuple[Floats, ...]:
    """Return curves with an empty point wherever the grid leaves out a stretch."""
    if x.size < 3:
        return (x, *curves)
    steps = np.diff(x)
    holes = np.flatnonzero(np.abs(steps) > 1.5 * float(np.median(np.abs(steps)))) + 1
    between = np.insert(x, holes, (x[holes - 1] + x[holes]) / 2)
    return (between, *(np.insert(one, holes, np.nan) for one in curves))
