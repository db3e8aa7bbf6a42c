"""The page of one unknown: every sample that held it, with what was seen of it in each."""

from __future__ import annotations

from functools import partial

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.identification import unknown_view
from lims.intake import queries as intake
from lims.library import queries as library
from lims.network.rules import Permission

blueprint = Blueprint("unknowns", __name__, url_prefix="/unknowns")


@blueprint.get("/<number>")
def unknown(number: str) -> ResponseReturnValue:
    """Show an unknown: its samples, spectra, spots, colours and ions, and what it is, if solved."""
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    found = unknown_view.followed(session, actor, number, tongue)
    return browser.render(
        "identification/unknown.html",
        found=found,
        unknown=found.unknown,
        follows=partial(intake.may_follow, actor),
        language=tongue,
        may_solve=actor.may(Permission.CONCLUDE) and found.unknown.substance_id is None,
        suggestions=library.suggestions(session, tongue),
        typed={},
        problems={},
    )
