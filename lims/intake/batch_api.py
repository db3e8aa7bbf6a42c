"""Batch sheets through the machine door: the same template, the same reading, the same act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.intake import batch_schemas, batch_sheet

blueprint = Blueprint(
    "intake-batch-api",
    __name__,
    url_prefix="/api/intake",
    description="Batch sheets of samples",
)
BINARY = {"schema": {"type": "string", "format": "binary"}}


@blueprint.route("/batches/template")
class BatchTemplate(MethodView):
    """The empty sheet."""

    @blueprint.arguments(batch_schemas.TemplateSchema, location="query")
    @blueprint.response(200)
    @blueprint.doc(
        responses={
            "200": {
                "description": "The empty sheet",
                "content": {batch_sheet.XLSX: BINARY, batch_sheet.CSV: BINARY},
            }
        }
    )
    def get(self, asked: Mapping[str, Any]) -> Response:
        """Take the template, as a workbook or as CSV."""
        kind, language = asked["kind"] or "xlsx", asked["language"] or "fr"
        content = machine.read(batch_schemas.template, language, kind)
        return Response(content, mimetype=batch_sheet.XLSX if kind == "xlsx" else batch_sheet.CSV)


@blueprint.route("/batches")
class Batches(MethodView):
    """A filled sheet; the body is the file itself, XLSX or CSV."""

    @blueprint.arguments(batch_schemas.SendBatchSchema, location="query")
    @blueprint.response(200, batch_schemas.BatchReportSchema)
    @blueprint.doc(requestBody={"required": True, "content": {"application/octet-stream": BINARY}})
    def post(self, told: Mapping[str, Any]) -> Any:
        """Look at a sheet (the default) or register it, all of it or nothing.

        Problems are listed by cell; `is_kept` tells whether it was registered. Sent again, the
        same sheet makes nothing twice.
        """
        command = batch_schemas.SendBatch(request.get_data(), told["site_id"], told["dry_run"])
        return machine.act(batch_schemas.send_batch, command)
