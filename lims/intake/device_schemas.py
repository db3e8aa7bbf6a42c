"""From text to the commands about devices, and what a sealed visit becomes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import fields
from sqlalchemy.orm import Session

from lims.doors.schema import CommandSchema, Identifier, Text, Whole
from lims.foundation.errors import Invalid, Problem, refuse_field
from lims.foundation.words import _
from lims.intake import schemas, shown
from lims.intake.declarations import RegisterVisit
from lims.intake.outbox import Kind, Origin
from lims.intake.records import Visit
from lims.intake.registration import Registration, register_visit


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


def read_visit(envelope_id: uuid.UUID, _day: date, body: Mapping[str, Any]) -> RegisterVisit:
    """Return the visit that a device recorded: it has given identifiers and codes itself."""
    command: RegisterVisit = schemas.VisitFormSchema().read({**body, "id": str(envelope_id)})
    missing = [
        Problem(f"samples.{place}.{name}", _("This answer is needed."))
        for place, sample in enumerate(command.samples)
        for name in ("id", "code")
        if not getattr(sample, name)
    ]
    if command.with_ticket:
        missing.append(Problem("with_ticket", _("A device makes its tickets itself.")))
    if missing:
        raise Invalid(missing)
    return command


def stamped_visit(command: RegisterVisit, origin: Origin) -> RegisterVisit:
    """Return the visit with the device and the moment; raises Invalid for another site's."""
    if command.site_id != origin.site_id:
        raise refuse_field("site_id", _("This device is enrolled at another site."))
    return replace(command, device_id=origin.device_id, recorded_at=origin.moment)


def visit_id(made: Registration) -> uuid.UUID:
    """Return which visit was registered."""
    return made.visit.id


def visit_result(session: Session, visit_id: uuid.UUID) -> dict[str, Any]:
    """Return what a device may forget now, because the server has it."""
    visit = session.get_one(Visit, visit_id)
    samples = [{"id": str(one.id), "code": one.code} for one in visit.samples]
    return {"id": str(visit.id), "day": visit.day.isoformat(), "samples": samples}


def present_visit(session: Session, visit_id: uuid.UUID) -> dict[str, Any] | None:
    """Return a registered visit in the words of the form that registers one."""
    visit = session.get(Visit, visit_id)
    if visit is None:
        return None
    told: dict[str, Any] = VisitSchema().dump(visit)
    return told


class VisitSchema(ma.Schema):
    """A visit as it stands, with its samples and their versions."""

    id = fields.UUID()
    site_id = fields.UUID()
    day = fields.Date()
    session_name = fields.String()
    language = fields.String()
    first_visit = fields.Boolean(allow_none=True)
    age_band = fields.String()
    gender = fields.String()
    samples = fields.List(fields.Nested(shown.SampleSchema))


VISIT = Kind(
    schema_read=read_visit,
    operation=register_visit,
    stamped=stamped_visit,
    subject=visit_id,
    result=visit_result,
    present=present_visit,
)
