"""Alerts on the public application: current ones, each with its history, and the feeds.

Nothing of a visitor is kept; no page has a substance in its title or its address.
"""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from lims.alerts import feeds, issued, published
from lims.alerts.cap.messages import no_alert_file
from lims.alerts.cap.station import station_of
from lims.doors import browser
from lims.doors.house import house
from lims.foundation import clock, files
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
        rss_url=url_for("public_alerts.rss", lang=browser.language()),
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
    """Give the alerts as an Atom feed in one language, each with its signed CAP file."""
    return _feed(feeds.atom(_source(), _entries()), "application/atom+xml")


@blueprint.get("/alerts.rss")
def rss() -> ResponseReturnValue:
    """Give the alerts as an RSS feed in one language."""
    return _feed(feeds.rss(_source(), _entries()), "application/rss+xml")


def _source() -> feeds.Source:
    return feeds.Source(station_of(house().settings), browser.language())


def _entries() -> list[feeds.Entry]:
    session, source = browser.session(), _source()
    listed = issued.listed(session, clock.now())
    older = published.without_message(session, source.language)
    if not listed and not older:  # only a signature says that there is nothing
        issued.seal_of(source.station)
        return feeds.entries(source, listed, older, no_alert_file(source.station))
    return feeds.entries(source, listed, older)


def _feed(content: bytes, kind: str) -> Response:
    answer = browser.conditional(content, kind, hashlib.sha256(content).hexdigest())
    answer.headers["Content-Language"] = browser.language()
    answer.headers["Vary"] = "Accept-Language"
    return answer
