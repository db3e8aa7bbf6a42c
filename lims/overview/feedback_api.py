"""Feedback to institutions through the machine door."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.doors.house import house
from lims.network.records import Organisation
from lims.overview import feedback
from lims.overview.feedback_making import MakeFeedback, make_feedback
from lims.overview.feedback_sheet import draw_feedback
from lims.overview.feedback_shown import (
    FeedbackSchema,
    InstitutionSchema,
    WeeksSchema,
    shown_feedback,
)

blueprint = Blueprint(
    "feedback-api", __name__, url_prefix="/api/overview/feedback", description="Feedback"
)


@blueprint.route("")
class Institutions(MethodView):
    """The institutions."""

    @blueprint.response(200, InstitutionSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    def get(self) -> Sequence[Organisation]:
        """List the institutions whose feedback one may read."""
        return machine.read(feedback.institutions)


@blueprint.route("/<uuid:organisation_id>")
class FeedbackOf(MethodView):
    """The feedback of one institution."""

    @blueprint.arguments(WeeksSchema, location="query")
    @blueprint.response(200, FeedbackSchema)
    @blueprint.alt_response(403, description="Not permitted, or another institution's")
    @blueprint.alt_response(404, description="No such institution")
    def get(self, given: dict[str, Any], organisation_id: uuid.UUID) -> dict[str, Any]:
        """Return own samples beside those of all others together; null is kept back."""
        found = machine.read(feedback.feedback, organisation_id, given["weeks"])
        return shown_feedback(browser.session(), found, browser.language())


@blueprint.route("/<uuid:organisation_id>/report")
class FeedbackReport(MethodView):
    """The feedback report of one institution."""

    @blueprint.arguments(WeeksSchema)
    @blueprint.response(200, content_type="application/pdf")
    @blueprint.alt_response(403, description="Not permitted, or another institution's")
    @blueprint.alt_response(404, description="No such institution")
    def post(self, given: dict[str, Any], organisation_id: uuid.UUID) -> Any:
        """Make the report as PDF and write down that it was made."""
        tongue, settings = browser.language(), house().settings
        found = machine.act(make_feedback, MakeFeedback(organisation_id, given["weeks"]))
        it = shown_feedback(browser.session(), found, tongue)
        return browser.pdf(draw_feedback(it, tongue, settings.demonstration), "feedback.pdf")
