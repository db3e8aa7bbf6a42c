"""The staff's pages of open data: prepare a quarter, look at it, publish what another prepared."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.house import house
from lims.exchange import open_schemas, opening, proving, releases
from lims.exchange.records import OpenRelease
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.words import _

blueprint = Blueprint("open_data", __name__, url_prefix="/exports/open-data")


@blueprint.route("", methods=["GET", "POST"])
def releases_page() -> ResponseReturnValue:
    """List the releases, and prepare the next quarter."""
    settings = house().settings

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> OpenRelease:
        period = open_schemas.PrepareSchema().read(typed)["period"]
        days, licence = settings.open_data_days, settings.open_data_licence
        command = opening.PrepareRelease(period, licence, days)
        return opening.prepare_release(session, actor, command)

    def show(
        session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
    ) -> str:
        listed = releases.releases(session, actor)
        counted = {one.period for one in listed}
        closed = releases.closed_quarters(clock.today(), settings.open_data_days)
        return browser.render(
            "exchange/open_releases.html",
            releases=listed,
            quarters=[str(one) for one in closed if str(one) not in counted],
            licence=settings.open_data_licence,
            days=settings.open_data_days,
            typed=typed,
            problems=problems,
        )

    return browser.form_page(
        act=act,
        then=lambda kept: url_for("open_data.release_page", release_id=kept.id),
        show=show,
        done=lambda kept: _("The quarter is counted. Another person publishes it."),
    )


@blueprint.route("/<uuid:release_id>", methods=["GET", "POST"])
def release_page(release_id: uuid.UUID) -> ResponseReturnValue:
    """Show a release: what is told and withheld, its files, and what can be done with it."""
    settings = house().settings

    def act(session: Session, actor: Actor, typed: dict[str, Any]) -> OpenRelease:
        command = open_schemas.PublishSchema().read({**typed, "release_id": str(release_id)})
        return proving.publish_proved(session, actor, command, settings)

    def show(
        session: Session, actor: Actor, typed: dict[str, Any], problems: browser.Problems
    ) -> str:
        found = releases.release(session, actor, release_id)
        return browser.render(
            "exchange/open_release.html", found=found, typed=typed, problems=problems
        )

    return browser.form_page(
        act=act,
        then=lambda kept: url_for("open_data.release_page", release_id=kept.id),
        show=show,
        done=lambda kept: _("The open data of %(period)s are public.", period=kept.period),
    )


@blueprint.get("/<uuid:release_id>/<name>")
def file(release_id: uuid.UUID, name: str) -> ResponseReturnValue:
    """Give a file of a release to who checks it."""
    found = releases.file_of(browser.session(), browser.actor(), release_id, name)
    return browser.attachment(found.name, found.content)


@blueprint.post("/<uuid:release_id>/discard")
def discard(release_id: uuid.UUID) -> ResponseReturnValue:
    """Throw a prepared release away."""
    given = {"release_id": str(release_id)}
    return browser.act_and_go(
        lambda session, actor, typed: opening.discard_release(
            session, actor, open_schemas.DiscardSchema().read({**typed, **given})
        ),
        url_for("open_data.releases_page"),
        _("The prepared release is thrown away."),
    )


@blueprint.post("/<uuid:release_id>/withdraw")
def withdraw(release_id: uuid.UUID) -> ResponseReturnValue:
    """Take a published release down."""
    given = {"release_id": str(release_id)}
    return browser.act_and_go(
        lambda session, actor, typed: opening.withdraw_release(
            session, actor, open_schemas.WithdrawSchema().read({**typed, **given})
        ),
        url_for("open_data.release_page", release_id=release_id),
        _("The release is taken down."),
    )
