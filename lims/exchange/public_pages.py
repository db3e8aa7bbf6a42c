"""Open data on the public application: the releases, and their files byte by byte."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue

from lims.doors import browser
from lims.exchange import releases

blueprint = Blueprint("public_open_data", __name__)


@blueprint.get("/open-data")
def open_data() -> ResponseReturnValue:
    """List the published quarters with their files."""
    listed = releases.published(browser.session())
    return browser.render("exchange/public_open_data.html", releases=listed)


@blueprint.get("/open-data/<period>/<name>")
def file(period: str, name: str) -> ResponseReturnValue:
    """Give one published file; who has it already is told so by its hash."""
    session = browser.session()
    known = releases.published_hash(session, period, name)
    if request.if_none_match.contains(known):
        answer: Response = make_response("", 304)
    else:
        found = releases.published_file(session, period, name)
        answer = make_response(found.content)
        answer.headers["Content-Type"] = f"{found.media}; charset=utf-8"
        answer.headers.set("Content-Disposition", "attachment", filename=f"{period}-{found.name}")
    answer.set_etag(known)
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
