"""Canaries in every field that a person can write in: what no audience may ever be told."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from sqlalchemy import Column, Date, String, Table, Text, cast, literal, update
from sqlalchemy.orm import Session

from lims.foundation.database import Base, UtcTime
from lims.foundation.register import all_tables

SHORTEST = 60
"""Columns of fewer letters hold codes of a list, which no canary fits in."""
HIDDEN_DAY, HIDDEN_MOMENT = date(2001, 2, 3), datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
TELLTALES = ("2001-02-03", "2001-W05", "03/02/2001", "3/02/2001", "04:05:06", "05:05")
"""How the hidden day, its week and its minute would be written anywhere."""

ABOUT_PEOPLE = (
    *("site", "visit", "sample", "ticket", "device", "not_accepted", "label_sheet"),
    *("parcel", "parcel_item", "mass_entry", "destruction", "placement", "storage_place"),
    *("transport_permit", "settled_alarm", "stocktaking", "sample_photo", "plate_photo"),
    *("run", "answer", "upload", "measured_spectrum", "peak", "spot", "spot_observation"),
    *("finding", "decision", "unknown", "identity_decision", "queue_move", "closed_intake"),
    *("signal", "event", "talk", "competence", "api_key", "bench_time", "member_duty"),
    *("alert_version", "alert_picture", "product_sample", "look_alike"),
)
"""Tables that tell of visitors, staff, places and work."""
KEPT: dict[tuple[str, str], str] = {
    ("sample", "logo"): "the mark on a tablet is told to everybody",
    ("alert_picture", "sha256"): "names a file",
    ("sample_photo", "sha256"): "names a file",
    ("plate_photo", "sha256"): "names a file",
    ("upload", "sha256"): "names a file",
    ("signal", "rule_key"): "names a danger rule",
    ("signal", "data_hash"): "hash of what the signal was computed from",
    ("run", "protocol_hash"): "hash of a published protocol",
    ("parcel", "manifest_hash"): "hash of a list",
    ("answer", "group"): "a code that ties answers together",
    ("finding", "text_fr"): "what the visitor reads, no part of an alert",
}


def planted_columns() -> list[tuple[Table, Column[str]]]:
    """Return every column that canaries are planted in."""
    all_tables()
    found = []
    for name in ABOUT_PEOPLE:
        table = Base.metadata.tables[name]
        for column in table.c:
            if _is_free(column) and (name, column.name) not in KEPT:
                found.append((table, column))
    return found


def _is_free(column: Column[str]) -> bool:
    words = isinstance(column.type, String)
    long = isinstance(column.type, Text) or (getattr(column.type, "length", 0) or 0) >= SHORTEST
    return words and long and not (column.primary_key or column.foreign_keys)


def plant(session: Session) -> int:
    """Write a canary into every free field of every row, and one day into every day of theirs."""
    fields = planted_columns()
    for table, column in fields:
        told = literal(f"{canary(table.name, column.name)}-") + cast(
            next(iter(table.primary_key)), String
        )
        session.execute(update(table).values({column.name: told}))
    for name in ("visit", "sample", "ticket", "talk", "mass_entry"):
        table = Base.metadata.tables[name]
        for column in table.c:
            if isinstance(column.type, Date):
                session.execute(update(table).values({column.name: HIDDEN_DAY}))
            elif isinstance(column.type, UtcTime) and column.name != "destroyed_at":
                session.execute(update(table).values({column.name: HIDDEN_MOMENT}))
    return len(fields)


def canary(table: str, column: str) -> str:
    """Return the canary of a column."""
    return f"canary-{table}-{column}"[:SHORTEST]


def leaks(text: str, allowed: tuple[str, ...] = ()) -> list[str]:
    """Return what of the hidden fields stands in a text."""
    plain = text
    for one in allowed:
        plain = re.sub(rf"{one}(-[0-9a-f]{{32}})?", "", plain)
    found = [plain[place : place + 50] for place in _places(plain, "canary-")]
    return found + [one for one in TELLTALES if one in plain]


def _places(text: str, part: str) -> list[int]:
    return [place for place in range(len(text)) if text.startswith(part, place)]
