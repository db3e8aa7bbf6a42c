"""From what is typed at the counter to commands, and from results and talks to JSON."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.counselling.operations import LONGEST, MOST_MINUTES, LookUp, RecordTalk
from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Tick, Whole
from lims.foundation.words import LANGUAGES


class LookUpSchema(CommandSchema):
    """A code or ticket that a visitor shows."""

    command = LookUp
    code = Text(80, required=True)


class LookSchema(CommandSchema):
    """What one sees of a product."""

    form = Text(32, load_default="")
    colour = Text(20, load_default="")
    logo = Text(60, load_default="")
    shape = Text(40, load_default="")
    page = Whole(least=1, most=10_000)


def look_of_sample(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one sees of one sample of the form of the table; `place` says which, from 0."""
    samples, place = typed.get("samples"), str(typed.get("place", "0"))
    blocks = samples if isinstance(samples, list) else []
    at = int(place) if place.isdecimal() and len(place) < 3 else 0
    told = blocks[at] if at < len(blocks) and isinstance(blocks[at], Mapping) else {}
    form = told.get("form_other") or told.get("form") or ""
    read: dict[str, Any] = LookSchema().read({**told, "form": form, "page": ""})
    return read


class RecordTalkSchema(CommandSchema):
    """A talk, as typed or sent."""

    command = RecordTalk
    id = Identifier(load_default=uuid.uuid4)
    sample_id = Identifier(required=True)
    finding_id = Identifier(load_default=None, allow_none=True)
    language = Choice(*LANGUAGES, load_default="fr")
    advice = fields.List(Text(40), load_default=list)
    intention = Text(60, load_default="")
    material = Text(LONGEST["material"], load_default="")
    referral = Text(LONGEST["referral"], load_default="")
    minutes = Whole(least=0, most=MOST_MINUTES)
    note = Text(LONGEST["note"], lines=True, load_default="")
    not_a_person = Tick(metadata={"description": "the words are not about a person"})
    code = Text(80, load_default="", metadata={"description": "the code that the visitor showed"})

    @ma.pre_load
    def _identify(self, data: Any, **_kwargs: Any) -> Any:
        """Take an empty identifier as none given."""
        if isinstance(data, Mapping) and data.get("id") == "":
            return {name: value for name, value in data.items() if name != "id"}
        return data


class LineSchema(ma.Schema):
    """Something found."""

    name = fields.String()
    kind = fields.String()
    amount = fields.String()
    role = fields.String()
    late = fields.Boolean()


class MissingSchema(ma.Schema):
    """Something looked for and not found."""

    name = fields.String()
    limit = fields.String()


class LookedSchema(ma.Schema):
    """What one method looked for."""

    method = fields.String()
    words = fields.String()
    missing = fields.List(fields.Nested(MissingSchema))


class WarnedSchema(ma.Schema):
    """A current alert."""

    number = fields.String()
    level = fields.String()
    headline = fields.String()
    body = fields.String()


class ToldSchema(ma.Schema):
    """What the released finding says."""

    finding_id = fields.UUID()
    version = fields.Integer()
    released_at = fields.AwareDateTime()
    amended = fields.Boolean()
    reason = fields.String()
    headline = fields.String()
    text = fields.String()
    level = fields.String()
    reasons = fields.List(fields.String())
    late = fields.List(fields.String())
    match = fields.String()
    confidence = fields.String()
    found = fields.List(fields.Nested(LineSchema), attribute="lines")
    looked_for = fields.List(fields.Nested(LookedSchema), attribute="looked")
    advice = fields.Method("_advice", metadata={"type": "array", "items": {"type": "string"}})
    alerts = fields.List(fields.Nested(WarnedSchema), attribute="warned")

    def _advice(self, told: Any) -> list[str]:
        return [card.key for card in told.cards]


class ResultSchema(ma.Schema):
    """What there is to tell about a sample."""

    sample_id = fields.UUID()
    code = fields.String()
    form = fields.String()
    sold_as = fields.String()
    standing = fields.String(
        metadata={"enum": ["result", "not ready", "not analysed", "withdrawn"]}
    )
    waiting = fields.String()
    reason = fields.String()
    told = fields.Nested(ToldSchema, allow_none=True)


class TalkSchema(ma.Schema):
    """A talk as it was recorded."""

    id = fields.UUID()
    sample_id = fields.UUID()
    day = fields.Date()
    language = fields.String()
    finding_id = fields.UUID(allow_none=True)
    advice = fields.List(fields.String())
    intention = fields.String()
    material = fields.String()
    referral = fields.String()
    minutes = fields.Integer(allow_none=True)
    by = fields.String()


class TalksQuerySchema(ma.Schema):
    """Which day's talks."""

    class Meta:
        """Other arguments, such as the language, are for others."""

        unknown = ma.EXCLUDE

    day = fields.Date(load_default=None)
    page = fields.Integer(load_default=1, validate=ma.validate.Range(1, 100_000))


class TalksSchema(ma.Schema):
    """One page of the talks of a day."""

    total = fields.Integer()
    page = fields.Integer()
    talks = fields.List(fields.Nested(TalkSchema))


class SignedBundleSchema(ma.Schema):
    """A text with its signature: ECDSA P-256 with SHA-256, r and s as 64 bytes in base64url."""

    payload = fields.String()
    signature = fields.String()
    key = fields.String()
