"""Look-alikes while registering: what others brought that looks like it, before any analysis.

By POST, so that no address tells what somebody has. The part of a page is for the form of the
table; the page itself works without a script.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.counselling import resemblances, schemas
from lims.doors import browser
from lims.library.queries import terms
from lims.network.rules import Permission

blueprint = Blueprint("look_alikes", __name__, url_prefix="/look-alikes")
MOST_BESIDE = 5


@blueprint.route("", methods=["GET", "POST"])
def page() -> ResponseReturnValue:
    """Look for products by what one sees."""
    browser.actor().must(Permission.CONSULT)
    told = browser.typed()
    asked = schemas.LookSchema().read(told)
    return browser.render(
        "counselling/look_alikes.html",
        typed=told,
        found=_found(asked) if told else None,
        forms=terms(browser.session(), "dosage_form"),
        colours=terms(browser.session(), "colour"),
    )


@blueprint.post("/part")
def part() -> ResponseReturnValue:
    """Give the look-alikes of one sample of the form, as a part of its page."""
    asked = schemas.look_of_sample(browser.typed())
    seen = asked["colour"] or asked["logo"]
    return browser.render(
        "counselling/_look_alikes.html", found=_found(asked) if seen else None, most=MOST_BESIDE
    )


def _found(asked: dict[str, Any]) -> resemblances.LikeProducts:
    look = resemblances.Look(asked["form"], asked["colour"], asked["logo"], asked["shape"])
    return resemblances.products_like(
        browser.session(), browser.actor(), look, browser.language(), asked["page"] or 1
    )
