"""What may be asked about partners' results: plain commands."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lims.foundation.errors import refuse_field
from lims.foundation.words import _


@dataclass(frozen=True)
class ImportResults:
    """A delivery to import: its source, its files by name, and whether only to look."""

    source: str
    files: Mapping[str, bytes]
    dry_run: bool = False
    fetched_on: date | None = None

    def fetched(self, today: date) -> date:
        """Return the day of fetching, today unless it is said; raises Invalid for one to come."""
        if self.fetched_on is not None and self.fetched_on > today:
            raise refuse_field("fetched_on", _("This day lies in the future."))
        return self.fetched_on or today


@dataclass(frozen=True)
class ResolveName:
    """The decision that a published name means one substance of the library, by key or name."""

    name_id: uuid.UUID
    substance: str


@dataclass(frozen=True)
class IgnoreName:
    """The decision that a published name is not to be resolved."""

    name_id: uuid.UUID


@dataclass(frozen=True)
class MarkReviewed:
    """Samples of the review list that somebody has read."""

    sample_ids: tuple[uuid.UUID, ...]
