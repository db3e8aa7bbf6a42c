"""The file that a device exports when nothing else helps: its queue, still sealed."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import _

MOST_ROWS = 5000
"""More than any device holds codes for; a longer list is no queue."""


@dataclass(frozen=True)
class QueuedRow:
    """One sealed record of an exported queue, in the order in which it was recorded."""

    seq: int
    id: uuid.UUID
    text: bytes = field(repr=False)


def read_queue(data: bytes) -> list[QueuedRow]:
    """Return the rows of an exported queue, oldest first; raises Invalid for any other file."""
    try:
        told = json.loads(data.decode("utf-8-sig"))
        if not isinstance(told, dict) or told.get("balise_outbox") != 1:
            raise ValueError
        rows = told["rows"]
        if not isinstance(rows, list) or len(rows) > MOST_ROWS:
            raise ValueError
        return sorted((_row(one, place) for place, one in enumerate(rows)), key=_order)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _wrong() from None


def _row(told: Any, place: int) -> QueuedRow:
    if not isinstance(told, dict):
        raise ValueError
    seq = told.get("seq", place)
    if not isinstance(seq, int) or not isinstance(told["envelope"], str):
        raise ValueError
    return QueuedRow(seq, uuid.UUID(told["id"]), told["envelope"].encode())


def _order(row: QueuedRow) -> int:
    return row.seq


def _wrong() -> Invalid:
    words = _("This is not the exported queue of a device, or it is cut short.")
    return refuse_field("file", words)
