"""From text to the commands about an instrument's files; files and their spectra as JSON."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.analysis.instruments import ROLES, UNIT_WORDS, Told
from lims.analysis.uploading import GiveFile, ReadAgain, TakeScans
from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Whole
from lims.spectra.spectrum import Kind

MOST_SCANS = 1_000_000


class ColumnsToldSchema(CommandSchema):
    """What a person says of the columns of a file; empty: as the file says."""

    kind = Choice(*Kind, load_default="")
    x_unit = Choice("m/z", "cm-1", "nm", "µm", load_default="")
    y_unit = Choice(*(one for one in UNIT_WORDS if one not in ("m/z", "cm-1", "nm", "µm")))

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Any:
        said = {name: data.pop(name, "") or "" for name in ("kind", "x_unit", "y_unit")}
        return {**data, "told": Told(**said)}


class GiveFileSchema(ColumnsToldSchema):
    """Of which sample a file is, or that it is a background or a blank."""

    name = Text(200, load_default="")
    sample_id = Identifier(load_default=None, allow_none=True)
    role = Choice(*ROLES, load_default="sample")


class TakeScansSchema(CommandSchema):
    """Which scans, counted from 1."""

    first = Whole(required=True, least=1, most=MOST_SCANS)
    last = Whole(least=1, most=MOST_SCANS)
    beside_first = Whole(least=1, most=MOST_SCANS)
    beside_last = Whole(least=1, most=MOST_SCANS)


def file_of(
    run_id: uuid.UUID, folder: Path, data: bytes, told: Mapping[str, Any], **given: Any
) -> GiveFile:
    """Return the command that gives a run a file."""
    said = {key: told[key] for key in ("sample_id", "role", "told")}
    return GiveFile(run_id=run_id, folder=folder, data=data, **{**said, **given})


def reading_of(upload_id: uuid.UUID, folder: Path, told: Mapping[str, Any]) -> ReadAgain:
    """Return the command that reads a file again."""
    return ReadAgain(upload_id, folder, told["told"])


def scans_of(upload_id: uuid.UUID, folder: Path, told: Mapping[str, Any]) -> TakeScans:
    """Return the command that makes a spectrum of scans."""
    return TakeScans(upload_id, folder, **told)


class MeasuredSchema(ma.Schema):
    """A spectrum of a file."""

    id = fields.UUID()
    block = fields.Integer()
    kind = fields.String()
    title = fields.String()
    points = fields.Integer()
    x_unit = fields.String()
    y_unit = fields.String()
    sticks = fields.Boolean()
    facts = fields.Dict()


class NumbersSchema(MeasuredSchema):
    """A spectrum with its numbers."""

    x = fields.List(fields.Float())
    y = fields.List(fields.Float())


class InstrumentFileSchema(ma.Schema):
    """A file given to a run; `refusal` says why it was not read."""

    id = fields.UUID()
    run_id = fields.UUID()
    sample_id = fields.UUID(allow_none=True)
    name = fields.String()
    sha256 = fields.String()
    size = fields.Integer()
    role = fields.String()
    state = fields.String()
    refusal = fields.Method("refusal_words")
    told = fields.Dict()
    scans = fields.Function(lambda one: len(one.scans.get("places", ())))
    by = fields.String()
    at = fields.AwareDateTime()
    spectra = fields.List(fields.Nested(MeasuredSchema))

    def refusal_words(self, one: Any) -> str:
        """Say the refusal in the language of the request."""
        from lims.doors.machine import spoken
        from lims.foundation.sentences import restore

        return spoken(restore(one.refusal))


class RunFilesSchema(ma.Schema):
    """The files of a run."""

    files = fields.List(fields.Nested(InstrumentFileSchema))
