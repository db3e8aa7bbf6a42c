"""Making the feedback report of an institution: an act of the journal that is counted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.network.rules import Permission
from lims.overview.feedback import USUAL_WEEKS, Feedback, feedback


@dataclass(frozen=True)
class MakeFeedback:
    """Whose report, and over how many weeks back from today."""

    organisation_id: uuid.UUID
    weeks: int = USUAL_WEEKS


def make_feedback(session: Session, actor: Actor, command: MakeFeedback) -> Feedback:
    """Return the feedback of an institution and write down that its report was made.

    Raises NotPermitted for another's feedback, NotFound for no institution.
    """
    actor.must(Permission.READ_INDICATORS)
    found = feedback(session, actor, command.organisation_id, command.weeks)
    days = {"since": found.since.isoformat(), "until": found.until.isoformat()}
    about = [("organisation", found.organisation.id)]
    journal.record(session, actor, "make feedback report", about, **days)
    return found
