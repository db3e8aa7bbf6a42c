"""The score and the gap of each candidate on a list, whatever the method that made it.

A score is in the list's own scale; the gap is the lead over the best other candidate, negative for
all but the first. Several lines of one substance count as its best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lims.identification.rules import NONE_OF_THE_LIBRARY

SCORE_OF = {"spot": "loglik", "colours": "loglik", "search": "score", "mixture": "fraction"}
"""Which figure of a line is the score, by method."""


@dataclass(frozen=True)
class Scored:
    """One substance on a list."""

    substance: str
    score: float
    gap: float


def scored_of(ranked: Sequence[Mapping[str, Any]], method: str) -> list[Scored]:
    """Return the substances of a list with score and gap, the highest score first.

    Log-likelihoods of spots and colours are counted from none of the library, which is left out;
    lines without a substance of the library take part as rivals under their name.
    """
    figure = SCORE_OF.get(method, "score")
    best: dict[str, float] = {}
    for line in ranked:
        key = str(line.get("substance") or line.get("name") or line.get("title") or "")
        value = line.get(figure)
        if key and isinstance(value, (int, float)):
            best[key] = max(float(value), best.get(key, float(value)))
    zero = best.pop(NONE_OF_THE_LIBRARY, 0.0) if figure == "loglik" else 0.0
    order = sorted(best, key=lambda key: (-best[key], key))
    return [
        Scored(key, best[key] - zero, best[key] - _best_other(best, order, key)) for key in order
    ]


def _best_other(best: Mapping[str, float], order: Sequence[str], key: str) -> float:
    """Return the highest score of another substance; a list of one has no lead to speak of."""
    others = [one for one in order[:2] if one != key]
    return best[others[0]] if others else best[key]
