"""The feedback of an institution as plain values said in one language, for page, paper and JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.doors.schema import CommandSchema, Whole
from lims.foundation.codes import shown
from lims.foundation.words import Message, _, say
from lims.library.queries import term_label
from lims.library.records import Substance
from lims.overview.feedback import USUAL_WEEKS, WEEKS, Dangerous, Feedback
from lims.overview.feedback_counts import Line
from lims.overview.rules import Spread
from lims.products.content_shown import LEVELS
from lims.products.intervals import Share

STATES: dict[str, Message] = {
    "analysed": _("Analysed"),
    "waiting": _("Still waiting"),
    "not analysed": _("Not analysed"),
}


class WeeksSchema(CommandSchema):
    """For how many weeks."""

    weeks = Whole(validate=ma.validate.OneOf(WEEKS))

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        return {"weeks": data["weeks"] or USUAL_WEEKS}


class FeedbackLineSchema(ma.Schema):
    """Own number and the others'; null where it would name an institution."""

    name = fields.String()
    words = fields.String()
    own = fields.Integer()
    others = fields.Integer(allow_none=True)


class RateSchema(ma.Schema):
    """A share in per cent with its 95 % score interval."""

    count = fields.Integer()
    of = fields.Integer()
    percent = fields.Float(allow_none=True)
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)


class DeclaredLineSchema(ma.Schema):
    """Samples sold as one substance."""

    substance = fields.String()
    words = fields.String()
    own = fields.Integer()
    held = fields.Nested(RateSchema)
    others = fields.Nested(RateSchema, allow_none=True)


class DaysSchema(ma.Schema):
    """Times in days."""

    n = fields.Integer()
    quarter = fields.Float()
    median = fields.Float()
    three_quarters = fields.Float()


class DangerousSchema(ma.Schema):
    """One own sample with a dangerous finding."""

    code = fields.String()
    week = fields.String()
    sold_as = fields.String()
    danger = fields.String()
    found = fields.List(fields.String())


class FeedbackSchema(ma.Schema):
    """The feedback of one institution."""

    institution = fields.String()
    since = fields.Date()
    until = fields.Date()
    states = fields.List(fields.Nested(FeedbackLineSchema))
    forms = fields.List(fields.Nested(FeedbackLineSchema))
    reasons = fields.List(fields.Nested(FeedbackLineSchema))
    dangers = fields.List(fields.Nested(FeedbackLineSchema))
    declared = fields.List(fields.Nested(DeclaredLineSchema))
    own_days = fields.Nested(DaysSchema, allow_none=True)
    others_days = fields.Nested(DaysSchema, allow_none=True)
    dangerous = fields.List(fields.Nested(DangerousSchema))


class InstitutionSchema(ma.Schema):
    """An institution of the network."""

    id = fields.UUID()
    name = fields.String()
    kind = fields.String()


def shown_feedback(session: Session, found: Feedback, language: str) -> dict[str, Any]:
    """Return a feedback with its labels."""
    keys = {key for one in found.dangerous for key in (one.sold_as, *one.found)}
    rows = session.scalars(select(Substance).where(Substance.key.in_(keys)))
    names = {one.key: one.name(language) for one in rows}

    def of_list(list_name: str, lines: tuple[Line, ...]) -> list[dict[str, Any]]:
        return [_line(one, term_label(session, list_name, one.name, language)) for one in lines]

    def spoken(words: dict[str, Message], lines: tuple[Line, ...]) -> list[dict[str, Any]]:
        return [_line(one, say(words[one.name], language)) for one in lines]

    return {
        "institution": found.organisation.name,
        "since": found.since,
        "until": found.until,
        "states": spoken(STATES, found.states),
        "forms": of_list("dosage_form", found.forms),
        "reasons": of_list("not_analysed_reason", found.reasons),
        "dangers": spoken(LEVELS, found.dangers),
        "declared": [
            {
                "substance": one.substance.key,
                "words": one.substance.name(language),
                "own": one.own,
                "held": _rate(one.held),
                "others": None if one.others is None else _rate(one.others),
            }
            for one in found.declared
        ],
        "own_days": _days(found.own_days),
        "others_days": _days(found.others_days),
        "dangerous": [_dangerous(one, names, language) for one in found.dangerous],
    }


def _dangerous(one: Dangerous, names: dict[str, str], language: str) -> dict[str, Any]:
    year, week, _day = one.day.isocalendar()
    return {
        "code": shown(one.code),
        "week": f"{year}-W{week:02d}",
        "sold_as": names.get(one.sold_as, one.sold_as),
        "danger": one.danger,
        "level": say(LEVELS[one.danger], language),
        "found": [names.get(key, key) for key in one.found],
    }


def _line(one: Line, words: str) -> dict[str, Any]:
    return {"name": one.name, "words": words, "own": one.own, "others": one.others}


def _rate(one: Share) -> dict[str, Any]:
    def percent(value: float | None) -> float | None:
        return None if value is None else round(100 * value, 1)

    bounds = {"low": percent(one.low), "high": percent(one.high)}
    return {"count": one.count, "of": one.of, "percent": percent(one.share), **bounds}


def _days(spread: Spread | None) -> dict[str, Any] | None:
    if spread is None:
        return None
    told = {name: round(getattr(spread, name), 1) for name in ("quarter", "median")}
    return {"n": spread.n, **told, "three_quarters": round(spread.three_quarters, 1)}
