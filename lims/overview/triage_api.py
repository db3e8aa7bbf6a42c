"""The order of work through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.network.rules import Permission
from lims.overview import ordering, triage_schemas, triaging
from lims.overview.schemas import PageSchema

blueprint = Blueprint(
    "triage-api", __name__, url_prefix="/api/overview", description="The order of work"
)


@blueprint.route("/order-of-work")
class Rules(MethodView):
    """The versions of the rule."""

    @blueprint.arguments(PageSchema, location="query")
    @blueprint.response(200, triage_schemas.TriageRulesSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List every version of the rule, the newest first."""
        items, total = machine.read(ordering.rules, asked["page"])
        return {"items": items, "total": total, "page": asked["page"]}

    @blueprint.arguments(triage_schemas.ProposeRuleSchema)
    @blueprint.response(201, triage_schemas.TriageRuleSchema)
    def post(self, command: triaging.ProposeRule) -> Any:
        """Propose a version; it orders nothing before another person approves it."""
        return machine.act(triaging.propose_rule, command)


@blueprint.route("/order-of-work/in-force")
class InForce(MethodView):
    """What orders the work now."""

    @blueprint.response(200, triage_schemas.OrderInForceSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self) -> Any:
        """Give the lines that order the work of laboratories without a rule of their own."""
        machine.actor().must(Permission.FOLLOW_SAMPLES)
        return ordering.chosen(ordering.rules_in_force(browser.session()), None)


@blueprint.route("/order-of-work/<uuid:rule_id>")
class Rule(MethodView):
    """One version of the rule."""

    @blueprint.response(200, triage_schemas.TriageRuleSchema)
    @blueprint.alt_response(404, description="No such rule")
    def get(self, rule_id: uuid.UUID) -> Any:
        """Return one version of the rule."""
        return machine.read(ordering.rule, rule_id)


def _decide(operation: Any, rule_id: uuid.UUID, told: dict[str, Any]) -> Any:
    return machine.act(operation, triaging.DecideRule(rule_id, **told))


@blueprint.route("/order-of-work/<uuid:rule_id>/approve")
class Approve(MethodView):
    """Putting a version in force."""

    @blueprint.arguments(triage_schemas.DecideRuleSchema)
    @blueprint.response(200, triage_schemas.TriageRuleSchema)
    @blueprint.alt_response(409, description="One's own proposal, or not a proposal")
    def post(self, told: dict[str, Any], rule_id: uuid.UUID) -> Any:
        """Put a proposed version in force; never one's own."""
        return _decide(triaging.approve_rule, rule_id, told)


@blueprint.route("/order-of-work/<uuid:rule_id>/refuse")
class Refuse(MethodView):
    """Refusing a version."""

    @blueprint.arguments(triage_schemas.DecideRuleSchema)
    @blueprint.response(200, triage_schemas.TriageRuleSchema)
    @blueprint.alt_response(409, description="Not a proposal")
    def post(self, told: dict[str, Any], rule_id: uuid.UUID) -> Any:
        """Refuse a proposed version and say why."""
        return _decide(triaging.refuse_rule, rule_id, told)


@blueprint.route("/order-of-work/<uuid:rule_id>/end")
class End(MethodView):
    """Ending a version."""

    @blueprint.arguments(triage_schemas.DecideRuleSchema)
    @blueprint.response(200, triage_schemas.TriageRuleSchema)
    @blueprint.alt_response(409, description="Not in force")
    def post(self, told: dict[str, Any], rule_id: uuid.UUID) -> Any:
        """End the version in force and say why."""
        return _decide(triaging.end_rule, rule_id, told)


@blueprint.route("/work-list/moves")
class Moves(MethodView):
    """Samples moved by hand."""

    @blueprint.arguments(triage_schemas.MoveInListSchema)
    @blueprint.response(201, triage_schemas.QueueMoveSchema)
    def post(self, command: triaging.MoveSample) -> Any:
        """Put a sample forward or back in the work list, with a reason."""
        return machine.act(triaging.move_sample, command)


@blueprint.route("/work-list/moves/<uuid:sample_id>")
class Move(MethodView):
    """The move of one sample."""

    @blueprint.response(204)
    @blueprint.alt_response(404, description="No such sample for this key")
    def delete(self, sample_id: uuid.UUID) -> None:
        """Let the rule place a sample again."""
        machine.act(triaging.put_back_in_order, triaging.PutBackInOrder(sample_id))
