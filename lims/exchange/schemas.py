"""From text to the commands of the exchange, and from its records to JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount, Choice, CommandSchema, Day, Identifier, Text, Tick, YesNo
from lims.exchange import operations, queries
from lims.exchange.flags import Flag
from lims.exchange.sources import SOURCES

STATES = ("waiting", "resolved", "ignored")


class DeliverySchema(CommandSchema):
    """What is said of a delivery beside its files."""

    source = Choice(*SOURCES, required=True)
    dry_run = Tick()
    fetched_on = Day(load_default=None, allow_none=True)


class ResolveNameSchema(CommandSchema):
    """The substance that a published name means."""

    command = operations.ResolveName

    name_id = Identifier(required=True)
    substance = Text(160, required=True)


class MarkReviewedSchema(CommandSchema):
    """Samples of the review list that were read."""

    sample_ids = fields.List(Identifier(required=True), required=True)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> operations.MarkReviewed:
        return operations.MarkReviewed(tuple(data["sample_ids"]))


class SampleFilterSchema(CommandSchema):
    """Which partner samples are wanted."""

    command = queries.SampleFilter

    source = Choice(*SOURCES, load_default="")
    flag = Choice(*Flag, load_default="")
    substance = Text(80, load_default="")
    text = Text(80, load_default="")
    since = Day(load_default=None, allow_none=True)
    until = Day(load_default=None, allow_none=True)
    analysed = YesNo()


class WantedSamplesSchema(ma.Schema):
    """Which partner samples are wanted, and which page of them."""

    class Meta:
        unknown = ma.EXCLUDE

    source = Choice(*SOURCES, load_default="")
    flag = Choice(*Flag, load_default="")
    substance = Text(80, load_default="")
    text = Text(80, load_default="")
    since = Day(load_default=None, allow_none=True)
    until = Day(load_default=None, allow_none=True)
    analysed = YesNo()
    page = fields.Integer(load_default=1, validate=ma.validate.Range(1, 100_000))


class WantedPageSchema(ma.Schema):
    """Which page of a list is wanted, of one source or of all."""

    class Meta:
        unknown = ma.EXCLUDE

    source = Choice(*SOURCES, load_default="")
    page = fields.Integer(load_default=1, validate=ma.validate.Range(1, 100_000))


class WantedNamesSchema(WantedPageSchema):
    """Which names of the queue are wanted."""

    state = Choice(*STATES, load_default="waiting")


class DetectionSchema(ma.Schema):
    """A substance or outcome that a partner reports."""

    name = fields.String()
    substance = fields.Function(lambda one: one.substance.key if one.substance else None)
    role = fields.String()
    amount = Amount()
    amount_kind = fields.String()
    status = fields.String()


class PartnerSampleSchema(ma.Schema):
    """A partner's sample."""

    id = fields.UUID()
    import_id = fields.UUID()
    source = fields.String()
    source_id = fields.String()
    received = fields.Date(allow_none=True)
    sold_as = fields.String()
    form = fields.String()
    colours = fields.List(fields.String())
    name = fields.String()
    mass_mg = Amount()
    region = fields.String()
    country = fields.String()
    route = fields.String()
    effects = fields.List(fields.Dict())
    analysed = fields.Boolean()
    not_analysed_reason = fields.String()
    not_analysed_raw = fields.String()
    flags = fields.List(fields.String())
    review = fields.List(fields.Dict())
    to_review = fields.Boolean()
    detections = fields.List(fields.Nested(DetectionSchema))


class NameSchema(ma.Schema):
    """A published name and what was decided about it."""

    id = fields.UUID()
    source = fields.String()
    name = fields.String()
    occurrences = fields.Integer()
    state = fields.String()
    candidates = fields.List(fields.String())


class ProblemSchema(ma.Schema):
    """What is wrong in one place of a file."""

    file = fields.String()
    row = fields.Integer()
    column = fields.String()
    message = fields.Function(lambda one: str(one.message))
    left_out = fields.Boolean()


class ReportSchema(ma.Schema):
    """What an import did, or would do."""

    import_id = fields.UUID(allow_none=True)
    dry_run = fields.Boolean()
    added = fields.Integer()
    already_known = fields.Integer()
    conflicts = fields.List(fields.Nested(ProblemSchema))
    problems = fields.List(fields.Nested(ProblemSchema), attribute="reading.problems")
    counts = fields.Dict()
    licence = fields.String(attribute="mapping.licence")


class ImportSchema(ma.Schema):
    """An import that was made."""

    id = fields.UUID()
    source = fields.String()
    licence = fields.String()
    fetched_on = fields.Date(allow_none=True)
    file_hash = fields.String()
    at = fields.DateTime()
    report = fields.Dict()


class PartSchema(ma.Schema):
    """One page of a list."""

    total = fields.Integer()
    page = fields.Integer()


class SamplesPartSchema(PartSchema):
    """One page of partner samples."""

    rows = fields.List(fields.Nested(PartnerSampleSchema))


class NamesPartSchema(PartSchema):
    """One page of names."""

    rows = fields.List(fields.Nested(NameSchema))


class ImportsPartSchema(PartSchema):
    """One page of imports."""

    rows = fields.List(fields.Nested(ImportSchema))
