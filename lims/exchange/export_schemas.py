"""From text to the commands of exports and open data, and from their records to JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Choice, CommandSchema, Day, Text
from lims.exchange import exporting
from lims.exchange.column_sets import FORMATS, Period, column_set
from lims.exchange.passing import Look
from lims.exchange.tables_out import KINDS
from lims.foundation import clock
from lims.foundation.words import Message, _, say

FORMAT_WORDS: dict[str, Message] = {
    "samples": _("Samples, one row each"),
    "findings": _("Findings, one row for each substance"),
    "template": _("Our table for other services"),
    "bewsd": _("BEWSD (healthdata.be, HD4DP)"),
    "tedi": _("TEDI"),
    "edas": _("European drug alert system (art. 13)"),
}
"""The name of each format, as a reader calls it."""


class LookSchema(CommandSchema):
    """Which rows to look at; without days, the four whole weeks before this one."""

    format = Choice(*FORMATS, load_default=FORMATS[0])
    since = Day(load_default=None, allow_none=True)
    until = Day(load_default=None, allow_none=True)

    @ma.post_load
    def _fill(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        monday = clock.today() - timedelta(days=clock.today().weekday())
        data["until"] = data["until"] or monday - timedelta(days=1)
        data["since"] = data["since"] or data["until"] - timedelta(days=27)
        return data


class ExportRowsSchema(CommandSchema):
    """Which rows a person gives out, with the password typed again."""

    command = exporting.ExportRows

    format = Choice(*FORMATS, required=True)
    kind = Choice(*KINDS, load_default="csv")
    since = Day(required=True)
    until = Day(required=True)
    password = Text(1024, required=True)


class MachineExportSchema(CommandSchema):
    """Which rows a program takes; its key with the permission is the proof."""

    command = exporting.ExportRows

    format = Choice(*FORMATS, required=True)
    kind = Choice(*KINDS, load_default="csv")
    since = Day(required=True)
    until = Day(required=True)


class WantedExportsSchema(ma.Schema):
    """Which page of a list is wanted."""

    class Meta:
        unknown = ma.EXCLUDE

    page = fields.Integer(load_default=1, validate=ma.validate.Range(1, 100_000))


class DataExportSchema(ma.Schema):
    """A file that left the house."""

    id = fields.UUID()
    format = fields.String()
    format_version = fields.String()
    kind = fields.String()
    since = fields.Date()
    until = fields.Date()
    rows = fields.Integer()
    left_out = fields.Integer()
    file_hash = fields.String()
    size = fields.Integer()
    by = fields.String()
    at = fields.DateTime()


class DataExportsSchema(ma.Schema):
    """One page of the files that left."""

    total = fields.Integer()
    page = fields.Integer()
    rows = fields.List(fields.Nested(DataExportSchema))


class CellProblemOutSchema(ma.Schema):
    """What is wrong with one cell."""

    row = fields.Integer()
    column = fields.String()
    message = fields.Function(
        lambda one: say(one.message, "en"), metadata={"type": "string", "readOnly": True}
    )


def told(look: Look) -> list[list[str]]:
    """Return the first rows as texts."""
    return [["" if cell is None else str(cell) for cell in row] for row in look.rows]


class LookedAtSchema(ma.Schema):
    """What an export would give."""

    format = fields.String(attribute="chosen.key")
    version = fields.String(attribute="chosen.version")
    since = fields.Date(attribute="period.since")
    until = fields.Date(attribute="period.until")
    records = fields.Integer()
    held_back = fields.Integer()
    looked_at = fields.Integer()
    left_out = fields.Integer()
    is_whole = fields.Boolean()
    unknown_columns = fields.List(fields.String(), attribute="chosen.unknown")
    head = fields.List(fields.String(), attribute="chosen.head")
    rows = fields.Function(
        told,
        metadata={
            "type": "array",
            "items": {"type": "array", "items": {"type": "string"}},
            "readOnly": True,
        },
    )
    problems = fields.List(fields.Nested(CellProblemOutSchema))


def file_name(kept: Any) -> str:
    """Return what a file that left is called."""
    return f"{kept.format}-{kept.since:%Y%m%d}-{kept.until:%Y%m%d}.{kept.kind}"


def asked_period(given: dict[str, Any]) -> Period:
    """Return the period that was asked for."""
    return Period(given["since"], given["until"])


def kinds_of(key: str) -> tuple[str, ...]:
    """Return the kinds of file that a format has."""
    return column_set(key).kinds
