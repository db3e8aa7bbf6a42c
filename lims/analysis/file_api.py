"""The files of instruments through the machine door: given, read, averaged, given back."""

from __future__ import annotations

import uuid
from typing import Any

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from lims.analysis import file_schemas, holdings, queries, typed_spectra, uploading
from lims.doors import browser, machine
from lims.doors.house import house
from lims.foundation import files

blueprint = Blueprint(
    "analysis-files-api",
    __name__,
    url_prefix="/api/analysis",
    description="Files of instruments and their spectra",
)
BYTES = "application/octet-stream"


@blueprint.route("/runs/<uuid:run_id>/files")
class RunFiles(MethodView):
    """The files of the instrument of a run."""

    @blueprint.response(200, file_schemas.RunFilesSchema)
    def get(self, run_id: uuid.UUID) -> Any:
        """List the files with their spectra; of a file that was not read, why."""
        return {
            "files": holdings.uploads_of(browser.session(), machine.read(queries.run, run_id).id)
        }


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
        return browser.attachment(found.name, data)


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


@blueprint.route("/peaks/<uuid:peak_id>/spectrum")
class PeakSpectrum(MethodView):
    """A spectrum of typed ions."""

    @blueprint.response(201, file_schemas.InstrumentFileSchema)
    def post(self, peak_id: uuid.UUID) -> Any:
        """Make a spectrum of the ions that were typed for a peak, such as 58:100 105:31."""
        command = typed_spectra.TakePeak(peak_id, house().settings.data_dir)
        return machine.act(typed_spectra.take_peak, command)


@blueprint.route("/spectra/<uuid:spectrum_id>")
class OneSpectrum(MethodView):
    """A spectrum of a run."""

    @blueprint.response(200, file_schemas.NumbersSchema)
    def get(self, spectrum_id: uuid.UUID) -> Any:
        """Read a spectrum with its numbers, as they stand in the file."""
        found = machine.read(holdings.measured, spectrum_id)
        read = holdings.spectrum_of(found)
        about = file_schemas.MeasuredSchema().dump(found)
        return {**about, "id": found.id, "x": read.x.tolist(), "y": read.y.tolist()}
