"""The records of the intake as JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount
from lims.foundation.codes import shown
from lims.foundation.words import LANGUAGES, say


class SampleSchema(ma.Schema):
    """A sample as JSON."""

    id = fields.UUID()
    code = fields.Function(lambda sample: shown(sample.code), metadata={"type": "string"})
    outside_code = fields.String()
    visit_id = fields.UUID()
    site_id = fields.UUID()
    laboratory_id = fields.UUID(allow_none=True)
    position = fields.Integer()
    state = fields.String()
    not_analysed_reason = fields.String()
    form = fields.String()
    sold_as = fields.String()
    sold_as_id = fields.UUID(allow_none=True)
    believed_id = fields.UUID(allow_none=True)
    street_name = fields.String()
    colour = fields.String()
    colour_2 = fields.String()
    logo = fields.String()
    logo_id = fields.UUID(allow_none=True)
    logo_back = fields.String()
    logo_back_id = fields.UUID(allow_none=True)
    shape = fields.String()
    score_line = fields.Boolean(allow_none=True)
    length_mm = Amount()
    width_mm = Amount()
    thickness_mm = Amount()
    units = fields.Integer(allow_none=True)
    mass_mg = Amount()
    unit_mass_mg = Amount()
    whole_or_part = fields.String()
    packaging = fields.String()
    price = Amount()
    price_per = fields.String()
    obtained_from = fields.String()
    obtained_region = fields.String()
    obtained_week = fields.String()
    route = fields.String()
    effects = fields.List(fields.String())
    already_taken = fields.Boolean(allow_none=True)
    taken_with = fields.List(fields.String())
    incident_link = fields.String()
    consent_destroy = fields.Boolean()
    consent_second_laboratory = fields.Boolean()
    consent_data = fields.Boolean()
    consent_photo = fields.Boolean()
    note = fields.String()
    recorded_at = fields.AwareDateTime()
    row_version = fields.Integer()


class SamplePageSchema(ma.Schema):
    """One page of samples."""

    samples = fields.List(fields.Nested(SampleSchema))
    total = fields.Integer()
    page = fields.Integer()


class RegistrationSchema(ma.Schema):
    """A registered visit; the ticket is there the first time only, and is kept nowhere."""

    id = fields.UUID(attribute="visit.id")
    day = fields.Date(attribute="visit.day")
    site_id = fields.UUID(attribute="visit.site_id")
    table_scale = fields.String(attribute="visit.table_scale")
    samples = fields.List(fields.Nested(SampleSchema))
    ticket = fields.String(allow_none=True)


class BlockSchema(ma.Schema):
    """A block of codes."""

    id = fields.UUID()
    number = fields.Integer()
    site_id = fields.UUID()
    device = fields.String()
    made_at = fields.AwareDateTime()


class CountedBlockSchema(ma.Schema):
    """A block of codes and what is left of it."""

    block = fields.Nested(BlockSchema, attribute="record")
    codes = fields.Integer()
    free = fields.Integer()


class BlockPageSchema(ma.Schema):
    """One page of blocks."""

    blocks = fields.List(fields.Nested(CountedBlockSchema))
    total = fields.Integer()
    page = fields.Integer()


class TicketSchema(ma.Schema):
    """A new ticket, told once."""

    ticket = fields.String()


class NeedSchema(ma.Schema):
    """One thing that the laboratory lacks."""

    fields_ = fields.List(fields.String(), attribute="fields", data_key="fields")
    words = fields.Function(
        lambda need: {code: say(need.words, code) for code in LANGUAGES},
        metadata={"type": "object", "additionalProperties": {"type": "string"}},
    )


class NeededMassSchema(ma.Schema):
    """The mass that a protocol states, and where it has it from."""

    protocol = fields.String()
    titles = fields.Dict(keys=fields.String(), values=fields.String())
    mg = Amount()
    source = fields.String()


class LackingSchema(ma.Schema):
    """What the laboratory lacks of one sample."""

    required = fields.List(fields.Nested(NeedSchema))
    wanted = fields.List(fields.Nested(NeedSchema))
    too_little = fields.List(fields.Nested(NeededMassSchema))


class NeedsSchema(ma.Schema):
    """What the protocols in force need of a sample."""

    answers = fields.List(fields.Dict())
    masses = fields.List(fields.Dict())


class NotAcceptedSchema(ma.Schema):
    """Something that was not accepted."""

    id = fields.UUID()
    site_id = fields.UUID()
    day = fields.Date()
    week = fields.String()
    reason = fields.String()
    form = fields.String()


class CountedRefusalsSchema(ma.Schema):
    """How many were not accepted at a site in a week for a reason."""

    site = fields.String()
    week = fields.String()
    reason = fields.String()
    count = fields.Integer()


class RefusalPageSchema(ma.Schema):
    """One page of the counts."""

    counts = fields.List(fields.Nested(CountedRefusalsSchema))
    total = fields.Integer()
    page = fields.Integer()
