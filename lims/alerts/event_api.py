"""Checking, merging and re-opening events through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.alerts import checks, event_schemas, merging, schemas, verification
from lims.doors import browser, machine
from lims.network.rules import Permission

blueprint = Blueprint(
    "events-api", __name__, url_prefix="/api/events", description="Verification of events"
)


@blueprint.route("/<uuid:event_id>/checks")
class Checks(MethodView):
    """The steps of the verification."""

    @blueprint.response(200, event_schemas.EventCheckSchema(many=True))
    def get(self, event_id: uuid.UUID) -> Any:
        """List what was ticked, oldest first."""
        machine.read(verification.event, event_id)
        return verification.checks(browser.session(), event_id)

    @blueprint.arguments(event_schemas.TickBody)
    @blueprint.response(201, event_schemas.EventCheckSchema)
    def post(self, given: dict[str, Any], event_id: uuid.UUID) -> Any:
        """Tick a step, with the run or the sample that shows it; the same `id` twice keeps one."""
        return machine.act(checks.tick_step, checks.TickStep(event_id=event_id, **given))


@blueprint.route("/<uuid:event_id>/merge", methods=["POST"])
@blueprint.arguments(event_schemas.MergeEventBody)
@blueprint.response(200, schemas.EventSchema)
def merge(given: dict[str, Any], event_id: uuid.UUID) -> Any:
    """Merge an event into another and return the one that goes on."""
    return machine.act(merging.merge_events, merging.MergeEvents(event_id, **given))


@blueprint.route("/<uuid:event_id>/reopen", methods=["POST"])
@blueprint.arguments(event_schemas.ReopenBody)
@blueprint.response(200, schemas.EventSchema)
def reopen(given: dict[str, Any], event_id: uuid.UUID) -> Any:
    """Take a decided event up again."""
    return machine.act(merging.reopen_event, merging.ReopenEvent(event_id, **given))


@blueprint.route("/after-closing")
class AfterClosing(MethodView):
    """What becomes of new signals on the matter of a decided event."""

    @blueprint.response(200, event_schemas.PolicyShown)
    def get(self) -> Any:
        """Return the policy."""
        machine.actor().must(Permission.TRIAGE)
        return verification.policy(browser.session())

    @blueprint.arguments(event_schemas.PolicySchema)
    @blueprint.response(200, event_schemas.PolicyShown)
    def put(self, command: merging.ChoosePolicy) -> Any:
        """Choose the policy."""
        return machine.act(merging.choose_policy, command)
