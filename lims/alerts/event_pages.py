"""The pages of events: opened from signals, with their evidence, assessments and decision."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.alerts import operations, rules, schemas, verification
from lims.alerts.events import AddToEvent, AssessEvent, DecideEvent
from lims.alerts.records import Event
from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.findings.statements import tell
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.intake.queries import may_follow
from lims.network.rules import Permission
from lims.surveillance import queries as surveillance
from lims.surveillance.records import Signal

blueprint = Blueprint("events", __name__)
SIZE = 25


def _page_url(n: int) -> str:
    asked: dict[str, Any] = {**request.args.to_dict(), "page": n}
    return url_for("events.events", **asked)


@blueprint.get("/events")
def events() -> ResponseReturnValue:
    """List the events."""
    state, page = request.args.get("state", ""), browser.page_number()
    state = state if state in tuple(rules.EventState) else ""
    listed, total = verification.events(browser.session(), browser.actor(), state, page, SIZE)
    return browser.render(
        "alerts/events.html",
        events=listed,
        total=total,
        page=page,
        size=SIZE,
        state=state,
        page_url=_page_url,
    )


@blueprint.route("/events/new", methods=["GET", "POST"])
def new_event() -> ResponseReturnValue:
    """Open an event from chosen signals."""

    def show(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
        open_ones, _n = surveillance.signals(session, actor, surveillance.SignalFilters(), 1, 200)
        chosen = set(typed.get("signal_ids") or request.args.getlist("signal"))
        listed = [(one, tell(one.reason, browser.language())) for one in open_ones]
        return browser.render(
            "alerts/new_event.html",
            listed=listed,
            chosen=chosen,
            typed={"id": str(uuid.uuid4()), **typed},
            problems=problems,
        )

    return browser.form_page(
        act=lambda session, actor, typed: operations.open_event(
            session, actor, schemas.OpenEventSchema().read(typed)
        ),
        then=lambda event: url_for("events.event", event_id=event.id),
        done=lambda event: _("Event %(number)s is open.", number=event.number),
        show=show,
    )


@blueprint.get("/events/<uuid:event_id>")
def event(event_id: uuid.UUID) -> ResponseReturnValue:
    """Show an event with its evidence."""
    return _event_page(browser.session(), browser.actor(), event_id, {}, Problems())


def _event_page(
    session: Session, actor: Actor, event_id: uuid.UUID, typed: Typed, problems: Problems
) -> str:
    found = verification.event(session, actor, event_id)
    listed = rules.assessments(found.assessments)
    waiting: list[Signal] = []
    if actor.may(Permission.TRIAGE) and found.state == rules.EventState.PENDING:
        waiting, _n = surveillance.signals(session, actor, surveillance.SignalFilters(), 1, 100)
    tongue = browser.language()
    return browser.render(
        "alerts/event.html",
        event=found,
        signals=[
            (one, tell(one.reason, tongue))
            for one in surveillance.signals_of_event(session, event_id)
        ],
        assessments=listed,
        dissent=rules.dissent(listed),
        grades=rules.GRADES,
        questions=_questions(),
        assessors=rules.ASSESSORS,
        alerts=verification.alerts_of_event(session, event_id),
        waiting=[(str(one.id), f"{one.number} · {tell(one.reason, tongue)}") for one in waiting],
        may_triage=actor.may(Permission.TRIAGE),
        follows=partial(may_follow, actor),
        may_draft=actor.may(Permission.DRAFT_ALERT),
        typed=typed,
        problems=problems,
    )


def _questions() -> dict[str, str]:
    words = {"hazard": _("Hazard"), "exposure": _("Exposure"), "certainty": _("Certainty")}
    return {name: say(said, browser.language()) for name, said in words.items()}


def _on_event(
    event_id: uuid.UUID,
    schema: type[Any],
    command: Callable[..., Any],
    operation: Callable[[Session, Actor, Any], Event],
    done: Message,
) -> ResponseReturnValue:
    return browser.form_page(
        act=lambda session, actor, typed: operation(
            session, actor, command(event_id=event_id, **schema().read(typed))
        ),
        then=lambda _event: url_for("events.event", event_id=event_id),
        done=lambda _event: done,
        show=lambda session, actor, typed, problems: _event_page(
            session, actor, event_id, typed, problems
        ),
    )


@blueprint.post("/events/<uuid:event_id>/assess")
def assess(event_id: uuid.UUID) -> ResponseReturnValue:
    """Assess an event."""
    done = _("Your assessment is kept.")
    return _on_event(event_id, schemas.AssessBody, AssessEvent, operations.assess_event, done)


@blueprint.post("/events/<uuid:event_id>/decide")
def decide(event_id: uuid.UUID) -> ResponseReturnValue:
    """Confirm or refute an event."""
    done = _("The event is decided.")
    return _on_event(event_id, schemas.DecideBody, DecideEvent, operations.decide_event, done)


@blueprint.post("/events/<uuid:event_id>/signals")
def add_signal(event_id: uuid.UUID) -> ResponseReturnValue:
    """Add a signal to an event."""
    done = _("The signal is part of the event.")
    return _on_event(event_id, schemas.AddSignalBody, AddToEvent, operations.add_to_event, done)
