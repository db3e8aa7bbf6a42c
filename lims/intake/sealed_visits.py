"""A visit that a device recorded without network: read, registered, and told back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import marshmallow as ma
from marshmallow import fields
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, Problem, refuse_field
from lims.foundation.words import _
from lims.intake import rules, schemas, shown
from lims.intake.declarations import RegisterVisit
from lims.intake.kinds import Kind, Origin
from lims.intake.overruling import overrule_visit
from lims.intake.records import Visit
from lims.intake.registration import Registration, register_visit


def read_visit(envelope_id: uuid.UUID, day: date, body: Mapping[str, Any]) -> RegisterVisit:
    """Return the visit that a device recorded: it has given identifiers and codes itself."""
    command: RegisterVisit = schemas.VisitFormSchema().read({**body, "id": str(envelope_id)})
    problems = [
        Problem(f"samples.{place}.{name}", _("This answer is needed."))
        for place, sample in enumerate(command.samples)
        for name in ("id", "code")
        if not getattr(sample, name)
    ]
    if command.day is None:
        problems += rules.wrong_day(day, clock.now())
    if command.with_ticket:
        problems.append(Problem("with_ticket", _("A device makes its tickets itself.")))
    if problems:
        raise Invalid(problems)
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
    table_scale = fields.String()
    samples = fields.List(fields.Nested(shown.SampleSchema))


VISIT = Kind(
    schema_read=read_visit,
    operation=register_visit,
    stamped=stamped_visit,
    subject=visit_id,
    result=visit_result,
    present=present_visit,
    overrule=overrule_visit,
)
