"""Queues, capacity and closed intake through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.intake import closing, closures
from lims.overview import capacities, left_out, queue_schemas, queues, stating
from lims.overview.schemas import PageSchema

blueprint = Blueprint(
    "queues-api", __name__, url_prefix="/api/overview", description="Queues and capacity"
)


@blueprint.route("/queues")
class Queues(MethodView):
    """What waits where."""

    @blueprint.response(200, queue_schemas.QueueSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self) -> Any:
        """Give the queue of each point and laboratory, with how long a result may take."""
        return machine.read(queues.queues)


@blueprint.route("/not-analysed")
class NotAnalysed(MethodView):
    """What was not analysed, and why."""

    @blueprint.response(200, queue_schemas.LeftOutSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self) -> Any:
        """Give the counts of the last twelve months by reason, per place and month."""
        return machine.read(left_out.left_out)


@blueprint.route("/capacities")
class Capacities(MethodView):
    """What laboratories said that they can do."""

    @blueprint.arguments(PageSchema, location="query")
    @blueprint.response(200, queue_schemas.CapacitiesSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List what was said, the newest first."""
        items, total = machine.read(capacities.capacities, asked["page"])
        return {"items": items, "total": total, "page": asked["page"]}

    @blueprint.arguments(queue_schemas.StateCapacitySchema)
    @blueprint.response(201, queue_schemas.CapacitySchema)
    def post(self, command: stating.StateCapacity) -> Any:
        """Say how many samples a laboratory can do."""
        return machine.act(stating.state_capacity, command)


@blueprint.route("/capacities/<uuid:statement_id>")
class Capacity(MethodView):
    """One statement."""

    @blueprint.response(200, queue_schemas.CapacitySchema)
    @blueprint.alt_response(404, description="No such statement")
    def delete(self, statement_id: uuid.UUID) -> Any:
        """Take back what was said; it stays readable."""
        return machine.act(stating.take_back_capacity, stating.TakeBack(statement_id))


@blueprint.route("/closed-days")
class ClosedDays(MethodView):
    """Days on which laboratories do not work."""

    @blueprint.arguments(PageSchema, location="query")
    @blueprint.response(200, queue_schemas.ClosedDaysListSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List the closed days that are not over."""
        items, total = machine.read(capacities.closed, asked["page"])
        return {"items": items, "total": total, "page": asked["page"]}

    @blueprint.arguments(queue_schemas.CloseDaysSchema)
    @blueprint.response(201, queue_schemas.ClosedDaysSchema)
    def post(self, command: stating.CloseDays) -> Any:
        """Say on which days a laboratory does not work."""
        return machine.act(stating.close_days, command)


@blueprint.route("/closed-days/<uuid:statement_id>")
class OneClosure(MethodView):
    """One statement of closed days."""

    @blueprint.response(200, queue_schemas.ClosedDaysSchema)
    @blueprint.alt_response(404, description="No such statement")
    def delete(self, statement_id: uuid.UUID) -> Any:
        """Take back that a laboratory is closed."""
        return machine.act(stating.take_back_days, stating.TakeBack(statement_id))


@blueprint.route("/closures")
class Closures(MethodView):
    """What laboratories do not take for a while."""

    @blueprint.arguments(PageSchema, location="query")
    @blueprint.response(200, queue_schemas.ClosedIntakesSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List the closures, the newest first."""
        items, total = machine.read(closures.closures, asked["page"])
        return {"items": items, "total": total, "page": asked["page"]}

    @blueprint.arguments(queue_schemas.CloseIntakeSchema)
    @blueprint.response(201, queue_schemas.ClosedIntakeSchema)
    def post(self, command: closing.CloseIntake) -> Any:
        """Say what a laboratory does not take until a day."""
        return machine.act(closing.close_intake, command)


@blueprint.route("/closures/<uuid:closure_id>")
class Closure(MethodView):
    """One closure."""

    @blueprint.response(200, queue_schemas.ClosedIntakeSchema)
    @blueprint.alt_response(404, description="No such closure")
    def delete(self, closure_id: uuid.UUID) -> Any:
        """Take a kind of sample again before the day that was said."""
        return machine.act(closing.reopen_intake, closing.ReopenIntake(closure_id))
