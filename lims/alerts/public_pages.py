"""Alerts on the public application: current ones, each with its history, and an Atom feed.

Nothing of a visitor is kept; no page has a substance in its title or its address.
"""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, make_response, request, url_for
from flask.typing import ResponseReturnValue

from lims.alerts import feeds, published
from lims.doors import browser
from lims.doors.house import house
from lims.foundation import files
from lims.foundation.errors import NotFound
from lims.foundation.words import _

blueprint = Blueprint("public_alerts", __name__)


@blueprint.get("/alerts")
def alerts() -> ResponseReturnValue:
    """Show the alerts, current ones first."""
    listed = published.public_alerts(browser.session(), browser.language())
    return browser.render(
        "alerts/public_alerts.html",
        current=[one for one in listed if one.is_current],
        ended=[one for one in listed if not one.is_current],
        feed_url=url_for("public_alerts.atom", lang=browser.language()),
    )


@blueprint.get("/alerts/<number>")
def alert(number: str) -> ResponseReturnValue:
    """Show one alert: its present message and what was said before."""
    history = published.public_history(browser.session(), number, browser.language())
    return browser.render("alerts/public_alert.html", history=history, latest=history[0])


@blueprint.get("/alerts/<number>/picture.jpg")
def picture(number: str) -> ResponseReturnValue:
    """Give the picture of an alert as it was last published."""
    latest = published.public_history(browser.session(), number, browser.language())[0]
    if latest.picture is None:
        raise NotFound(_("This alert has no picture."))
    data = files.fetch(house().settings.data_dir, latest.picture)
    return Response(data, mimetype="image/jpeg")


@blueprint.get("/alerts.atom")
def atom() -> ResponseReturnValue:
    """Give the alerts as an Atom feed in one language."""
    language = browser.language()
    listed = published.public_alerts(browser.session(), language)
    body = feeds.atom(listed, language, house().settings.public_url, house().settings.network_name)
    response: Response = make_response(body)
    response.mimetype = "application/atom+xml"
    response.headers["Cache-Control"] = "max-age=60"
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    response.set_etag(hashlib.sha256(body).hexdigest())
    return response.make_conditional(request)
