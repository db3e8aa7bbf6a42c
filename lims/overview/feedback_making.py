"""Making the feedback report of an institution: an act of the journal that is counted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.journal.records import JournalEntry, JournalSubject
from lims.overview.feedback import USUAL_WEEKS, Feedback, feedback
from lims.overview.indicator_periods import Period

ACT, SUBJECT = "make feedback report", "organisation"


@dataclass(frozen=True)
class MakeFeedback:
    """Whose report, and over how many weeks back from today."""

    organisation_id: uuid.UUID
    weeks: int = USUAL_WEEKS


def make_feedback(session: Session, actor: Actor, command: MakeFeedback) -> Feedback:
    """Return the feedback of an institution and write down that its report was made.

    Raises NotPermitted for another's feedback, NotFound for no institution.
    """
    found = feedback(session, actor, command.organisation_id, command.weeks)
    days = {"since": found.since.isoformat(), "until": found.until.isoformat()}
    about = [(SUBJECT, found.organisation.id)]
    journal.record(session, actor, "make feedback report", about, **days)
    return found


def reported(
    session: Session, organisations: Iterable[uuid.UUID], period: Period
) -> frozenset[uuid.UUID]:
    """Return which of some institutions had a feedback report made in a period."""
    rows = session.scalars(
        select(JournalSubject.subject_id)
        .join(JournalEntry, JournalEntry.seq == JournalSubject.seq)
        .where(
            JournalEntry.act == ACT,
            JournalEntry.at >= period.begins,
            JournalEntry.at < period.ends,
            JournalSubject.kind == SUBJECT,
            JournalSubject.subject_id.in_([str(one) for one in organisations]),
        )
        .distinct()
    )
    return frozenset(uuid.UUID(one) for one in rows)
