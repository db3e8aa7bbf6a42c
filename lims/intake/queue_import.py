"""Bringing in an exported queue: each row by the same act as if the device had sent it.

The last resort for a device that cannot send any more. A row that is refused stops no other row.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem
from lims.foundation.words import Message
from lims.intake.outbox import EnvelopeRefused, OtherRecord, ReceiveEnvelope, receive_envelope
from lims.network.rules import Permission


class Row(Protocol):
    """A sealed record in a file."""

    @property
    def seq(self) -> int: ...
    @property
    def id(self) -> uuid.UUID: ...
    @property
    def text(self) -> bytes: ...


class Outcome(StrEnum):
    """What became of one row."""

    TAKEN = "taken"
    KNOWN = "known"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True)
class ImportQueue:
    """The rows of an exported queue; `folder` has the keys."""

    rows: Sequence[Row]
    folder: Path


@dataclass(frozen=True)
class ImportedRow:
    """One row and what became of it, with the words of a refusal."""

    seq: int
    id: uuid.UUID
    outcome: Outcome
    message: Message | None = None
    problems: tuple[Problem, ...] = ()


def import_queue(session: Session, actor: Actor, command: ImportQueue) -> list[ImportedRow]:
    """Take every row of an exported queue that can be taken, in its order; tell of each.

    A dry list is the same act, which its door does not commit.
    """
    actor.must(Permission.USE_DEVICE)
    told = [_imported(session, actor, command.folder, row) for row in command.rows]
    counted = {str(one): sum(1 for row in told if row.outcome == one) for one in Outcome}
    journal.record(session, actor, "import records", [], **counted)
    return told


def _imported(session: Session, actor: Actor, folder: Path, row: Row) -> ImportedRow:
    command = ReceiveEnvelope(row.id, row.text, folder, imported=True)

    def take() -> ImportedRow:
        with session.begin_nested():
            found = receive_envelope(session, actor, command)
        return ImportedRow(row.seq, row.id, Outcome.TAKEN if found.is_new else Outcome.KNOWN)

    try:
        return _twice(take)
    except OtherRecord:
        return ImportedRow(row.seq, row.id, Outcome.CONFLICT)
    except EnvelopeRefused as refusal:
        problems = refusal.cause.problems if isinstance(refusal.cause, Invalid) else ()
        return ImportedRow(row.seq, row.id, Outcome.REFUSED, refusal.message, problems)


def _twice(take: Callable[[], ImportedRow]) -> ImportedRow:
    """Try again when the device itself sent the row at the same moment."""
    try:
        return take()
    except IntegrityError:
        return take()
