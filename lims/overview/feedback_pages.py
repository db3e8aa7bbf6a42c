"""The pages of feedback to institutions, and the same as PDF."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.doors.browser import Problems
from lims.doors.house import house
from lims.foundation.errors import Invalid
from lims.overview import feedback
from lims.overview.feedback_making import MakeFeedback, make_feedback
from lims.overview.feedback_sheet import draw_feedback
from lims.overview.feedback_shown import WeeksSchema, shown_feedback

blueprint = Blueprint("feedback", __name__, url_prefix="/feedback")


@blueprint.get("")
def institutions() -> ResponseReturnValue:
    """List the institutions whose feedback one may read."""
    found = feedback.institutions(browser.session(), browser.actor())
    return browser.render("overview/institutions.html", institutions=found)


def _asked() -> tuple[int, Problems]:
    try:
        return WeeksSchema().read(request.args.to_dict())["weeks"], Problems()
    except Invalid as refusal:
        return feedback.USUAL_WEEKS, browser.said(refusal.problems, refusal.message)


def _shown(organisation_id: uuid.UUID, weeks: int) -> dict[str, Any]:
    session, actor = browser.session(), browser.actor()
    found = feedback.feedback(session, actor, organisation_id, weeks)
    return shown_feedback(session, found, browser.language())


@blueprint.get("/<uuid:organisation_id>")
def institution(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Show an institution its own samples beside those of all others together."""
    weeks, problems = _asked()
    shown = browser.render(
        "overview/feedback.html",
        it=_shown(organisation_id, weeks),
        organisation_id=organisation_id,
        weeks=weeks,
        choices=[(str(one), str(one)) for one in feedback.WEEKS],
        problems=problems,
    )
    return shown, 422 if problems else 200


@blueprint.get("/<uuid:organisation_id>.pdf")
def sheet(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Give the feedback of an institution as PDF, in the reader's language."""
    weeks, _problems = _asked()
    it = _shown(organisation_id, weeks)
    drawn = draw_feedback(it, browser.language(), house().settings.demonstration)
    return browser.pdf(drawn, "feedback.pdf")


@blueprint.post("/<uuid:organisation_id>/report")
def report(organisation_id: uuid.UUID) -> ResponseReturnValue:
    """Make the feedback report of an institution: its PDF, and a line in the journal."""
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    weeks = WeeksSchema().read(browser.typed())["weeks"]
    found = make_feedback(session, actor, MakeFeedback(organisation_id, weeks))
    drawn = draw_feedback(
        shown_feedback(session, found, tongue), tongue, house().settings.demonstration
    )
    session.commit()
    return browser.pdf(drawn, f"feedback-{found.until}.pdf")
