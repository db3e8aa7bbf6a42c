"""Peak lists of mass spectra as flat arrays: many spectra in one row of numbers, no loops.

An electron-ionisation spectrum is kept at nominal mass. Peaks that fall in one bin keep the
highest; intensities are relative to the base peak, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]
Bins = NDArray[np.int16]
Places = NDArray[np.int64]

# Highest nominal mass that is kept; no compound of a drug service is heavier.
BINS = 1500
# Hydrogen-rich ions lie above their nominal mass, halogenated ones below: the bin of m/z runs from
# 0.3 below the whole number to 0.7 above it.
BIN_SHIFT = 0.3
# Peaks below this share of the base peak are noise of every instrument.
FAINTEST = 1e-4


@dataclass(frozen=True, eq=False)
class Sticks:
    """Spectra one after the other: spectrum i owns the peaks `starts[i]` to `starts[i + 1]`."""

    starts: Places
    bins: Bins
    intensities: Floats

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def rows(self) -> Ints:
        """Return for every peak the spectrum that it belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))


def flat(lists: Iterable[tuple[object, object]]) -> tuple[Places, Doubles, Doubles]:
    """Return counts, m/z and intensities of many peak lists, one after the other."""
    masses = [np.empty(0)]
    heights = [np.empty(0)]
    counts: list[int] = []
    for mz, intensity in lists:
        x = np.asarray(mz, dtype=np.float64).ravel()
        y = np.asarray(intensity, dtype=np.float64).ravel()
        shorter = min(len(x), len(y))
        masses.append(x[:shorter])
        heights.append(y[:shorter])
        counts.append(shorter)
    return np.array(counts, np.int64), np.concatenate(masses), np.concatenate(heights)


def nominal(counts: Places, mz: Doubles, intensity: Doubles) -> Sticks:
    """Return spectra at nominal mass, scaled to their base peak; what is no peak is left out."""
    rows = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    with np.errstate(invalid="ignore"):
        good = np.isfinite(mz) & np.isfinite(intensity) & (intensity > 0)
        good &= (mz >= 1 - BIN_SHIFT) & (mz < BINS - 1)
    rows, heights = rows[good], intensity[good]
    keys = rows * BINS + (mz[good] + BIN_SHIFT).astype(np.int64)
    order = np.argsort(keys, kind="stable")
    keys, heights = keys[order], heights[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    if len(first):
        keys, heights = keys[first], np.maximum.reduceat(heights, first)
    rows = keys // BINS
    tallest = np.zeros(len(counts))
    np.maximum.at(tallest, rows, heights)
    relative = heights / tallest[rows]
    seen = relative >= FAINTEST
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(np.bincount(rows[seen], minlength=len(counts)), out=starts[1:])
    return Sticks(starts, (keys[seen] % BINS).astype(np.int16), relative[seen].astype(np.float32))


def one(mz: object, intensity: object) -> Sticks:
    """Return one spectrum at nominal mass."""
    return nominal(*flat([(mz, intensity)]))


def spread(starts: Places, counts: Places) -> Places:
    """Return the places `start, start + 1 ... start + count - 1` of every range, in one row."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places: Places = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - counts), counts)
    return places


def sums(values: NDArray[np.floating], starts: Places) -> Doubles:
    """Return the sum of the values of each spectrum, 0 for one without peaks."""
    filled = np.flatnonzero(np.diff(starts))
    found = np.zeros(len(starts) - 1)
    if len(filled):
        found[filled] = np.add.reduceat(values.astype(np.float64), starts[filled])
    return found
