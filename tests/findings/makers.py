"""Synthetic samples, runs and answers to conclude on."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from lims.library.records import Substance


def substance(session: Session, key: str, **more: Any) -> Substance:
    """Make a substance of the library, once."""
    from sqlalchemy import select

    there = session.scalar(select(Substance).where(Substance.key == key))
    if there is not None:
        return there
    names = {f"name_{language}": key.upper() for language in ("en", "fr", "nl")}
    given = {"chemical_class": "synthetic", "role": "psychoactive", **names, **more}
    made = Substance(id=uuid.uuid4(), key=key, **given)
    session.add(made)
    session.flush()
    return made
