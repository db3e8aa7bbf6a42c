"""Synthetic spectra to measure speed with: invented peaks that crowd as real ones do.

Only the distribution is taken from measured libraries, as a few numbers: how many peaks, where a
spectrum ends, how often a nominal mass occurs, how high peaks are. No compound has these spectra.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lims.identification.mass_peaks import Doubles, Places

# Measured on 9,491 electron-ionisation spectra of an open collection: mean and standard deviation
# of ln(highest mass), of ln(number of peaks), their correlation; of ln(relative intensity).
END = (5.25, 0.45)
PEAKS = (3.60, 0.65)
END_AND_PEAKS = 0.48
HEIGHTS = (-3.48, 1.52)
# Share of spectra that show a peak at this nominal mass, smoothed over ten masses; odd masses
# occur more often than even ones in the ratio of ODD to EVEN.
OCCURRENCE = {
    0: 0.0, 12: 0.01, 15: 0.03, 25: 0.14, 35: 0.15, 45: 0.33, 55: 0.42, 65: 0.31, 75: 0.36,
    95: 0.30, 115: 0.23, 135: 0.19, 155: 0.15, 175: 0.11, 195: 0.09, 225: 0.06, 265: 0.035,
    295: 0.022, 345: 0.014, 395: 0.007, 445: 0.003, 495: 0.001, 1000: 0.0002,
}  # fmt: skip
ODD, EVEN = 1.13, 0.87
# A query is a library spectrum of another instrument: heights differ by this much (sd of ln), and
# one peak in ten is missing.
QUERY_SPREAD, QUERY_MISSING = 0.3, 0.1
_LIGHTEST, _HEAVIEST = 60, 900


@dataclass(frozen=True, eq=False)
class Synthetic:
    """Spectra one after the other: peak list i begins at `starts[i]`."""

    starts: Places
    mz: Doubles
    heights: Doubles

    def peaks(self, place: int) -> tuple[Doubles, Doubles]:
        """Return the masses and heights of one spectrum."""
        part = slice(int(self.starts[place]), int(self.starts[place + 1]))
        return self.mz[part], self.heights[part]


def synthetic_ei(count: int, seed: int) -> Synthetic:
    """Return `count` synthetic electron-ionisation spectra, the same for the same seed."""
    chance = np.random.default_rng(seed)
    first, second = chance.standard_normal((2, count))
    end = np.clip(np.exp(END[0] + END[1] * first), _LIGHTEST, _HEAVIEST).astype(int)
    mixed = END_AND_PEAKS * first + np.sqrt(1 - END_AND_PEAKS**2) * second
    peaks = np.clip(np.exp(PEAKS[0] + PEAKS[1] * mixed).astype(int), 5, end // 2)
    rows = np.repeat(np.arange(count), peaks)
    begins = np.cumsum(peaks) - peaks
    masses = np.arange(_HEAVIEST + 1)
    often = np.interp(masses, list(OCCURRENCE), list(OCCURRENCE.values()))
    running = np.cumsum(often * np.where(masses % 2, ODD, EVEN))
    mz = np.searchsorted(running, chance.random(len(rows)) * running[end][rows])
    mz[begins], mz[begins + 1] = end, end - 1
    heights = np.exp(HEIGHTS[0] + HEIGHTS[1] * chance.standard_normal(len(rows)))
    heights = np.clip(heights, 0.001, 1.0)
    heights[begins + 2] = 1.0
    keys, first_of = np.unique(rows * (_HEAVIEST + 1) + mz, return_index=True)
    starts = np.searchsorted(keys // (_HEAVIEST + 1), np.arange(count + 1))
    return Synthetic(starts, (keys % (_HEAVIEST + 1)).astype(float), heights[first_of])


def queries_of(library: Synthetic, count: int, seed: int) -> tuple[Places, Synthetic]:
    """Return which spectra were chosen, and each as another instrument would have measured it."""
    chance = np.random.default_rng(seed)
    chosen = chance.choice(len(library.starts) - 1, count, replace=False)
    masses, heights = [], []
    for place in chosen:
        mz, height = library.peaks(int(place))
        kept = chance.random(len(mz)) > QUERY_MISSING
        kept[np.argmax(height)] = True
        masses.append(mz[kept])
        heights.append((height * np.exp(QUERY_SPREAD * chance.standard_normal(len(mz))))[kept])
    starts = np.concatenate([[0], np.cumsum([len(one) for one in masses])]).astype(np.int64)
    return chosen, Synthetic(starts, np.concatenate(masses), np.concatenate(heights))


def synthetic_bands(count: int, points: int, seed: int) -> tuple[Doubles, Doubles]:
    """Return wavenumbers (cm-1) and `count` synthetic infrared curves of Gaussian bands."""
    chance = np.random.default_rng(seed)
    x = np.linspace(400.0, 4000.0, points)
    curves = np.full((count, points), 0.01)
    for row in curves:
        bands = int(chance.integers(8, 25))
        for centre, width, height in zip(
            chance.uniform(500, 3900, bands),
            chance.uniform(5, 40, bands),
            chance.lognormal(-1, 0.8, bands),
            strict=True,
        ):
            part = slice(*np.searchsorted(x, [centre - 5 * width, centre + 5 * width]))
            row[part] += height * np.exp(-0.5 * ((x[part] - centre) / width) ** 2)
    return x, curves
