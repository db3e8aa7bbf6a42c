"""Identification through the machine door: candidates, kept lists, decisions, unknowns."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.identification import (
    available,
    evidence_schemas,
    fusing,
    gathering,
    operations,
    queries,
    recomputing,
    schemas,
    unknowns,
)
from lims.identification.cards import cards
from lims.identification.evidence_view import shown_evidence

blueprint = Blueprint(
    "identification-api",
    __name__,
    url_prefix="/api/identification",
    description="Ranked candidates and decisions",
)


@blueprint.route("/runs/<uuid:run_id>/candidates")
class Candidates(MethodView):
    """What fits the spots or samples of a run."""

    @blueprint.arguments(schemas.PreviewOfSchema, location="query")
    @blueprint.response(200, schemas.PreviewSchema)
    @blueprint.alt_response(404, description="No such run")
    @blueprint.alt_response(409, description="A run without spots or colours")
    def get(self, given: dict[str, Any], run_id: uuid.UUID) -> Any:
        """Rank what fits each spot, or one, as the run reads now; nothing is kept."""
        fits = machine.read(
            queries.preview,
            run_id,
            given["with_prior"],
            browser.language(),
            together=given["together"],
        )
        drawn = cards(browser.session(), fits, browser.language())
        wanted = given["spot_id"]
        return {
            "run_id": fits.run.id,
            "row_version": fits.run.row_version,
            "obstacles": [machine.spoken(one) for one in fits.obstacles],
            "spots": [one for one in drawn if wanted in (None, one.fit.key[1])],
        }


@blueprint.route("/runs/<uuid:run_id>/lists")
class Lists(MethodView):
    """The kept lists of a run."""

    @blueprint.arguments(schemas.PageOfSchema, location="query")
    @blueprint.response(200, schemas.CandidateListPageSchema)
    @blueprint.alt_response(404, description="No such run")
    def get(self, given: dict[str, Any], run_id: uuid.UUID) -> Any:
        """List what was kept, newest first."""
        page = given["page"] or 1
        found, total = machine.read(queries.kept_lists, run_id, page)
        return {"items": found, "total": total, "page": page}


@blueprint.route("/spots")
class Spots(MethodView):
    """Candidates of spots, kept."""

    @blueprint.arguments(schemas.RankSpotSchema)
    @blueprint.response(201, schemas.CandidateListSchema)
    @blueprint.alt_response(404, description="No such run or spot")
    @blueprint.alt_response(409, description="Nothing observed, or not an open run of one's own")
    def post(self, command: operations.RankSpot) -> Any:
        """Keep the candidates for a spot as they are now."""
        return machine.act(operations.rank_spot, command)


@blueprint.route("/colours")
class Colours(MethodView):
    """Candidates of the colours of a sample, kept."""

    @blueprint.arguments(schemas.RankSampleColoursSchema)
    @blueprint.response(201, schemas.CandidateListSchema)
    @blueprint.alt_response(404, description="No such run or sample")
    @blueprint.alt_response(409, description="Nothing observed, or not an open run of one's own")
    def post(self, command: operations.RankSampleColours) -> Any:
        """Keep the candidates for the colours of a sample as they are now."""
        return machine.act(operations.rank_sample_colours, command)


@blueprint.route("/decisions")
class Decisions(MethodView):
    """Decisions on kept lists."""

    @blueprint.arguments(schemas.DecideSchema)
    @blueprint.response(201, schemas.DecisionSchema)
    @blueprint.alt_response(404, description="No such list")
    @blueprint.alt_response(409, description="A failed plate, colours alone, or a changed spot")
    def post(self, command: operations.Decide) -> Any:
        """Accept a candidate, reject the list, or leave it undecided, with the reason."""
        return machine.act(operations.decide, command)


@blueprint.route("/decisions/now")
class DecisionsNow(MethodView):
    """Decisions on what fits now."""

    @blueprint.arguments(schemas.DecideNowSchema)
    @blueprint.response(201, schemas.DecisionSchema)
    @blueprint.alt_response(404, description="No such run, spot or sample")
    @blueprint.alt_response(409, description="A failed plate, colours alone, or a changed run")
    def post(self, command: operations.DecideNow) -> Any:
        """Keep the candidates as they are now and decide on them, in one act."""
        return machine.act(operations.decide_now, command)


@blueprint.route("/unknowns")
class Unknowns(MethodView):
    """What no method names yet."""

    @blueprint.arguments(schemas.UnknownsOfSchema, location="query")
    @blueprint.response(200, schemas.UnknownPageSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> Any:
        """List the unknowns of the network, newest first."""
        page = given.pop("page") or 1
        found, total = machine.read(queries.unknowns, queries.UnknownFilters(**given), page)
        return {"items": found, "total": total, "page": page}

    @blueprint.arguments(schemas.NumberUnknownSchema)
    @blueprint.response(201, schemas.UnknownSchema)
    @blueprint.alt_response(404, description="No such run or spot")
    @blueprint.alt_response(409, description="A failed plate, or not an open run of one's own")
    def post(self, command: unknowns.NumberUnknown) -> Any:
        """Number an unknown; the same spot keeps its number."""
        return machine.act(unknowns.number_unknown, command)


@blueprint.route("/unknowns/solutions")
class Solutions(MethodView):
    """What unknowns turned out to be."""

    @blueprint.arguments(schemas.SolveUnknownSchema)
    @blueprint.response(200, schemas.UnknownSchema)
    @blueprint.alt_response(404, description="No such unknown or substance")
    @blueprint.alt_response(409, description="Solved as something else before")
    def post(self, command: unknowns.SolveUnknown) -> Any:
        """Name an unknown."""
        return machine.act(unknowns.solve_unknown, command)


@blueprint.route("/lists/<uuid:list_id>")
class KeptList(MethodView):
    """One kept list."""

    @blueprint.response(200, schemas.RecomputedSchema)
    @blueprint.alt_response(404, description="No such list")
    def get(self, list_id: uuid.UUID) -> Any:
        """Show a kept list, computed again: equal, different, or why it cannot be."""
        return machine.read(recomputing.recomputed_list, list_id)


@blueprint.route("/samples/<uuid:sample_id>/evidence")
class Evidence(MethodView):
    """All evidence on a sample."""

    @blueprint.arguments(schemas.EvidenceOfSchema, location="query")
    @blueprint.response(200, evidence_schemas.EvidenceSchema)
    @blueprint.alt_response(404, description="No such sample")
    def get(self, given: dict[str, Any], sample_id: uuid.UUID) -> Any:
        """Add up what each technique says now, with disagreements and the next best test."""
        with_prior = given["with_prior"]
        found = machine.read(gathering.sample_evidence, sample_id, with_prior=with_prior)
        tests = machine.read(available.tests_on, found)
        return shown_evidence(browser.session(), found, tests, browser.language())


@blueprint.route("/fusions")
class Fusions(MethodView):
    """All evidence on samples, kept."""

    @blueprint.arguments(schemas.KeepFusionSchema)
    @blueprint.response(201, schemas.CandidateListSchema)
    @blueprint.alt_response(404, description="No such sample")
    @blueprint.alt_response(409, description="Nothing observed of this sample")
    def post(self, command: fusing.KeepFusion) -> Any:
        """Keep all evidence on a sample as it is now."""
        return machine.act(fusing.keep_fusion, command)


@blueprint.route("/laboratories/<uuid:site_id>/bench-times")
class BenchTimes(MethodView):
    """How long protocols take at one laboratory."""

    @blueprint.response(200, evidence_schemas.ProtocolTimeSchema(many=True))
    @blueprint.alt_response(403, description="Not of this laboratory")
    def get(self, site_id: uuid.UUID) -> Any:
        """List every protocol with the time that it states and the laboratory's own."""
        return machine.read(available.times_of, site_id)


@blueprint.route("/bench-times")
class RecordedBenchTimes(MethodView):
    """Bench times that laboratories took themselves."""

    @blueprint.arguments(schemas.BenchTimeSchema)
    @blueprint.response(201, evidence_schemas.BenchTimeShownSchema)
    @blueprint.alt_response(403, description="Only the laboratory head")
    def post(self, command: fusing.RecordBenchTime) -> Any:
        """Record how long a protocol takes here."""
        return machine.act(fusing.record_bench_time, command)
