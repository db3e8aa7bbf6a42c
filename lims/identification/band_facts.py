"""Which parts of the range speak for a reference, and which against it.

A part speaks only where one of the two curves has some structure; a flat stretch agrees with
anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lims.spectra import signal
from lims.spectra.spectrum import Floats

Rows = NDArray[np.float32]
Bits = NDArray[np.bool_]

# So few rows at a time are multiplied without help of other processors: many searches go on at
# once, and waiting for each other costs them more than help brings.
ROWS_AT_ONCE = 8

# A part of the range speaks for a substance from here, and against it below.
SPEAKS_FOR, SPEAKS_AGAINST = 0.9, 0.5
# A part in which both curves have less than this share of their structure says nothing.
LEAST_STRUCTURE = 0.05
FEWEST_IN_A_PART = 5


@dataclass(frozen=True)
class PartFact:
    """How well one part of the range agrees. `verdict` is for, against or neutral."""

    low: float
    high: float
    correlation: float | None
    verdict: str


def products(rows: Rows, other: Rows) -> Rows:
    """Return rows @ other, by the work of one processor."""
    whole = len(rows) // ROWS_AT_ONCE * ROWS_AT_ONCE
    stacked = rows[:whole].reshape(-1, ROWS_AT_ONCE, rows.shape[1]) @ other
    return np.concatenate([stacked.reshape(whole, *other.shape[1:]), rows[whole:] @ other])


def correlations(rows: Rows, row: Rows, both: Bits) -> Floats:
    """Return Pearson's correlation of each row with one, over the points where both are known."""
    count = np.maximum(both.sum(axis=1), 1)
    mine, theirs = np.where(both, row, 0.0), np.where(both, rows, 0.0)
    mine = mine - (mine.sum(axis=1) / count)[:, None] * both
    theirs = theirs - (theirs.sum(axis=1) / count)[:, None] * both
    lengths = np.einsum("ij,ij->i", mine, mine) * np.einsum("ij,ij->i", theirs, theirs)
    safe = np.where(lengths > 0, lengths, 1.0)
    return np.where(lengths > 0, np.einsum("ij,ij->i", mine, theirs) / np.sqrt(safe), 0.0)


def parts_of(grid: signal.Grid, rows: Rows, row: Rows, both: Bits) -> list[list[PartFact]]:
    """Return what each part of the range says about each of these references."""
    theirs, mine = _structure(rows, both), _structure(np.broadcast_to(row, rows.shape), both)
    facts: list[list[PartFact]] = [[] for _row in rows]
    for low, high in grid.parts:
        here = slice(*np.searchsorted(grid.x, [low, high + grid.step / 2]))
        values = correlations(rows[:, here], row[here], both[:, here])
        shares = np.maximum(theirs[:, here].sum(axis=1), mine[:, here].sum(axis=1))
        points = both[:, here].sum(axis=1)
        for fact, value, share, known in zip(facts, values, shares, points, strict=True):
            fact.append(_part((low, high), float(value), float(share), int(known)))
    return facts


def _structure(rows: Rows, both: Bits) -> Rows:
    """Return how the structure of each curve is spread over the range; each row adds up to 1."""
    squares = np.where(both, rows, 0.0) ** 2
    return np.asarray(squares / np.maximum(squares.sum(axis=1, keepdims=True), 1e-12))


def _part(span: signal.Span, value: float, share: float, points: int) -> PartFact:
    if points < FEWEST_IN_A_PART:
        return PartFact(*span, correlation=None, verdict="neutral")
    verdict = "neutral"
    if share >= LEAST_STRUCTURE:
        verdict = "for" if value >= SPEAKS_FOR else "against" if value < SPEAKS_AGAINST else verdict
    return PartFact(*span, correlation=value, verdict=verdict)
