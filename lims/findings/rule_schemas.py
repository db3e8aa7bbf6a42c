"""From text to the commands of danger rules on their way, and from their records to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from lims.doors.schema import Amount, Choice, CommandSchema, Day, Identifier, Text, Tick, Whole
from lims.findings import judging, rule_review, ruling, trials
from lims.findings.rules import Condition
from lims.findings.ruling import RuleText
from lims.findings.statements import tell

REASON = 400


class RuleTextSchema(CommandSchema):
    """All that a danger rule says, and why this version is wanted."""

    rule_key = Text(60, required=True)
    target_type = Choice(*ruling.TARGETS, required=True)
    target = Text(60, required=True)
    condition = Choice(*Condition, required=True)
    condition_words = Text(200, load_default="")
    operator = Choice(">", ">=", load_default="")
    limit_value = Amount(least="0", most="1000000")
    unit = Choice(*ruling.LIMIT_UNITS, load_default="")
    expressed_as = Text(20, load_default="")
    dosage_form = Text(20, load_default="")
    expected_as = Text(60, load_default="")
    level = Choice(*ruling.LEVELS, required=True)
    jurisdiction = Text(60, required=True)
    source = Text(1000, lines=True, required=True)
    note = Text(1000, lines=True, load_default="")
    in_force = Tick()
    valid_from = Day(load_default=None, allow_none=True)
    valid_until = Day(load_default=None, allow_none=True)
    why = Text(REASON, lines=True, required=True)


class DraftRuleSchema(RuleTextSchema):
    """A draft of a danger rule or of its next version."""

    id = Identifier(load_default=None, allow_none=True)

    @ma.post_load
    def _draft(self, data: dict[str, Any], **_kwargs: Any) -> rule_review.DraftRule:
        made_id, why = data.pop("id"), data.pop("why")
        return rule_review.DraftRule(RuleText(**data), why, made_id)


class EditRuleBody(RuleTextSchema):
    """Another wording of a draft, as it was read."""

    row_version = Whole(required=True)


class EditRuleSchema(EditRuleBody):
    """Another wording of a draft."""

    draft_id = Identifier(required=True)

    @ma.post_load
    def _edit(self, data: dict[str, Any], **_kwargs: Any) -> rule_review.EditRule:
        return edit_command(data.pop("draft_id"), data)


def edit_command(draft_id: Any, given: dict[str, Any]) -> rule_review.EditRule:
    """Return the change of a draft out of what its form or body says."""
    row_version, why = given.pop("row_version"), given.pop("why")
    return rule_review.EditRule(draft_id, RuleText(**given), why, row_version)


class MoveRuleBody(CommandSchema):
    """The version of the draft that was read."""

    row_version = Whole(required=True)


class MoveRuleSchema(MoveRuleBody):
    """A draft sent to review, or published."""

    command = rule_review.MoveRule

    draft_id = Identifier(required=True)


class EndRuleBody(CommandSchema):
    """Why, and the version of the draft that was read."""

    reason = Text(REASON, lines=True, required=True)
    row_version = Whole(required=True)


class EndRuleSchema(EndRuleBody):
    """A draft sent back or withdrawn."""

    command = rule_review.EndRule

    draft_id = Identifier(required=True)


class JudgeAgainBody(CommandSchema):
    """Over how many months to judge again."""

    months = Whole(least=1, most=24, load_default=12)


class JudgeAgainSchema(JudgeAgainBody):
    """A rule held against what stands."""

    command = judging.JudgeAgain

    rule_key = Text(60, required=True)


class LeaveBody(CommandSchema):
    """Why a finding stays as it is."""

    reason = Text(REASON, lines=True, required=True)


class LeaveSchema(LeaveBody):
    """A finding that stays as it is."""

    command = judging.LeaveAsItIs

    id = Identifier(required=True)


class DraftListSchema(CommandSchema):
    """Which drafts to list, and which part of the answer."""

    state = Choice(*ruling.RuleDraftState, load_default="")
    page = Whole(least=1, most=100_000, load_default=1)


class TrialQuerySchema(CommandSchema):
    """Over how many months, which findings, and which part of the list."""

    months = Whole(least=1, most=24, load_default=6)
    which = Choice("fires", "new", "gone", load_default="fires")
    page = Whole(least=1, most=100_000, load_default=1)


class ListQuerySchema(CommandSchema):
    """Which part of the list."""

    page = Whole(least=1, most=100_000, load_default=1)


class RuleDraftSchema(ma.Schema):
    """A draft of a danger rule as JSON."""

    id = fields.UUID()
    number = fields.String()
    rule_key = fields.String()
    state = fields.String()
    content = fields.Dict()
    why = fields.String()
    base_version = fields.Integer()
    author = fields.String()
    editors = fields.List(fields.String())
    trial = fields.Dict()
    made_at = fields.AwareDateTime()
    submitted_at = fields.AwareDateTime(allow_none=True)
    decided_at = fields.AwareDateTime(allow_none=True)
    decided_by = fields.String()
    reason = fields.String()
    published_version = fields.Integer(allow_none=True)
    row_version = fields.Integer()


class RuleDraftPageSchema(ma.Schema):
    """One page of drafts."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(RuleDraftSchema))


class TriedSchema(ma.Schema):
    """What a rule would say of one finding, and what the version in force says."""

    finding_id = fields.UUID(attribute="past.finding_id")
    week = fields.String(attribute="past.week")
    area = fields.String(attribute="past.area")
    form = fields.String(attribute="past.sample.form")
    danger = fields.String(attribute="past.danger")
    fires = fields.Boolean()
    fired = fields.Boolean()
    is_graver = fields.Boolean()
    words = fields.Function(lambda tried: tell(tried.outcome["words"], "en"))


class TrialSchema(ma.Schema):
    """A trial on the past as JSON; never a site."""

    since = fields.AwareDateTime()
    is_cut = fields.Boolean()
    figures = fields.Dict()
    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(TriedSchema))


class JudgedAgainSchema(ma.Schema):
    """A finding to look at again as JSON."""

    id = fields.UUID()
    finding_id = fields.UUID()
    rule_key = fields.String()
    version = fields.Integer()
    before_version = fields.Integer()
    raised = fields.Boolean()
    raises = fields.Boolean()
    words = fields.Function(lambda one: tell(one.words, "en") if one.words else "")
    made_by = fields.String()
    made_at = fields.AwareDateTime()


class JudgedAgainPageSchema(ma.Schema):
    """One page of the list to look at again."""

    total = fields.Integer()
    page = fields.Integer()
    items = fields.List(fields.Nested(JudgedAgainSchema))


class JudgedAgainCountSchema(ma.Schema):
    """How many findings were added to the list."""

    added = fields.Integer()


def trial_query(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page asks of a trial; anything unknown falls back to the usual."""
    months = str(asked.get("months", ""))
    which = str(asked.get("which", ""))
    return {
        "months": int(months) if months in {str(one) for one in trials.MONTHS} else 6,
        "which": which if which in ("fires", "new", "gone") else "fires",
    }
