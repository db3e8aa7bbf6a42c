"""The analyses through the machine door: runs, what is recorded in them, and their verification."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.analysis import operations, queries, readings, schemas, shown
from lims.doors import machine

blueprint = Blueprint(
    "analysis-api",
    __name__,
    url_prefix="/api/analysis",
    description="Runs, plates, colours, strips, peaks, quantities and their verification",
)
SIZE = 50


def _run(run_id: uuid.UUID) -> Any:
    return machine.read(queries.run, run_id)


def _act(operation: Any, command: Any) -> Any:
    made = machine.act(operation, command)
    return _run(made.id)


@blueprint.route("/runs")
class Runs(MethodView):
    """The runs of one's laboratories."""

    @blueprint.arguments(schemas.PagedRunsSchema, location="query")
    @blueprint.response(200, shown.RunsSchema)
    def get(self, given: dict[str, Any]) -> Any:
        """List the runs, newest first."""
        page = given.pop("page") or 1
        listed, total = machine.read(queries.runs, queries.RunFilters(**given), page, SIZE)
        return {"runs": listed, "total": total, "page": page}


@blueprint.route("/runs/<uuid:run_id>")
class OneRun(MethodView):
    """A run, under an identifier that the client makes."""

    @blueprint.arguments(schemas.StartRunSchema)
    @blueprint.response(200, shown.RunSchema)
    def put(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Start a run on samples by code; sending the same again changes nothing."""
        return _act(operations.start_run, schemas.start_of(run_id, told))

    @blueprint.response(200, shown.RunSchema)
    def get(self, run_id: uuid.UUID) -> Any:
        """Read a run with its answers."""
        return _run(run_id)


@blueprint.route("/runs/<uuid:run_id>/plate")
class RunPlate(MethodView):
    """The plate of a TLC run."""

    @blueprint.arguments(schemas.PlateSchema)
    @blueprint.response(200, shown.PlateReadSchema)
    def put(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Record the whole plate; what is left out is taken off it."""
        command = schemas.recording_of("plate", run_id, told)
        machine.act(operations.record_plate, command)
        return self._read(run_id)

    @blueprint.response(200, shown.PlateReadSchema)
    def get(self, run_id: uuid.UUID) -> Any:
        """Read the plate: hRf, corrected hRf, acceptance in words."""
        return self._read(run_id)

    def _read(self, run_id: uuid.UUID) -> Any:
        return machine.read(readings.plate, run_id)


@blueprint.route("/runs/<uuid:run_id>/reagents")
class RunReagents(MethodView):
    """The colour tests of a run."""

    @blueprint.arguments(schemas.ReagentsSchema)
    @blueprint.response(200, shown.RunSchema)
    def put(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Record all colour tests of a run."""
        command = schemas.recording_of("reagents", run_id, told)
        return _act(operations.record_reagents, command)


@blueprint.route("/runs/<uuid:run_id>/strips")
class RunStrips(MethodView):
    """The strips of a run."""

    @blueprint.arguments(schemas.StripsSchema)
    @blueprint.response(200, shown.RunSchema)
    def put(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Record all strips of a run; each valid one answers for its group."""
        return _act(operations.record_strips, schemas.recording_of("strips", run_id, told))


@blueprint.route("/runs/<uuid:run_id>/results")
class RunResults(MethodView):
    """The peaks and answers of an instrumental run."""

    @blueprint.arguments(schemas.ResultsSchema)
    @blueprint.response(200, shown.RunSchema)
    def put(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Record all peaks and answers of a run."""
        return _act(operations.record_results, schemas.recording_of("results", run_id, told))


@blueprint.route("/runs/<uuid:run_id>/weighings")
class RunWeighings(MethodView):
    """The weighings of a run."""

    @blueprint.arguments(schemas.WeighingsSchema)
    @blueprint.response(200, shown.RunSchema)
    def put(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Record all weighings of a run."""
        return _act(operations.record_weighings, schemas.recording_of("weighings", run_id, told))


@blueprint.route("/runs/<uuid:run_id>/submit")
class Submit(MethodView):
    """Sending to verification."""

    @blueprint.arguments(schemas.RunVersionSchema)
    @blueprint.response(200, shown.RunSchema)
    def post(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Send a run to verification."""
        return _act(operations.submit_run, operations.SubmitRun(run_id, **told))


@blueprint.route("/runs/<uuid:run_id>/verify")
class Verify(MethodView):
    """Verification by another person."""

    @blueprint.arguments(schemas.RunVersionSchema)
    @blueprint.response(200, shown.RunSchema)
    def post(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Verify another person's run."""
        return _act(operations.verify_run, operations.VerifyRun(run_id, **told))


@blueprint.route("/runs/<uuid:run_id>/send-back")
class SendBack(MethodView):
    """Sending back to the author."""

    @blueprint.arguments(schemas.RunReasonSchema)
    @blueprint.response(200, shown.RunSchema)
    def post(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Send a run back with the reason."""
        return _act(operations.send_back_run, operations.SendBackRun(run_id, **told))


@blueprint.route("/runs/<uuid:run_id>/withdraw")
class Withdraw(MethodView):
    """Withdrawal by the author."""

    @blueprint.arguments(schemas.RunReasonSchema)
    @blueprint.response(200, shown.RunSchema)
    def post(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Withdraw one's own run before it is verified."""
        return _act(operations.withdraw_run, operations.WithdrawRun(run_id, **told))


@blueprint.route("/runs/<uuid:run_id>/retest")
class RetestRun(MethodView):
    """Doing a run again."""

    @blueprint.arguments(schemas.RetestSchema)
    @blueprint.response(200, shown.RunSchema)
    def post(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Do a run again as a new run that points to this one."""
        return _act(operations.retest, operations.Retest(run_id, **told))
