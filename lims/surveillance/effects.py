"""Bad effects that several people report of one product, before any laboratory has spoken.

Three reports within four weeks are a signal. A product is known by its number once a sample of it
was concluded, and by its look before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

ALGORITHM, VERSION = "reported-effects", 1

NO_INCIDENT = frozenset({"", "none", "unknown"})
"""Codes of the vocabulary incident_link that report nothing bad."""


@dataclass(frozen=True)
class Parameters:
    """How many reports, within how many days (the four weeks of every other window)."""

    reports: int = 3
    days: int = 28


@dataclass(frozen=True)
class Look:
    """What a product looks like, when it has no number yet. Without a logo: what it is sold as."""

    form: str
    colour: str
    mark: str

    @property
    def matter(self) -> str:
        return f"effects:{self.form}/{self.colour}/{self.mark}"[:200]


def look_of(form: str, colour: str, logo_folded: str, sold_as: str) -> Look:
    """Return the look of a sample; a logo ties samples together, else the declared name does."""
    return Look(form, colour, logo_folded or f"as {' '.join(sold_as.casefold().split())}")


def is_bad(effects: Iterable[str], incident_link: str, adverse: frozenset[str]) -> bool:
    """Tell whether what was told at the table is a bad effect (`adverse`: vocabulary codes)."""
    return incident_link not in NO_INCIDENT or bool(adverse & set(effects))


def counted(days: Sequence[date], parameters: Parameters) -> list[date]:
    """Return the reports, oldest first, that lie within the window that ends with the last."""
    if not days:
        return []
    first = max(days) - timedelta(days=parameters.days)
    return sorted(day for day in days if day > first)


def computed(inputs: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Compute again from what was kept."""
    own = Parameters(**parameters)
    days = counted([date.fromisoformat(day) for day in inputs["days"]], own)
    return {"reports": len(days), "raised": len(days) >= own.reports}
