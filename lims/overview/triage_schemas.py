"""From text to the commands of the order of work, and from its rules to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Choice, CommandSchema, Identifier, Text, Whole
from lims.overview import triage, triaging
from lims.overview.triage import Fact, Line, Step


class TriageLineSchema(CommandSchema):
    """One line of the rule."""

    command = Line

    fact = Choice(*Fact, required=True)
    values = fields.List(Text(60), load_default=list)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> Line:
        return Line(Fact(data["fact"]), tuple(one for one in data["values"] if one))


class ProposeRuleSchema(CommandSchema):
    """A new version of the order of work."""

    lines = fields.List(fields.Nested(TriageLineSchema), required=True)
    source = Text(400, required=True)
    laboratory_id = Identifier(load_default=None, allow_none=True)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_kwargs: Any) -> triaging.ProposeRule:
        return triaging.ProposeRule(tuple(data["lines"]), data["source"], data.get("laboratory_id"))


def compact(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed without the lines that name nothing, values as a list of codes."""
    told = typed.get("lines")
    rows = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    lines = [
        {"fact": one.get("fact", ""), "values": _codes(one.get("values", []))}
        for one in rows
        if one.get("fact")
    ]
    return {**typed, "lines": lines}


def _codes(given: Any) -> list[str]:
    found = given if isinstance(given, list) else str(given).replace(",", " ").split()
    return [str(one) for one in found]


class DecideRuleSchema(CommandSchema):
    """What becomes of a version of the rule."""

    reason = Text(400, load_default="")
    row_version = Whole()


class MoveInListSchema(CommandSchema):
    """A sample put forward or back."""

    command = triaging.MoveSample

    sample_id = Identifier(required=True)
    step = Choice(*Step, required=True)
    reason = Text(120, required=True)


class TriageRuleSchema(ma.Schema):
    """One version of the order of work."""

    id = fields.UUID()
    number = fields.Integer()
    laboratory_id = fields.UUID(allow_none=True)
    state = fields.String()
    lines = fields.List(fields.Dict())
    source = fields.String()
    drafted_by = fields.String()
    decided_by = fields.String()
    reason = fields.String()
    row_version = fields.Integer()


class TriageRulesSchema(ma.Schema):
    """One page of the versions of the rule."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(TriageRuleSchema))


class OrderInForceSchema(ma.Schema):
    """What orders the work now; not adopted: the example that comes with the program."""

    adopted = fields.Function(lambda one: one.rule is not None, metadata={"type": "boolean"})
    lines = fields.Function(lambda one: triage.kept(one.lines), metadata={"type": "array"})
    source = fields.String()


class QueueMoveSchema(ma.Schema):
    """A sample that a person moved."""

    id = fields.UUID()
    sample_id = fields.UUID()
    step = fields.String()
    reason = fields.String()
    by = fields.String()
