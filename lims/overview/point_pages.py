"""The pages that describe a testing point: its draft, how it will look, its poster."""

from __future__ import annotations

import re
import unicodedata
import uuid
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.doors.house import house
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import LANGUAGES, Message, _, say
from lims.intake.counter import listed
from lims.network.opening import WEEKDAYS
from lims.network.points import PointPage
from lims.network.queries import sites
from lims.network.records import Site
from lims.network.rules import Permission
from lims.overview import describing, flyers, point_schemas, point_shown, point_words, points

blueprint = Blueprint("points", __name__)
EMPTY_ROWS = 3


@blueprint.get("/points")
def listed_points() -> ResponseReturnValue:
    """List one's testing points, with what the public reads of each."""
    page = browser.page_number()
    rows, total = points.testing_points(browser.session(), browser.actor(), page)
    return browser.render(
        "overview/points.html",
        rows=rows,
        total=total,
        page=page,
        public_url=house().settings.public_url.rstrip("/"),
    )


@blueprint.route("/points/<uuid:site_id>/edit", methods=["GET", "POST"])
def edit(site_id: uuid.UUID) -> ResponseReturnValue:
    """Edit the draft of a testing point's page."""

    def read(typed: dict[str, Any]) -> describing.DescribePoint:
        draft: point_schemas.Draft = point_schemas.DraftSchema().read(point_schemas.compact(typed))
        return draft.of(site_id)

    return browser.form_page(
        act=lambda session, actor, typed: describing.describe_point(session, actor, read(typed)),
        then=lambda _page: url_for("points.preview", site_id=site_id),
        done=lambda _page: _("The draft is kept. The public reads it once it is published."),
        show=lambda session, actor, typed, problems: _show_edit(
            session, actor, site_id, typed, problems
        ),
    )


def _show_edit(
    session: Any,
    actor: Actor,
    site_id: uuid.UUID,
    typed: dict[str, Any],
    problems: browser.Problems,
) -> str:
    site, page = points.point(session, actor, site_id)
    told = point_schemas.compact(typed) if request.method == "POST" else _typed(site, page)
    tongue = browser.language()
    codes = describing.SPOKEN
    return browser.render(
        "overview/edit_point.html",
        site=site,
        page=page,
        typed=told,
        problems=problems,
        empty_rows=EMPTY_ROWS,
        weekdays=[(at, say(words, tongue)) for at, words in enumerate(WEEKDAYS)],
        languages=list(zip(codes, point_words.languages_words(codes, tongue), strict=True)),
        forms=listed(session, "dosage_form", tongue),
        laboratories=[(str(one.id), one.name) for one in sites(session, "laboratory")],
        public_url=house().settings.public_url.rstrip("/"),
    )


def _typed(site: Site, page: PointPage | None) -> dict[str, Any]:
    """Return the draft as it would stand in the form; a new page begins with what is known."""
    if page is not None:
        return {**page.draft, "slug": page.slug, "row_version": page.row_version}
    return {"slug": slug_of(site.name), "languages": list(site.languages), "place": {}}


def slug_of(name: str) -> str:
    """Return a name as the last part of an address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


@blueprint.get("/points/<uuid:site_id>")
def preview(site_id: uuid.UUID) -> ResponseReturnValue:
    """Show the draft as the public would read it, with what can be done with it."""
    session, actor = browser.session(), browser.actor()
    whole = points.preview(session, actor, site_id)
    return browser.render(
        "overview/point_preview.html",
        it=point_shown.shown_point(session, whole, browser.language()),
        page=whole.page,
        slug=whole.page.slug,
        preview=True,
        may_publish=actor.may(Permission.PUBLISH_POINT, site_id),
        public_url=house().settings.public_url.rstrip("/"),
        sizes=list(flyers.PAGES),
        tongues=LANGUAGES,
    )


def _published(operation: Any, site_id: uuid.UUID, done: Message) -> ResponseReturnValue:
    def act(session: Any, actor: Actor, typed: dict[str, Any]) -> None:
        told = point_schemas.PublishPointSchema().read(typed)
        operation(session, actor, describing.PublishPoint(site_id, **told))

    return browser.act_and_go(act, url_for("points.preview", site_id=site_id), done)


@blueprint.post("/points/<uuid:site_id>/publish")
def publish(site_id: uuid.UUID) -> ResponseReturnValue:
    """Let the public read the draft."""
    done = _("The page is published.")
    return _published(describing.publish_point, site_id, done)


@blueprint.post("/points/<uuid:site_id>/unpublish")
def unpublish(site_id: uuid.UUID) -> ResponseReturnValue:
    """Take the page down."""
    done = _("The page is taken down. Its draft stays.")
    return _published(describing.unpublish_point, site_id, done)


@blueprint.get("/points/<uuid:site_id>/<size>-<tongue>.pdf")
def flyer(site_id: uuid.UUID, size: str, tongue: str) -> ResponseReturnValue:
    """Give the poster (a4) or flyer (a5) of a point in a language, made of its draft."""
    if size not in flyers.PAGES or tongue not in LANGUAGES:
        raise NotFound(_("There is no such paper."))
    session, settings = browser.session(), house().settings
    whole = points.preview(session, browser.actor(), site_id)
    address = f"{settings.public_url.rstrip('/')}/points/{whole.page.slug}"
    it = point_shown.flyer_of(session, whole, address, tongue, settings.demonstration)
    answer: Response = make_response(flyers.flyer_pdf(it, size, tongue))
    answer.mimetype = "application/pdf"
    return answer
