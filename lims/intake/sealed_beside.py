"""What a device recorded beside visits: photos of samples, and what was not accepted."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.intake import photo_schemas, schemas
from lims.intake.kinds import Kind, Origin
from lims.intake.photos import AttachPhoto, attach_photo
from lims.intake.refusing import NoteNotAccepted, note_not_accepted


def read_photo(envelope_id: uuid.UUID, _day: date, body: Mapping[str, Any]) -> AttachPhoto:
    """Return the photo that a device kept; where files stand here is stamped on it."""
    return photo_schemas.photo_in_envelope(envelope_id, Path(), body)


def stamped_photo(command: AttachPhoto, origin: Origin) -> AttachPhoto:
    """Return the photo with the folder in which this installation keeps its files."""
    return replace(command, folder=origin.folder)


def read_not_accepted(
    envelope_id: uuid.UUID, day: date, body: Mapping[str, Any]
) -> NoteNotAccepted:
    """Return what a device counted as not accepted, on the day when it did."""
    told = schemas.NotAcceptedBodySchema().read(body)
    return NoteNotAccepted(**{**told, "day": told["day"] or day}, id=envelope_id)


def stamped_not_accepted(command: NoteNotAccepted, origin: Origin) -> NoteNotAccepted:
    """Return it as it is; raises Invalid for another site's."""
    if command.site_id != origin.site_id:
        raise refuse_field("site_id", _("This device is enrolled at another site."))
    return command


PHOTO = Kind(schema_read=read_photo, operation=attach_photo, stamped=stamped_photo)
NOT_ACCEPTED = Kind(
    schema_read=read_not_accepted, operation=note_not_accepted, stamped=stamped_not_accepted
)
