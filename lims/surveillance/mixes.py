"""Whether a rise holds within the services that go on, or only which services send has changed.

A share over several services moves when one of them joins, leaves or sends more, though nothing
changes in any of them. So the rise is asked for again within services: an exact conditional test of
one odds ratio over one 2 × 2 table (found or not, now or before) for each service (Mantel and
Haenszel, J Natl Cancer Inst 1959;22:719; exact: Gart, Biometrika 1970;57:471), and each service by
itself (Fisher's exact test). A service that sent only now, or only before, says nothing in either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.05
"""Usual, and lenient on purpose: the alarm has passed its own test; only a mark hangs on this."""

Table = Sequence[int]
"""Of one service: found now, analysed now, found before, analysed before."""


def judged(services: Mapping[str, Table]) -> dict[str, Any]:
    """Say within how many services a rise can be asked for, how surely it holds, and if it does.

    `p` over all services together, `least` of the one that says it most surely. `changed`: neither
    says that it holds, so that the mix of services is what has changed.
    """
    going_on = [one for one in services.values() if one[1] and one[3]]
    together, apart = chance(going_on), [chance([one]) for one in going_on]
    least = min(apart, default=1.0)
    return {
        "going_on": len(going_on),
        "p": together,
        "least": least,
        "changed": min(together, least) > ALPHA,
    }


def chance(tables: Iterable[Table]) -> float:
    """Return the chance of as many found now or more, when no service changed (one-sided)."""
    spread: NDArray[np.float64] = np.ones(1)
    seen = least = 0
    for found, analysed, found_before, analysed_before in tables:
        one, lowest = _hypergeometric(found + found_before, analysed, analysed + analysed_before)
        spread, seen, least = np.convolve(spread, one), seen + found, least + lowest
    return min(1.0, float(spread[seen - least :].sum()))


def _hypergeometric(found: int, drawn: int, whole: int) -> tuple[NDArray[np.float64], int]:
    """Return the chances of each number of found ones among those drawn, and the least number."""
    least, most = max(0, found + drawn - whole), min(found, drawn)
    ways = comb(whole, drawn)
    chances = [
        comb(found, number) * comb(whole - found, drawn - number) / ways
        for number in range(least, most + 1)
    ]
    return np.asarray(chances, np.float64), least
