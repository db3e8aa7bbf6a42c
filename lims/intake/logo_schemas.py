"""From text to the acts on the list of logos, and from its rows to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Whole
from lims.intake.logo_words import LONGEST


class LogoArguments(CommandSchema):
    """Which logos, which page."""

    words = Text(LONGEST, load_default="")
    state = Choice("proposed", "known", load_default="")
    page = Whole(least=1, most=100_000, load_default=1)


class NameLogoSchema(CommandSchema):
    """What a logo is called."""

    name = Text(LONGEST, load_default="")
    row_version = Whole()


class LogoWordsSchema(CommandSchema):
    """Another word for a logo."""

    words = Text(LONGEST, load_default="")


class MergeSchema(CommandSchema):
    """Into which logo."""

    into_id = Identifier(required=True)
    row_version = Whole()


class AliasSchema(ma.Schema):
    """Another word for a logo as JSON."""

    id = fields.UUID()
    words = fields.String()


class LogoSchema(ma.Schema):
    """A logo as JSON."""

    id = fields.UUID()
    name = fields.String()
    state = fields.String()
    aliases = fields.List(fields.Nested(AliasSchema))
    merged_into_id = fields.UUID(allow_none=True)
    standing_id = fields.UUID()
    row_version = fields.Integer()


class LogoRowSchema(ma.Schema):
    """A logo of the list, with what was merged into it and how many samples bear it."""

    logo = fields.Nested(LogoSchema)
    merged = fields.List(fields.Nested(LogoSchema))
    samples = fields.Integer()


class LogoPageSchema(ma.Schema):
    """One page of logos."""

    logos = fields.List(fields.Nested(LogoRowSchema))
    total = fields.Integer()
    page = fields.Integer()
