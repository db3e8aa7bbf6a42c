"""Spectra of runs through the machine door: what fits them, decisions, unknowns followed."""

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
    schemas,
    spectrum_deciding,
    spectrum_schemas,
    unknown_view,
    unknowns,
)
from lims.identification.mixture_fits import mixture_of
from lims.identification.resemblance import resembling
from lims.identification.spectrum_fits import fits_of

blueprint = Blueprint(
    "identification-spectra-api",
    __name__,
    url_prefix="/api/identification",
    description="What fits a spectrum, mixtures, decisions, unknowns across samples",
)


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
