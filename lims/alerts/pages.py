"""The pages of alerts: the list, the editor with its preview, publishing, the poster."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.alerts import (
    approvals,
    editor,
    operations,
    queries,
    rules,
    schemas,
    verification,
)
from lims.alerts.audiences import PICTURE_AUDIENCES, Audience, audience_words
from lims.alerts.records import AlertVersion
from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.doors.house import house
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.words import Message, _, say
from lims.library import queries as library
from lims.network.rules import Permission
from lims.surveillance import queries as surveillance

blueprint = Blueprint("alerts", __name__)
SIZE = 25


def _page_url(n: int) -> str:
    asked: dict[str, Any] = {**request.args.to_dict(), "page": n}
    return url_for("alerts.alerts", **asked)


@blueprint.get("/alerts")
def alerts() -> ResponseReturnValue:
    """List the alerts: current, in work, ended, or waiting for a decision."""
    session, actor = browser.session(), browser.actor()
    which, level = request.args.get("which", "current"), request.args.get("level", "")
    filters = queries.AlertFilters(which, level if level in rules.LEVELS else "")
    page, tongue = browser.page_number(), browser.language()
    listed, total = queries.alerts(session, actor, filters, page, tongue, SIZE)
    return browser.render(
        "alerts/alerts.html",
        listed=listed,
        total=total,
        page=page,
        size=SIZE,
        which=which,
        level=filters.level,
        coordination=queries.is_coordination(actor),
        waiting=queries.decisions_needed(session),
        page_url=_page_url,
    )


@blueprint.route("/events/<uuid:event_id>/alert", methods=["GET", "POST"])
def new_alert(event_id: uuid.UUID) -> ResponseReturnValue:
    """Draft an alert on an event; the form begins with what is known."""

    def show(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
        actor.must(Permission.DRAFT_ALERT)
        found = verification.event(session, actor, event_id)
        signals = surveillance.signals_of_event(session, event_id)
        begun = typed if problems else editor.proposed(session, found, signals)
        typed = {"id": str(uuid.uuid4()), **begun}
        return _facts_page(session, typed, problems, event=found, version=None)

    return browser.form_page(
        act=lambda session, actor, typed: operations.draft_alert(
            session,
            actor,
            schemas.DraftAlertSchema().read({**typed, "event_id": str(event_id)}),
        ),
        then=_version_url,
        done=lambda made: _("Alert %(number)s is drafted.", number=made.alert.number),
        show=show,
    )


def _facts_page(session: Session, typed: Typed, problems: Problems, **more: Any) -> str:
    tongue = browser.language()
    return browser.render(
        "alerts/facts.html",
        choices=editor.choices(session, tongue),
        suggestions=library.suggestions(session, tongue, 400),
        typed=typed,
        problems=problems,
        **more,
    )


def _version_url(version: AlertVersion) -> str:
    return url_for("alerts.alert", version_id=version.id)


@blueprint.route("/alerts/<uuid:version_id>/edit", methods=["GET", "POST"])
def edit(version_id: uuid.UUID) -> ResponseReturnValue:
    """Change the facts of a draft."""

    def show(session: Session, actor: Actor, typed: Typed, problems: Problems) -> str:
        actor.must(Permission.DRAFT_ALERT)
        version = queries.version(session, actor, version_id)
        shown = typed if problems else editor.typed_of(version)
        return _facts_page(session, shown, problems, event=version.alert.event, version=version)

    return browser.form_page(
        act=lambda session, actor, typed: operations.edit_alert(
            session,
            actor,
            operations.EditAlert(version_id=version_id, **schemas.EditBody().read(typed)),
        ),
        then=_version_url,
        done=lambda _version: _("The facts are changed. Texts that people edited stay."),
        show=show,
    )


@blueprint.get("/alerts/<uuid:version_id>")
def alert(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show one version: the message of each audience, and what may be done with it."""
    return _version_page(browser.session(), browser.actor(), version_id, {}, Problems())


def _version_page(
    session: Session, actor: Actor, version_id: uuid.UUID, typed: Typed, problems: Problems
) -> str:
    version = queries.version(session, actor, version_id)
    readable = queries.audiences_of(actor)
    asked = request.values.get("audience", "")
    audience = Audience(asked) if asked in readable else readable[0]
    spoken = editor.spoken(version, audience)
    told, held = editor.goes_out(audience)
    may_draft, may_approve = _may_write(actor)
    return browser.render(
        "alerts/alert.html",
        version=version,
        spoken=spoken,
        audience=audience,
        audiences=[(str(one), say(audience_words(one), browser.language())) for one in readable],
        edited_in=[one.message.language for one in spoken if one.is_edited],
        picture_goes=audience in PICTURE_AUDIENCES,
        told=told,
        held=held,
        needs_decision=rules.needs_decision(version.state, version.review_on, clock.today()),
        is_current=rules.is_current(version.state, version.kind),
        may_draft=may_draft,
        may_approve=may_approve,
        may_write=may_draft or may_approve,
        own=actor.account in rules.authors(version.author, version.editors),
        event=version.alert.event if queries.is_coordination(actor) else None,
        typed=typed,
        problems=problems,
    )


def _may_write(actor: Actor) -> tuple[bool, bool]:
    return actor.may(Permission.DRAFT_ALERT), actor.may(Permission.APPROVE_ALERT)


def _on_version(
    version_id: uuid.UUID,
    act: Callable[[Session, Actor, Typed], AlertVersion],
    done: Message,
) -> ResponseReturnValue:
    """Do an act on a version; a refusal shows the version again with all that was typed."""
    asked = request.form.get("audience")
    here: dict[str, Any] = {"audience": asked} if asked else {}
    return browser.form_page(
        act=act,
        then=lambda version: url_for("alerts.alert", version_id=version.id, **here),
        done=lambda _version: done,
        show=lambda session, actor, typed, problems: _version_page(
            session, actor, version_id, typed, problems
        ),
    )


def _act(
    version_id: uuid.UUID,
    schema: type[Any],
    command: Callable[..., Any],
    operation: Callable[[Session, Actor, Any], AlertVersion],
    done: Message,
) -> ResponseReturnValue:
    return _on_version(
        version_id,
        lambda session, actor, typed: operation(
            session, actor, command(version_id=version_id, **schema().read(typed))
        ),
        done,
    )


@blueprint.post("/alerts/<uuid:version_id>/texts")
def edit_texts(version_id: uuid.UUID) -> ResponseReturnValue:
    """Change the texts of one audience."""
    command, operation = operations.EditTexts, operations.edit_texts
    return _act(version_id, schemas.TextsBody, command, operation, _("The texts are kept."))


@blueprint.post("/alerts/<uuid:version_id>/submit")
def submit(version_id: uuid.UUID) -> ResponseReturnValue:
    """Send a draft to review."""
    done = _("Sent to review. Another person approves it.")
    command, operation = operations.SubmitAlert, operations.submit_alert
    return _act(version_id, schemas.VersionBody, command, operation, done)


@blueprint.post("/alerts/<uuid:version_id>/approve")
def approve(version_id: uuid.UUID) -> ResponseReturnValue:
    """Approve and publish."""
    settings = house().settings
    return _act(
        version_id,
        schemas.ApproveBody,
        operations.ApproveAlert,
        lambda session, actor, told: approvals.approved(session, actor, told, settings),
        _("Published."),
    )


@blueprint.post("/alerts/<uuid:version_id>/send-back")
def send_back(version_id: uuid.UUID) -> ResponseReturnValue:
    """Send back to the author."""
    command, operation = operations.SendBackAlert, operations.send_back_alert
    done = _("Sent back to its author.")
    return _act(version_id, schemas.VersionReasonBody, command, operation, done)


@blueprint.post("/alerts/<uuid:version_id>/expire")
def expire(version_id: uuid.UUID) -> ResponseReturnValue:
    """Let an alert go that is past its review date."""
    command, operation = operations.ExpireAlert, operations.expire_alert
    done = _("The alert has expired.")
    return _act(version_id, schemas.VersionReasonBody, command, operation, done)


def _next_version(
    version_id: uuid.UUID,
    command: Callable[..., Any],
    operation: Callable[[Session, Actor, Any], AlertVersion],
    done: Message,
) -> ResponseReturnValue:
    def act(session: Session, actor: Actor, typed: Typed) -> AlertVersion:
        alert_id = queries.version(session, actor, version_id).alert_id
        given = schemas.ReasonBody().read(typed)
        return operation(session, actor, command(alert_id=alert_id, **given))

    return _on_version(version_id, act, done)


@blueprint.post("/alerts/<uuid:version_id>/update")
def update(version_id: uuid.UUID) -> ResponseReturnValue:
    """Draft an update."""
    done = _("The update is drafted. The published version stands until it is approved.")
    return _next_version(version_id, operations.UpdateAlert, operations.update_alert, done)


@blueprint.post("/alerts/<uuid:version_id>/withdraw")
def withdraw(version_id: uuid.UUID) -> ResponseReturnValue:
    """Draft a withdrawal."""
    done = _("The withdrawal is drafted. The alert stands until another person approves it.")
    return _next_version(version_id, operations.WithdrawAlert, operations.withdraw_alert, done)
