"""From text to the commands of labels and their templates, and from their records to JSON."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount, Choice, CommandSchema, Identifier, Text, Whole
from lims.foundation.codes import shown
from lims.intake import printing
from lims.intake.label_design import FIELDS, OUTPUTS, OWN, OWN_MEASURES
from lims.intake.label_facts import LabelTemplateFacts
from lims.intake.label_records import LabelTemplate

MOST_FIELDS = 8


class PrintLabelsSchema(CommandSchema):
    """Labels of samples."""

    sample_ids = fields.List(
        Identifier(required=True), load_default=list, validate=ma.validate.Length(max=500)
    )
    layout = Text(40, load_default="")
    reason = Text(30, load_default="")
    start = Whole(least=1, most=500, load_default=1)


class PrintBlockSchema(CommandSchema):
    """Blank labels of a block."""

    layout = Text(40, load_default="")
    most = Whole(least=1, most=1000)
    start = Whole(least=1, most=500, load_default=1)
    place = Text(60, load_default="")


class PrintSheetAgainSchema(CommandSchema):
    """A sheet once more."""

    layout = Text(40, load_default="")
    reason = Text(30, load_default="")


class PlaceSheetSchema(CommandSchema):
    """Where a sheet is."""

    place = Text(60, load_default="")


class TemplateFactsSchema(CommandSchema):
    """What a template says."""

    command = LabelTemplateFacts

    name = Text(60, load_default="")
    paper = Text(40, load_default="")
    fields_ = fields.List(
        Choice(*FIELDS, required=True),
        attribute="fields",
        data_key="fields",
        load_default=list,
        validate=ma.validate.Length(max=MOST_FIELDS),
    )
    qr_side = Amount(least="1", most="100", required=True)
    text_pt = Amount(least="1", most="100", required=True)
    copies = Whole(least=1, most=100, required=True)
    offset_x = Amount(least="-100", most="100", required=True)
    offset_y = Amount(least="-100", most="100", required=True)
    output = Choice(*OUTPUTS, load_default="pdf")
    own_page_width = Amount(least="1", most="1000")
    own_page_height = Amount(least="1", most="1000")
    own_label_width = Amount(least="1", most="1000")
    own_label_height = Amount(least="1", most="1000")
    own_left = Amount(least="0", most="1000")
    own_top = Amount(least="0", most="1000")
    own_gap_x = Amount(least="0", most="1000")
    own_gap_y = Amount(least="0", most="1000")
    own_columns = Whole(least=1, most=50)
    own_rows = Whole(least=1, most=100)

    @ma.validates_schema
    def _need_measures(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        needed = [f"own_{name}" for name in OWN_MEASURES[:4]]
        missing = [name for name in needed if data.get(name) is None]
        if data.get("paper") == OWN and missing:
            needs = ma.fields.Field.default_error_messages["required"]
            raise ma.ValidationError({name: [needs] for name in missing})

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Any:
        own = {name: data.pop(f"own_{name}") for name in (*OWN_MEASURES, "columns", "rows")}
        data["fields"] = tuple(data["fields"])
        data["output"] = data["output"] or "pdf"
        return LabelTemplateFacts(**data, own=own)


class MakeTemplateSchema(CommandSchema):
    """A new template under the identifier of the address; no site: the whole network."""

    facts = fields.Nested(TemplateFactsSchema, required=True)
    site_id = Identifier(load_default=None, allow_none=True)


class ChangeTemplateSchema(CommandSchema):
    """A changed template."""

    facts = fields.Nested(TemplateFactsSchema, required=True)
    row_version = Whole(required=True)


class ChangeVersionSchema(CommandSchema):
    """The version that a form was made from."""

    row_version = Whole(required=True)


class ChooseTemplateSchema(CommandSchema):
    """The template of a site."""

    template_id = Identifier(load_default=None, allow_none=True)


class PageArguments(CommandSchema):
    """Which page."""

    page = Whole(least=1, most=100_000, load_default=1)


class TemplateSchema(ma.Schema):
    """A template as JSON."""

    id = fields.UUID()
    site_id = fields.UUID(allow_none=True)
    name = fields.String()
    paper = fields.String()
    own_paper = fields.Dict(keys=fields.String(), values=fields.String())
    fields_ = fields.List(fields.String(), attribute="fields", data_key="fields")
    qr_side = Amount()
    text_pt = Amount()
    copies = fields.Integer()
    offset_x = Amount()
    offset_y = Amount()
    output = fields.String()
    retired = fields.Boolean()
    row_version = fields.Integer()


class TemplatePageSchema(ma.Schema):
    """One page of templates."""

    templates = fields.List(fields.Nested(TemplateSchema))
    total = fields.Integer()
    page = fields.Integer()


class PaperSchema(ma.Schema):
    """A paper, in mm, with where its measures stand."""

    name = fields.String()
    maker = fields.String()
    page = fields.List(fields.Float())
    label = fields.List(fields.Float())
    columns = fields.Integer()
    rows = fields.Integer()
    left = fields.Float()
    top = fields.Float()
    gap_x = fields.Float()
    gap_y = fields.Float()
    source = fields.String()


class SheetSchema(ma.Schema):
    """A sheet of blank labels."""

    id = fields.UUID(attribute="record.id")
    number = fields.Integer(attribute="record.number")
    first_code = fields.Function(
        lambda row: shown(row.record.first_code), metadata={"type": "string"}
    )
    last_code = fields.Function(
        lambda row: shown(row.record.last_code), metadata={"type": "string"}
    )
    labels = fields.Integer(attribute="record.labels")
    free = fields.Integer()
    printed_on = fields.Date(attribute="record.printed_on")
    place = fields.String(attribute="record.place")


class SheetPageSchema(ma.Schema):
    """One page of sheets."""

    sheets = fields.List(fields.Nested(SheetSchema))
    total = fields.Integer()
    page = fields.Integer()


class PrintSchema(ma.Schema):
    """One printing of a code."""

    nth = fields.Integer()
    copies = fields.Integer()
    reason = fields.String()


def facts_from_form(typed: Mapping[str, Any]) -> LabelTemplateFacts:
    """Return a form's answers as what a template says; raises Invalid."""
    chosen = [str(typed.get(f"field_{number}") or "") for number in range(1, MOST_FIELDS)]
    told = {**typed, "fields": [name for name in chosen if name]}
    made: LabelTemplateFacts = TemplateFactsSchema().read(told)
    return made


def typed_of(found: LabelTemplate) -> dict[str, Any]:
    """Return a template as its form has it."""
    own = {f"own_{name}": value for name, value in found.own_paper.items()}
    chosen = {f"field_{number}": name for number, name in enumerate(found.fields, start=1)}
    plain = ("name", "paper", "qr_side", "text_pt", "copies", "offset_x", "offset_y", "output")
    return {**own, **chosen, **{name: getattr(found, name) for name in plain}}


def print_from_form(typed: Mapping[str, Any]) -> tuple[printing.PrintLabels, int]:
    """Return a form's answers as labels of samples to print, and the first free label."""
    told = PrintLabelsSchema().read({**typed, "sample_ids": typed.get("sample_ids") or []})
    return print_command(told), told["start"] or 1


def print_command(told: Mapping[str, Any]) -> printing.PrintLabels:
    """Return what was asked as labels of samples to print."""
    return printing.PrintLabels(tuple(told["sample_ids"]), told["layout"], told["reason"])


def block_command(number: int, told: Mapping[str, Any]) -> printing.PrintBlock:
    """Return what was asked as blank labels of a block."""
    return printing.PrintBlock(
        number, told["layout"], told["most"], told["start"] or 1, told["place"]
    )


def again_command(sheet_id: uuid.UUID, told: Mapping[str, Any]) -> printing.PrintSheetAgain:
    """Return what was asked as a sheet to print once more."""
    return printing.PrintSheetAgain(sheet_id, told["layout"], told["reason"])
