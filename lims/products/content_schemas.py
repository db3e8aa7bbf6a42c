"""From text to the questions about contents, matches, circulation and looks, and their answers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount, Choice, CommandSchema, Text, Whole, YesNo
from lims.findings.rules import Level
from lims.foundation import clock
from lims.foundation.words import number
from lims.products.circulation import USUAL_WEEKS, WEEKS, Circulating
from lims.products.colours import NEAR_COLOUR
from lims.products.looks import Look, Tolerance

PERIODS = (12, 26, 52, 104, 260)
USUAL_PERIOD = 26
LARGEST = "1000000"


class CirculatingSchema(CommandSchema):
    """Which products seen lately."""

    weeks = Whole(validate=ma.validate.OneOf(WEEKS))
    danger = Choice(*Level, load_default="")
    area = Text(60, load_default="")
    form = Text(32, load_default="")

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Circulating:
        return Circulating(**{**data, "weeks": data["weeks"] or USUAL_WEEKS})


class DeclaredSchema(CommandSchema):
    """Which samples sold as one substance; read into the other facts of a Declared."""

    weeks = Whole(validate=ma.validate.OneOf(PERIODS))
    form = Text(32, load_default="")
    area = Text(60, load_default="")

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        until = clock.today()
        weeks = data.pop("weeks") or USUAL_PERIOD
        return {**data, "since": until - timedelta(weeks=weeks), "until": until}


class LookSchema(CommandSchema):
    """What one sees, and how far off still fits."""

    form = Text(32, load_default="")
    colour = Text(20, load_default="")
    hex = Text(7, load_default="", validate=ma.validate.Regexp(r"(#[0-9A-Fa-f]{6})?\Z"))
    logo = Text(60, load_default="")
    logo_back = Text(60, load_default="")
    shape = Text(40, load_default="")
    score_line = YesNo()
    length_mm = Amount(least="0", most=LARGEST)
    width_mm = Amount(least="0", most=LARGEST)
    thickness_mm = Amount(least="0", most=LARGEST)
    unit_mass_mg = Amount(least="0", most=LARGEST)
    within_colour = Amount(least="0.1", most="100")
    within_mm = Amount(least="0.01", most="100")
    within_percent = Amount(least="0.1", most="100")

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> tuple[Look, Tolerance]:
        usual = Tolerance()
        within = Tolerance(
            colour=float(data.pop("within_colour") or NEAR_COLOUR),
            mm=data.pop("within_mm") or usual.mm,
            percent=data.pop("within_percent") or usual.percent,
        )
        return Look(**data), within


class PagedLookSchema(LookSchema):
    """The same, and which part of the answer."""

    page = Whole(least=1, most=100_000, load_default=1)

    @ma.post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        page = data.pop("page") or 1
        look, within = super()._make(data, **kwargs)
        return {"look": look, "within": within, "page": page}


class PagedCirculatingSchema(CirculatingSchema):
    """The same, and which part of the answer."""

    page = Whole(least=1, most=100_000, load_default=1)

    @ma.post_load
    def _make(self, data: dict[str, Any], **kwargs: Any) -> Any:
        page = data.pop("page") or 1
        return {"chosen": super()._make(data, **kwargs), "page": page}


class MatchShareSchema(ma.Schema):
    """So many of so many, with the 95 % score interval of the share."""

    count = fields.Integer()
    of = fields.Integer()
    share = fields.Float(allow_none=True)
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)


class UnexpectedSchema(ma.Schema):
    """A substance that was not expected, over the samples in which it was looked for."""

    substance = fields.String()
    name = fields.String()
    share = fields.Nested(MatchShareSchema)


class MonthSchema(ma.Schema):
    """One month of hand-in."""

    month = fields.String()
    handed_in = fields.Integer()
    counted = fields.Integer()
    shares = fields.Dict(keys=fields.String(), values=fields.Nested(MatchShareSchema))


class MatchingSchema(ma.Schema):
    """What samples sold as one substance turned out to be."""

    substance = fields.String()
    name = fields.String()
    since = fields.Date()
    until = fields.Date()
    handed_in = fields.Integer()
    analysed = fields.Integer()
    not_analysed = fields.Integer()
    counted = fields.Integer()
    shares = fields.Dict(keys=fields.String(), values=fields.Nested(MatchShareSchema))
    months = fields.List(fields.Nested(MonthSchema))
    unexpected = fields.List(fields.Nested(UnexpectedSchema))


class DeclaredRowSchema(ma.Schema):
    """A substance that things are sold as."""

    id = fields.UUID()
    substance = fields.String()
    name = fields.String()
    handed_in = fields.Integer()
    analysed = fields.Integer()


class ContentSchema(ma.Schema):
    """The newest amount of one substance in a product."""

    substance = fields.String()
    name = fields.String()
    value = Amount()
    unit = fields.String()
    expressed_as = fields.String()
    day = fields.Date()


class SeenSchema(ma.Schema):
    """A product in circulation."""

    id = fields.UUID()
    number = fields.String()
    name = fields.String()
    form = fields.String()
    danger = fields.String()
    sold_as = fields.String()
    found = fields.List(fields.String())
    samples = fields.Integer()
    last_seen = fields.Date()
    areas = fields.Dict(keys=fields.String(), values=fields.Integer())
    contents = fields.List(fields.Nested(ContentSchema))


class SeenPageSchema(ma.Schema):
    """One page of the products in circulation."""

    items = fields.List(fields.Nested(SeenSchema))
    total = fields.Integer()
    page = fields.Integer()


def tolerance_typed(within: Tolerance, language: str) -> dict[str, str]:
    """Return a tolerance as the fields of the form."""
    return {
        "within_colour": number(Decimal(str(within.colour)).normalize(), language),
        "within_mm": number(within.mm, language),
        "within_percent": number(within.percent, language),
    }
