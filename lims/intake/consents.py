"""Agreements that are taken back, one by one; each has its consequence at once.

The agreement that analysing destroys the sample is not among them: without it there is no
analysis, and the sample is withdrawn.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field
from lims.foundation.words import _
from lims.intake import queries
from lims.intake.agreements import CONSEQUENCES
from lims.intake.photos import let_go_of_photos
from lims.intake.records import Sample
from lims.network.rules import Permission


@dataclass(frozen=True)
class WithdrawConsent:
    """An agreement that the person takes back: data, second_laboratory or photo."""

    sample_id: uuid.UUID
    consent: str


def withdraw_consent(session: Session, actor: Actor, command: WithdrawConsent) -> Sample:
    """Take back one agreement, with its consequence; raises Refused when it was not given."""
    actor.must(Permission.REGISTER)
    sample = queries.sample(session, actor, command.sample_id)
    actor.must(Permission.REGISTER, sample.site_id)
    if command.consent not in CONSEQUENCES:
        raise refuse_field("consent", _("Choose one of the list."))
    if not getattr(sample, f"consent_{command.consent}"):
        raise Refused(_("The person has not agreed to this."))
    setattr(sample, f"consent_{command.consent}", False)
    removed = let_go_of_photos(session, actor, sample) if command.consent == "photo" else 0
    about = [("sample", sample.id)]
    facts = {"consent": command.consent, "photos_removed": removed}
    journal.record(session, actor, "withdraw consent", about, **facts)
    return sample
