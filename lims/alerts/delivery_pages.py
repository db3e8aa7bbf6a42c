"""The pages of what is on its way: dead letters, and who is told of one alert."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.alerts import addressees, delivered, deliveries, delivering, groups, queries, reaching
from lims.alerts import delivery_schemas as schemas
from lims.alerts.list_words import said, words_of_lists
from lims.alerts.records import AlertVersion
from lims.alerts.rules import AlertState
from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.foundation.actors import Actor
from lims.foundation.words import _, kept
from lims.network.rules import Permission

blueprint = Blueprint("deliveries", __name__)
SIZE = 50


@blueprint.app_context_processor
def _banner() -> dict[str, Any]:
    """Give every page that asks what goes wrong with red alerts, and who is told of a version."""
    return {"red_alarm": _alarm, "reach_of": _reach_of}


def _alarm() -> delivered.Alarm | None:
    return delivered.alarm(browser.session())


def _reach_of(version: AlertVersion) -> reaching.Reach | None:
    """Return who is told of a version; None for those who may not know."""
    if not queries.is_coordination(browser.actor()):
        return None
    return reaching.reach(browser.session(), version)


def _words() -> dict[str, Any]:
    return {
        "state_words": delivering.state_words,
        "purpose_words": delivering.PURPOSE_WORDS,
        "may_retry": delivered.may_be_tried_again,
        "why": lambda one: said(kept(one.last_error)) if one.last_error else "",
        **words_of_lists(),
    }


@blueprint.get("/deliveries")
def deliveries_page() -> ResponseReturnValue:
    """List what is on its way, what was given up first."""
    asked, page = request.args.get("which", "trouble"), browser.page_number()
    which = asked if asked in delivered.WHICH else "trouble"
    rows, total = delivered.deliveries(browser.session(), browser.actor(), which, page, SIZE)
    return browser.render(
        "alerts/deliveries.html",
        rows=rows,
        which=which,
        pages=browser.listed("deliveries.deliveries_page", page, SIZE, total, which=which),
        **_words(),
    )


@blueprint.post("/deliveries/<uuid:delivery_id>/again")
def again(delivery_id: uuid.UUID) -> ResponseReturnValue:
    """Queue a dead letter again."""
    command = deliveries.TryAgain(delivery_id)
    return browser.act_and_go(
        lambda session, actor, _typed: deliveries.try_again(session, actor, command),
        url_for("deliveries.deliveries_page"),
        _("It is queued again and goes out within a minute."),
    )


@blueprint.route("/alerts/<uuid:version_id>/recipients", methods=["GET", "POST"])
def recipients_of_alert(version_id: uuid.UUID) -> ResponseReturnValue:
    """Show who is told of a version, and choose the groups of a draft."""

    def act(session: Session, actor: Actor, typed: Typed) -> AlertVersion:
        given = schemas.ChooseGroupsBody().read(typed)
        command = groups.ChooseGroups(version_id=version_id, **given)
        return groups.choose_groups(session, actor, command)

    return browser.form_page(
        act=act,
        then=lambda _made: url_for("deliveries.recipients_of_alert", version_id=version_id),
        done=lambda _made: _("The groups are chosen. Below stands who is told."),
        show=lambda session, actor, _typed, problems: _of_alert(
            session, actor, version_id, problems
        ),
    )


def _of_alert(session: Session, actor: Actor, version_id: uuid.UUID, problems: Problems) -> str:
    actor.must(queries.either(actor, addressees.reader(actor), Permission.DRAFT_ALERT))
    version = queries.version(session, actor, version_id)
    may_choose = actor.may(Permission.DRAFT_ALERT) or actor.may(Permission.KEEP_RECIPIENTS)
    return browser.render(
        "alerts/recipients_of_alert.html",
        version=version,
        reach=reaching.reach(session, version) if version.published_at is None else None,
        sent=delivered.of_version(session, version_id),
        offered=[(str(one.id), one) for one in addressees.groups_for_alerts(session)],
        chosen={str(one) for one in reaching.chosen(session, version_id)},
        standing=delivering.standing(version.level),
        before=reaching.BEFORE,
        chooses=may_choose and version.state == AlertState.DRAFT,
        problems=problems,
        **_words(),
    )
