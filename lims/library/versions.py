"""Counting the library's versions: each change of what a ranking uses makes the next one.

A candidate list names the version that it was made with. Call `next_version` after the line in
the journal: from there on one writer at a time passes, so no number is given twice.
"""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy.orm import Session

from lims.library import queries
from lims.library.records import LibraryVersion


class Cause(StrEnum):
    """What changed between two versions."""

    TABLES = "tables"
    SUBSTANCE = "substance"
    SPECTRA = "spectra"
    STANDARDS = "standards"


def next_version(session: Session, cause: Cause, content_hash: str | None = None) -> LibraryVersion:
    """Enter the next version; without a hash the shipped tables stay those of the last one."""
    last = queries.latest_version(session)
    version = LibraryVersion(
        id=uuid.uuid4(),
        number=last.number + 1 if last else 1,
        content_hash=content_hash or (last.content_hash if last else ""),
        cause=cause,
    )
    session.add(version)
    session.flush()
    return version
