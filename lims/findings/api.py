"""Findings and danger rules through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.findings import (
    accuracy_schemas,
    calibrating,
    confirmations,
    operations,
    queries,
    references,
    rulebook,
    schemas,
)
from lims.findings.records import DangerRule, Finding
from lims.findings.shown import shown_finding
from lims.network.rules import Permission

blueprint = Blueprint(
    "findings-api", __name__, url_prefix="/api/findings", description="Conclusions on samples"
)


def _shown(found: Finding) -> dict[str, Any]:
    return shown_finding(browser.session(), found, browser.language())


@blueprint.route("")
class Findings(MethodView):
    """The findings that this key may read."""

    @blueprint.arguments(schemas.FindingFiltersSchema, location="query")
    @blueprint.response(200, schemas.FindingPageSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> dict[str, Any]:
        """List findings, newest first."""
        page = given["page"] or 1
        found, total = machine.read(queries.findings, schemas.filters_of(given), page)
        return {"items": found, "total": total, "page": page}

    @blueprint.arguments(schemas.DraftFindingSchema)
    @blueprint.response(201, schemas.FindingSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such sample")
    @blueprint.alt_response(409, description="Nothing verified, or begun already")
    def post(self, command: operations.DraftFinding) -> Any:
        """Compose a draft from the verified runs on a sample; the same identifier keeps one."""
        return _shown(machine.act(operations.draft_finding, command))


@blueprint.route("/<uuid:finding_id>")
class OneFinding(MethodView):
    """One version of a finding."""

    @blueprint.response(200, schemas.FindingSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such finding")
    def get(self, finding_id: uuid.UUID) -> Any:
        """Return a finding: axes, detections, methods, rules, scope and texts."""
        return _shown(machine.read(queries.finding, finding_id))

    @blueprint.arguments(schemas.EditBody)
    @blueprint.response(200, schemas.FindingSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such finding")
    @blueprint.alt_response(409, description="No draft any more, or changed meanwhile")
    def put(self, given: dict[str, Any], finding_id: uuid.UUID) -> Any:
        """Change a draft: choices, explanation, decided rules, texts."""
        command = schemas.edit_command(finding_id, given)
        return _shown(machine.act(operations.edit_finding, command))


@blueprint.route("/<uuid:finding_id>/submit", methods=["POST"])
@blueprint.arguments(schemas.RowVersionSchema)
@blueprint.response(200, schemas.FindingSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="No such finding")
@blueprint.alt_response(409, description="Not as things stand")
def submit(given: dict[str, Any], finding_id: uuid.UUID) -> Any:
    """Sign a draft for the second reading."""
    command = operations.SubmitFinding(finding_id, given["row_version"])
    return _shown(machine.act(operations.submit_finding, command))


@blueprint.route("/<uuid:finding_id>/release", methods=["POST"])
@blueprint.arguments(schemas.ReleaseBody)
@blueprint.response(200, schemas.FindingSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="No such finding")
@blueprint.alt_response(409, description="One's own work, or not as things stand")
def release(given: dict[str, Any], finding_id: uuid.UUID) -> Any:
    """Sign as the second person, naming every disagreement that was read."""
    given["disagreements_read"] = tuple(given["disagreements_read"])
    command = operations.ReleaseFinding(finding_id, **given)
    return _shown(machine.act(operations.release_finding, command))


@blueprint.route("/<uuid:finding_id>/send-back", methods=["POST"])
@blueprint.arguments(schemas.SendBackBody)
@blueprint.response(200, schemas.FindingSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="No such finding")
@blueprint.alt_response(409, description="Not as things stand")
def send_back(given: dict[str, Any], finding_id: uuid.UUID) -> Any:
    """Give a finding back to its author, with the reason."""
    command = operations.SendBackFinding(finding_id, **given)
    return _shown(machine.act(operations.send_back_finding, command))


@blueprint.route("/<uuid:finding_id>/amend", methods=["POST"])
@blueprint.arguments(schemas.AmendBody)
@blueprint.response(201, schemas.FindingSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="No such finding")
@blueprint.alt_response(409, description="Not the finding that stands")
def amend(given: dict[str, Any], finding_id: uuid.UUID) -> Any:
    """Begin a correction of a released finding."""
    command = operations.AmendFinding(finding_id, **given)
    return _shown(machine.act(operations.amend_finding, command))


@blueprint.route("/rules")
class Rules(MethodView):
    """The danger rules."""

    @blueprint.response(200, schemas.DangerRuleSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self) -> list[DangerRule]:
        """List every rule in its latest version."""
        machine.actor().must(Permission.CONSULT)
        return queries.current_rules(browser.session())


@blueprint.route("/rules/<rule_key>")
class RuleHistory(MethodView):
    """One danger rule."""

    @blueprint.response(200, schemas.DangerRuleSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such rule")
    def get(self, rule_key: str) -> Any:
        """Return every version of a rule, newest first."""
        return machine.read(queries.rule_versions, rule_key)


@blueprint.route("/jurisdictions")
class Jurisdictions(MethodView):
    """The places whose context rules judge here too."""

    @blueprint.arguments(schemas.ChooseJurisdictionsSchema)
    @blueprint.response(200, schemas.JurisdictionsSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def put(self, command: rulebook.ChooseJurisdictions) -> dict[str, Any]:
        """Choose them, as two-letter codes that rules name."""
        return {"codes": machine.act(rulebook.choose_jurisdictions, command)}


@blueprint.route("/accuracy")
class Accuracy(MethodView):
    """How often identification was right."""

    @blueprint.response(200, accuracy_schemas.AccuracySchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self) -> Any:
        """List the figures per technique, protocol and laboratory, never per person."""
        return machine.read(confirmations.accuracy)


@blueprint.route("/calibrations")
class Calibrations(MethodView):
    """From scores to likelihood ratios."""

    @blueprint.response(200, accuracy_schemas.CalibrationGroupSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self) -> Any:
        """List what could be calibrated, with the newest calibration of each."""
        return machine.read(confirmations.groups_to_read)

    @blueprint.arguments(accuracy_schemas.CalibrateSchema)
    @blueprint.response(201, accuracy_schemas.CalibrationSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No confirmed list of this kind")
    @blueprint.alt_response(409, description="Fewer than 50 confirmed samples")
    def post(self, command: calibrating.Calibrate) -> Any:
        """Fit a calibration on the confirmed samples of the network and keep it."""
        return machine.act(calibrating.calibrate, command)


@blueprint.route("/references")
class References(MethodView):
    """Spectra of confirmed samples as references."""

    @blueprint.arguments(schemas.AddConfirmedAsReferenceSchema)
    @blueprint.response(201, schemas.AddedReferenceSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such finding or spectrum")
    @blueprint.alt_response(409, description="Not confirmed, or a mixture")
    def post(self, command: references.AddConfirmedAsReference) -> Any:
        """Add a spectrum of a confirmed sample as a draft reference."""
        return machine.act(references.add_confirmed_as_reference, command)
