"""The pages of evidence: one kept list with its provenance, and all evidence on a sample."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.identification import lists, recomputing
from lims.identification.sameness import OUTCOME_WORDS

blueprint = Blueprint("evidence", __name__)


@blueprint.get("/candidates/<uuid:list_id>")
def kept_list(list_id: uuid.UUID) -> ResponseReturnValue:
    """Show a kept list as it was kept, and what computing it again gives."""
    session, tongue = browser.session(), browser.language()
    found = recomputing.recomputed_list(session, browser.actor(), list_id)
    return browser.render(
        "identification/kept_list.html",
        it=lists.shown_list(session, found, tongue),
        outcome=found.outcome,
        outcome_words=OUTCOME_WORDS,
        run_url=_link("analysis.run", run_id=found.kept.run_id) if found.kept.run_id else None,
        evidence_url=_link("evidence.sample_evidence", sample_id=found.kept.sample_id),
    )


def _link(endpoint: str, **values: Any) -> str | None:
    """Return the address of an endpoint, None where this application does not have it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
