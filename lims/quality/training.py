"""Who is trained on which protocol, until when: written down by the head of the laboratory."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotPermitted, Problem
from lims.foundation.words import _
from lims.network.queries import member
from lims.network.records import Competence
from lims.network.rules import Permission
from lims.protocols import queries as protocols
from lims.quality import competences, rules


@dataclass(frozen=True)
class RecordCompetence:
    """A member trained on a protocol (by its name); without a last day it does not end."""

    member_id: uuid.UUID
    protocol: str
    trained_on: date
    valid_until: date | None = None


def record_competence(session: Session, actor: Actor, command: RecordCompetence) -> Competence:
    """Write down a training, or renew it: one line per person and protocol.

    Raises NotPermitted for somebody who does not work where one manages, Invalid beside a field.
    """
    actor.must(Permission.RECORD_TRAINING)
    person = member(session, command.member_id)
    sites = actor.sites_for(Permission.RECORD_TRAINING)
    if sites is not None and not any(duty.site_id in sites for duty in person.duties):
        raise NotPermitted(_("This person does not work in a laboratory that you manage."))
    problems = list(rules.training_problems(command.trained_on, command.valid_until, clock.today()))
    if command.protocol not in {one.name for one in protocols.current(session)}:
        problems.append(Problem("protocol", _("Choose one of the list.")))
    if problems:
        raise Invalid(problems)
    kept = competences.competence(session, person.id, command.protocol)
    if kept is None:
        kept = Competence(id=uuid.uuid4(), member_id=person.id, protocol=command.protocol)
        session.add(kept)
    kept.trained_on, kept.valid_until = command.trained_on, command.valid_until
    until = command.valid_until.isoformat() if command.valid_until else None
    facts = {"on": command.protocol, "trained_on": command.trained_on.isoformat(), "until": until}
    journal.record(session, actor, "record competence", [("member", person.id)], **facts)
    return kept
