"""What was computed and is worth a look, before it is raised; and when it is held off."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lims.foundation.words import Message
from lims.surveillance.rules import SignalSource

Matter = tuple[uuid.UUID | None, uuid.UUID | None]
"""Product and substance of an event; either may be missing."""


@dataclass(frozen=True)
class Noticed:
    """Something that was computed and is worth a look."""

    matter: str
    source: SignalSource
    level: str
    reason: Message
    algorithm: str
    version: int
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Any]
    outcome: Mapping[str, Any]
    origin: str = "own"
    region: str = ""
    week: date | None = None
    series_id: uuid.UUID | None = None
    substance_id: uuid.UUID | None = None
    product_id: uuid.UUID | None = None
    sample_id: uuid.UUID | None = None
    supporting: Sequence[Any] = field(default_factory=list)
    #: wider matters that hold this one off as well
    held_by: tuple[str, ...] = ()

    @property
    def about(self) -> Matter:
        return self.product_id, self.substance_id


def is_held_off(
    matters: set[str],
    about: Matter,
    worked_on: set[str],
    verified: set[Matter],
) -> bool:
    """Tell whether a matter raises nothing now: it is under work, or an event is about it.

    `matters` names the matter and those wider ones that hold it off as well.

    An event about a substance in any product is about it in every one; an event about one product
    holds off that product, and nothing that is said of the substance elsewhere.
    """
    if matters & worked_on:
        return True
    return any(_is_about(about, one) for one in verified)


def _is_about(about: Matter, event: Matter) -> bool:
    (product, substance), (event_product, event_substance) = about, event
    if event_product is not None:
        same = event_substance is None or substance is None or event_substance == substance
        return event_product == product and same
    return substance is not None and event_substance == substance
