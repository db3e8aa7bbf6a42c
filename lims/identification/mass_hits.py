"""Hits of a search in a mass spectral library: position, score, difference in mass."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


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
