"""Identification through the machine door: candidates, kept lists, decisions, unknowns."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.analysis import holdings
from lims.analysis import queries as runs
from lims.doors import browser, machine
from lims.doors.house import house
from lims.identification import (
    operations,
    queries,
    recomputing,
    schemas,
    spectrum_deciding,
    spectrum_schemas,
    unknown_view,
    unknowns,
)
from lims.identification.cards import cards
from lims.identification.mixture_fits import mixture_of
from lims.identification.resemblance import resembling
from lims.identification.spectrum_fits import fits_of

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
        fits = machine.read(queries.preview, run_id, given["with_prior"], browser.language())
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


@blueprint.route("/spectra/<uuid:spectrum_id>/fits")
class SpectrumFits(MethodView):
    """What fits a spectrum of a run."""

    @blueprint.arguments(spectrum_schemas.MethodSchema, location="query")
    @blueprint.response(200, spectrum_schemas.FitsSchema)
    @blueprint.alt_response(404, description="No such spectrum")
    def get(self, told: dict[str, Any], spectrum_id: uuid.UUID) -> Any:
        """Search the library for a spectrum, or resolve it as a mixture; nothing is kept."""
        session, actor, folder = browser.session(), machine.actor(), house().settings.data_dir
        measured = holdings.measured(session, actor, spectrum_id)
        run = runs.run(session, actor, measured.upload.run_id)
        if told["method"] == spectrum_deciding.MIXTURE:
            mixture = mixture_of(session, run, measured, folder)
            return spectrum_schemas.fits_document(mixture)
        return spectrum_schemas.fits_document(fits_of(session, run, measured, folder))


@blueprint.route("/spectra/<uuid:spectrum_id>/lists")
class SpectrumLists(MethodView):
    """Kept lists of a spectrum."""

    @blueprint.arguments(spectrum_schemas.MethodSchema)
    @blueprint.response(201, schemas.CandidateListSchema)
    @blueprint.alt_response(404, description="No such spectrum")
    @blueprint.alt_response(409, description="A blank, or not an open run of one's own")
    def post(self, told: dict[str, Any], spectrum_id: uuid.UUID) -> Any:
        """Keep what fits a spectrum as it is now."""
        folder = house().settings.data_dir
        command = spectrum_schemas.keeping_of(spectrum_id, folder, told)
        return machine.act(spectrum_deciding.keep_fits, command)


@blueprint.route("/spectra/<uuid:spectrum_id>/decisions")
class SpectrumDecisions(MethodView):
    """Decisions on what fits a spectrum now."""

    @blueprint.arguments(spectrum_schemas.DecideOnSpectrumSchema)
    @blueprint.response(201, schemas.DecisionSchema(many=True))
    @blueprint.alt_response(404, description="No such spectrum")
    @blueprint.alt_response(409, description="A blank, ultraviolet alone, or a changed run")
    def post(self, told: dict[str, Any], spectrum_id: uuid.UUID) -> Any:
        """Keep what fits and decide on it, in one act; a mixture gives several decisions."""
        folder = house().settings.data_dir
        command = spectrum_schemas.decision_of(spectrum_id, folder, told)
        return machine.act(spectrum_deciding.decide_on_spectrum, command)


@blueprint.route("/spectra/<uuid:spectrum_id>/unknown")
class SpectrumUnknown(MethodView):
    """Numbering a spectrum that nothing explains."""

    @blueprint.arguments(spectrum_schemas.NumberAsUnknownSchema)
    @blueprint.response(201, schemas.UnknownSchema)
    @blueprint.alt_response(404, description="No such spectrum")
    @blueprint.alt_response(409, description="A blank, or a changed run")
    def post(self, told: dict[str, Any], spectrum_id: uuid.UUID) -> Any:
        """Number what a spectrum shows; the same spectrum keeps its number."""
        command = unknowns.NumberSpectrum(spectrum_id, **told)
        return machine.act(unknowns.number_spectrum, command)

    @blueprint.response(200, spectrum_schemas.ResemblanceSchema(many=True))
    @blueprint.alt_response(404, description="No such spectrum")
    def get(self, spectrum_id: uuid.UUID) -> Any:
        """List the open unknowns that a spectrum looks like."""
        measured = machine.read(holdings.measured, spectrum_id)
        return resembling(browser.session(), measured)


@blueprint.route("/unknowns/<string:number>")
class OneUnknown(MethodView):
    """One unknown, followed across samples."""

    @blueprint.response(200, spectrum_schemas.FollowedSchema)
    @blueprint.alt_response(404, description="No such unknown")
    def get(self, number: str) -> Any:
        """Read an unknown with every run and sample that met it."""
        return machine.read(unknown_view.followed, number, browser.language())
