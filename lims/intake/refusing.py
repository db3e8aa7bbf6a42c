"""What was brought and not taken in: counted by reason, with nothing of the person."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Refused, refuse_field
from lims.foundation.words import _
from lims.intake import rules
from lims.intake.records import NotAccepted
from lims.library import queries as library
from lims.network import queries as network
from lims.network.rules import Permission


@dataclass(frozen=True)
class NoteNotAccepted:
    """Something that was not taken in; `reason` and `form` are codes of their lists."""

    site_id: uuid.UUID
    reason: str
    form: str = ""
    day: date | None = None
    id: uuid.UUID = field(default_factory=uuid.uuid4)


def note_not_accepted(session: Session, actor: Actor, command: NoteNotAccepted) -> NotAccepted:
    """Count something that was not taken in; the same identifier twice is once."""
    actor.must(Permission.REGISTER, command.site_id)
    there = session.get(NotAccepted, command.id)
    if there is not None:
        told = (command.site_id, command.reason, command.form)
        if (there.site_id, there.reason, there.form) != told:
            raise Refused(_("Another record has this identifier."))
        return there
    site = network.site(session, command.site_id)
    if not command.reason:
        raise refuse_field("reason", _("Choose a reason."))
    library.refuse_unknown_term(session, "not_accepted_reason", command.reason, "reason")
    library.refuse_unknown_term(session, "dosage_form", command.form, "form")
    day = command.day or rules.day_in_belgium(clock.now())
    if wrong := rules.wrong_day(day, clock.now()):
        raise Invalid(wrong)
    year, week, _weekday = day.isocalendar()
    made = NotAccepted(
        id=command.id,
        site_id=site.id,
        day=day,
        week=f"{year}-W{week:02}",
        reason=command.reason,
        form=command.form,
        by=actor.account,
    )
    session.add(made)
    session.flush()
    journal.record(session, actor, "note not accepted", [("site", site.id)], reason=made.reason)
    return made
