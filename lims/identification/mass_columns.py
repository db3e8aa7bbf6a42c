"""Which library spectra are worth a close look: an inverted index over nominal masses.

A mass that many spectra show is a column of one byte per spectrum; a rare one is a list of the
spectra that show it. A query adds up the columns of its heaviest peaks, a few hundred kilobytes
each, and the spectra with the highest sums are the candidates. Weights: intensity^0.53 · m/z^1.3
(Stein and Scott, J Am Soc Mass Spectrom 1994, in the exponents of Kim et al., 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lims.identification.mass_peaks import BINS, Floats, Ints, Places, Sticks, sums

INTENSITY_POWER = 0.53
MASS_POWER = 1.3
HEAVIEST = 16
# A mass shown by more than this share of the spectra gets a column.
COMMON = 1 / 32
_FULL = 250
_SAMPLE = 20_000

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Columns:
    """The inverted index: `column[mass]` is the row of `dense`, or -1 for a list of its own."""

    column: Ints
    dense: Bytes
    list_starts: Places
    list_rows: Ints
    list_weights: Bytes

    @property
    def size(self) -> int:
        """Return the number of spectra."""
        return int(self.dense.shape[1])


def weights(sticks: Sticks) -> Floats:
    """Return the weight of every peak, each spectrum scaled to length 1."""
    logs = INTENSITY_POWER * np.log(sticks.intensities) + MASS_POWER * np.log(sticks.bins)
    raw = np.exp(logs).astype(np.float32)
    lengths = np.sqrt(sums(np.square(raw), sticks.starts))
    counts = np.diff(sticks.starts)
    scaled: Floats = np.divide(raw, np.repeat(lengths, counts)).astype(np.float32)
    return scaled


def build(sticks: Sticks) -> Columns:
    """Return the inverted index of these spectra."""
    n = len(sticks)
    levels = np.clip(np.rint(weights(sticks) * 255), 1, 255).astype(np.uint8)
    order = np.argsort(sticks.bins, kind="stable")
    rows, levels = sticks.rows[order], levels[order]
    ends = np.cumsum(np.bincount(sticks.bins, minlength=BINS))
    begins = np.concatenate([[0], ends[:-1]])
    common = np.flatnonzero(ends - begins > max(n * COMMON, 1))
    column = np.full(BINS, -1, np.int32)
    column[common] = np.arange(len(common))
    dense = np.zeros((len(common), n), np.uint8)
    for place, mass in enumerate(common):
        part = slice(int(begins[mass]), int(ends[mass]))
        dense[place, rows[part]] = levels[part]
    rare = np.repeat(column < 0, ends - begins)
    starts = np.zeros(BINS + 1, np.int64)
    np.cumsum(np.where(column < 0, ends - begins, 0), out=starts[1:])
    return Columns(column, dense, starts, rows[rare], levels[rare])


def nearest(index: Columns, query: Sticks, wanted: int) -> Places:
    """Return the spectra that share the query's heaviest peaks best, at most `wanted` of them."""
    scores = np.zeros(index.size, np.uint16)
    product = np.empty(index.size, np.uint16)
    weight = weights(query)
    for peak in np.argsort(-weight, kind="stable")[:HEAVIEST]:
        mass, factor = int(query.bins[peak]), np.uint16(round(float(weight[peak]) * _FULL))
        place = int(index.column[mass])
        if place >= 0:
            np.multiply(index.dense[place], factor, out=product)
            np.add(scores, product, out=scores)
        else:
            part = slice(int(index.list_starts[mass]), int(index.list_starts[mass + 1]))
            scores[index.list_rows[part]] += index.list_weights[part] * factor
    return _highest(scores, wanted)


def _highest(scores: NDArray[np.uint16], wanted: int) -> Places:
    """Return the places of the highest scores above 0, at most `wanted`, in rising order."""
    step = max(1, len(scores) // _SAMPLE)
    sample = scores[::step]
    share = 2 * wanted // step + 8
    floor = 1
    if len(sample) > share:
        floor = max(1, int(np.partition(sample, len(sample) - share)[len(sample) - share]))
    found = np.flatnonzero(scores >= floor)
    if len(found) < wanted and floor > 1:
        found = np.flatnonzero(scores)
    if len(found) > wanted:
        # Of equal scores the earlier spectrum stays, on every machine.
        order = np.lexsort((found, -scores[found].astype(np.int64)))[:wanted]
        found = np.sort(found[order])
    return found
