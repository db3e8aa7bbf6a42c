"""From text to the commands of the intake, and from its records to JSON."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import (
    Amount,
    Choice,
    CommandSchema,
    Day,
    Identifier,
    Text,
    Tick,
    Whole,
    YesNo,
)
from lims.foundation.errors import Invalid, Problem
from lims.intake import operations, refusing
from lims.intake.queries import SampleFilters
from lims.intake.rules import LONGEST_TAKEN_WITH, MOST_TAKEN_WITH, MOST_UNITS, TEXTS

_BETWEEN = re.compile(r"[,;\n]")


def _text(name: str) -> Text:
    return Text(TEXTS[name], load_default="")


class RegisterSampleSchema(CommandSchema):
    """What is told of one sample."""

    command = operations.RegisterSample

    id = Identifier(load_default=None, allow_none=True)
    code = _text("code")
    outside_code = _text("outside_code")
    form = _text("form")
    sold_as = _text("sold_as")
    sold_as_key = Text(60, load_default="")
    believed = _text("believed")
    believed_key = Text(60, load_default="")
    street_name = _text("street_name")
    colour = _text("colour")
    colour_2 = _text("colour_2")
    logo = _text("logo")
    logo_back = _text("logo_back")
    shape = _text("shape")
    score_line = YesNo()
    length_mm = Amount(least="0", most="500")
    width_mm = Amount(least="0", most="500")
    thickness_mm = Amount(least="0", most="500")
    units = Whole(least=1, most=MOST_UNITS)
    mass_mg = Amount(least="0", most="100000")
    unit_mass_mg = Amount(least="0", most="100000")
    whole_or_part = Choice("whole", "part", load_default="")
    packaging = _text("packaging")
    price = Amount(least="0", most="100000")
    price_per = _text("price_per")
    obtained_from = _text("obtained_from")
    obtained_region = _text("obtained_region")
    obtained_week = _text("obtained_week")
    route = _text("route")
    effects = fields.List(Text(40), load_default=list, validate=ma.validate.Length(max=60))
    already_taken = YesNo()
    taken_with = fields.List(
        Text(LONGEST_TAKEN_WITH),
        load_default=list,
        validate=ma.validate.Length(max=MOST_TAKEN_WITH),
    )
    incident_link = _text("incident_link")
    consent_destroy = Tick()
    consent_second_laboratory = Tick()
    consent_data = Tick()
    consent_photo = Tick()
    note = _text("note")
    not_a_person = Tick()


class MadeTicketSchema(CommandSchema):
    """A ticket that a device made: its public half, and the argon2id of the other."""

    command = operations.TicketVerifier

    selector = Text(8, required=True)
    verifier = Text(200, required=True)


class RegisterVisitSchema(CommandSchema):
    """A visit with its samples; its identifier stands in the address."""

    site_id = Identifier(required=True)
    samples = fields.List(
        fields.Nested(RegisterSampleSchema), required=True, validate=ma.validate.Length(max=50)
    )
    session_name = Text(80, load_default="")
    language = Choice("fr", "nl", "en", load_default="fr")
    first_visit = YesNo()
    age_band = Text(20, load_default="")
    gender = Text(20, load_default="")
    table_scale = Text(20, load_default="")
    day = Day(load_default=None, allow_none=True)
    with_ticket = Tick(load_default=True)
    ticket = fields.Nested(MadeTicketSchema, load_default=None, allow_none=True)
    ask_names = Tick()


class VisitFormSchema(RegisterVisitSchema):
    """A visit as the page sends it, identifier included."""

    command = operations.RegisterVisit

    id = Identifier(required=True)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Any:
        return operations.RegisterVisit(**{**data, "samples": tuple(data["samples"])})


def from_form(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form's answers as a visit: a quick choice stands in where nothing was typed."""
    samples = typed.get("samples")
    listed = samples if isinstance(samples, list) else []
    return {
        **typed,
        "ask_names": "yes",
        "samples": [sample_from_form(one) for one in listed if isinstance(one, Mapping)],
    }


def sample_from_form(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return one sample's answers, the quick choices and the rarer forms in their places."""
    known = {name: typed[name] for name in RegisterSampleSchema().fields if name in typed}
    return {
        **known,
        "taken_with": listed(typed.get("taken_with", "")),
        "sold_as": typed.get("sold_as") or typed.get("sold_as_quick") or "",
        "form": typed.get("form_other") or typed.get("form") or "",
    }


def listed(text: Any) -> list[str]:
    """Return names that were typed in one line, with commas between them."""
    return [name.strip() for name in _BETWEEN.split(str(text)) if name.strip()]


class CorrectSampleSchema(CommandSchema):
    """All answers of a sample, corrected."""

    answers = fields.Nested(RegisterSampleSchema, required=True)
    row_version = Whole(required=True)


def correction_from_form(sample_id: uuid.UUID, typed: Mapping[str, Any]) -> Any:
    """Return a form's answers as a correction; problems bear the plain names of their fields."""
    told = {"answers": sample_from_form(typed), "row_version": typed.get("row_version", "")}
    try:
        read = CorrectSampleSchema().read(told)
    except Invalid as refusal:
        bare = [
            Problem(one.field.removeprefix("answers."), one.message) for one in refusal.problems
        ]
        raise Invalid(bare) from refusal
    return operations.CorrectSample(sample_id, read["row_version"], read["answers"], ask_names=True)


class ReasonSchema(CommandSchema):
    """Why."""

    reason = Text(120, load_default="")


class ConsentSchema(CommandSchema):
    """Which agreement."""

    consent = Text(30, load_default="")


class NameArguments(CommandSchema):
    """A declared name, and the field of the form that it stands in."""

    text = Text(120, load_default="")
    field = Choice("sold_as", "believed", load_default="sold_as")
    at = Text(20, load_default="", validate=ma.validate.Regexp(r"^(samples-\d{1,2}-)?$"))


class NotAcceptedBodySchema(CommandSchema):
    """What was not accepted; its identifier stands in the address."""

    site_id = Identifier(required=True)
    reason = Text(32, load_default="")
    form = Text(32, load_default="")
    day = Day(load_default=None, allow_none=True)


class NotAcceptedSchema(NotAcceptedBodySchema):
    """What was not accepted as the page sends it, identifier included."""

    command = refusing.NoteNotAccepted

    id = Identifier(required=True)


class MakeCodeBlockSchema(CommandSchema):
    """A block of codes."""

    command = operations.MakeCodeBlock

    site_id = Identifier(required=True)
    device = Text(60, load_default="")
    count = Whole(least=1, most=1000, load_default=100)
    id = Identifier(load_default=None, allow_none=True)


class ListArguments(CommandSchema):
    """Which samples, which page."""

    state = Text(20, load_default="")
    form = Text(32, load_default="")
    code = Text(60, load_default="")
    site_id = Identifier(load_default=None, allow_none=True)
    incomplete = Tick()
    page = Whole(least=1, most=100_000, load_default=1)


def filters_of(asked: Mapping[str, Any]) -> SampleFilters:
    """Return which samples are asked for."""
    names = ("state", "form", "code", "site_id", "incomplete")
    return SampleFilters(**{name: asked[name] for name in names})
