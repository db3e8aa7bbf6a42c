"""From text to the questions of the watch, and from series, runs and evidence to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import CommandSchema, Identifier, Text, Tick, Whole
from lims.surveillance.arrivals import OWN


class SeriesListSchema(CommandSchema):
    """Which series to list."""

    origin = Text(40, load_default=OWN)
    substance_id = Identifier(load_default=None, allow_none=True)
    region = Text(80, load_default="")
    line_id = Identifier(load_default=None, allow_none=True)
    in_alarm = Tick()
    page = Whole(least=1, most=100_000, load_default=1)


class PageSchema(CommandSchema):
    """Which page of a list."""

    page = Whole(least=1, most=100_000, load_default=1)


class SeriesSchema(ma.Schema):
    """A series as JSON: weeks from `first_week` on, and what each method says of the last one."""

    id = fields.UUID()
    origin = fields.String()
    substance_id = fields.UUID()
    region = fields.String()
    line_id = fields.UUID(attribute="declared_id", allow_none=True)
    first_week = fields.Date()
    positives = fields.Integer()
    recent = fields.Integer()
    numbers = fields.Dict()
    said = fields.Dict()
    alarms = fields.Function(lambda row: [one for one in row.alarms.split(",") if one])


class SeriesPageSchema(ma.Schema):
    """One page of series."""

    total = fields.Integer()
    series = fields.List(fields.Nested(SeriesSchema))


class WatchRunSchema(ma.Schema):
    """A run of the watch as JSON."""

    id = fields.UUID()
    at = fields.AwareDateTime()
    seconds = fields.Decimal(as_string=True)
    week = fields.Date()
    weeks = fields.Integer()
    version = fields.String()
    parameters = fields.Dict()
    series = fields.Integer()
    tested = fields.Dict()
    silent = fields.Dict()
    alarms = fields.Dict()
    fired = fields.Integer()
    held_off = fields.Integer()
    by = fields.String()


class WatchRunPageSchema(ma.Schema):
    """One page of runs."""

    total = fields.Integer()
    runs = fields.List(fields.Nested(WatchRunSchema))


class AskedSchema(ma.Schema):
    """A run that was asked for."""

    id = fields.UUID()
    state = fields.String()


class SignalBasisSchema(ma.Schema):
    """What a signal was computed from, and whether computing it again gives the same."""

    signal_id = fields.UUID()
    matter = fields.String()
    origin = fields.String()
    region = fields.String()
    week = fields.Date(allow_none=True)
    series_id = fields.UUID(allow_none=True)
    algorithm = fields.String()
    version = fields.Integer()
    parameters = fields.Dict()
    inputs = fields.Dict()
    outcome = fields.Dict()
    supporting = fields.List(fields.Dict())
    data_hash = fields.String(attribute="signal.data_hash")
    again = fields.String()
