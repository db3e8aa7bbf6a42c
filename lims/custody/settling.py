"""Answering an alarm: in words, by somebody of the site that it belongs to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims import journal
from lims.custody import alarms, noting
from lims.custody.conventions import AlarmKind, Conventions
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, refuse_field
from lims.foundation.words import _
from lims.journal.operations import Subject
from lims.network.rules import Permission


@dataclass(frozen=True)
class SettleAlarm:
    """What was done about an alarm; `agreed` is what the house calls an alarm."""

    kind: str
    subject_id: uuid.UUID
    words: str
    agreed: Conventions


def settle_alarm(session: Session, actor: Actor, command: SettleAlarm) -> alarms.Alarm:
    """Answer an alarm in words, so that it stands no more; its cause stays in the records."""
    actor.must(Permission.FOLLOW_SAMPLES)
    if command.kind not in set(AlarmKind):
        raise refuse_field("kind", _("Choose one of the list."))
    found = alarms.find_alarm(session, actor, command.agreed, command.kind, command.subject_id)
    if found is None:
        raise NotFound(_("There is no such alarm, or it was answered already."))
    if not actor.may(Permission.HAND_OVER, found.site_id):
        actor.must(Permission.MANAGE_CUSTODY, found.site_id)
    words = noting.said(command.words, "words")
    noting.settle(session, actor, found.kind, found.subject_id, found.site_id, words)
    about: list[Subject] = [("alarm", found.subject_id)]
    about += [("sample", found.sample_id)] if found.sample_id else []
    about += [("parcel", found.parcel_id)] if found.parcel_id else []
    facts = {"kind": str(found.kind), "reason": words}
    journal.record(session, actor, "settle custody alarm", about, **facts)
    return found
