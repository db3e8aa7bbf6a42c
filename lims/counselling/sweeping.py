"""Letting go of files that no record names any more: taken off a run, replaced, or never kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock, files
from lims.foundation.actors import Actor
from lims.foundation.database import Base
from lims.network.rules import Permission

# An act that is still under way has its file already and its record not yet.
YOUNGEST = timedelta(days=1)
COLUMN = "sha256"


@dataclass(frozen=True)
class SweepFiles:
    """Remove what no record names from the data folder; `only_count` removes nothing."""

    folder: Path
    only_count: bool = False


def sweep_files(session: Session, actor: Actor, command: SweepFiles) -> int:
    """Remove files older than a day that no record names, and return how many they were."""
    actor.must(Permission.ADMINISTER)
    left = files.unused(command.folder, _named(session), clock.now() - YOUNGEST)
    act = "count unused files" if command.only_count else "remove unused files"
    journal.record(session, actor, act, [], files=len(left))
    if not command.only_count:
        for place in left:
            place.unlink(missing_ok=True)
    return len(left)


def _named(session: Session) -> set[str]:
    """Return every hash that a record names, in whatever table."""
    return {
        name
        for table in Base.metadata.sorted_tables
        if COLUMN in table.c
        for name in session.scalars(select(table.c[COLUMN]))
    }
