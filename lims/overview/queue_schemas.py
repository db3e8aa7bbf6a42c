"""From text to the commands of capacity and closed intake, and from queues to JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.browser import language
from lims.doors.schema import Choice, CommandSchema, Day, Identifier, Text, Whole
from lims.foundation.words import say
from lims.intake import closing
from lims.overview import point_words, stating
from lims.overview.stating import ANALYSES
from lims.overview.waiting import Estimate


class ThreeLanguagesSchema(CommandSchema):
    """The same words in the three languages."""

    fr = Text(400, lines=True, load_default="")
    nl = Text(400, lines=True, load_default="")
    en = Text(400, lines=True, load_default="")


class StateCapacitySchema(CommandSchema):
    """What a laboratory can do."""

    command = stating.StateCapacity

    laboratory_id = Identifier(required=True)
    samples = Whole(required=True, least=1, most=stating.MOST_SAMPLES)
    per = Choice("day", "week", required=True)
    days = Whole(required=True, least=1, most=7)
    technique = Choice(*ANALYSES, load_default="")
    valid_from = Day(load_default=None, allow_none=True)
    valid_until = Day(load_default=None, allow_none=True)


class CloseDaysSchema(CommandSchema):
    """Days on which a laboratory does not work."""

    command = stating.CloseDays

    laboratory_id = Identifier(required=True)
    first = Day(required=True)
    last = Day(load_default=None, allow_none=True)


class CloseIntakeSchema(CommandSchema):
    """What a laboratory does not take for a while."""

    command = closing.CloseIntake

    laboratory_id = Identifier(required=True)
    form = Text(32, load_default="")
    technique = Choice(*ANALYSES, load_default="")
    first = Day(load_default=None, allow_none=True)
    until = Day(required=True)
    words = fields.Nested(ThreeLanguagesSchema, load_default=dict)


class CapacitySchema(ma.Schema):
    """What a laboratory said that it can do."""

    id = fields.UUID()
    laboratory_id = fields.UUID()
    laboratory = fields.String(attribute="laboratory.name")
    technique = fields.String()
    samples = fields.Integer()
    per = fields.String()
    days = fields.Integer()
    valid_from = fields.Date()
    valid_until = fields.Date(allow_none=True)
    stated_by = fields.String()
    withdrawn_at = fields.AwareDateTime(allow_none=True)


class ClosedDaysSchema(ma.Schema):
    """Days on which a laboratory does not work."""

    id = fields.UUID()
    laboratory_id = fields.UUID()
    laboratory = fields.String(attribute="laboratory.name")
    first = fields.Date()
    last = fields.Date()
    stated_by = fields.String()


class ClosedIntakeSchema(ma.Schema):
    """What a laboratory does not take for a while."""

    id = fields.UUID()
    laboratory_id = fields.UUID()
    laboratory = fields.String(attribute="laboratory.name")
    form = fields.String()
    technique = fields.String()
    first = fields.Date()
    until = fields.Date()
    words = fields.Dict()
    closed_by = fields.String()
    reopened_at = fields.AwareDateTime(allow_none=True)


class CapacitiesSchema(ma.Schema):
    """One page of what was said of capacities."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(CapacitySchema))


class ClosedDaysListSchema(ma.Schema):
    """One page of closed days."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(ClosedDaysSchema))


class ClosedIntakesSchema(ma.Schema):
    """One page of closures."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(ClosedIntakeSchema))


def told_estimate(found: Estimate | None) -> dict[str, Any]:
    """Return an estimate as plain values, with its words; days are rounded to tenths."""
    words = [say(one, language()) for one in point_words.how_long(found)]
    if found is None:
        return {"known": False, "words": words}
    days = {name: round(getattr(found, name), 1) for name in ("half", "eight", "low", "high")}
    counted = {"n": found.n, "weeks": found.weeks, "queue": found.queue}
    return {"known": True, "by_queue": found.by_queue, "days": days, **counted, "words": words}


class WeekSchema(ma.Schema):
    """Samples that came and ended in one week."""

    monday = fields.Date()
    came = fields.Integer()
    left = fields.Integer()


class QueueSchema(ma.Schema):
    """What waits at one point or laboratory."""

    kind = fields.String()
    site_id = fields.UUID()
    name = fields.String()
    waiting = fields.Integer()
    in_analysis = fields.Integer()
    to_verify = fields.Integer()
    oldest_days = fields.Integer(allow_none=True)
    weeks = fields.List(fields.Nested(WeekSchema))
    estimate = fields.Function(
        lambda queue: told_estimate(queue.estimate), metadata={"type": "object"}
    )


class LeftOutSchema(ma.Schema):
    """Samples of one place or month that were not analysed, by reason."""

    kind = fields.String()
    place = fields.String()
    handed_in = fields.Integer()
    not_analysed = fields.Integer()
    reasons = fields.Dict(values=fields.Integer())
