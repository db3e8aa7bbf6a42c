"""The analyses through the machine door: runs, what is recorded in them, and their verification."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from lims.analysis import (
    file_schemas,
    holdings,
    operations,
    queries,
    readings,
    schemas,
    shown,
    uploading,
)
from lims.doors import browser, machine
from lims.doors.house import house
from lims.foundation import files

blueprint = Blueprint(
    "analysis-api",
    __name__,
    url_prefix="/api/analysis",
    description="Runs, plates, colours, strips, peaks, quantities and their verification",
)
SIZE = 50
BYTES = "application/octet-stream"


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


@blueprint.route("/runs/<uuid:run_id>/files")
class RunFiles(MethodView):
    """The files of the instrument of a run."""

    @blueprint.response(200, file_schemas.RunFilesSchema)
    def get(self, run_id: uuid.UUID) -> Any:
        """List the files with their spectra; of a file that was not read, why."""
        return {"files": holdings.uploads_of(browser.session(), _run(run_id).id)}


@blueprint.route("/runs/<uuid:run_id>/files/<uuid:file_id>")
class RunFile(MethodView):
    """A file, under an identifier that the client makes; the body is the file itself."""

    @blueprint.arguments(file_schemas.GiveFileSchema, location="query")
    @blueprint.response(200, file_schemas.InstrumentFileSchema)
    @blueprint.doc(
        requestBody={
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    )
    def put(self, told: dict[str, Any], run_id: uuid.UUID, file_id: uuid.UUID) -> Any:
        """Give a run a file; it is kept even when it cannot be read."""
        folder, name = house().settings.data_dir, told.pop("name")
        command = file_schemas.file_of(
            run_id, folder, request.get_data(), told, id=file_id, name=name
        )
        return machine.act(uploading.give_file, command)


@blueprint.route("/files/<uuid:file_id>")
class OneFile(MethodView):
    """A file of a run."""

    @blueprint.response(200, file_schemas.InstrumentFileSchema)
    def get(self, file_id: uuid.UUID) -> Any:
        """Read what is known of a file."""
        return machine.read(holdings.upload, file_id)

    @blueprint.response(204)
    def delete(self, file_id: uuid.UUID) -> None:
        """Take a file off an open run."""
        machine.act(uploading.remove_file, uploading.RemoveFile(file_id))


@blueprint.route("/files/<uuid:file_id>/content")
class FileContent(MethodView):
    """The bytes of a file."""

    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type=BYTES)
    def get(self, file_id: uuid.UUID) -> Any:
        """Give a file back, byte for byte."""
        found = machine.read(holdings.upload, file_id)
        data = files.fetch(house().settings.data_dir, found.sha256)
        answer = Response(data, mimetype=BYTES)
        answer.headers.set("Content-Disposition", "attachment", filename=found.name)
        return answer


@blueprint.route("/files/<uuid:file_id>/reading")
class FileReading(MethodView):
    """Reading a kept file again."""

    @blueprint.arguments(file_schemas.ColumnsToldSchema)
    @blueprint.response(200, file_schemas.InstrumentFileSchema)
    def post(self, told: dict[str, Any], file_id: uuid.UUID) -> Any:
        """Read a file again with what is said of its columns."""
        command = file_schemas.reading_of(file_id, house().settings.data_dir, told)
        return machine.act(uploading.read_file_again, command)


@blueprint.route("/files/<uuid:file_id>/scans")
class FileScans(MethodView):
    """Spectra made of the scans of a file."""

    @blueprint.arguments(file_schemas.TakeScansSchema)
    @blueprint.response(201, file_schemas.MeasuredSchema)
    def post(self, told: dict[str, Any], file_id: uuid.UUID) -> Any:
        """Make a spectrum of one scan, or of the mean of several less those beside."""
        command = file_schemas.scans_of(file_id, house().settings.data_dir, told)
        return machine.act(uploading.take_scans, command)


@blueprint.route("/spectra/<uuid:spectrum_id>")
class OneSpectrum(MethodView):
    """A spectrum of a run."""

    @blueprint.response(200, file_schemas.NumbersSchema)
    def get(self, spectrum_id: uuid.UUID) -> Any:
        """Read a spectrum with its numbers, as they stand in the file."""
        found = machine.read(holdings.measured, spectrum_id)
        read = holdings.spectrum_of(found)
        return {
            **{name: getattr(found, name) for name in file_schemas.MeasuredSchema().fields},
            "x": read.x.tolist(),
            "y": read.y.tolist(),
        }
