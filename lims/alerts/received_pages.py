"""The page behind the link of a message, on the public application: confirmed by a button.

Asking for the page looks nothing up and confirms nothing, so that a machine that follows the links
of mails learns and does nothing. Nothing is kept of whoever reads.
"""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.alerts import acknowledging, letters
from lims.alerts.rules import is_current
from lims.doors import browser

blueprint = Blueprint("received", __name__)


@blueprint.get("/received/<token>")
def ask(token: str) -> ResponseReturnValue:
    """Ask whether the message was received: the same page for every link."""
    return browser.render("alerts/received_ask.html", token=token)


@blueprint.post("/received/<token>")
def confirm(token: str) -> ResponseReturnValue:
    """Confirm, once, and show the message of the reader's audience."""
    session = browser.session()
    opened = acknowledging.acknowledge(session, token, browser.language())
    session.commit()
    if opened is None:
        return browser.render("alerts/received_nothing.html")
    return browser.render(
        "alerts/received.html",
        delivery=opened.delivery,
        items=opened.items,
        is_current=lambda version: is_current(version.state, version.kind),
        standing=letters.standing,
        token=token,
    )
