"""The page of meetings with focal points: what was written down, and the form to write."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.foundation.actors import Actor
from lims.foundation.words import _, say
from lims.network.rules import Permission
from lims.overview import focal_meetings, meetings
from lims.overview.indicator_schemas import CorrectMeetingSchema, NoteMeetingSchema
from lims.overview.meeting_rules import PARTNER_WORDS, TOPIC_WORDS

blueprint = Blueprint("meetings", __name__)
PAGE = 50


@blueprint.route("/meetings", methods=["GET", "POST"])
def listed() -> ResponseReturnValue:
    """List the meetings; the coordination writes one down here."""
    return browser.form_page(
        act=lambda session, actor, typed: meetings.note_meeting(
            session, actor, NoteMeetingSchema().read(typed)
        ),
        then=lambda _made: url_for("meetings.listed"),
        done=lambda _made: _("The meeting is written down."),
        show=_show,
    )


def _show(session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems) -> str:
    page = browser.page_number()
    rows, total = focal_meetings.meetings(session, actor, page, PAGE)
    return browser.render(
        "overview/meetings.html",
        rows=rows,
        pages=browser.listed("meetings.listed", page, PAGE, total),
        typed=typed,
        problems=problems,
        may_write=actor.may(Permission.MAKE_REPORT),
        **_words(),
    )


@blueprint.route("/meetings/<uuid:meeting_id>", methods=["GET", "POST"])
def one(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Show one meeting; correct it here."""
    return browser.form_page(
        act=lambda session, actor, typed: meetings.correct_meeting(
            session, actor, CorrectMeetingSchema().read({**typed, "meeting_id": str(meeting_id)})
        ),
        then=lambda _made: url_for("meetings.listed"),
        done=lambda _made: _("The meeting is corrected; the journal keeps what stood there."),
        show=lambda session, actor, typed, problems: browser.render(
            "overview/meeting.html",
            meeting=focal_meetings.meeting(session, actor, meeting_id),
            typed=typed,
            problems=problems,
            may_write=actor.may(Permission.MAKE_REPORT),
            **_words(),
        ),
    )


@blueprint.post("/meetings/<uuid:meeting_id>/withdraw")
def withdraw(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw a meeting that was written down by mistake."""
    return browser.act_and_go(
        lambda session, actor, _typed: meetings.withdraw_meeting(
            session, actor, meetings.WithdrawMeeting(meeting_id)
        ),
        url_for("meetings.listed"),
        _("The meeting is withdrawn; it counts no more."),
    )


def _words() -> dict[str, Any]:
    tongue = browser.language()
    return {
        "partners": [(str(key), say(words, tongue)) for key, words in PARTNER_WORDS.items()],
        "topics": [(str(key), say(words, tongue)) for key, words in TOPIC_WORDS.items()],
    }
