"""From text to the commands of checking, merging and re-opening events, and to JSON."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from lims.alerts import checking, merging, rules
from lims.alerts.schemas import REASON
from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Whole


class TickBody(CommandSchema):
    """One step of the verification."""

    id = Identifier(load_default=None, allow_none=True)
    step = Choice(*checking.Step, required=True)
    answer = Choice(*checking.Answer, required=True)
    record = Text(40, load_default="")
    words = Text(REASON, lines=True, load_default="")


class MergeEventBody(CommandSchema):
    """The event that goes on, and why both are one."""

    into_id = Identifier(required=True)
    reason = Text(REASON, lines=True, required=True)
    row_version = Whole(required=True)


class ReopenBody(CommandSchema):
    """Why a decided event is taken up again."""

    reason = Text(REASON, lines=True, required=True)
    row_version = Whole(required=True)


class PolicySchema(CommandSchema):
    """What becomes of new signals on the matter of a decided event."""

    command = merging.ChoosePolicy

    after = Choice(*rules.AfterClosing, required=True)
    days = Whole(least=1, most=rules.LONGEST_AFTER_DAYS, required=True)


class PolicyShown(ma.Schema):
    """The policy as JSON."""

    after = fields.String()
    days = fields.Integer()


class EventCheckSchema(ma.Schema):
    """A step of the verification as JSON."""

    id = fields.UUID()
    event_id = fields.UUID()
    step = fields.String()
    answer = fields.String()
    run_id = fields.UUID(allow_none=True)
    sample_id = fields.UUID(allow_none=True)
    words = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()
