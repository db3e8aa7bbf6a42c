"""Meetings with focal points: written down by hand, corrected and withdrawn in the open."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Refused, refuse_stale
from lims.foundation.words import _
from lims.intake.rules import day_in_belgium
from lims.network.rules import Permission
from lims.overview import focal_meetings, meeting_rules
from lims.overview.report_records import FocalMeeting


@dataclass(frozen=True)
class NoteMeeting:
    """A meeting: when, with which kind of partner, about what."""

    day: date
    partner: str
    topic: str
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class CorrectMeeting:
    """A meeting as it should have been written down."""

    meeting_id: uuid.UUID
    day: date
    partner: str
    topic: str
    row_version: int | None = None


@dataclass(frozen=True)
class WithdrawMeeting:
    """A meeting that was written down by mistake."""

    meeting_id: uuid.UUID
    row_version: int | None = None


def note_meeting(session: Session, actor: Actor, command: NoteMeeting) -> FocalMeeting:
    """Write down a meeting; sending the same twice keeps one. Raises Invalid beside a field."""
    actor.must(Permission.MAKE_REPORT)
    known = session.get(FocalMeeting, command.id) if command.id is not None else None
    if known is not None:
        return known
    _refuse_wrong(command.day, command.partner, command.topic)
    made = FocalMeeting(
        id=command.id or uuid.uuid4(),
        day=command.day,
        partner=command.partner,
        topic=command.topic,
        noted_by=actor.account,
        noted_at=clock.now(),
    )
    session.add(made)
    session.flush()
    journal.record(session, actor, "note meeting", _subject(made), **_facts(made))
    return made


def correct_meeting(session: Session, actor: Actor, command: CorrectMeeting) -> FocalMeeting:
    """Correct a meeting; the journal keeps what stood there before."""
    actor.must(Permission.MAKE_REPORT)
    found = _standing(session, actor, command.meeting_id, command.row_version)
    _refuse_wrong(command.day, command.partner, command.topic)
    before = {f"{key}_before": value for key, value in _facts(found).items()}
    found.day, found.partner, found.topic = command.day, command.partner, command.topic
    session.flush()
    journal.record(session, actor, "correct meeting", _subject(found), **_facts(found), **before)
    return found


def withdraw_meeting(session: Session, actor: Actor, command: WithdrawMeeting) -> FocalMeeting:
    """Withdraw a meeting that was no meeting; it stays readable and counts no more."""
    actor.must(Permission.MAKE_REPORT)
    found = _standing(session, actor, command.meeting_id, command.row_version)
    found.withdrawn_at = clock.now()
    session.flush()
    journal.record(session, actor, "withdraw meeting", _subject(found), **_facts(found))
    return found


def _standing(
    session: Session, actor: Actor, meeting_id: uuid.UUID, row_version: int | None
) -> FocalMeeting:
    found = focal_meetings.meeting(session, actor, meeting_id)
    refuse_stale(found, row_version)
    if found.withdrawn_at is not None:
        raise Refused(_("This meeting has been withdrawn."))
    return found


def _refuse_wrong(day: date, partner: str, topic: str) -> None:
    wrong = meeting_rules.problems(day, partner, topic, day_in_belgium(clock.now()))
    if wrong:
        raise Invalid(wrong)


def _subject(meeting: FocalMeeting) -> list[tuple[str, uuid.UUID]]:
    return [("focal_meeting", meeting.id)]


def _facts(meeting: FocalMeeting) -> dict[str, str]:
    return {
        "day": meeting.day.isoformat(),
        "partner": meeting.partner,
        "topic": meeting.topic,
    }
