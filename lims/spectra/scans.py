"""Many scans of one file: how strong each is, and the mean spectrum of a stretch of them.

A chromatogram of a mass spectrometer is a row of scans. One scan is noisy and holds what the
column bleeds; the mean over a peak, less the mean beside it, is what a library is searched with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lims.spectra.spectrum import Floats, Spectrum

# Masses nearer than this to a whole number, in most peaks, are of a unit-resolution instrument.
UNIT_RESOLUTION = 0.25
UNIT_BIN, FINE_BIN = 1.0, 0.01
# Peaks below this share of the strongest are not kept in a mean.
LEAST_SHARE = 0.0005


@dataclass(frozen=True)
class Trace:
    """Where each scan stands (as its file says, or its number) and its summed intensity."""

    places: tuple[float, ...]
    sums: tuple[float, ...]

    @property
    def strongest(self) -> int:
        """Return which scan is the strongest, from 0."""
        return int(np.argmax(np.asarray(self.sums))) if self.sums else 0


def trace_of(scans: Sequence[Spectrum]) -> Trace:
    """Return the total ion trace of a row of scans."""
    placed = all(one.z is not None for one in scans)
    places = tuple(
        round(float(one.z), 5) if placed and one.z is not None else float(number)
        for number, one in enumerate(scans, start=1)
    )
    return Trace(places, tuple(float(np.sum(one.y)) for one in scans))


def mean_of(scans: Sequence[Spectrum], beside: Sequence[Spectrum] = ()) -> Spectrum:
    """Return the mean of scans of sticks less the mean of those beside the peak.

    Masses fall into bins of 1 for unit resolution, else of 0.01; a mass is the mean of its bin
    weighted by intensity. What the subtraction leaves below zero is left out.
    """
    width = _bin_width(scans)
    masses, heights = _binned(scans, width)
    if beside:
        theirs = dict(zip(*_keys_and_heights(beside, width), strict=True))
        keys = np.round(masses / width).astype(np.int64)
        heights = heights - np.array([theirs.get(int(key), 0.0) for key in keys])
    most = float(heights.max()) if heights.size else 0.0
    keep = heights > max(0.0, LEAST_SHARE * most)
    return replace(scans[0], x=masses[keep], y=heights[keep], sticks=True)


def _bin_width(scans: Sequence[Spectrum]) -> float:
    masses = np.concatenate([one.x for one in scans]) if scans else np.zeros(0)
    if not masses.size:
        return UNIT_BIN
    # Unit-resolution software writes tenths around the whole mass; defects are below a quarter.
    tenths = np.abs(masses * 10 - np.round(masses * 10)) < 1e-6
    near = np.abs(masses - np.round(masses)) < UNIT_RESOLUTION
    return UNIT_BIN if float(np.mean(tenths & near)) > 0.5 else FINE_BIN


def _binned(scans: Sequence[Spectrum], width: float) -> tuple[Floats, Floats]:
    masses = np.concatenate([one.x for one in scans]) if scans else np.zeros(0)
    heights = np.concatenate([np.maximum(one.y, 0.0) for one in scans]) if scans else np.zeros(0)
    keys, inverse = np.unique(np.round(masses / width).astype(np.int64), return_inverse=True)
    total = np.bincount(inverse, weights=heights, minlength=keys.size)
    weighted = np.bincount(inverse, weights=heights * masses, minlength=keys.size)
    safe = np.where(total > 0, total, 1.0)
    means = keys * width if width == UNIT_BIN else weighted / safe
    return np.asarray(means, dtype=np.float64), np.asarray(total / max(1, len(scans)))


def _keys_and_heights(scans: Sequence[Spectrum], width: float) -> tuple[list[int], list[float]]:
    masses, heights = _binned(scans, width)
    keys = np.round(masses / width).astype(np.int64)
    return [int(key) for key in keys], [float(one) for one in heights]
