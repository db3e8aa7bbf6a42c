"""Where a scan goes that no field asked for: to the sample that bears the code."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.foundation.errors import Invalid, NotFound
from lims.intake import queries
from lims.network.rules import Permission

blueprint = Blueprint("scans", __name__)


@blueprint.get("/codes/<code>")
def scanned(code: str) -> ResponseReturnValue:
    """Go to the sample of a code; one that nobody knows leads to the list, with words."""
    session, actor = browser.session(), browser.actor()
    actor.must(Permission.FOLLOW_SAMPLES)
    try:
        found = queries.sample_by_code(session, actor, code)
    except (NotFound, Invalid) as refusal:
        problems = refusal.problems if isinstance(refusal, Invalid) else ()
        browser.tell(problems[0].message if problems else refusal.message, "problem")
        return redirect(url_for("intake.samples", code=code[:40]), 303)
    return redirect(url_for("overview.sample_life", sample_id=found.id), 303)
