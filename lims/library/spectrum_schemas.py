"""From text to the commands on reference spectra, and from their records to JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from lims.doors.schema import Amount, Choice, CommandSchema, Identifier, Text, Tick, Whole
from lims.library import collecting, collection, importing, naming, own_spectra
from lims.library.standing import SEARCHED_KINDS

STATES = ("draft", "reviewed", "retired", "included")


class Measure(Amount):
    """A measured value, read like an amount and used as a float."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        amount = super()._deserialize(value, attr, data, **kwargs)
        return None if amount is None else float(amount)


class FindSpectraSchema(CommandSchema):
    """Which spectra to look for."""

    command = collection.SpectrumFilters

    text = Text(160, load_default="")
    kind = Choice(*SEARCHED_KINDS, load_default="")
    state = Choice(*STATES, load_default="")
    library_id = Identifier(load_default=None, allow_none=True)
    substance_id = Identifier(load_default=None, allow_none=True)
    ion = Whole(least=1, most=9999)
    precursor = Measure(least="0", most="100000")


class PagedFindSchema(ma.Schema):
    """A search among spectra, and which part of the answer."""

    text = Text(160, load_default="")
    kind = Choice(*SEARCHED_KINDS, load_default="")
    state = Choice(*STATES, load_default="")
    library_id = Identifier(load_default=None, allow_none=True)
    substance_id = Identifier(load_default=None, allow_none=True)
    ion = Whole(least=1, most=9999)
    precursor = Measure(least="0", most="100000")
    page = Whole(least=1, most=100_000, load_default=1)


class PageSchema(ma.Schema):
    """Which part of a list."""

    page = Whole(least=1, most=100_000, load_default=1)


class AddSpectrumLibrarySchema(CommandSchema):
    """A new, empty library of reference spectra."""

    command = collecting.AddSpectrumLibrary

    id = Identifier(load_default=None, allow_none=True)
    name = Text(120, required=True)
    kind = Choice(*SEARCHED_KINDS, required=True)
    licence = Text(1000, required=True)
    exportable = Tick()
    source = Text(1000, load_default="")
    edition = Text(60, load_default="")
    site_id = Identifier(load_default=None, allow_none=True)


class ReviewLibrarySchema(CommandSchema):
    """Put a library in use."""

    command = collecting.ReviewLibrary

    library_id = Identifier(required=True)
    row_version = Whole()


class RetireLibrarySchema(CommandSchema):
    """Take a library out of use."""

    command = collecting.RetireLibrary

    library_id = Identifier(required=True)
    reason = Text(400, required=True)
    row_version = Whole()


class DecideExportSchema(CommandSchema):
    """Whether spectra may leave the network."""

    command = collecting.DecideExport

    library_id = Identifier(required=True)
    exportable = Tick()
    row_version = Whole()


class ReviewSpectrumSchema(CommandSchema):
    """Put an own spectrum in use."""

    command = own_spectra.ReviewSpectrum

    spectrum_id = Identifier(required=True)
    row_version = Whole()


class RetireSpectrumSchema(CommandSchema):
    """Take a spectrum out of use."""

    command = own_spectra.RetireSpectrum

    spectrum_id = Identifier(required=True)
    reason = Text(400, required=True)
    row_version = Whole()


class WhereToSchema(ma.Schema):
    """Where the spectra of a file go: a draft library, or a new one with its licence."""

    kind = Choice(*SEARCHED_KINDS, required=True)
    name = Text(120, load_default="")
    licence = Text(1000, load_default="")
    exportable = Tick()
    source = Text(1000, load_default="")
    edition = Text(60, load_default="")
    library_id = Identifier(load_default=None, allow_none=True)
    site_id = Identifier(load_default=None, allow_none=True)


class BeginImportSchema(WhereToSchema, CommandSchema):
    """What is asked before an import."""

    command = importing.BeginImport

    import_id = Identifier(required=True)


class SeenSpectraSchema(ma.Schema):
    """Which state of the record was seen."""

    row_version = Whole()


class WhyRetiredSchema(SeenSpectraSchema):
    """Why, and which state of the record was seen."""

    reason = Text(400, required=True)


class ExportableSchema(SeenSpectraSchema):
    """Whether it may leave, and which state of the record was seen."""

    exportable = Tick(required=True)


class IdentitySchema(CommandSchema):
    """A name or structure that no substance bears; with a substance when it is known."""

    command = naming.DecideIdentity

    identity = Text(160, required=True)
    substance_id = Identifier(load_default=None, allow_none=True)
