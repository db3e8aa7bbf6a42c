"""Exports through the machine door."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.doors.house import house
from lims.exchange import export_schemas, exporting, passing, past_exports, tables_out
from lims.exchange.column_sets import column_set
from lims.exchange.records import DataExport

blueprint = Blueprint(
    "export-api",
    __name__,
    url_prefix="/api/exports",
    description="Rows that leave the house: looked at first, then given, always recorded",
)


@blueprint.route("")
class Exports(MethodView):
    """Files that left."""

    @blueprint.arguments(export_schemas.WantedExportsSchema, location="query")
    @blueprint.response(200, export_schemas.DataExportsSchema)
    def get(self, wanted: dict[str, Any]) -> Any:
        """List the files that left, newest first."""
        return machine.read(past_exports.exports, wanted["page"])

    @blueprint.arguments(export_schemas.MachineExportSchema)
    @blueprint.response(200, content_type="text/csv")
    @blueprint.alt_response(409, description="more rows than a workbook holds")
    def post(self, command: exporting.ExportRows) -> Any:
        """Give the rows of a format as a file; its record and hash are kept."""
        file = tables_out.waiting_file()

        def write(session: Any, actor: Any, asked: exporting.ExportRows) -> DataExport:
            file.seek(0)
            file.truncate()
            network = house().settings.network_name
            return exporting.export_rows(session, actor, asked, file, network)

        kept = machine.act(write, command)
        name, kind = export_schemas.file_name(kept), tables_out.KINDS[kept.kind]
        return browser.streamed(file, name, kind, kept.size)


@blueprint.route("/look")
class Looking(MethodView):
    """What an export would give."""

    @blueprint.arguments(export_schemas.LookSchema, location="query")
    @blueprint.response(200, export_schemas.LookedAtSchema)
    def get(self, asked: dict[str, Any]) -> Any:
        """Show first rows, counts and problems without giving anything."""
        return machine.read(
            passing.look,
            column_set(asked["format"]),
            export_schemas.asked_period(asked),
            house().settings.network_name,
        )
