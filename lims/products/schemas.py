"""From text to the commands of the product database, and from its records to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount, Choice, CommandSchema, Identifier, Text, Whole
from lims.findings.rules import Level
from lims.products import operations, queries


class FiltersSchema(CommandSchema):
    """Which products to list."""

    command = queries.ProductFilters

    form = Text(32, load_default="")
    colour = Text(20, load_default="")
    logo = Text(60, load_default="")
    substance = Text(80, load_default="")
    danger = Choice(*Level, load_default="")
    number = Text(20, load_default="")


class PagedFiltersSchema(ma.Schema):
    """A list of products, and which part of it."""

    form = Text(32, load_default="")
    colour = Text(20, load_default="")
    logo = Text(60, load_default="")
    substance = Text(80, load_default="")
    danger = Choice(*Level, load_default="")
    number = Text(20, load_default="")
    page = Whole(least=1, most=100_000, load_default=1)


class ConfirmFilingSchema(CommandSchema):
    """Confirm where a sample is filed."""

    command = operations.ConfirmFiling

    sample_id = Identifier(required=True)


class MoveSampleSchema(CommandSchema):
    """Move a sample under another product, or (none given) under a new one."""

    command = operations.MoveSample

    sample_id = Identifier(required=True)
    product_id = Identifier(load_default=None, allow_none=True)
    row_version = Whole()


class UndoMoveSchema(CommandSchema):
    """Put a sample back where it was."""

    command = operations.UndoMove

    sample_id = Identifier(required=True)


class LinkLookAlikesSchema(CommandSchema):
    """Link two products that look alike."""

    command = operations.LinkLookAlikes

    product_id = Identifier(required=True)
    other_id = Identifier(required=True)
    why = Text(200, load_default="")


class ProductSchema(ma.Schema):
    """A product as JSON."""

    id = fields.UUID()
    number = fields.String()
    name = fields.String()
    form = fields.String()
    colour = fields.String()
    logo = fields.String()
    logo_back = fields.String()
    shape = fields.String()
    score_line = fields.Boolean(allow_none=True)
    length_mm = Amount()
    width_mm = Amount()
    thickness_mm = Amount()
    unit_mass_mg = Amount()
    sold_as = fields.String()
    first_seen = fields.Date()
    last_seen = fields.Date()
    danger = fields.String()
    samples = fields.Integer()
    standing_id = fields.UUID(
        allow_none=True, metadata={"description": "the product that took it over"}
    )
    found = fields.List(fields.String())
    likeness = fields.Float(allow_none=True)
    reasons = fields.List(fields.String())
    row_version = fields.Integer()


class ProductPageSchema(ma.Schema):
    """One page of products."""

    items = fields.List(fields.Nested(ProductSchema))
    total = fields.Integer()
    page = fields.Integer()


class PointSchema(ma.Schema):
    """One sample's content."""

    code = fields.String()
    day = fields.Date()
    area = fields.String()
    value = Amount()
    uncertainty = Amount()


class PartSchema(ma.Schema):
    """The samples of one week or region; the interval of the median is null with too few."""

    name = fields.String()
    n = fields.Integer()
    low = Amount()
    median = Amount()
    high = Amount()
    median_low = Amount()
    median_high = Amount()


class SpreadSchema(ma.Schema):
    """What was measured of one substance in a product."""

    substance = fields.String()
    name = fields.String()
    unit = fields.String()
    expressed_as = fields.String()
    n = fields.Integer()
    low = Amount()
    median = Amount()
    high = Amount()
    median_low = Amount()
    median_high = Amount()
    weeks = fields.List(fields.Nested(PartSchema))
    regions = fields.List(fields.Nested(PartSchema))
    first_seen = fields.Date()
    last_seen = fields.Date()
    points = fields.List(fields.Nested(PointSchema))


class WholeProductSchema(ProductSchema):
    """A product with its spreads and look-alikes."""

    spread = fields.List(fields.Nested(SpreadSchema))
    look_alikes = fields.List(fields.Nested(ProductSchema))


class FilingSchema(ma.Schema):
    """Where a sample is filed."""

    sample_id = fields.UUID()
    product_id = fields.UUID()
    state = fields.String()
    by = fields.String()
    filed_at = fields.DateTime()


class LinkSchema(ma.Schema):
    """A link between look-alikes."""

    product_a_id = fields.UUID()
    product_b_id = fields.UUID()
    by = fields.String()
    why = fields.String()
