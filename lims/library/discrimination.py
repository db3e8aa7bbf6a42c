"""How well a thin-layer system separates: discriminating power, mean list length, correlation.

Discriminating power after Moffat, Smalldon and Brown (J Chromatogr 90, 1974, 1): the chance that
two substances picked at random are told apart, DP = 1 − 2M / (N (N − 1)), with M the pairs whose
values differ by no more than an error factor. Mean list length after Schepers, Franke and de Zeeuw
(J Anal Toxicol 7, 1983, 272), with the same window as a yes or no: on average, how many substances
stay on the list when one of them, at its own value, is the unknown; 1 is the best. With one window
for all, MLL = 1 + 2M / N. A pair is told apart by several systems when one of them does so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

WINDOW_SDS = 2.0
"""Half width of a window in standard deviations: the one that the ranking of spots states."""
CITED_SD = 5.0
"""Of a cited, corrected hRf: the upper of the 4 to 5 hRf with which the ranking takes one."""
MEASURED_SD = 4.0
"""Of a laboratory's own history of a protocol version: the upper of the ranking's 3 to 4 hRf."""
FEWEST = 3
"""A correlation of fewer pairs says nothing."""


@dataclass(frozen=True)
class Separation:
    """What a system, or several together, separates; no figure where there is nothing to say."""

    #: substances with a value
    n: int
    #: half width of the window, hRf
    window: float
    #: share of pairs told apart; None below two substances
    power: float | None
    #: None without a substance
    mean_list: float | None
    #: pairs that stay together, with their difference in hRf, the closest first
    together: tuple[tuple[str, str, float], ...]


def separation(values: Mapping[str, float], window: float) -> Separation:
    """Return what one system separates, from the hRf of each substance."""
    return separation_together([values], [window])


def separation_together(
    systems: Sequence[Mapping[str, float]], windows: Sequence[float]
) -> Separation:
    """Return what systems separate when all are run, for the substances that all of them know.

    The difference of a pair is the largest one, in windows of its system, given in hRf of it.
    """
    shared = sorted(set.intersection(*(set(values) for values in systems))) if systems else []
    together = []
    for one, other in combinations(shared, 2):
        apart = [
            (abs(values[one] - values[other]) / window, abs(values[one] - values[other]))
            for values, window in zip(systems, windows, strict=True)
        ]
        widest, difference = max(apart)
        if widest <= 1:
            together.append((one, other, difference))
    n, pairs = len(shared), len(shared) * (len(shared) - 1) / 2
    return Separation(
        n=n,
        window=max(windows, default=0.0),
        power=1 - len(together) / pairs if pairs else None,
        mean_list=1 + 2 * len(together) / n if n else None,
        together=tuple(sorted(together, key=lambda pair: (pair[2], pair[:2]))),
    )


@dataclass(frozen=True)
class Correlation:
    """Pearson's r of two systems over the substances that both know; None below three."""

    n: int
    r: float | None


def correlation(one: Mapping[str, float], other: Mapping[str, float]) -> Correlation:
    """Return how alike two systems order substances: near 1, the second adds little."""
    shared = sorted(set(one) & set(other))
    n = len(shared)
    if n < FEWEST:
        return Correlation(n, None)
    x, y = [one[key] for key in shared], [other[key] for key in shared]
    mean_x, mean_y = sum(x) / n, sum(y) / n
    across = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    spread = sqrt(sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y))
    return Correlation(n, across / spread if spread else None)
