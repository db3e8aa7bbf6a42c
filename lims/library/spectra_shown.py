"""Records of reference spectra as JSON; numbers only where a licence lets them leave."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.foundation.words import kept
from lims.library.peaks import unpacked


class SpectrumLibrarySchema(ma.Schema):
    """A library of reference spectra as JSON."""

    id = fields.UUID()
    name = fields.String()
    kind = fields.String()
    licence = fields.String()
    exportable = fields.Boolean()
    source = fields.String()
    edition = fields.String()
    site_id = fields.UUID(allow_none=True)
    own = fields.Boolean()
    few = fields.Boolean()
    state = fields.String()
    added_by = fields.String()
    reviewed_by = fields.String()
    reviewed_at = fields.DateTime(allow_none=True)
    reason = fields.String()
    row_version = fields.Integer()


class CountedLibrarySchema(ma.Schema):
    """A library with its counts."""

    library = fields.Nested(SpectrumLibrarySchema)
    spectra = fields.Integer()
    in_use = fields.Integer()
    resolved = fields.Integer()
    waiting = fields.Integer()


class ReferenceSpectrumSchema(ma.Schema):
    """A reference spectrum as JSON, without its numbers."""

    id = fields.UUID()
    library_id = fields.UUID()
    substance_id = fields.UUID(allow_none=True)
    name = fields.String()
    inchikey = fields.String()
    formula = fields.String()
    form = fields.String()
    kind = fields.String()
    points = fields.Integer()
    x_unit = fields.String()
    y_unit = fields.String()
    precursor_mz = fields.Float(allow_none=True)
    precursor_type = fields.String()
    collision_energy = fields.String()
    ion_mode = fields.String()
    instrument = fields.String()
    retention_index = fields.Float(allow_none=True)
    state = fields.String()
    added_by = fields.String()
    reviewed_by = fields.String()
    reason = fields.String()
    sample_id = fields.UUID(allow_none=True)
    run_id = fields.UUID(allow_none=True)
    row_version = fields.Integer()


class WholeSpectrumSchema(ReferenceSpectrumSchema):
    """A reference spectrum with its facts; its numbers only when its licence lets them leave."""

    smiles = fields.String()
    facts = fields.Dict(keys=fields.String(), values=fields.Raw())
    licence = fields.Function(lambda one: one.library.licence, metadata={"type": "string"})
    exportable = fields.Function(lambda one: one.library.exportable, metadata={"type": "boolean"})
    x = fields.Function(lambda one: _numbers(one, one.x), metadata={"type": ["array", "null"]})
    y = fields.Function(lambda one: _numbers(one, one.y), metadata={"type": ["array", "null"]})


def _numbers(spectrum: Any, data: bytes) -> list[float] | None:
    return unpacked(data).tolist() if spectrum.library.exportable else None


class SpectrumPageSchema(ma.Schema):
    """Part of a list of spectra."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(ReferenceSpectrumSchema))


class RefusedRecordSchema(ma.Schema):
    """A record that was refused: the byte behind it, and why."""

    position = fields.Integer()
    words = fields.Function(lambda one: str(kept(one)), metadata={"type": "string"})


class SpectrumImportSchema(ma.Schema):
    """A file that was brought in, and how far its import is."""

    id = fields.UUID()
    name = fields.String()
    sha256 = fields.String()
    size = fields.Integer()
    state = fields.String()
    refusal = fields.Function(
        lambda one: str(kept(one.refusal)) if one.refusal else "", metadata={"type": "string"}
    )
    kind = fields.String()
    library_id = fields.UUID(allow_none=True)
    position = fields.Integer()
    read = fields.Integer()
    added = fields.Integer()
    duplicates = fields.Integer()
    unresolved = fields.Integer()
    refused = fields.Integer()
    refusals = fields.List(fields.Nested(RefusedRecordSchema))
    by = fields.String()
    at = fields.DateTime()


class ImportStandingSchema(ma.Schema):
    """An import with its long work: waiting, running, done, failed, stopped, or none yet."""

    file = fields.Nested(SpectrumImportSchema)
    percent = fields.Integer()
    job = fields.Function(
        lambda one: str(one.job.state) if one.job else "", metadata={"type": "string"}
    )


class ImportPageSchema(ma.Schema):
    """Part of the list of imports."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(SpectrumImportSchema))


class UnresolvedSchema(ma.Schema):
    """Spectra of one structure or name whose substance nobody has told yet."""

    identity = fields.String()
    name = fields.String()
    inchikey = fields.String()
    spectra = fields.Integer()


class UnresolvedPageSchema(ma.Schema):
    """Part of what waits for a decision."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(UnresolvedSchema))


class LinkedSchema(ma.Schema):
    """How many spectra a decision was about."""

    spectra = fields.Integer()
