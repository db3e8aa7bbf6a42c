"""From text to the commands of events and alerts, and from their records to JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.alerts import events, operations, rules
from lims.alerts.audiences import Audience
from lims.alerts.composing import ADVICE, CONFIDENCE, DANGERS, REGIONS
from lims.alerts.drafting import EditedText
from lims.alerts.facts import GivenFacts
from lims.doors.schema import Amount, Choice, CommandSchema, Day, Identifier, Text, Tick, Whole

LANGUAGE_CODES = ("fr", "nl", "en")
REASON = 400


def many(*codes: str) -> fields.List[Any]:
    """Return a list of codes; one code alone and nothing are lists too."""
    return Listed(Choice(*codes), load_default=())


class Listed(fields.List[Any]):
    """A list kept as a tuple; an empty text is an empty list."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        given = [value] if isinstance(value, str) and value else value or []
        return tuple(one for one in super()._deserialize(given, attr, data, **kwargs) if one)


class FactsSchema(CommandSchema):
    """The facts of an alert."""

    command = GivenFacts

    substance = Text(120, load_default="")
    unidentified = Tick()
    sold_as = Text(120, load_default="")
    form = Text(60, load_default="")
    colour = Text(60, load_default="")
    logo = Text(60, load_default="")
    shape = Text(40, load_default="")
    length_mm = Amount(least="0", most="1000")
    thickness_mm = Amount(least="0", most="1000")
    unit_mass_mg = Amount(least="0", most="1000000")
    samples = Whole(least=1, most=1_000_000)
    dangers = many(*DANGERS)
    advice = many(*ADVICE)
    late_onset = Tick()
    region = Choice(*REGIONS, load_default="BE")
    week = Text(8, load_default="")
    replaces = Text(20, load_default="")
    signs = many()
    method = Text(200, load_default="")
    confidence = Choice(*CONFIDENCE, load_default="")
    contact = Text(200, load_default="")
    effects = many()
    site = Text(120, load_default="")
    place = Text(120, load_default="")
    handed_in = Text(60, load_default="")
    visitors = Text(200, load_default="")
    notes = Text(400, lines=True, load_default="")


class OpenEventSchema(CommandSchema):
    """A new event."""

    command = events.OpenEvent

    id = Identifier(load_default=None, allow_none=True)
    title = Text(120, required=True)
    signal_ids = Listed(Identifier(required=True), required=True)


class AddSignalBody(CommandSchema):
    """One more signal."""

    signal_id = Identifier(required=True)


class AssessBody(CommandSchema):
    """What one assessor thinks."""

    hazard = Whole(least=1, most=3, required=True)
    exposure = Whole(least=1, most=3, required=True)
    certainty = Whole(least=1, most=3, required=True)
    words = Text(REASON, lines=True, required=True)
    row_version = Whole(required=True)


class DecideBody(CommandSchema):
    """The end of the verification."""

    confirmed = fields.Boolean(required=True)
    reason = Text(REASON, lines=True, required=True)
    row_version = Whole(required=True)


class DraftBody(CommandSchema):
    """Level, end and facts of an alert."""

    level = Choice(*rules.LEVELS, required=True)
    review_on = Day(load_default=None, allow_none=True)
    facts = fields.Nested(FactsSchema, load_default=GivenFacts())


class DraftAlertSchema(DraftBody):
    """A new alert."""

    command = operations.DraftAlert

    id = Identifier(load_default=None, allow_none=True)
    event_id = Identifier(required=True)


class EditBody(DraftBody):
    """Other facts for a draft."""

    row_version = Whole(required=True)


class MessageBody(CommandSchema):
    """Another text for one audience in one language."""

    audience = Choice(*Audience, required=True)
    language = Choice(*LANGUAGE_CODES, required=True)
    headline = Text(200, load_default="")
    body = Text(6000, lines=True, load_default="")
    row_version = Whole(required=True)


class TextSchema(CommandSchema):
    """A text in one language."""

    headline = Text(200, load_default="")
    body = Text(6000, lines=True, load_default="")


class TextsSchema(CommandSchema):
    """A text in each language that changes."""

    fr = fields.Nested(TextSchema, load_default=None)
    nl = fields.Nested(TextSchema, load_default=None)
    en = fields.Nested(TextSchema, load_default=None)


class TextsBody(CommandSchema):
    """The texts of one audience."""

    audience = Choice(*Audience, required=True)
    texts = fields.Nested(TextsSchema, required=True)
    row_version = Whole(required=True)

    @ma.post_load
    def _in_order(self, read: dict[str, Any], **_more: Any) -> dict[str, Any]:
        given = read["texts"].items()
        texts = (EditedText(language, **text) for language, text in given if text is not None)
        return {**read, "texts": tuple(texts)}


class VersionBody(CommandSchema):
    """The present state of a version, as read."""

    row_version = Whole(required=True)


class PictureBody(VersionBody):
    """What is told of a picture; the picture itself is the file."""

    plain_ground = Tick()


class ReasonBody(CommandSchema):
    """Why."""

    reason = Text(REASON, lines=True, required=True)


class VersionReasonBody(ReasonBody):
    """Why, and the present state of a version as read."""

    row_version = Whole(required=True)


class ApproveBody(VersionBody):
    """The approver's password, asked again."""

    password = fields.String(required=True)


class AlertListSchema(CommandSchema):
    """Which alerts, and which page of them."""

    which = Choice("current", "work", "ended", "decision", "all", load_default="current")
    level = Choice(*rules.LEVELS, load_default="")
    page = Whole(least=1, most=100_000, load_default=1)


class EventListSchema(CommandSchema):
    """Which events, and which page of them."""

    state = Choice(*rules.EventState, load_default="")
    page = Whole(least=1, most=100_000, load_default=1)


class MessageQuerySchema(CommandSchema):
    """For whom and in which language."""

    audience = Choice(*Audience, load_default="public")
    language = Choice(*LANGUAGE_CODES, load_default="en")


class EventSchema(ma.Schema):
    """An event as JSON."""

    id = fields.UUID()
    number = fields.String()
    title = fields.String()
    state = fields.String()
    level = fields.String()
    product_id = fields.UUID(allow_none=True)
    substance_id = fields.UUID(allow_none=True)
    area = fields.String()
    merged_into_id = fields.UUID(allow_none=True)
    follows_id = fields.UUID(allow_none=True)
    history = fields.List(fields.Dict())
    assessments = fields.List(fields.Dict())
    opened_at = fields.AwareDateTime()
    decided_at = fields.AwareDateTime(allow_none=True)
    decision_reason = fields.String()
    row_version = fields.Integer()


class EventPageSchema(ma.Schema):
    """One page of events."""

    total = fields.Integer()
    events = fields.List(fields.Nested(EventSchema))


class VersionSchema(ma.Schema):
    """A version of an alert as JSON, without messages and without facts."""

    id = fields.UUID()
    alert_id = fields.UUID()
    number = fields.String(attribute="alert.number")
    version = fields.Integer()
    kind = fields.String()
    state = fields.String()
    level = fields.String()
    author = fields.String()
    approved_by = fields.String()
    reason = fields.String()
    review_on = fields.Date()
    published_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    row_version = fields.Integer()


class ListedSchema(ma.Schema):
    """A version in a list."""

    version = fields.Nested(VersionSchema)
    headline = fields.String()
    needs_decision = fields.Boolean()


class AlertPageSchema(ma.Schema):
    """One page of alerts."""

    total = fields.Integer()
    alerts = fields.List(fields.Nested(ListedSchema))


class MessageSchema(ma.Schema):
    """A message as JSON."""

    audience = fields.String()
    language = fields.String()
    headline = fields.String()
    body = fields.String()
    tlp = fields.String()
