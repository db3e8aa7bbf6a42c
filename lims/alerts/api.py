"""Events and alerts through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.alerts import approvals, events, operations, queries, schemas, verification
from lims.doors import browser, machine
from lims.doors.house import house

blueprint = Blueprint("alerts-api", __name__, url_prefix="/api", description="Events and alerts")


@blueprint.route("/events/")
class Events(MethodView):
    """Events under verification."""

    @blueprint.arguments(schemas.EventListSchema, location="query")
    @blueprint.response(200, schemas.EventPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List events, the newest first."""
        page = asked["page"] or 1
        rows, total = machine.read(verification.events, asked["state"], page)
        return {"total": total, "events": rows}

    @blueprint.arguments(schemas.OpenEventSchema)
    @blueprint.response(201, schemas.EventSchema)
    def post(self, command: events.OpenEvent) -> Any:
        """Open an event from open signals; the same `id` twice keeps one."""
        return machine.act(operations.open_event, command)


@blueprint.route("/events/<uuid:event_id>")
class Event(MethodView):
    """One event."""

    @blueprint.response(200, schemas.EventSchema)
    def get(self, event_id: uuid.UUID) -> Any:
        """Read an event with its assessments."""
        return machine.read(verification.event, event_id)


@blueprint.route("/events/<uuid:event_id>/signals")
class EventSignals(MethodView):
    """The signals of an event."""

    @blueprint.arguments(schemas.AddSignalBody)
    @blueprint.response(200, schemas.EventSchema)
    def post(self, given: dict[str, Any], event_id: uuid.UUID) -> Any:
        """Add an open signal to a pending event."""
        return machine.act(operations.add_to_event, events.AddToEvent(event_id=event_id, **given))


@blueprint.route("/events/<uuid:event_id>/assessments")
class Assessments(MethodView):
    """What the assessors think."""

    @blueprint.arguments(schemas.AssessBody)
    @blueprint.response(200, schemas.EventSchema)
    def post(self, given: dict[str, Any], event_id: uuid.UUID) -> Any:
        """Grade hazard, exposure and certainty; one's own last assessment counts."""
        return machine.act(operations.assess_event, events.AssessEvent(event_id=event_id, **given))


@blueprint.route("/events/<uuid:event_id>/decision")
class Decision(MethodView):
    """The end of the verification."""

    @blueprint.arguments(schemas.DecideBody)
    @blueprint.response(200, schemas.EventSchema)
    def post(self, given: dict[str, Any], event_id: uuid.UUID) -> Any:
        """Confirm or refute an event that two people have assessed."""
        return machine.act(operations.decide_event, events.DecideEvent(event_id=event_id, **given))


@blueprint.route("/alerts/")
class Alerts(MethodView):
    """Alerts."""

    @blueprint.arguments(schemas.AlertListSchema, location="query")
    @blueprint.response(200, schemas.AlertPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List alert versions, the newest first; drafts for the coordination only."""
        filters = queries.AlertFilters(asked["which"], asked["level"])
        page = asked["page"] or 1
        rows, total = machine.read(queries.alerts, filters, page, browser.language(), whole=True)
        return {"total": total, "alerts": rows}

    @blueprint.arguments(schemas.DraftAlertSchema)
    @blueprint.response(201, schemas.VersionSchema)
    def post(self, command: operations.DraftAlert) -> Any:
        """Draft an alert on an event; the same `id` twice keeps one."""
        return machine.act(operations.draft_alert, command)


@blueprint.route("/alerts/<uuid:alert_id>/update")
class Update(MethodView):
    """Updates."""

    @blueprint.arguments(schemas.ReasonBody)
    @blueprint.response(201, schemas.VersionSchema)
    def post(self, given: dict[str, Any], alert_id: uuid.UUID) -> Any:
        """Draft an update of a published alert."""
        command = operations.UpdateAlert(alert_id=alert_id, **given)
        return machine.act(operations.update_alert, command)


@blueprint.route("/alerts/<uuid:alert_id>/withdraw")
class Withdraw(MethodView):
    """Withdrawals."""

    @blueprint.arguments(schemas.ReasonBody)
    @blueprint.response(201, schemas.VersionSchema)
    def post(self, given: dict[str, Any], alert_id: uuid.UUID) -> Any:
        """Draft the withdrawal of a published alert."""
        command = operations.WithdrawAlert(alert_id=alert_id, **given)
        return machine.act(operations.withdraw_alert, command)


@blueprint.route("/alert-versions/<uuid:version_id>")
class Version(MethodView):
    """One version of an alert."""

    @blueprint.response(200, schemas.VersionSchema)
    def get(self, version_id: uuid.UUID) -> Any:
        """Read a version, without its messages."""
        return machine.read(queries.version, version_id)

    @blueprint.arguments(schemas.EditBody)
    @blueprint.response(200, schemas.VersionSchema)
    def put(self, given: dict[str, Any], version_id: uuid.UUID) -> Any:
        """Change level, end and facts of a draft; edited texts stay."""
        command = operations.EditAlert(version_id=version_id, **given)
        return machine.act(operations.edit_alert, command)


@blueprint.route("/alert-versions/<uuid:version_id>/message")
class Message(MethodView):
    """The messages of a version."""

    @blueprint.arguments(schemas.MessageQuerySchema, location="query")
    @blueprint.response(200, schemas.MessageSchema)
    def get(self, asked: dict[str, Any], version_id: uuid.UUID) -> Any:
        """Read the message of an audience that one may read."""
        return machine.read(
            queries.readable_message, version_id, asked["audience"], asked["language"]
        )

    @blueprint.arguments(schemas.MessageBody)
    @blueprint.response(200, schemas.VersionSchema)
    def put(self, given: dict[str, Any], version_id: uuid.UUID) -> Any:
        """Change the text of one audience in one language; empty composes it again."""
        command = operations.EditMessage(version_id=version_id, **given)
        return machine.act(operations.edit_message, command)


@blueprint.route("/alert-versions/<uuid:version_id>/submit")
class Submit(MethodView):
    """Sending to review."""

    @blueprint.arguments(schemas.VersionBody)
    @blueprint.response(200, schemas.VersionSchema)
    def post(self, given: dict[str, Any], version_id: uuid.UUID) -> Any:
        """Send a draft to review."""
        command = operations.SubmitAlert(version_id=version_id, **given)
        return machine.act(operations.submit_alert, command)


@blueprint.route("/alert-versions/<uuid:version_id>/approve")
class Approve(MethodView):
    """Approving and publishing."""

    @blueprint.arguments(schemas.ApproveBody)
    @blueprint.response(200, schemas.VersionSchema)
    def post(self, given: dict[str, Any], version_id: uuid.UUID) -> Any:
        """Approve a version in review and publish it at once; never one's own."""
        command = operations.ApproveAlert(version_id=version_id, **given)
        settings = house().settings
        return machine.act(
            lambda session, actor, told: approvals.approved(session, actor, told, settings), command
        )


@blueprint.route("/alert-versions/<uuid:version_id>/send-back")
class SendBack(MethodView):
    """Sending back."""

    @blueprint.arguments(schemas.VersionReasonBody)
    @blueprint.response(200, schemas.VersionSchema)
    def post(self, given: dict[str, Any], version_id: uuid.UUID) -> Any:
        """Send a version in review back to its author."""
        command = operations.SendBackAlert(version_id=version_id, **given)
        return machine.act(operations.send_back_alert, command)


@blueprint.route("/alert-versions/<uuid:version_id>/expire")
class Expire(MethodView):
    """Expiry."""

    @blueprint.arguments(schemas.VersionReasonBody)
    @blueprint.response(200, schemas.VersionSchema)
    def post(self, given: dict[str, Any], version_id: uuid.UUID) -> Any:
        """Let an alert go that is past its review date."""
        command = operations.ExpireAlert(version_id=version_id, **given)
        return machine.act(operations.expire_alert, command)
