"""What is worked out once for each electron-ionisation spectrum, before anything is compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lims.identification.mass_peaks import BINS, Bins, Floats, Ints, Places, Sticks, sums

# A spectrum ends at its highest mass of at least this share of the base peak.
END_HEIGHT = 0.01
# Width (standard deviation, mass units) over which a peak's surroundings are averaged.
SURROUNDINGS = 8.0
_REACH = int(4 * SURROUNDINGS)
_LEAST_SURROUNDINGS = 1e-6


@dataclass(frozen=True, eq=False)
class Profiles:
    """Spectra at nominal mass with what every comparison needs of them.

    For each peak: `evened`, its weight when the level of its surroundings is evened out. For each
    spectrum: the lowest mass, the faintest peak, the end, two lengths, and the exponent and the sum
    of its entropy weighting.
    """

    starts: Places
    bins: Bins
    intensities: Floats
    evened: Floats
    lowest: Ints
    faintest: Floats
    end: Ints
    plain_length: Floats
    heavy_length: Floats
    exponent: Floats
    total: Floats

    def __len__(self) -> int:
        return len(self.starts) - 1


def entropy_exponent(entropy: Floats) -> Floats:
    """Return the exponent that spreads a spectrum of few peaks (Li et al., Nat Methods 2021)."""
    spread: Floats = np.where(entropy < 3, 0.25 + 0.25 * entropy, 1.0).astype(np.float32)
    return spread


def profiles(sticks: Sticks) -> Profiles:
    """Return the profiles of these spectra."""
    starts, bins, heights = sticks.starts, sticks.bins, sticks.intensities
    counts = np.diff(starts)
    mass = bins.astype(np.float32)
    total = sums(heights, starts)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = np.log(total) - sums(heights * np.log(heights), starts) / total
    exponent = entropy_exponent(np.nan_to_num(entropy).astype(np.float32))
    powered = np.exp(np.repeat(exponent, counts) * np.log(heights))
    return Profiles(
        starts=starts,
        bins=bins,
        intensities=heights,
        evened=np.sqrt(heights * mass)
        / np.maximum(_surroundings(sticks), _LEAST_SURROUNDINGS) ** 0.25,
        lowest=_first(starts, bins),
        faintest=_least(starts, heights),
        end=_last(starts, np.where(heights > END_HEIGHT, bins, 0)),
        plain_length=np.sqrt(sums(heights**2, starts)).astype(np.float32),
        heavy_length=np.sqrt(sums(heights * mass**4, starts)).astype(np.float32),
        exponent=exponent,
        total=sums(powered, starts).astype(np.float32),
    )


def _surroundings(sticks: Sticks) -> Floats:
    """Return for each peak the mean of the intensities around it, weighted by a bell curve."""
    keys = sticks.rows.astype(np.int64) * (2 * BINS) + sticks.bins
    heights = sticks.intensities.astype(np.float32)
    reach = np.arange(_REACH + 1)
    bell = np.exp(-0.5 * (reach / SURROUNDINGS) ** 2)
    bell = (bell / (bell[0] + 2 * bell[1:].sum())).astype(np.float32)
    mean: Floats = heights * bell[0]
    for step in range(1, min(len(keys), _REACH + 1)):
        apart = keys[step:] - keys[:-step]
        near = np.flatnonzero(apart <= _REACH)
        if not len(near):
            break
        weight = bell[apart[near]]
        # Each place occurs once in `near`, so that adding by place loses nothing.
        mean[near] += weight * heights[near + step]
        mean[near + step] += weight * heights[near]
    return mean


def _first(starts: Places, bins: Bins) -> Ints:
    """Return the lowest mass of each spectrum; peaks stand in rising order."""
    full = np.append(bins, 0)
    found: Ints = np.where(np.diff(starts) > 0, full[starts[:-1]], 0).astype(np.int32)
    return found


def _least(starts: Places, heights: Floats) -> Floats:
    filled = np.flatnonzero(np.diff(starts))
    least = np.ones(len(starts) - 1, np.float32)
    if len(filled):
        least[filled] = np.minimum.reduceat(heights, starts[filled])
    return least


def _last(starts: Places, bins: Bins) -> Ints:
    filled = np.flatnonzero(np.diff(starts))
    last = np.zeros(len(starts) - 1, np.int32)
    if len(filled):
        last[filled] = np.maximum.reduceat(bins, starts[filled])
    return last
