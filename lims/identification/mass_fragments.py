"""Fragment spectra (MS/MS) made comparable: noise and precursor left out, close peaks joined.

Intensities become shares that add up to 1, spread by the spectrum's entropy (Li et al., Nat Methods
2021). Peaks of one spectrum lie further apart than two tolerances, so each has one partner at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lims.identification.mass_peaks import Doubles, Ints, Places, sums
from lims.identification.mass_profiles import entropy_exponent

# Half width in which two fragments are one ion, m/z.
TOLERANCE = 0.02
# Peaks from this far below the precursor upwards are the precursor itself, m/z.
PRECURSOR_ZONE = 1.6
# Peaks below this share of the highest fragment are noise.
NOISE = 0.001


@dataclass(frozen=True, eq=False)
class Fragments:
    """Cleaned fragment spectra, one after the other, their peaks in rising order of m/z."""

    starts: Places
    mz: Doubles
    shares: Doubles

    @property
    def rows(self) -> Ints:
        """Return for every peak the spectrum that it belongs to."""
        counts = np.diff(self.starts)
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def fragments(counts: Places, mz: Doubles, heights: Doubles, precursor: Doubles) -> Fragments:
    """Return cleaned spectra; `precursor` is NaN where it is not known.

    A spectrum that shows nothing but its precursor keeps it.
    """
    rows = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    with np.errstate(invalid="ignore"):
        good = np.isfinite(mz) & np.isfinite(heights) & (heights > 0) & (mz > 0)
        below = good & ~(mz > precursor[rows] - PRECURSOR_ZONE)
    left = np.bincount(rows[below], minlength=len(counts))
    good = below | (good & (left == 0)[rows])
    rows, mz, heights = _without_noise(rows[good], mz[good], heights[good], len(counts))
    rows, mz, heights = _joined(rows, mz, heights)
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=len(counts)), out=starts[1:])
    return Fragments(starts, mz, _shares(starts, heights))


def _without_noise(
    rows: Places, mz: Doubles, heights: Doubles, size: int
) -> tuple[Places, Doubles, Doubles]:
    tallest = np.zeros(size)
    np.maximum.at(tallest, rows, heights)
    heights = heights / tallest[rows]
    seen = heights >= NOISE
    rows, mz, heights = rows[seen], mz[seen], heights[seen]
    order = np.lexsort((mz, rows))
    return rows[order], mz[order], heights[order]


def _joined(rows: Places, mz: Doubles, heights: Doubles) -> tuple[Places, Doubles, Doubles]:
    """Join neighbours closer than two tolerances until none are left, weighted by height."""
    while True:
        near = (np.diff(mz) <= 2 * TOLERANCE) & (np.diff(rows) == 0)
        if not near.any():
            return rows, mz, heights
        # Of a chain only every other pair is joined at a time.
        begins = np.flatnonzero(near & ~np.concatenate([[False], near[:-1]]))
        total = heights[begins] + heights[begins + 1]
        mz[begins] += (mz[begins + 1] - mz[begins]) * heights[begins + 1] / total
        heights[begins] = total
        keep = np.ones(len(mz), bool)
        keep[begins + 1] = False
        rows, mz, heights = rows[keep], mz[keep], heights[keep]


def _shares(starts: Places, heights: Doubles) -> Doubles:
    counts = np.diff(starts)
    part = heights / np.repeat(sums(heights, starts), counts)
    entropy = -sums(part * np.log(part), starts)
    part = part ** np.repeat(entropy_exponent(entropy.astype(np.float32)), counts)
    shares: Doubles = part / np.repeat(sums(part, starts), counts)
    return shares
