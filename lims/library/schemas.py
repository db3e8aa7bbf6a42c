"""From text to the commands of the library, and from its records to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount, CommandSchema, Day, Identifier, Text, Whole
from lims.library import operations, queries


class SearchSchema(CommandSchema):
    """What to look for."""

    command = queries.SubstanceFilters

    text = Text(160, load_default="")
    chemical_class = Text(40, load_default="")


class PagedSearchSchema(ma.Schema):
    """A search, and which part of the answer."""

    text = Text(160, load_default="")
    chemical_class = Text(40, load_default="")
    page = Whole(least=1, most=100_000, load_default=1)


class AddReferenceLotSchema(CommandSchema):
    """A bottle of a reference standard."""

    command = operations.AddReferenceLot

    id = Identifier(load_default=None, allow_none=True)
    substance_id = Identifier(required=True)
    site_id = Identifier(required=True)
    lot = Text(60, required=True)
    form = Text(40, load_default="base")
    supplier = Text(80, load_default="")
    purity = Amount(least="0", most="100")
    received = Day(load_default=None, allow_none=True)
    opened = Day(load_default=None, allow_none=True)
    expires = Day(load_default=None, allow_none=True)
    remaining_mg = Amount(least="0", most="1000000")


class LotsOfSchema(ma.Schema):
    """Which laboratory."""

    site_id = Identifier(required=True)


class SubstanceSchema(ma.Schema):
    """A substance as JSON."""

    id = fields.UUID()
    key = fields.String()
    name_en = fields.String()
    name_fr = fields.String()
    name_nl = fields.String()
    chemical_class = fields.String()
    role = fields.String()
    smiles = fields.String()
    inchikey = fields.String()
    cas = fields.String()
    formula = fields.String()
    monoisotopic_mass = Amount()
    salts = fields.List(fields.String())
    salt_factor_hcl = Amount()
    late_onset = fields.Boolean()
    always_alert = fields.Boolean()
    groups = fields.List(fields.String())
    structure_status = fields.String()
    source = fields.String()


class SubstancePageSchema(ma.Schema):
    """Part of a list of substances."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(SubstanceSchema))


class ColourReferenceSchema(ma.Schema):
    """Colours with a reagent; ">" orders them in time, "/" gives alternatives."""

    reagent = fields.String()
    colours = fields.String()
    agreement = fields.String()
    source = fields.String()


class CitedRetentionSchema(ma.Schema):
    """A cited retention."""

    system = fields.String()
    hrf = Amount()
    source = fields.String()


class MeasuredRetentionSchema(ma.Schema):
    """What a laboratory measured under a protocol version."""

    protocol = fields.String()
    site = fields.String()
    n = fields.Integer()
    mean = Amount()
    sd = Amount()
    demonstration = fields.Boolean()


class WholeSubstanceSchema(ma.Schema):
    """A substance with its names and references."""

    substance = fields.Nested(SubstanceSchema)
    names = fields.List(fields.String())
    colours = fields.List(fields.Nested(ColourReferenceSchema))
    cited_retentions = fields.List(fields.Nested(CitedRetentionSchema))
    measured_retentions = fields.List(fields.Nested(MeasuredRetentionSchema))
    library_version = fields.Integer()


class ReferenceLotSchema(ma.Schema):
    """A reference lot as JSON."""

    id = fields.UUID()
    substance_id = fields.UUID()
    site_id = fields.UUID()
    lot = fields.String()
    form = fields.String()
    supplier = fields.String()
    purity = Amount()
    received = fields.Date(allow_none=True)
    opened = fields.Date(allow_none=True)
    expires = fields.Date(allow_none=True)
    remaining_mg = Amount()
