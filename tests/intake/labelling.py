"""What the tests of labels type and count."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

FORM = {
    "name": "Tubes",
    "paper": "avery-l7651",
    "field_1": "form",
    "field_2": "week",
    "qr_side": "14",
    "text_pt": "7,5",
    "copies": "1",
    "offset_x": "0",
    "offset_y": "-0,5",
    "output": "pdf",
}
FACTS = {
    "name": "Tubes",
    "paper": "roll-50x25",
    "fields": ["form"],
    "qr_side": "12",
    "text_pt": "8",
    "copies": 1,
    "offset_x": "0",
    "offset_y": "0",
    "output": "zpl203",
}


def count(session: Session, table: Any) -> int:
    session.commit()
    found = session.scalar(select(func.count()).select_from(table)) or 0
    session.commit()  # an open session would keep SQLite's only writer waiting
    return found
