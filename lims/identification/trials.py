"""Figures of a trial: how often the right answer stands first, with how sure that figure is.

Ranks are counted from 1; None means that the right answer was not listed at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lims.foundation.shares import wilson


def share_with_interval(name: str, hits: int, n: int) -> dict[str, Any]:
    """Return a share and its 95 % interval under the keys `name` and `name_ci`."""
    low, high = wilson(hits, n)
    return {name: round(hits / n, 4) if n else None, f"{name}_ci": [round(low, 4), round(high, 4)]}


@dataclass
class Trial:
    """Collects the ranks of right answers."""

    ranks: list[int | None] = field(default_factory=list)

    def add(self, rank: int | None) -> None:
        """Note the rank of one right answer."""
        self.ranks.append(rank)

    def within(self, place: int) -> int:
        """Return how often the right answer stood at this place or before."""
        return sum(1 for rank in self.ranks if rank is not None and rank <= place)

    def as_document(self) -> dict[str, Any]:
        """Return n, top1, top3, top10 with their intervals, and the mean reciprocal rank."""
        n = len(self.ranks)
        document: dict[str, Any] = {"n": n}
        for place in (1, 3, 10):
            document |= share_with_interval(f"top{place}", self.within(place), n)
        document["mrr"] = round(mean_reciprocal_rank(self.ranks), 4) if n else None
        return document


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """Return the mean of 1 / rank; an answer that was not listed counts 0."""
    return sum(1 / rank for rank in ranks if rank is not None) / len(ranks) if ranks else 0.0
