"""Testing points on the public application: where, when, what can be tested and how long it takes.

Nothing of a visitor is kept. What is shown was published by a coordinator or computed from it.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, make_response, url_for
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.doors.house import house
from lims.overview import point_schemas, point_shown, point_words, points

blueprint = Blueprint("public_points", __name__)


@blueprint.get("/points")
def listed() -> ResponseReturnValue:
    """List the testing points, each with whether it is open now."""
    tongue = browser.language()
    found = points.public_points(browser.session())
    return browser.render(
        "overview/public_points.html",
        points=[point_shown.shown_seen(one, tongue) for one in found],
    )


@blueprint.get("/points/<slug>")
def point(slug: str) -> ResponseReturnValue:
    """Show one testing point."""
    session, tongue = browser.session(), browser.language()
    whole = points.public_point(session, slug)
    return browser.render(
        "overview/public_point.html",
        it=point_shown.shown_point(session, whole, tongue),
        slug=slug,
        preview=False,
        calendar_url=url_for("public_points.calendar", slug=slug, lang=tongue),
        json_url=url_for("public_points.as_json", slug=slug, lang=tongue),
    )


@blueprint.get("/points.json")
def listed_as_json() -> ResponseReturnValue:
    """Give the list of the testing points to programs."""
    found = points.public_points(browser.session())
    return _json({"items": [point_schemas.told_seen(one) for one in found]})


@blueprint.get("/points/<slug>.json")
def as_json(slug: str) -> ResponseReturnValue:
    """Give one testing point to programs."""
    whole = points.public_point(browser.session(), slug)
    return _json(point_schemas.told_point(whole))


@blueprint.get("/points/<slug>.ics")
def calendar(slug: str) -> ResponseReturnValue:
    """Give the openings of the next weeks as a calendar to subscribe to."""
    tongue = browser.language()
    whole = points.public_point(browser.session(), slug)
    address = f"{house().settings.public_url.rstrip('/')}/points/{slug}"
    it = point_shown.calendar_of(whole, address, tongue)
    body = point_words.calendar(it, list(whole.coming), tongue)
    answer = make_response(body)
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    return _short_lived(answer)


def _json(body: dict[str, Any]) -> Response:
    answer = make_response(json.dumps(body, ensure_ascii=False))
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    return _short_lived(answer)


def _short_lived(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "max-age=300"
    answer.headers["Content-Language"] = browser.language()
    answer.headers["Vary"] = "Accept-Language"
    return answer
