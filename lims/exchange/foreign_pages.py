"""The pages of other countries' alerts: bring one in, look, make a signal of what concerns us."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.alerts.cap.checking import SIGNATURE_WORDS
from lims.alerts.cap.reading import LARGEST
from lims.alerts.cap.signing import Signed, pinned_in
from lims.doors import browser
from lims.doors.house import house
from lims.exchange import foreign_alerts, foreign_queries, foreign_schemas, queries
from lims.exchange.foreign_records import ForeignAlert
from lims.exchange.foreign_texts import LEVELS
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refusal, refuse_field
from lims.foundation.words import Message, _, kept
from lims.surveillance.records import Signal
from lims.surveillance.rules import REPORT_LEVELS

blueprint = Blueprint("foreign", __name__, url_prefix="/foreign-alerts")


@blueprint.get("")
def alerts() -> ResponseReturnValue:
    """List alerts of other countries, and offer to bring one in."""
    problems, asked = browser.Problems(), browser.nested(request.args)
    try:
        wanted = foreign_schemas.ForeignFilterSchema().read(asked)
    except Invalid as refusal:
        wanted = foreign_queries.ForeignFilter()
        problems = browser.said(refusal.problems, refusal.message)
    return _list(wanted, asked, problems), 422 if problems else 200


def _list(
    wanted: foreign_queries.ForeignFilter, typed: dict[str, Any], problems: browser.Problems
) -> str:
    session, actor = browser.session(), browser.actor()
    part = foreign_queries.foreign_alerts(session, actor, wanted, browser.page_number())
    return browser.render(
        "exchange/foreign_alerts.html",
        part=part,
        rows=[_row(one) for one in part.rows],
        wanted=wanted,
        typed=typed,
        problems=problems,
        severities=foreign_queries.SEVERITY_WORDS,
    )


@blueprint.post("")
def bring() -> ResponseReturnValue:
    """Bring a file in; a refusal shows the form again with every reason."""
    session, actor, typed = browser.session(), browser.actor(), browser.typed()
    try:
        said = foreign_schemas.SourceSchema().read(typed)
        pinned = pinned_in(house().settings.cap_pinned_dir)
        command = foreign_alerts.BringForeignAlert(_given(), pinned=pinned, **said)
        brought = foreign_alerts.bring_foreign_alert(session, actor, command)
        session.commit()
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        browser.close_session()
        return _refused(refusal, typed), refusal.status
    words = (
        _("Brought in. It is not verified by us.") if brought.is_new else _("It was here already.")
    )
    browser.tell(words)
    return redirect(url_for("foreign.alert", foreign_id=brought.alert.id), 303)


def _refused(refusal: Refusal, typed: dict[str, Any]) -> str:
    listed = refusal.problems if isinstance(refusal, Invalid) else ()
    of_file = [one.message for one in listed if one.field == "file"] or [refusal.message]
    others = [one for one in listed if one.field != "file"]
    if not others:
        others = [Problem("file", Message("%(all)s", {"all": of_file}))]
    problems = browser.said(others, _("Nothing was brought in."))
    return _list(foreign_queries.ForeignFilter(), typed, problems)


def _given() -> bytes:
    given = request.files.get("file")
    if given is None or not given.filename:
        raise refuse_field("file", _("Choose a file."))
    return given.stream.read(LARGEST + 1)


@blueprint.get("/<uuid:foreign_id>")
def alert(foreign_id: uuid.UUID) -> ResponseReturnValue:
    """Show one alert of another country with its chain."""
    return _one(browser.session(), browser.actor(), foreign_id, {}, browser.Problems())


def _one(
    session: Session,
    actor: Actor,
    foreign_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    chain = foreign_queries.chain_of(session, actor, foreign_id)
    found = chain.alert
    return browser.render(
        "exchange/foreign_alert.html",
        found=found,
        row=_row(found),
        infos=_in_order(found),
        before=[_row(one) for one in chain.before],
        after=[_row(one) for one in chain.after],
        twins=[_row(one) for one in chain.twins],
        remarks=[{**one, "message": kept(one["message"])} for one in found.remarks],
        level=typed.get("level") or LEVELS.get(found.severity, "caution"),
        levels=REPORT_LEVELS,
        names=queries.substance_names(session, browser.language()),
        typed=typed,
        problems=problems,
    )


@blueprint.post("/<uuid:foreign_id>/signal")
def make_signal(foreign_id: uuid.UUID) -> ResponseReturnValue:
    """Make a signal of an alert that concerns us."""

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> Signal:
        command = foreign_schemas.SignalSchema().read({**typed, "alert_id": str(foreign_id)})
        return foreign_alerts.make_signal(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda signal: url_for("surveillance.signal", signal_id=signal.id),
        show=lambda session, actor, typed, problems: _one(
            session, actor, foreign_id, typed, problems
        ),
        done=lambda signal: _("Signal %(number)s stands open.", number=signal.number),
    )


def _row(alert: ForeignAlert) -> dict[str, Any]:
    info = _in_order(alert)[0] if alert.infos else {}
    state = foreign_queries.state_of(alert, clock.now())
    return {
        "id": alert.id,
        "headline": info.get("headline") or alert.identifier,
        "areas": info.get("areas", []),
        "sender": alert.sender,
        "source": alert.source,
        "sent": alert.sent,
        "is_exercise": alert.status != "Actual",
        "severity": foreign_queries.SEVERITY_WORDS.get(alert.severity, alert.severity),
        "state": foreign_queries.STATE_WORDS[state],
        "holds": state == "in force",
        "signature": SIGNATURE_WORDS[Signed(alert.signature)],
        "is_pinned": alert.signature == Signed.PINNED,
    }


def _in_order(alert: ForeignAlert) -> list[dict[str, Any]]:
    """Return what an alert says, in the reader's language first, then English."""
    wanted = (browser.language(), "en")

    def place(info: dict[str, Any]) -> int:
        tongue = str(info.get("language", "")).lower()[:2]
        return wanted.index(tongue) if tongue in wanted else len(wanted)

    return sorted(alert.infos, key=place)
