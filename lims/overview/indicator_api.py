"""The indicators and the meetings with focal points through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.doors.browser import language
from lims.overview import focal_meetings, indicator_schemas, indicator_told, indicators, meetings
from lims.overview.indicator_schemas import AskedPeriod
from lims.overview.schemas import PageSchema

blueprint = Blueprint(
    "indicators-api", __name__, url_prefix="/api/overview", description="Indicators"
)


@blueprint.route("/indicators")
class Indicators(MethodView):
    """The plan's own indicators."""

    @blueprint.arguments(indicator_schemas.AskedPeriodSchema, location="query")
    @blueprint.response(200, indicator_schemas.BoardSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(422, description="No such period")
    def get(self, asked: AskedPeriod) -> Any:
        """Give every indicator of a period with its definition, beside the period before."""
        board = machine.read(indicators.board, asked.chosen())
        return indicator_told.told_board(board, language())


@blueprint.route("/meetings")
class Meetings(MethodView):
    """Meetings with focal points."""

    @blueprint.arguments(PageSchema, location="query")
    @blueprint.response(200, indicator_schemas.MeetingsSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, asked: dict[str, int]) -> Any:
        """List the meetings, the latest first."""
        items, total = machine.read(focal_meetings.meetings, asked["page"])
        return {"items": items, "total": total, "page": asked["page"]}

    @blueprint.arguments(indicator_schemas.NoteMeetingSchema)
    @blueprint.response(201, indicator_schemas.MeetingSchema)
    def post(self, command: meetings.NoteMeeting) -> Any:
        """Write down a meeting; the same identifier twice keeps one."""
        return machine.act(meetings.note_meeting, command)


@blueprint.route("/meetings/<uuid:meeting_id>")
class Meeting(MethodView):
    """One meeting."""

    @blueprint.response(200, indicator_schemas.MeetingSchema)
    @blueprint.alt_response(404, description="No such meeting")
    def get(self, meeting_id: uuid.UUID) -> Any:
        """Give one meeting."""
        return machine.read(focal_meetings.meeting, meeting_id)

    @blueprint.arguments(indicator_schemas.MeetingFactsSchema)
    @blueprint.response(200, indicator_schemas.MeetingSchema)
    @blueprint.alt_response(404, description="No such meeting")
    def put(self, told: dict[str, Any], meeting_id: uuid.UUID) -> Any:
        """Correct a meeting; the journal keeps what stood there before."""
        command = meetings.CorrectMeeting(meeting_id, **told)
        return machine.act(meetings.correct_meeting, command)

    @blueprint.response(200, indicator_schemas.MeetingSchema)
    @blueprint.alt_response(404, description="No such meeting")
    def delete(self, meeting_id: uuid.UUID) -> Any:
        """Withdraw a meeting; it stays readable and counts no more."""
        return machine.act(meetings.withdraw_meeting, meetings.WithdrawMeeting(meeting_id))
