"""The pages of the product database: the list, one product, and the acts of the coordinator."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.browser import Problems
from lims.findings.rules import Level
from lims.foundation import clock
from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _, say
from lims.intake.queries import may_follow
from lims.library.queries import terms
from lims.network.rules import Permission
from lims.products import operations, queries, schemas
from lims.products.queries import SIZE, ProductFilters
from lims.products.shown import (
    drawn_spread,
    others_in,
    shown_product,
    shown_row,
    shown_sample,
    shown_spread,
)

blueprint = Blueprint("products", __name__, url_prefix="/products")
LEVELS: dict[str, Message] = {
    Level.NEUTRAL: _("Neutral"),
    Level.INFORMATION: _("Information"),
    Level.CAUTION: _("Caution"),
    Level.WARNING: _("Warning"),
    Level.RED: _("Red alert"),
}


@blueprint.get("")
def products() -> ResponseReturnValue:
    """List the products that fit, or rank them by what one sees."""
    session, tongue = browser.session(), browser.language()
    typed = request.args.to_dict()
    filters, problems = ProductFilters(), Problems()
    try:
        filters = schemas.FiltersSchema().read(typed)
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
    page = browser.page_number()
    rows, total = queries.products(session, browser.actor(), filters, page)
    shown = browser.render(
        "products/products.html",
        rows=[shown_row(session, row, tongue) for row in rows],
        typed=typed,
        problems=problems,
        forms=_options(session, "dosage_form"),
        colours=_options(session, "colour"),
        levels=[(level, say(words, tongue)) for level, words in LEVELS.items()],
        **_way("products.products", page, total),
    )
    return shown, 422 if problems else 200


@blueprint.get("/by-look")
def by_look() -> ResponseReturnValue:
    """Rank products by what one sees: form, colour, logo, shape."""
    session, tongue = browser.session(), browser.language()
    typed = request.args.to_dict()
    problems = Problems()
    look: dict[str, Any] = {}
    try:
        look = schemas.SeenSchema().read(typed)
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
    page = browser.page_number()
    rows, total = queries.find_by_look(session, browser.actor(), **look, page=page)
    shown = browser.render(
        "products/by_look.html",
        rows=[shown_row(session, row, tongue) for row in rows],
        typed=typed,
        problems=problems,
        forms=_options(session, "dosage_form"),
        colours=_options(session, "colour"),
        **_way("products.by_look", page, total),
    )
    return shown, 422 if problems else 200


def _options(session: Session, list_name: str) -> list[tuple[str, str]]:
    tongue = browser.language()
    return [(term.code, term.label(tongue)) for term in terms(session, list_name)]


def _way(endpoint: str, page: int, total: int, **kept: Any) -> dict[str, Any]:
    """Return which part of a long list is shown, and the addresses before and after it."""
    asked: dict[str, Any] = {**request.args.to_dict(), **kept}
    asked.pop("page", None)
    last = min(page * SIZE, total)
    return {
        "first": min((page - 1) * SIZE + 1, total),
        "last": last,
        "total": total,
        "previous_url": url_for(endpoint, **asked, page=page - 1) if page > 1 else None,
        "next_url": url_for(endpoint, **asked, page=page + 1) if last < total else None,
    }


@blueprint.get("/<uuid:product_id>")
def product(product_id: uuid.UUID) -> ResponseReturnValue:
    """Show a product: what every sample held, the samples, the looks, the look-alikes."""
    session, actor, tongue = browser.session(), browser.actor(), browser.language()
    found = queries.product(session, actor, product_id)
    page = browser.page_number()
    samples, total = queries.samples_of(session, product_id, page)
    spreads = []
    for one in queries.spread(session, product_id):
        others = others_in(session, found, one)
        drawn = drawn_spread(session, found, one, others, clock.today(), tongue)
        pictures = {size: Markup(drawn.pop(size)) for size in ("wide", "narrow")}
        spreads.append(shown_spread(one, found.form, tongue) | drawn | pictures)
    unit = spreads[0]["unit"] if spreads else ""
    return browser.render(
        "products/product.html",
        it=shown_product(session, found, tongue),
        spreads=spreads,
        samples=[
            shown_sample(one, unit, tongue) | {"followed": may_follow(actor, one.sample)}
            for one in samples
        ],
        look_alikes=[
            shown_row(session, row, tongue) for row in queries.look_alikes(session, product_id)
        ],
        may_edit=actor.may(Permission.EDIT_PRODUCTS),
        others=_other_products(session, found.id) if actor.may(Permission.EDIT_PRODUCTS) else [],
        knows_life="overview.sample_life" in current_app.view_functions,
        **_way("products.product", page, total, product_id=product_id),
    )


def _other_products(session: Session, product_id: uuid.UUID) -> list[tuple[str, str]]:
    """Return the products to which a sample could be moved: what looks most like this one."""
    here = queries.product(session, browser.actor(), product_id)
    rows, _total = queries.find_by_look(
        session, browser.actor(), here.form, here.colour, here.logo, here.shape, size=40
    )
    tongue = browser.language()
    told = [shown_product(session, row.product, tongue) for row in rows]
    return [
        (str(one["id"]), f"{one['number']}, {one['name']}") for one in told if one["id"] != here.id
    ]


def _go(schema: Any, operation: Any, product_id: uuid.UUID, done: Message) -> ResponseReturnValue:
    return browser.act_and_go(
        lambda session, actor, typed: operation(session, actor, schema().read(typed)),
        url_for("products.product", product_id=product_id),
        done,
    )


@blueprint.post("/<uuid:product_id>/confirm")
def confirm(product_id: uuid.UUID) -> ResponseReturnValue:
    """Confirm where a sample is filed."""
    done = _("The filing is confirmed.")
    return _go(schemas.ConfirmFilingSchema, operations.confirm_filing, product_id, done)


@blueprint.post("/<uuid:product_id>/move")
def move(product_id: uuid.UUID) -> ResponseReturnValue:
    """Move a sample to another product."""
    done = _("The sample is moved. The way back stays open.")
    return _go(schemas.MoveSampleSchema, operations.move_sample, product_id, done)


@blueprint.post("/<uuid:product_id>/undo")
def undo(product_id: uuid.UUID) -> ResponseReturnValue:
    """Put a sample back where it was."""
    done = _("The sample is back where it was.")
    return _go(schemas.UndoMoveSchema, operations.undo_move, product_id, done)


@blueprint.post("/<uuid:product_id>/look-alikes")
def link(product_id: uuid.UUID) -> ResponseReturnValue:
    """Link a look-alike."""
    return browser.act_and_go(
        lambda session, actor, typed: operations.link_look_alikes(
            session,
            actor,
            schemas.LinkLookAlikesSchema().read({**typed, "product_id": str(product_id)}),
        ),
        url_for("products.product", product_id=product_id),
        _("The look-alike is linked."),
    )
