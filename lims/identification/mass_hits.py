"""Hits of a search in a mass spectral library: scores, and those that cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

# Hits that lie closer than this (of 999) are named together.
CLOSE = 20


@dataclass(frozen=True)
class Hit:
    """A library spectrum that resembles the query: `score` 0 to 999, `likelihood` (natural log).

    `match` is the plain weighted cosine (0 to 999) that other programs show. `shift` is the mass
    difference to an analogue, 0 for the substance itself.
    """

    position: int
    id: str
    score: float
    match: float
    likelihood: float
    shift: float = 0.0
    explanation: str = ""

    def as_document(self) -> dict[str, Any]:
        """Return every value by name."""
        return asdict(self)


def inseparable(hits: Sequence[Hit], names: Sequence[str]) -> list[str]:
    """Return the names of the first hits that a difference below 20 of 999 does not tell apart.

    `names` go with `hits`. Empty when the first name stands alone.
    """
    if not hits:
        return []
    best = hits[0].score
    near = [name for hit, name in zip(hits, names, strict=True) if best - hit.score < CLOSE]
    distinct = list(dict.fromkeys(near))
    return distinct if len(distinct) > 1 else []
