"""The pages of events: opened from signals, with their evidence, assessments and decision."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.alerts import (
    checking,
    checks,
    event_schemas,
    event_shown,
    merging,
    operations,
    rules,
    schemas,
    verification,
)
from lims.alerts.checks import TickStep
from lims.alerts.events import AddToEvent, AssessEvent, DecideEvent
from lims.alerts.merging import MergeEvents, ReopenEvent
from lims.alerts.records import Event
from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.findings.statements import tell
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.intake.queries import may_follow
from lims.network.rules import Permission
from lims.surveillance import queries as surveillance

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
    merged = verification.merged_events(session, event_id)
    tongue = browser.language()
    signals = surveillance.signals_of_event(session, event_id)
    is_open = actor.may(Permission.TRIAGE) and found.state == rules.EventState.PENDING
    return browser.render(
        "alerts/event.html",
        event=found,
        signals=[(one, tell(one.reason, tongue)) for one in signals],
        reports=event_shown.reports(session, [one.id for one in signals], tongue),
        **_verification(session, actor, found),
        alerts=verification.alerts_of_event(session, event_id, *(one.id for one in merged)),
        merged=merged,
        related=verification.related_events(session, found),
        timeline=event_shown.timeline(session, actor, found, signals, tongue),
        waiting=_waiting(session, actor, tongue) if is_open else [],
        others=verification.other_pending(session, event_id) if is_open else [],
        may_triage=actor.may(Permission.TRIAGE),
        may_read=actor.may(Permission.READ_FINDINGS),
        follows=partial(may_follow, actor),
        may_draft=actor.may(Permission.DRAFT_ALERT),
        typed=typed,
        problems=problems,
    )


def _verification(session: Session, actor: Actor, found: Event) -> dict[str, Any]:
    """Return how far the verification is: assessments with their dissent, and steps."""
    listed, tongue = rules.assessments(found.assessments), browser.language()
    return {
        "assessments": listed,
        "dissent": rules.dissent(listed),
        "grades": rules.GRADES,
        "questions": _questions(),
        "assessors": rules.ASSESSORS,
        "checks": event_shown.checks(session, actor, found.id, tongue),
        "steps": event_shown.options(checking.STEP_WORDS, tongue),
        "answers": event_shown.options(checking.ANSWER_WORDS, tongue),
        "check_id": str(uuid.uuid4()),
    }


def _waiting(session: Session, actor: Actor, tongue: str) -> list[tuple[str, str]]:
    """Return the open signals that may be added to an event."""
    found, _n = surveillance.signals(session, actor, surveillance.SignalFilters(), 1, 100)
    return [(str(one.id), f"{one.number} · {tell(one.reason, tongue)}") for one in found]


def _questions() -> dict[str, str]:
    words = {"hazard": _("Hazard"), "exposure": _("Exposure"), "certainty": _("Certainty")}
    return {name: say(said, browser.language()) for name, said in words.items()}


def _on_event(
    event_id: uuid.UUID,
    schema: type[Any],
    command: Callable[..., Any],
    operation: Callable[[Session, Actor, Any], Any],
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


@blueprint.post("/events/<uuid:event_id>/check")
def check(event_id: uuid.UUID) -> ResponseReturnValue:
    """Tick a step of the verification."""
    done = _("The step is kept under your name.")
    return _on_event(event_id, event_schemas.TickBody, TickStep, checks.tick_step, done)


@blueprint.post("/events/<uuid:event_id>/merge")
def merge(event_id: uuid.UUID) -> ResponseReturnValue:
    """Merge an event into another."""
    done = _("The events are one now. What both said stays in the history.")
    return _on_event(
        event_id, event_schemas.MergeEventBody, MergeEvents, merging.merge_events, done
    )


@blueprint.post("/events/<uuid:event_id>/reopen")
def reopen(event_id: uuid.UUID) -> ResponseReturnValue:
    """Take a decided event up again."""
    done = _("The event is open again. It is assessed anew.")
    return _on_event(event_id, event_schemas.ReopenBody, ReopenEvent, merging.reopen_event, done)


@blueprint.route("/events/after-closing", methods=["GET", "POST"])
def after_closing() -> ResponseReturnValue:
    """Choose what becomes of new signals on the matter of a decided event."""

    def show(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
        actor.must(Permission.TRIAGE)
        policy = verification.policy(session)
        return browser.render(
            "alerts/after_closing.html",
            typed={"after": policy.after, "days": policy.days, **typed},
            problems=problems,
            choices=event_shown.options(rules.AFTER_CLOSING_WORDS, browser.language()),
        )

    schema = event_schemas.PolicySchema()
    return browser.form_page(
        act=lambda session, actor, typed: merging.choose_policy(session, actor, schema.read(typed)),
        then=lambda _policy: url_for("events.after_closing"),
        show=show,
        done=lambda _policy: _("The choice is saved. It holds for signals from now on."),
    )
