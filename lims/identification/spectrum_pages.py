"""The page of one spectrum: drawn, with its peaks, what fits it, and the decision on it."""

from __future__ import annotations

import uuid

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.analysis import holdings
from lims.doors import browser

blueprint = Blueprint("spectra", __name__, url_prefix="/runs/<uuid:run_id>/spectra")


@blueprint.get("/<uuid:spectrum_id>")
def spectrum(run_id: uuid.UUID, spectrum_id: uuid.UUID) -> ResponseReturnValue:
    """Show a spectrum with what fits it."""
    found = holdings.measured(browser.session(), browser.actor(), spectrum_id)
    return str(found.id)
