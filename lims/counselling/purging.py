"""Letting go: words, tickets and minutes that are no longer needed.

The journal keeps how many, never what. Running it twice changes nothing; a run that finds nothing
still writes its line, so that the journal proves that it ran.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from lims import journal
from lims.counselling import rules
from lims.counselling.records import Talk
from lims.custody.records import MassEntry
from lims.findings.records import Finding
from lims.findings.rules import FindingState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.intake.device_records import OutboxReceipt
from lims.intake.photo_records import SamplePhoto
from lims.intake.records import Sample, Ticket, Visit
from lims.intake.rules import SampleState
from lims.network.rules import Permission


@dataclass(frozen=True)
class PurgeOldNotes:
    """Let go of what is older than the retention; `ticket_days` after the result."""

    ticket_days: int = 30


@dataclass(frozen=True)
class Purged:
    """How many of each were emptied or made coarser."""

    talk_notes: int
    sample_notes: int
    tickets: int
    visits: int
    samples: int
    talks: int


def purge_old_notes(session: Session, actor: Actor, command: PurgeOldNotes) -> Purged:
    """Empty old words and ticket secrets, make old days coarser, and journal the counts.

    Raises Invalid for a negative number of days.
    """
    actor.must(Permission.ADMINISTER)
    if command.ticket_days < 0:
        raise refuse_field("ticket_days", _("This cannot be less than zero."))
    done = Purged(
        talk_notes=_empty(session, Talk, Talk.note, _old_talks()),
        sample_notes=_empty(session, Sample, Sample.note, _old_samples()),
        tickets=_empty(session, Ticket, Ticket.secret_hash, _old_tickets(command.ticket_days)),
        visits=_coarsen_visits(session),
        samples=_coarsen_samples(session),
        talks=_coarsen_talks(session),
    )
    _coarsen_beside(session)
    journal.record(session, actor, "purge old notes", [], **asdict(done))
    return done


def due(session: Session, actor: Actor, command: PurgeOldNotes) -> dict[str, int]:
    """Count what a purge would empty now; writes nothing but its own journal line."""
    actor.must(Permission.ADMINISTER)
    wanted = {
        "talk_notes": (Talk.note, _old_talks()),
        "sample_notes": (Sample.note, _old_samples()),
        "tickets": (Ticket.secret_hash, _old_tickets(command.ticket_days)),
    }
    counted = {
        name: session.scalar(select(func.count()).where(and_(column != "", old))) or 0
        for name, (column, old) in wanted.items()
    }
    journal.record(session, actor, "count old notes", [], **counted)
    return counted


def _empty(
    session: Session, table: type[Any], column: InstrumentedAttribute[str], old: ColumnElement[bool]
) -> int:
    query = select(table.id).where(column != "", old)
    ids = session.scalars(query).all()
    values: dict[str, Any] = {column.key: ""}
    if table is Sample:
        # Whoever still has the form open must not write the words back.
        values["row_version"] = Sample.row_version + 1
    for part in _parts(ids):
        session.execute(
            update(table).where(table.id.in_(part)).values(values),
            execution_options={"synchronize_session": False},
        )
    session.expire_all()
    return len(ids)


def _parts(ids: Sequence[uuid.UUID], size: int = 500) -> list[Sequence[uuid.UUID]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _old_talks() -> ColumnElement[bool]:
    return Talk.recorded_at < clock.now() - timedelta(days=rules.NOTE_DAYS)


def _old_samples() -> ColumnElement[bool]:
    """Notes on samples: so long after the result, or after the hand-in when there is none."""
    at = clock.now()
    told = _last_release().where(Finding.sample_id == Sample.id).correlate(Sample)
    return or_(
        told.scalar_subquery() < at - timedelta(days=rules.NOTE_DAYS),
        Sample.recorded_at < at - timedelta(days=rules.SAMPLE_NOTE_DAYS),
    )


def _old_tickets(days: int) -> ColumnElement[bool]:
    """Secrets of tickets: so long after the last result of the visit, or never answered."""
    at = clock.now()
    told = (
        _last_release()
        .join(Sample, Sample.id == Finding.sample_id)
        .where(Sample.visit_id == Ticket.visit_id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    never = timedelta(days=rules.UNANSWERED_TICKET_DAYS)
    return or_(
        Ticket.destroyed_at.is_not(None),
        told < at - timedelta(days=days),
        and_(told.is_(None), Ticket.made_at < at - never),
    )


def _last_release() -> Select[Any]:
    return select(func.max(Finding.released_at)).where(Finding.state == FindingState.RELEASED)


def _coarsen_visits(session: Session) -> int:
    today, changed = clock.today(), 0
    query = select(Visit.id, Visit.day).where(Visit.day < today - rules.WEEK_AFTER)
    for visit_id, day in session.execute(query).all():
        coarse = rules.coarse_day(day, today)
        if coarse != day:
            changed += 1
            _set(session, Visit, visit_id, day=coarse)
    return changed + _coarsen_moments(session, Visit, Visit.recorded_at)


def _coarsen_samples(session: Session) -> int:
    """Make the moment of the hand-in coarser, on the sample and on the ledger's first line."""
    changed = _coarsen_moments(session, Sample, Sample.recorded_at)
    first = MassEntry.kind == "handed in"
    return changed + _coarsen_moments(session, MassEntry, MassEntry.at, first)


def _coarsen_beside(session: Session) -> None:
    """Make coarser what else tells the minute in which a person was there, or was at their page."""
    withdrawn = Sample.state == SampleState.WITHDRAWN
    _coarsen_moments(session, Ticket, Ticket.made_at)
    _coarsen_moments(session, Ticket, Ticket.destroyed_at)
    _coarsen_moments(session, OutboxReceipt, OutboxReceipt.received_at)
    _coarsen_moments(session, SamplePhoto, SamplePhoto.kept_at)
    _coarsen_moments(session, Sample, Sample.state_since, withdrawn)


def _coarsen_talks(session: Session) -> int:
    today, changed = clock.today(), 0
    query = select(Talk.id, Talk.day).where(Talk.day < today - rules.WEEK_AFTER)
    for talk_id, day in session.execute(query).all():
        coarse = rules.coarse_day(day, today)
        if coarse != day:
            changed += 1
            _set(session, Talk, talk_id, day=coarse)
    return changed + _coarsen_moments(session, Talk, Talk.recorded_at)


def _coarsen_moments(
    session: Session, table: type[Any], column: Any, which: ColumnElement[bool] | None = None
) -> int:
    at, changed = clock.now(), 0
    query = select(table.id, column).where(column < at - rules.DAY_AFTER)
    if which is not None:
        query = query.where(which)
    for record_id, moment in session.execute(query).all():
        coarse = rules.coarse_moment(moment, at)
        if coarse != moment:
            changed += 1
            _set(session, table, record_id, **{column.key: coarse})
    return changed


def _set(session: Session, table: type[Any], record_id: uuid.UUID, **values: Any) -> None:
    session.execute(
        update(table).where(table.id == record_id).values(values),
        execution_options={"synchronize_session": False},
    )
