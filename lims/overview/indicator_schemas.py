"""From what was asked to a period or a meeting, and what programs read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import CommandSchema, Day, Identifier, Text, Whole
from lims.foundation import clock
from lims.intake.rules import day_in_belgium
from lims.overview import indicator_periods, meetings
from lims.overview.indicator_periods import Period


@dataclass(frozen=True)
class AskedPeriod:
    """A half-year or year by its name, or two days."""

    period: str = ""
    first: date | None = None
    last: date | None = None

    def chosen(self) -> Period:
        """Return the period; raises Invalid for one that cannot be."""
        today = day_in_belgium(clock.now())
        return indicator_periods.chosen(self.period, self.first, self.last, today)


class AskedPeriodSchema(CommandSchema):
    """What is asked for in the address: `period`, or `from` and `to`."""

    command = AskedPeriod

    class Meta:
        unknown = ma.EXCLUDE

    period = Text(8, load_default="", metadata={"example": "2026-1"})
    first = Day(load_default=None, allow_none=True, data_key="from")
    last = Day(load_default=None, allow_none=True, data_key="to")


class BoardSchema(ma.Schema):
    """The indicators of a period, each with its definition."""

    period = fields.Dict()
    compared = fields.Dict()
    sites = fields.List(fields.String(), allow_none=True)
    definitions_version = fields.Integer()
    indicators = fields.List(fields.Dict())


# ------------------------------------------------------------------------------------------------
# Meetings.
# ------------------------------------------------------------------------------------------------


class NoteMeetingSchema(CommandSchema):
    """A meeting with a focal point."""

    command = meetings.NoteMeeting

    id = Identifier(load_default=None, allow_none=True)
    day = Day(required=True)
    partner = Text(24, required=True)
    topic = Text(24, required=True)


class MeetingFactsSchema(CommandSchema):
    """What a meeting should say, for one whose identifier stands in the address."""

    day = Day(required=True)
    partner = Text(24, required=True)
    topic = Text(24, required=True)
    row_version = Whole()


class CorrectMeetingSchema(MeetingFactsSchema):
    """A meeting as it should have been written down."""

    command = meetings.CorrectMeeting

    meeting_id = Identifier(required=True)


class MeetingSchema(ma.Schema):
    """A meeting as JSON."""

    id = fields.UUID()
    day = fields.Date()
    partner = fields.String()
    topic = fields.String()
    noted_by = fields.String()
    noted_at = fields.DateTime()
    withdrawn_at = fields.DateTime(allow_none=True)
    row_version = fields.Integer()


class MeetingsSchema(ma.Schema):
    """One page of the meetings."""

    items = fields.List(fields.Nested(MeetingSchema))
    total = fields.Integer()
    page = fields.Integer()
