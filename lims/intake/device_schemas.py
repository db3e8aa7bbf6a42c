"""From text to the commands about devices, and what a sealed visit becomes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import CommandSchema, Identifier, Text, Tick, Whole
from lims.foundation import sealing
from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _, say
from lims.intake.device_records import Device
from lims.intake.outbox import EnvelopeRefused, Received
from lims.intake.queue_import import ImportedRow, Outcome


class EnrolSchema(CommandSchema):
    """A device of one's own site."""

    id = Identifier(required=True)
    name = Text(60, load_default="")


class EnrolAtSchema(CommandSchema):
    """A device of a site; its identifier stands in the address."""

    site_id = Identifier(required=True)
    name = Text(60, load_default="")


class WithdrawSchema(CommandSchema):
    """Why a device is withdrawn."""

    reason = Text(120, load_default="")


class PageSchema(CommandSchema):
    """Which page."""

    page = Whole(least=1, most=100_000, load_default=1)


class ReserveSchema(CommandSchema):
    """How many codes and selectors; the identifier is of the request."""

    id = Identifier(required=True)
    codes = Whole(least=0, most=1000, load_default=0)
    selectors = Whole(least=0, most=1000, load_default=0)


class ReturnSchema(CommandSchema):
    """Codes and selectors that will not be used."""

    codes = fields.List(Text(8), load_default=list, validate=ma.validate.Length(max=1000))
    selectors = fields.List(Text(8), load_default=list, validate=ma.validate.Length(max=1000))


class ReservedSchema(ma.Schema):
    """What a device may hand out."""

    codes = fields.List(fields.String())
    selectors = fields.List(fields.String())


class PublicKeySchema(ma.Schema):
    """A public key: its name and its point of 65 bytes in base64url."""

    id = fields.String()
    raw = fields.String()


def told_received(found: Received) -> dict[str, Any]:
    """Return what a device is told of a record that the server has."""
    told: dict[str, Any] = {"id": str(found.id), "hash": found.hash, "result": found.result}
    if found.theirs is not None:
        told |= {"ours": found.ours, "theirs": found.theirs}
    return told


def told_refusal(envelope_id: uuid.UUID, refusal: EnvelopeRefused, language: str) -> dict[str, Any]:
    """Return why a record was not taken, with its content for whoever may correct it."""
    told: dict[str, Any] = {"id": str(envelope_id), "detail": say(refusal.message, language)}
    if isinstance(refusal.cause, Invalid):
        told["errors"] = [
            {"field": one.field, "message": say(one.message, language)}
            for one in refusal.cause.problems
        ]
    if refusal.withdrawn:
        told["withdrawn"] = True
    if refusal.opened is not None:
        told["opened"] = refusal.opened
    return told


def keyed(device: Device, folder: Path) -> dict[str, Any]:
    """Return a device as it is told of itself, with the public keys that it needs."""
    told: dict[str, Any] = KeyedDeviceSchema().dump(
        {
            "id": device.id,
            "name": device.name,
            "site_id": device.site_id,
            "site": device.site,
            "withdrawn_at": device.withdrawn_at,
            "seal_key": sealing.outbox_key(folder),
            "bundle_key": sealing.bundle_key(folder),
        }
    )
    return told


OUTCOME_WORDS: Mapping[Outcome, Message] = {
    Outcome.TAKEN: _("Taken"),
    Outcome.KNOWN: _("Had it already"),
    Outcome.CONFLICT: _("Another record of this name is here: settle it on the device"),
    Outcome.REFUSED: _("Refused"),
}


def told_row(row: ImportedRow, language: str) -> dict[str, Any]:
    """Return what became of a row of an exported queue, in words."""
    problems = [{"field": one.field, "message": say(one.message, language)} for one in row.problems]
    words = say(OUTCOME_WORDS[row.outcome], language)
    detail = say(row.message, language) if row.message is not None else words
    told = {"seq": row.seq, "id": str(row.id), "outcome": str(row.outcome), "words": words}
    return {**told, "detail": detail, "errors": problems}


def _withdrawn_at(device: Any) -> Any:
    return device["withdrawn_at"] if isinstance(device, Mapping) else device.withdrawn_at


class DeviceSchema(ma.Schema):
    """A device with the keys it needs."""

    id = fields.UUID()
    name = fields.String()
    site_id = fields.UUID()
    site_name = fields.String(attribute="site.name")
    withdrawn = fields.Function(
        lambda one: _withdrawn_at(one) is not None, metadata={"type": "boolean"}
    )


class KeyedDeviceSchema(DeviceSchema):
    """A device with the public keys it needs."""

    seal_key = fields.Nested(PublicKeySchema)
    bundle_key = fields.Nested(PublicKeySchema)


class CountedDeviceSchema(ma.Schema):
    """A device and what it still has in hand, as far as the server knows."""

    device = fields.Nested(DeviceSchema)
    codes = fields.Integer()
    selectors = fields.Integer()
    records = fields.Integer()
    last_seen = fields.Date(attribute="device.last_seen", allow_none=True)


class DevicePageSchema(ma.Schema):
    """One page of devices."""

    devices = fields.List(fields.Nested(CountedDeviceSchema))
    total = fields.Integer()
    page = fields.Integer()


class ReceivedSchema(ma.Schema):
    """That the server has a record: its hash is of the text as it was sent."""

    id = fields.UUID()
    hash = fields.String()
    result = fields.Dict()


ENVELOPE_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["v", "id", "kind", "device", "key", "epk", "iv", "ct"],
                "properties": {
                    "v": {"type": "integer", "enum": [1]},
                    **{name: {"type": "string", "format": "uuid"} for name in ("id", "device")},
                    **{name: {"type": "string"} for name in ("kind", "key", "epk", "iv", "ct")},
                },
            }
        }
    },
}
"""The envelope in the words of OpenAPI; what is sealed in it is described in docs/offline.md."""


QUEUE_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["balise_outbox", "rows"],
                "properties": {
                    "balise_outbox": {"type": "integer", "enum": [1]},
                    "rows": {"type": "array", "items": {"type": "object"}},
                },
            }
        }
    },
}


class DrySchema(CommandSchema):
    """Whether to tell only."""

    dry = Tick()


class WrongFieldSchema(ma.Schema):
    """What is wrong with one field."""

    field = fields.String()
    message = fields.String()


class ImportedRowSchema(ma.Schema):
    """A row of an exported queue and what became of it."""

    seq = fields.Integer()
    id = fields.UUID()
    outcome = fields.String()
    words = fields.String()
    detail = fields.String()
    errors = fields.List(fields.Nested(WrongFieldSchema))


class ImportedSchema(ma.Schema):
    """An exported queue, row by row."""

    dry = fields.Boolean()
    rows = fields.List(fields.Nested(ImportedRowSchema))
