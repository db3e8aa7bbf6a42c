"""Quality through the machine door: reagent lots and instruments of a laboratory."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.quality import competences, operations, queries, schemas, training

blueprint = Blueprint(
    "quality-api", __name__, url_prefix="/api/quality", description="Lots and instruments"
)


@blueprint.route("/reagent-lots")
class ReagentLots(MethodView):
    """The reagent lots of a laboratory."""

    @blueprint.arguments(schemas.LaboratorySchema, location="query")
    @blueprint.response(200, schemas.ReagentLotSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> Any:
        """List the lots."""
        return machine.read(queries.laboratory, given["site_id"]).lots

    @blueprint.arguments(schemas.AddReagentLotSchema)
    @blueprint.response(201, schemas.ReagentLotSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def post(self, command: operations.AddReagentLot) -> Any:
        """Add a lot; the same identifier twice keeps one."""
        return machine.act(operations.add_reagent_lot, command)


@blueprint.route("/reagent-lots/checks")
class Checks(MethodView):
    """Checks of lots."""

    @blueprint.arguments(schemas.CheckReagentLotSchema)
    @blueprint.response(200, schemas.ReagentLotSchema)
    @blueprint.alt_response(404, description="No such lot")
    def post(self, command: operations.CheckReagentLot) -> Any:
        """Record a check with a positive and a negative."""
        return machine.act(operations.check_reagent_lot, command)


@blueprint.route("/instruments")
class Instruments(MethodView):
    """The instruments of a laboratory."""

    @blueprint.arguments(schemas.LaboratorySchema, location="query")
    @blueprint.response(200, schemas.InstrumentSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> Any:
        """List the instruments."""
        return machine.read(queries.laboratory, given["site_id"]).instruments

    @blueprint.arguments(schemas.AddInstrumentSchema)
    @blueprint.response(201, schemas.InstrumentSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def post(self, command: operations.AddInstrument) -> Any:
        """Add an instrument; the same identifier twice keeps one."""
        return machine.act(operations.add_instrument, command)


@blueprint.route("/instruments/states")
class InstrumentStates(MethodView):
    """Calibration and service of instruments."""

    @blueprint.arguments(schemas.SetInstrumentStateSchema)
    @blueprint.response(200, schemas.InstrumentSchema)
    @blueprint.alt_response(404, description="No such instrument")
    def post(self, command: operations.SetInstrumentState) -> Any:
        """Record a calibration, or take an instrument out of service and back."""
        return machine.act(operations.set_instrument_state, command)


@blueprint.route("/competences")
class Competences(MethodView):
    """Who is trained on what."""

    @blueprint.arguments(schemas.LaboratorySchema, location="query")
    @blueprint.response(200, schemas.TrainedSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> Any:
        """List the trainings of who works at a laboratory."""
        return machine.read(competences.trainings, given["site_id"])

    @blueprint.arguments(schemas.RecordCompetenceSchema)
    @blueprint.response(201, schemas.CompetenceSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such account")
    def post(self, command: training.RecordCompetence) -> Any:
        """Write down or renew a training."""
        return machine.act(training.record_competence, command)
