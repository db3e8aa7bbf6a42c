"""From a form, a body or an envelope to a photo of a sample."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount, Choice, CommandSchema, Identifier
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.intake.photos import AttachPhoto
from lims.intake.pictured import SIDES

LONGEST_PAPER = 24 * 1024 * 1024
"""Characters of a photo as base64."""


class AttachPhotoSchema(CommandSchema):
    """What is told of a photo; the photo itself is the file or the body."""

    side = Choice(*SIDES, load_default="front")
    mm_per_px = Amount(least="0")


class PhotoEnvelopeSchema(AttachPhotoSchema):
    """A photo that an offline device kept, the JPEG as base64."""

    sample_id = Identifier(required=True)
    jpeg = fields.String(required=True, validate=ma.validate.Length(max=LONGEST_PAPER))


class PhotoSchema(ma.Schema):
    """A photo as JSON."""

    id = fields.UUID()
    sample_id = fields.UUID()
    side = fields.String()
    sha256 = fields.String()
    width = fields.Integer()
    height = fields.Integer()
    mm_per_px = Amount()
    kept_at = fields.AwareDateTime()


class PhotosSchema(ma.Schema):
    """The photos of a sample."""

    photos = fields.List(fields.Nested(PhotoSchema))


def photo_of(
    photo_id: uuid.UUID, sample_id: uuid.UUID, folder: Path, told: Mapping[str, Any], data: bytes
) -> AttachPhoto:
    """Return a photo with what was told of it."""
    return AttachPhoto(photo_id, sample_id, told["side"], data, folder, told["mm_per_px"])


def photo_in_envelope(photo_id: uuid.UUID, folder: Path, body: Mapping[str, Any]) -> AttachPhoto:
    """Return the photo of an envelope; raises Invalid when it is no base64."""
    told = PhotoEnvelopeSchema().read(body)
    try:
        data = base64.b64decode(told["jpeg"], validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise refuse_field("jpeg", _("This photo did not arrive whole.")) from wrong
    return photo_of(photo_id, told["sample_id"], folder, told, data)
