"""Signals through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.doors.house import house
from lims.surveillance import operations, queries, schemas

blueprint = Blueprint(
    "surveillance-api", __name__, url_prefix="/api/signals", description="Reasons to look"
)


@blueprint.route("/")
class Signals(MethodView):
    """The queue, and reports by hand."""

    @blueprint.arguments(schemas.SignalListSchema, location="query")
    @blueprint.response(200, schemas.SignalPageSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """List signals, the most urgent first."""
        page = asked.pop("page") or 1
        filters = queries.SignalFilters(**{**asked, "state": _state(asked["state"])})
        targets = schemas.targets_of(house().settings)
        rows, total = machine.read(queries.signals, filters, page, targets=targets)
        return {"total": total, "signals": rows}

    @blueprint.arguments(schemas.ReportEffectSchema)
    @blueprint.response(201, schemas.SignalSchema)
    def post(self, command: operations.ReportEffect) -> Any:
        """Report an effect or a worrying product; the same `id` twice keeps one report."""
        return machine.act(operations.report_effect, command)


def _state(asked: str) -> str:
    return "" if asked == "all" else asked


@blueprint.route("/<uuid:signal_id>")
class Signal(MethodView):
    """One signal."""

    @blueprint.response(200, schemas.SignalSchema)
    def get(self, signal_id: uuid.UUID) -> Any:
        """Read a signal; this does not count as looking at it."""
        return machine.read(queries.signal, signal_id)


@blueprint.route("/<uuid:signal_id>/look")
class Look(MethodView):
    """Looking at a signal."""

    @blueprint.response(200, schemas.SignalSchema)
    def post(self, signal_id: uuid.UUID) -> Any:
        """Note that somebody looks at the signal; the first time counts."""
        return machine.act(operations.look_at_signal, operations.LookAtSignal(signal_id))


@blueprint.route("/<uuid:signal_id>/discard")
class Discard(MethodView):
    """Discarding a signal."""

    @blueprint.arguments(schemas.DiscardBody)
    @blueprint.response(200, schemas.SignalSchema)
    def post(self, given: dict[str, Any], signal_id: uuid.UUID) -> Any:
        """Discard a signal with a reason."""
        command = operations.DiscardSignal(signal_id=signal_id, **given)
        return machine.act(operations.discard_signal, command)


@blueprint.route("/<uuid:signal_id>/merge")
class Merge(MethodView):
    """Merging a signal."""

    @blueprint.arguments(schemas.MergeBody)
    @blueprint.response(200, schemas.SignalSchema)
    def post(self, given: dict[str, Any], signal_id: uuid.UUID) -> Any:
        """Merge a signal into another open one."""
        command = operations.MergeSignal(signal_id=signal_id, **given)
        return machine.act(operations.merge_signal, command)
