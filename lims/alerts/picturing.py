"""The picture of an alert: given by a person for this purpose, never taken from a sample's photos.

A photo of a sample was agreed to for the laboratory; an alert is read by anybody. The picture is
encoded anew, so that nothing but its pixels is kept.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from lims import journal
from lims.alerts import queries, rules
from lims.alerts.records import AlertPicture, AlertVersion
from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.intake import pictures
from lims.network.rules import Permission


@dataclass(frozen=True)
class SetPicture:
    """A picture for a draft; `folder` is where this installation keeps its files."""

    version_id: uuid.UUID
    row_version: int
    plain_ground: bool
    folder: Path
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class RemovePicture:
    """The draft goes out without its picture."""

    version_id: uuid.UUID
    row_version: int


def set_picture(session: Session, actor: Actor, command: SetPicture) -> AlertVersion:
    """Keep a picture for a draft in place of the one before.

    Raises Refused when it is no draft, Invalid for a file that is no plain photo, or without the
    word of the person that nothing but the product is on it.
    """
    actor.must(Permission.DRAFT_ALERT)
    version = _draft(session, command.version_id, command.row_version)
    if not command.plain_ground:
        words = _("Only a picture of the product alone, on plain ground: say that it is one.")
        raise refuse_field("plain_ground", words)
    made = pictures.cleaned(command.data, "picture")
    kept = version.picture or AlertPicture(id=uuid.uuid4(), alert_version_id=version.id)
    kept.sha256 = files.store(command.folder, made.data)
    kept.width, kept.height, kept.by = made.width, made.height, actor.account
    version.picture = kept
    return _note(session, actor, version, "give alert a picture")


def remove_picture(session: Session, actor: Actor, command: RemovePicture) -> AlertVersion:
    """Take the picture off a draft; its file goes with the next purge."""
    actor.must(Permission.DRAFT_ALERT)
    version = _draft(session, command.version_id, command.row_version)
    if version.picture is None:
        raise NotFound(_("This alert has no picture."))
    session.delete(version.picture)
    version.picture = None
    return _note(session, actor, version, "take picture off alert")


def _draft(session: Session, version_id: uuid.UUID, row_version: int) -> AlertVersion:
    version = queries.version_to_change(session, version_id)
    rules.refuse_editing(version.state)
    refuse_stale(version, row_version)
    return version


def _note(session: Session, actor: Actor, version: AlertVersion, act: str) -> AlertVersion:
    version.note_editor(actor.account)
    journal.record(session, actor, act, queries.about(version))
    return version
