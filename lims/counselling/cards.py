"""The advice cards as they ship: one file, versioned, in three languages, each with its source.

A file that misses a language or a source is refused when it is read, not when somebody needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from lims.counselling.rules import Card, Conditions
from lims.foundation.shipped import shipped
from lims.foundation.words import LANGUAGES

FILE = "advice_cards.yaml"
LISTS = ("levels", "matches", "classes", "substances")


@lru_cache(maxsize=1)
def shipped_cards() -> tuple[Card, ...]:
    """Return the cards in their order; raises ValueError for a card that is not whole."""
    return read_cards((shipped("reference_data") / FILE).read_text(encoding="utf-8"))


def read_cards(text: str) -> tuple[Card, ...]:
    """Read cards from YAML; raises ValueError with the key of a card that is not whole."""
    cards = tuple(_card(row) for row in yaml.safe_load(text)["cards"])
    keys = [card.key for card in cards]
    if len(keys) != len(set(keys)):
        raise ValueError("two advice cards have the same key")
    return cards


def _card(row: Mapping[str, Any]) -> Card:
    for part in ("title", "text"):
        if set(row[part]) != set(LANGUAGES):
            raise ValueError(f"advice card {row['key']}: {part} is not in {', '.join(LANGUAGES)}")
    if not str(row.get("source", "")).strip():
        raise ValueError(f"advice card {row['key']} has no source")
    given = dict(row.get("when") or {})
    unknown = set(given) - set(Conditions.__dataclass_fields__)
    if unknown:
        raise ValueError(f"advice card {row['key']}: unknown condition {', '.join(unknown)}")
    lists: dict[str, Any] = {name: frozenset(given.pop(name, ())) for name in LISTS}
    return Card(
        key=row["key"],
        pictogram=row["pictogram"],
        title=row["title"],
        text=row["text"],
        source=row["source"],
        when=Conditions(**lists, **given),
    )
