"""The network's reports through the machine door."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.doors.house import house
from lims.overview import report_approvals, report_lists, report_schemas, reports
from lims.overview.schemas import PageSchema

blueprint = Blueprint(
    "reports-api", __name__, url_prefix="/api/overview/reports", description="Reports"
)


@blueprint.route("")
class Reports(MethodView):
    """Half-yearly and yearly reports."""

    @blueprint.arguments(PageSchema, location="query")
    @blueprint.response(200, report_schemas.NetworkReportsSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List the reports, the latest period and edition first."""
        items, total = machine.read(report_lists.reports, asked["page"])
        return {"items": items, "total": total, "page": asked["page"]}

    @blueprint.arguments(report_schemas.DraftReportSchema)
    @blueprint.response(201, report_schemas.WholeNetworkReportSchema)
    @blueprint.alt_response(409, description="A draft is open")
    def post(self, command: reports.DraftReport) -> Any:
        """Draw up a report as a draft; the same identifier twice keeps one."""
        return machine.act(reports.draft_report, command)


@blueprint.route("/<uuid:report_id>")
class Report(MethodView):
    """One report."""

    @blueprint.response(200, report_schemas.WholeNetworkReportSchema)
    @blueprint.alt_response(404, description="No such report")
    def get(self, report_id: uuid.UUID) -> Any:
        """Give one report with the names and hashes of its files."""
        return machine.read(report_lists.report, report_id)

    @blueprint.arguments(report_schemas.ReportWordsSchema)
    @blueprint.response(200, report_schemas.WholeNetworkReportSchema)
    @blueprint.alt_response(404, description="No such report")
    @blueprint.alt_response(409, description="No longer a draft")
    def put(self, told: dict[str, Any], report_id: uuid.UUID) -> Any:
        """Write the words of a draft, or count its figures again."""
        return machine.act(reports.edit_report, reports.EditReport(report_id, **told))


@blueprint.route("/<uuid:report_id>/approval")
class Approval(MethodView):
    """The second person's word."""

    @blueprint.arguments(report_schemas.ReportPasswordSchema)
    @blueprint.response(200, report_schemas.WholeNetworkReportSchema)
    @blueprint.alt_response(404, description="No such report")
    @blueprint.alt_response(409, description="Not by its author, or not yet")
    def post(self, told: dict[str, Any], report_id: uuid.UUID) -> Any:
        """Approve and freeze a report; asks for the password of the account again."""
        settings = house().settings
        command = replace(
            reports.ApproveReport(report_id, **told),
            network=settings.network_name,
            demonstration=settings.demonstration,
        )
        return machine.act(
            lambda session, actor, given: report_approvals.approved(
                session, actor, given, settings
            ),
            command,
        )


@blueprint.route("/<uuid:report_id>/files/<name>")
class ReportFile(MethodView):
    """A kept file."""

    @blueprint.response(200, content_type="application/octet-stream")
    @blueprint.alt_response(404, description="No such file")
    def get(self, report_id: uuid.UUID, name: str) -> Any:
        """Give a kept file of an approved report, byte for byte."""
        found = machine.read(report_lists.file, report_id, name)
        return Response(found.content, mimetype="application/octet-stream")
