"""Which published versions still owe their signed file to programs, and why.

People are told at once; the file waits until the key can be read. One row per version.
"""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lims.foundation.words import Message, keep
from lims.network.records import Installation

PREFIX = "owed:"


def key_of(version_id: uuid.UUID) -> str:
    """Return the key of the row that says that a version owes its file."""
    return f"{PREFIX}{version_id.hex}"


def row_of(version_id: uuid.UUID, why: Message) -> Installation:
    """Return the row that says that a version owes its file."""
    return Installation(key=key_of(version_id), value={"why": keep(why)})


def _is_owed() -> ColumnElement[bool]:
    return Installation.key.startswith(PREFIX, autoescape=True)


def rows(session: Session) -> list[Installation]:
    """Return the rows of owed files that nobody else has in hand, locked until the work ends."""
    query = select(Installation).where(_is_owed()).order_by(Installation.key)
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def version_of(row: Installation) -> uuid.UUID:
    """Return the version that a row is about."""
    return uuid.UUID(row.key.removeprefix(PREFIX))


def is_owed(session: Session) -> bool:
    """Tell whether any file is owed, without taking the writer's lock."""
    return session.scalar(select(Installation.key).where(_is_owed()).limit(1)) is not None


def count() -> ColumnElement[int]:
    """Return how many files are owed, as a part of a larger question."""
    query = select(func.count()).select_from(Installation).where(_is_owed())
    return query.scalar_subquery()
