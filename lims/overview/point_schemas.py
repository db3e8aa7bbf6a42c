"""From text to the commands of a testing point's page, and from the page to JSON."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.browser import language
from lims.doors.schema import CommandSchema, Day, Identifier, Text, Tick, Whole
from lims.foundation.words import _, say
from lims.network import opening
from lims.network.opening import Closed, Session, Timetable, Weekly
from lims.overview import describing, point_words
from lims.overview.points import Seen
from lims.overview.points import Whole as WholePoint
from lims.overview.queue_schemas import ThreeLanguagesSchema, told_estimate


class WallTime(Text):
    """A time of the day as a clock on the wall shows it: 18:00."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(5, required=True, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            hours, _colon, minutes = text.partition(":")
            if len(minutes) != 2:
                raise ValueError(text)
            return time(int(hours), int(minutes))
        except ValueError as wrong:
            raise ma.ValidationError([_("Write the time as 18:00.")]) from wrong


class WeeklySchema(CommandSchema):
    """Hours on a day of the week; Monday is 0."""

    command = Weekly

    weekday = Whole(required=True, least=0, most=6)
    opens = WallTime()
    closes = WallTime()
    next_day = Tick()


class ClosedSchema(CommandSchema):
    """Days that are closed."""

    first = Day(required=True)
    last = Day(load_default=None, allow_none=True)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Closed:
        return Closed(data["first"], data.get("last") or data["first"])


class SessionSchema(CommandSchema):
    """Hours on one day."""

    command = Session

    day = Day(required=True)
    opens = WallTime()
    closes = WallTime()
    next_day = Tick()
    name = Text(80, load_default="")


@dataclass(frozen=True)
class Draft:
    """The draft of a page before it is known of which point."""

    told: Mapping[str, Any]

    def of(self, site_id: uuid.UUID) -> describing.DescribePoint:
        """Return the command that writes this draft for a point."""
        return describing.DescribePoint(site_id=site_id, **self.told)


class DraftSchema(CommandSchema):
    """The draft of a point's page."""

    slug = Text(60, required=True)
    weekly = fields.List(fields.Nested(WeeklySchema), load_default=list)
    closed = fields.List(fields.Nested(ClosedSchema), load_default=list)
    sessions = fields.List(fields.Nested(SessionSchema), load_default=list)
    languages = fields.List(Text(8), load_default=list)
    forms = fields.List(Text(32), load_default=list)
    laboratories = fields.List(Identifier(required=True), load_default=list)
    place = fields.Nested(ThreeLanguagesSchema, load_default=dict)
    row_version = Whole()

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Draft:
        rows = (tuple(data[name]) for name in ("weekly", "closed", "sessions"))
        lists = {name: tuple(data[name]) for name in ("languages", "forms", "laboratories")}
        kept = {name: data.get(name) for name in ("slug", "place", "row_version")}
        return Draft({**kept, **lists, "timetable": Timetable(*rows)})


NEEDED = {"weekly": ("opens", "closes"), "closed": ("first", "last"), "sessions": ("day", "opens")}
"""The answers of a row; a row of the form without any of them is empty and left out."""


def compact(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed without the empty rows."""
    kept = dict(typed)
    for name, needed in NEEDED.items():
        told = typed.get(name)
        rows = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
        kept[name] = [one for one in rows if any(one.get(field) for field in needed)]
    return kept


class PublishPointSchema(CommandSchema):
    """The version of the draft that was read."""

    row_version = Whole()


# ------------------------------------------------------------------------------------------------
# To JSON.
# ------------------------------------------------------------------------------------------------


class PointPageSchema(ma.Schema):
    """A point's page as whoever works there reads it."""

    site_id = fields.UUID()
    slug = fields.String()
    draft = fields.Dict()
    published = fields.Dict()
    edited_by = fields.String()
    published_by = fields.String()
    published_at = fields.AwareDateTime(allow_none=True)
    row_version = fields.Integer()


class OpeningSchema(ma.Schema):
    """One opening."""

    start = fields.AwareDateTime()
    end = fields.AwareDateTime()
    name = fields.String()


class SeenPointSchema(ma.Schema):
    """A point as everybody sees it now."""

    name = fields.String(attribute="site.name")
    area = fields.String(attribute="site.area")
    slug = fields.String()
    open_now = fields.Nested(OpeningSchema, allow_none=True)
    next_opening = fields.Nested(OpeningSchema, allow_none=True)


def told_seen(seen: Seen) -> dict[str, Any]:
    """Return a point in a list as plain values."""
    told: dict[str, Any] = SeenPointSchema().dump(seen)
    return told


def told_point(whole: WholePoint) -> dict[str, Any]:
    """Return a published point as plain values, for programs."""
    facts = whole.seen.facts
    return {
        **told_seen(whole.seen),
        "hours": opening.kept(facts.timetable),
        "time_zone": "Europe/Brussels",
        "openings": OpeningSchema(many=True).dump(whole.coming),
        "languages": list(facts.languages),
        "forms": list(facts.forms),
        "place": dict(facts.place),
        "techniques": [
            {
                "code": one,
                "can": say(point_words.TECHNIQUES[one].can, language()),
                "cannot": say(point_words.TECHNIQUES[one].cannot, language()),
            }
            for one in whole.techniques
            if one in point_words.TECHNIQUES
        ],
        "not_taken": [
            {
                "form": one.form,
                "technique": one.technique,
                "until": one.until.isoformat(),
                "words": one.words,
                "everywhere": one.everywhere,
            }
            for one in whole.closed
        ],
        "waiting": told_estimate(whole.estimate),
    }
