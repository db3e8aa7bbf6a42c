"""From text to the commands of reports, and from reports to JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import CommandSchema, Identifier, Text, Tick, Whole
from lims.foundation.words import LANGUAGES
from lims.overview import reports


class WordsSchema(CommandSchema):
    """A text in each language."""

    fr = Text(reports.LONGEST, lines=True, load_default="")
    nl = Text(reports.LONGEST, lines=True, load_default="")
    en = Text(reports.LONGEST, lines=True, load_default="")


class DraftReportSchema(CommandSchema):
    """Which report to draw up."""

    command = reports.DraftReport

    id = Identifier(load_default=None, allow_none=True)
    period = Text(8, required=True, metadata={"example": "2026-1"})


class ReportWordsSchema(CommandSchema):
    """The words of a draft, whichever it is."""

    commentary = fields.Nested(WordsSchema, load_default=dict)
    changes = fields.Nested(WordsSchema, load_default=dict)
    not_a_person = Tick()
    redraw = Tick()
    row_version = Whole()


class EditReportSchema(ReportWordsSchema):
    """The words of a draft."""

    command = reports.EditReport

    report_id = Identifier(required=True)


class ReportPasswordSchema(CommandSchema):
    """The approver's password, asked again."""

    password = fields.String(required=True)
    row_version = Whole()


class ApproveReportSchema(ReportPasswordSchema):
    """A report with its approver's password."""

    command = reports.ApproveReport

    report_id = Identifier(required=True)


class NetworkReportFileSchema(ma.Schema):
    """A kept file, without its bytes."""

    name = fields.String()
    public = fields.Boolean()
    sha256 = fields.String()
    size = fields.Integer()


class NetworkReportSchema(ma.Schema):
    """A report as JSON."""

    id = fields.UUID()
    period = fields.String()
    edition = fields.Integer()
    state = fields.String()
    drawn_at = fields.DateTime()
    author = fields.String()
    approved_by = fields.String()
    approved_at = fields.DateTime(allow_none=True)
    commentary = fields.Dict()
    changes = fields.Dict()
    hash = fields.String()
    row_version = fields.Integer()


class WholeNetworkReportSchema(NetworkReportSchema):
    """A report with its files."""

    files = fields.List(fields.Nested(NetworkReportFileSchema))


class NetworkReportsSchema(ma.Schema):
    """One page of the reports."""

    items = fields.List(fields.Nested(NetworkReportSchema))
    total = fields.Integer()
    page = fields.Integer()


def typed_words(typed: dict[str, Any], name: str) -> dict[str, str]:
    """Return what was typed of a text in each language, for a form that is shown again."""
    told = typed.get(name)
    given = told if isinstance(told, dict) else {}
    return {code: str(given.get(code, "")) for code in LANGUAGES}
