"""Identification through the machine door: candidates, decisions, numbered unknowns."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.identification import operations, queries, schemas

blueprint = Blueprint(
    "identification-api",
    __name__,
    url_prefix="/api/identification",
    description="Ranked candidates, decisions, numbered unknowns",
)


@blueprint.route("/runs/<uuid:run_id>/candidates")
class Candidates(MethodView):
    """The rankings of a run as of now."""

    @blueprint.arguments(schemas.PriorSchema, location="query")
    @blueprint.response(200, schemas.RankingSchema(many=True))
    def get(self, given: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Rank the candidates of every sample spot, or of every sample's colour tests."""
        use_prior = given["prior"] is not False
        tongue = browser.language()
        found = machine.read(queries.candidates, run_id, use_prior=use_prior, language=tongue)
        return [schemas.ranking_of(one, tongue) for one in found]


@blueprint.route("/runs/<uuid:run_id>/decisions")
class Decisions(MethodView):
    """Decisions on candidates."""

    @blueprint.arguments(schemas.DecideSchema)
    @blueprint.response(201, schemas.DecisionSchema)
    def post(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Keep the ranking as it stands and decide on it; accepting a spot answers "found"."""
        use_prior = told.pop("use_prior") is not False
        command = operations.Decide(run_id=run_id, use_prior=use_prior, **told)
        return machine.act(operations.decide, command)


@blueprint.route("/runs/<uuid:run_id>/unknowns")
class RunUnknowns(MethodView):
    """Spots that fit nothing."""

    @blueprint.arguments(schemas.NumberUnknownSchema)
    @blueprint.response(201, schemas.UnknownSchema)
    def post(self, told: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Number a spot that fits nothing of the library."""
        command = operations.NumberUnknown(run_id=run_id, **told)
        return machine.act(operations.number_unknown, command)


@blueprint.route("/unknowns")
class Unknowns(MethodView):
    """What no method has named."""

    @blueprint.arguments(schemas.PageSchema, location="query")
    @blueprint.response(200, schemas.UnknownsSchema)
    def get(self, given: dict[str, Any]) -> Any:
        """List the numbered unknowns, newest first."""
        listed, total = machine.read(queries.unknowns, given["page"] or 1)
        return {"total": total, "unknowns": [one for one, _substance in listed]}


@blueprint.route("/unknowns/<uuid:unknown_id>/solution")
class Solution(MethodView):
    """What an unknown turned out to be."""

    @blueprint.arguments(schemas.SolveUnknownSchema)
    @blueprint.response(200, schemas.UnknownSchema)
    def put(self, told: dict[str, Any], unknown_id: uuid.UUID) -> Any:
        """Say what a numbered unknown turned out to be."""
        command = operations.SolveUnknown(unknown_id, told["substance"])
        return machine.act(operations.solve_unknown, command)
