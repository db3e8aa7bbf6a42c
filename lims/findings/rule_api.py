"""Danger rules on their way through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.findings import judging, rule_drafts, rule_review, rule_schemas, ruling

blueprint = Blueprint(
    "rules-api",
    __name__,
    url_prefix="/api/findings/rules",
    description="Danger rules: drafts, trials on the past, judging again",
)
SIZE = rule_drafts.SIZE


@blueprint.route("/drafts")
class Drafts(MethodView):
    """Drafts of danger rules."""

    @blueprint.arguments(rule_schemas.DraftListSchema, location="query")
    @blueprint.response(200, rule_schemas.RuleDraftPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List drafts, what waits for review first."""
        page = asked["page"] or 1
        rows, total = machine.read(rule_drafts.drafts, asked["state"], page)
        return {"items": rows, "total": total, "page": page}

    @blueprint.arguments(rule_schemas.DraftRuleSchema)
    @blueprint.response(201, rule_schemas.RuleDraftSchema)
    def post(self, command: rule_review.DraftRule) -> Any:
        """Begin a draft; the same `id` twice keeps one. It judges nothing before it is approved."""
        return machine.act(rule_review.draft_rule, command)


@blueprint.route("/drafts/<uuid:draft_id>")
class OneDraft(MethodView):
    """One draft."""

    @blueprint.response(200, rule_schemas.RuleDraftSchema)
    def get(self, draft_id: uuid.UUID) -> Any:
        """Read a draft."""
        return machine.read(rule_drafts.draft, draft_id)

    @blueprint.arguments(rule_schemas.EditRuleBody)
    @blueprint.response(200, rule_schemas.RuleDraftSchema)
    def put(self, given: dict[str, Any], draft_id: uuid.UUID) -> Any:
        """Write a draft anew."""
        command = rule_schemas.edit_command(draft_id, given)
        return machine.act(rule_review.edit_rule, command)


@blueprint.route("/drafts/<uuid:draft_id>/trial")
class Trial(MethodView):
    """A draft held against the past."""

    @blueprint.arguments(rule_schemas.TrialQuerySchema, location="query")
    @blueprint.response(200, rule_schemas.TrialSchema)
    def get(self, asked: dict[str, Any], draft_id: uuid.UUID) -> Any:
        """Return what the draft would have said of the findings of the last months."""
        draft = machine.read(rule_drafts.draft, draft_id)
        text, page = ruling.read(draft.content), asked["page"] or 1
        tried = machine.read(rule_drafts.trial, text, asked["months"] or 6)
        lines = tried.which(asked["which"])
        return {
            "since": tried.looked.since,
            "is_cut": tried.looked.is_cut,
            "figures": tried.figures,
            "total": len(lines),
            "page": page,
            "items": lines[(page - 1) * SIZE : page * SIZE],
        }


@blueprint.route("/drafts/<uuid:draft_id>/submit", methods=["POST"])
@blueprint.arguments(rule_schemas.MoveRuleBody)
@blueprint.response(200, rule_schemas.RuleDraftSchema)
def submit(given: dict[str, Any], draft_id: uuid.UUID) -> Any:
    """Send a draft to another person."""
    return machine.act(rule_review.submit_rule, rule_review.MoveRule(draft_id, **given))


@blueprint.route("/drafts/<uuid:draft_id>/approve", methods=["POST"])
@blueprint.arguments(rule_schemas.MoveRuleBody)
@blueprint.response(200, rule_schemas.RuleDraftSchema)
def approve(given: dict[str, Any], draft_id: uuid.UUID) -> Any:
    """Publish a draft as the second person; never one's own."""
    return machine.act(rule_review.approve_rule, rule_review.MoveRule(draft_id, **given))


@blueprint.route("/drafts/<uuid:draft_id>/send-back", methods=["POST"])
@blueprint.arguments(rule_schemas.EndRuleBody)
@blueprint.response(200, rule_schemas.RuleDraftSchema)
def send_back(given: dict[str, Any], draft_id: uuid.UUID) -> Any:
    """Give a draft back to who wrote it, with a reason."""
    return machine.act(rule_review.send_back_rule, rule_review.EndRule(draft_id, **given))


@blueprint.route("/drafts/<uuid:draft_id>/withdraw", methods=["POST"])
@blueprint.arguments(rule_schemas.EndRuleBody)
@blueprint.response(200, rule_schemas.RuleDraftSchema)
def withdraw(given: dict[str, Any], draft_id: uuid.UUID) -> Any:
    """Give a draft up, with a reason."""
    return machine.act(rule_review.withdraw_rule, rule_review.EndRule(draft_id, **given))


@blueprint.route("/<rule_key>/judge-again", methods=["POST"])
@blueprint.arguments(rule_schemas.JudgeAgainBody)
@blueprint.response(201, rule_schemas.JudgedAgainCountSchema)
def judge_again(given: dict[str, Any], rule_key: str) -> Any:
    """List the findings that the present version would judge otherwise, for people."""
    command = judging.JudgeAgain(rule_key, given["months"] or 12)
    return {"added": len(machine.act(judging.judge_again, command))}


@blueprint.route("/<rule_key>/again")
class Again(MethodView):
    """Findings to look at again."""

    @blueprint.arguments(rule_schemas.ListQuerySchema, location="query")
    @blueprint.response(200, rule_schemas.JudgedAgainPageSchema)
    def get(self, asked: dict[str, Any], rule_key: str) -> Any:
        """List what a later version would judge otherwise and nobody has settled."""
        page = asked["page"] or 1
        rows, total = machine.read(rule_drafts.judged_again, rule_key, page)
        return {"items": rows, "total": total, "page": page}


@blueprint.route("/again/<uuid:line_id>/leave", methods=["POST"])
@blueprint.arguments(rule_schemas.LeaveBody)
@blueprint.response(200, rule_schemas.JudgedAgainSchema)
def leave(given: dict[str, Any], line_id: uuid.UUID) -> Any:
    """Take a finding off the list: it stays as it is, with a reason."""
    command = judging.LeaveAsItIs(line_id, given["reason"])
    return machine.act(judging.leave_as_it_is, command)
