"""What to test next: how many bits each test is expected to bring, per minute at the bench.

A test is a table: for each hypothesis, how probable each outcome is. The expected drop in entropy
is the mutual information of hypothesis and outcome (Shannon 1948; Lindley, Ann Math Stat 1956).
Advice, never an order: it knows only likelihoods that are known, and says so where none are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from lims.identification.likelihood import ColourKnowledge, ColourModel

Table = NDArray[np.float64]
PLACES = np.arange(0.0, 101.0)
"""hRf values at which a plate's outcome is told apart: whole numbers from 0 to 100."""
LEAST_BITS = 0.005
"""Below this a test is not advised: it would tell nothing."""


@dataclass(frozen=True)
class BenchTest:
    """A test that the laboratory can run: its outcomes for each hypothesis, and its time."""

    key: str
    technique: str
    protocol: str
    #: rows: hypotheses in the order of the posterior; columns: outcomes; each row sums to 1
    table: Table
    #: minutes of work for one sample; None when nobody states any
    minutes: Decimal | None = None
    #: protocol, laboratory
    minutes_by: str = ""
    #: colour references, hRf references, default ratio
    model: str = ""
    #: share of the hypotheses about which the test knows anything
    known: float = 1.0


@dataclass(frozen=True)
class Advice:
    """What one test is expected to bring."""

    test: BenchTest
    bits: float
    #: None when no bench time is stated
    bits_per_minute: float | None


def entropy(chances: NDArray[np.float64]) -> float:
    """Return the entropy of a distribution in bits."""
    kept = chances[chances > 0]
    return float(max(0.0, -(kept * np.log2(kept)).sum()))


def expected_bits(posterior: Sequence[float], table: Table) -> float:
    """Return the expected drop in entropy, in bits, when a test is done.

    `posterior` has one chance for each row of the table; it is brought to a sum of 1.
    """
    before = np.asarray(posterior, dtype=np.float64)
    before = before / before.sum()
    joint = before[:, None] * table
    outcome = joint.sum(axis=0)
    seen = outcome > 0
    after = joint[:, seen] / outcome[seen]
    left = sum(
        float(chance) * entropy(column)
        for chance, column in zip(outcome[seen], after.T, strict=True)
    )
    return max(0.0, entropy(before) - left)


def advise(posterior: Sequence[float], tests: Sequence[BenchTest]) -> list[Advice]:
    """Rank tests by bits per minute; those without a stated time follow, by bits alone."""
    found = [_advice(posterior, test) for test in tests]
    told = [one for one in found if one.bits >= LEAST_BITS]
    return sorted(
        told,
        key=lambda one: (
            one.bits_per_minute is None,
            -(one.bits_per_minute or 0.0),
            -one.bits,
            one.test.key,
        ),
    )


def _advice(posterior: Sequence[float], test: BenchTest) -> Advice:
    bits = expected_bits(posterior, test.table)
    rate = bits / float(test.minutes) if test.minutes else None
    return Advice(test, bits, rate)


def naming_table(n: int, ratio: float) -> Table:
    """Return the outcomes of a technique that names one of n hypotheses, by a likelihood ratio.

    Naming the right one is `ratio` times as probable as naming any given wrong one, and the wrong
    ones are alike: ratio / (ratio + n - 1) against 1 / (ratio + n - 1).
    """
    table = np.full((n, n), 1.0 / (ratio + n - 1))
    np.fill_diagonal(table, ratio / (ratio + n - 1))
    return table


def hrf_table(known: Sequence[tuple[float, float] | None]) -> Table:
    """Return the outcomes of a plate from mean and sd of each hypothesis; None is uniform."""
    rows = [_hrf_row(one) for one in known]
    return np.asarray(rows, dtype=np.float64)


def _hrf_row(known: tuple[float, float] | None) -> NDArray[np.float64]:
    if known is None:
        return np.full(PLACES.size, 1.0 / PLACES.size)
    mean, sd = known
    weights = np.exp(-0.5 * ((PLACES - mean) / sd) ** 2)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def colour_table(known: Sequence[Sequence[ColourKnowledge]], model: ColourModel) -> Table:
    """Return the outcomes of one reagent: its last colour, for each hypothesis.

    Earlier colours are left out, so that the true information is a little greater. A hypothesis
    without a reference gives every colour alike.
    """
    codes = list(model.palette)
    uniform = np.full(len(codes), 1.0 / len(codes))
    rows = [uniform if not one else _colour_row(one, model, codes) for one in known]
    return np.asarray(rows, dtype=np.float64)


def _colour_row(
    known: Sequence[ColourKnowledge], model: ColourModel, codes: Sequence[str]
) -> NDArray[np.float64]:
    rows = [
        [np.exp(model.log_probability(code, item.stages[-1])) for code in codes] for item in known
    ]
    mean = np.asarray(rows, dtype=np.float64).mean(axis=0)
    return np.asarray(mean / mean.sum(), dtype=np.float64)
