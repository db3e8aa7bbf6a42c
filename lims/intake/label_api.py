"""Labels through the machine door: printing, templates, papers, sheets of blank labels."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.doors.house import house
from lims.intake import (
    calibration,
    label_queries,
    label_schemas,
    label_templates,
    operations,
    paper,
    papers,
    queries,
)

blueprint = Blueprint(
    "labels-api",
    __name__,
    url_prefix="/api/intake",
    description="Labels: printing, templates, sheets of blank labels",
)
PDF: Mapping[str, Any] = {"content_type": "application/pdf", "schema": {"type": "string"}}


def _file(made: paper.Document) -> Response:
    return Response(made.data, mimetype=made.mimetype)


@blueprint.route("/labels")
class Labels(MethodView):
    """Labels of samples; each print is counted."""

    @blueprint.arguments(label_schemas.PrintLabelsSchema)
    @blueprint.alt_response(200, **PDF)
    def post(self, told: Mapping[str, Any]) -> Response:
        """Print labels of samples, as PDF or (by the template) as ZPL.

        A label that was printed before needs a reason of vocabulary reprint_reason.
        """
        command = label_schemas.print_command(told)
        chosen = machine.read(label_queries.chosen, command.layout)
        printed = machine.act(operations.print_labels, command)
        samples = [sample for sample, _times in printed]
        demo, start = house().settings.demonstration, told["start"] or 1
        session, tongue = browser.session(), browser.language()
        return _file(paper.sample_labels(session, samples, chosen, tongue, demo, start))


@blueprint.route("/samples/<uuid:sample_id>/prints")
class Prints(MethodView):
    """How often the label of a sample was printed."""

    @blueprint.response(200, label_schemas.PrintSchema(many=True))
    def get(self, sample_id: uuid.UUID) -> Any:
        """List the printings of a sample's code, blank ones included, in their order."""
        sample = machine.read(queries.sample, sample_id)
        return label_queries.prints_of(browser.session(), sample.code)


@blueprint.route("/blocks/<int:block_number>/labels")
class BlockLabels(MethodView):
    """Blank labels of a block."""

    @blueprint.arguments(label_schemas.PrintBlockSchema)
    @blueprint.alt_response(200, **PDF)
    def post(self, told: Mapping[str, Any], block_number: int) -> Response:
        """Print labels of codes that no sample and no printed label has, as PDF or ZPL."""
        command = label_schemas.block_command(block_number, told)
        return _blank(machine.act(operations.print_blank_labels, command), command.start)


def _blank(made: operations.Blanks, start: int = 1) -> Response:
    demo, tongue = house().settings.demonstration, browser.language()
    return _file(paper.blank_labels(made.codes, made.chosen, tongue, demo, start, made.captions))


@blueprint.route("/blocks/<int:block_number>/sheets")
class Sheets(MethodView):
    """Sheets of blank labels of a block."""

    @blueprint.arguments(label_schemas.PageArguments, location="query")
    @blueprint.response(200, label_schemas.SheetPageSchema)
    def get(self, asked: Mapping[str, Any], block_number: int) -> Any:
        """List the sheets of a block, newest first."""
        page = asked["page"] or 1
        rows, total = machine.read(label_queries.sheets, block_number, page)
        return {"sheets": rows, "total": total, "page": page}


@blueprint.route("/sheets/<uuid:sheet_id>/labels")
class SheetAgain(MethodView):
    """The labels of a sheet once more."""

    @blueprint.arguments(label_schemas.PrintSheetAgainSchema)
    @blueprint.alt_response(200, **PDF)
    def post(self, told: Mapping[str, Any], sheet_id: uuid.UUID) -> Response:
        """Print again the labels of a sheet that no sample has taken; a reason is needed."""
        command = label_schemas.again_command(sheet_id, told)
        return _blank(machine.act(operations.print_sheet_again, command))


@blueprint.route("/sheets/<uuid:sheet_id>/place")
class SheetPlace(MethodView):
    """Where a sheet is."""

    @blueprint.arguments(label_schemas.PlaceSheetSchema)
    @blueprint.response(204)
    def put(self, told: Mapping[str, Any], sheet_id: uuid.UUID) -> None:
        """Write down where a sheet of blank labels is."""
        machine.act(operations.place_sheet, operations.PlaceSheet(sheet_id, told["place"]))


@blueprint.route("/label-papers")
class Papers(MethodView):
    """The papers that ship with the program."""

    @blueprint.response(200, label_schemas.PaperSchema(many=True))
    def get(self) -> Any:
        """List the papers, in mm, each with where its measures stand."""
        machine.actor()
        return list(papers.papers().values())


@blueprint.route("/label-papers/<name>/calibration")
class Calibration(MethodView):
    """A sheet that shows how far a printer shifts."""

    @blueprint.alt_response(200, **PDF)
    def get(self, name: str) -> Response:
        """Draw the frames and scales of a paper, or of a template by its identifier, as PDF."""
        chosen = machine.read(label_queries.chosen, name)
        data = calibration.calibration_pdf(chosen.paper, chosen.design, browser.language())
        return _file(paper.Document(data, "application/pdf", ""))


@blueprint.route("/label-templates")
class Templates(MethodView):
    """The templates of one's sites and of the network."""

    @blueprint.arguments(label_schemas.PageArguments, location="query")
    @blueprint.response(200, label_schemas.TemplatePageSchema)
    def get(self, asked: Mapping[str, Any]) -> Any:
        """List templates by name."""
        page = asked["page"] or 1
        rows, total = machine.read(label_queries.templates, page)
        return {"templates": rows, "total": total, "page": page}


@blueprint.route("/label-templates/<uuid:template_id>")
class OneTemplate(MethodView):
    """One template."""

    @blueprint.response(200, label_schemas.TemplateSchema)
    def get(self, template_id: uuid.UUID) -> Any:
        """Read a template."""
        return machine.read(label_queries.template, template_id)

    @blueprint.arguments(label_schemas.MakeTemplateSchema)
    @blueprint.response(200, label_schemas.TemplateSchema)
    def put(self, told: Mapping[str, Any], template_id: uuid.UUID) -> Any:
        """Make a template; sending the same identifier again changes nothing."""
        command = label_templates.MakeLabelTemplate(told["facts"], told["site_id"], template_id)
        return machine.act(label_templates.make_label_template, command)

    @blueprint.arguments(label_schemas.ChangeTemplateSchema)
    @blueprint.response(200, label_schemas.TemplateSchema)
    def patch(self, told: Mapping[str, Any], template_id: uuid.UUID) -> Any:
        """Change a template, as of a version that was read."""
        command = label_templates.ChangeLabelTemplate(
            template_id, told["facts"], told["row_version"]
        )
        return machine.act(label_templates.change_label_template, command)

    @blueprint.response(200, label_schemas.TemplateSchema)
    def delete(self, template_id: uuid.UUID) -> Any:
        """Offer a template no longer; it stays readable."""
        return machine.act(label_templates.retire_label_template, template_id)


@blueprint.route("/sites/<uuid:site_id>/label-template")
class SiteTemplate(MethodView):
    """The template that a site takes."""

    @blueprint.arguments(label_schemas.ChooseTemplateSchema)
    @blueprint.response(204)
    def put(self, told: Mapping[str, Any], site_id: uuid.UUID) -> None:
        """Choose the template of a site; none: the usual roll again."""
        command = label_templates.ChooseLabelTemplate(site_id, told["template_id"])
        machine.act(label_templates.choose_label_template, command)
