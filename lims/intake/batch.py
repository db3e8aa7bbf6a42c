"""Registering the samples of a batch sheet: the same act as the form, visit by visit, or nothing.

A dry run does everything and takes it back, so that what it says is what would happen.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refusal
from lims.foundation.words import Message
from lims.intake.declarations import RegisterVisit
from lims.intake.records import Visit
from lims.intake.registration import Registration, register_visit
from lims.network.rules import Permission

#: Identifiers in one question to the database.
_AT_ONCE = 500


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with one cell: the row, the column's key, its address such as C7."""

    row: int
    column: str
    address: str
    message: Message


@dataclass(frozen=True)
class BatchVisit:
    """A visit of a sheet and the rows of its samples, in their order."""

    command: RegisterVisit
    rows: tuple[int, ...]


@dataclass(frozen=True)
class RegisterBatch:
    """The visits of a sheet for one site; `file_hash` tells in the journal which sheet it was."""

    site_id: uuid.UUID
    visits: tuple[BatchVisit, ...]
    file_hash: str = ""
    dry_run: bool = False


@dataclass
class BatchOutcome:
    """What came of a sheet, or would: visits made, rows known already, problems by visit."""

    made: list[tuple[BatchVisit, Registration]] = field(default_factory=list)
    known: list[tuple[BatchVisit, Visit]] = field(default_factory=list)
    problems: list[tuple[BatchVisit, Problem]] = field(default_factory=list)
    samples: int = 0
    is_kept: bool = False


def register_batch(session: Session, actor: Actor, command: RegisterBatch) -> BatchOutcome:
    """Register every visit of a sheet, or none when anything is refused or it is a dry run.

    A visit that is there already is left as it stands. The outcome names what was refused.
    """
    actor.must(Permission.REGISTER, command.site_id)
    outcome = BatchOutcome()
    known = _known(session, [one.command.id for one in command.visits])
    whole = session.begin_nested()
    for visit in command.visits:
        if (there := known.get(visit.command.id)) is not None:
            outcome.known.append((visit, there))
        else:
            _try(session, actor, visit, outcome)
    outcome.samples = sum(len(made.samples) for _visit, made in outcome.made)
    if outcome.problems or command.dry_run:
        whole.rollback()
        return outcome
    if outcome.made:
        journal.record(
            session,
            actor,
            "register batch",
            [("site", command.site_id)],
            visits=len(outcome.made),
            samples=outcome.samples,
            file_hash=command.file_hash,
        )
    whole.commit()
    outcome.is_kept = bool(outcome.made)
    return outcome


def _try(session: Session, actor: Actor, visit: BatchVisit, outcome: BatchOutcome) -> None:
    """Register one visit; a refusal takes back that visit alone, so that the others are tried."""
    step = session.begin_nested()
    try:
        made = register_visit(session, actor, visit.command)
        session.flush()
    except Refusal as refusal:
        step.rollback()
        told = refusal.problems if isinstance(refusal, Invalid) else (Problem("", refusal.message),)
        outcome.problems += [(visit, one) for one in told]
    else:
        step.commit()
        outcome.made.append((visit, made))


def _known(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Visit]:
    found: dict[uuid.UUID, Visit] = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        found |= {one.id: one for one in session.scalars(select(Visit).where(Visit.id.in_(part)))}
    return found
