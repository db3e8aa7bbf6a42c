"""The pages of the product database: the list, one product, and the acts of the coordinator."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.findings.danger import rules_on
from lims.findings.rules import Rule
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import Message, _, say
from lims.intake.logo_lists import most_used
from lims.intake.queries import may_follow
from lims.library.queries import terms
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.products import operations, photos, queries, schemas
from lims.products.content_schemas import LookSchema, tolerance_typed
from lims.products.content_shown import LEVELS
from lims.products.looks import Look, Tolerance
from lims.products.queries import SIZE, ProductFilters, Spread
from lims.products.records import Product
from lims.products.shown import (
    drawn_content,
    others_beside,
    shown_product,
    shown_row,
    shown_sample,
    shown_spread,
)

blueprint = Blueprint("products", __name__, url_prefix="/products")
MOST_PICTURES = 2


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
    """Rank products by what one sees: form, colour, logo, shape, measures."""
    session, tongue = browser.session(), browser.language()
    typed = request.args.to_dict()
    problems = Problems()
    look, within = Look(), Tolerance()
    try:
        look, within = LookSchema().read(typed)
    except Invalid as refusal:
        problems = browser.said(refusal.problems, refusal.message)
    page = browser.page_number()
    rows, total = queries.search(session, browser.actor(), look, within, page)
    pictured = photos.photos_of(session, [row.product.id for row in rows], MOST_PICTURES)
    shown = browser.render(
        "products/by_look.html",
        rows=[
            shown_row(session, row, tongue) | {"photos": pictured.get(row.product.id, [])}
            for row in rows
        ],
        typed={**tolerance_typed(within, tongue), **typed},
        asked=look != Look(),
        problems=problems,
        forms=_options(session, "dosage_form"),
        colours=_options(session, "colour"),
        logos=[name for name, _words in most_used(session)],
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
    stands = queries.standing(session, found)
    if stands is not found:
        return redirect(
            url_for("products.product", product_id=stands.id, was=found.number), code=303
        )
    page = browser.page_number()
    samples, total = queries.samples_of(session, product_id, page)
    spreads = _spreads(session, found)
    unit = spreads[0]["unit"] if spreads else ""
    may_edit = actor.may(Permission.EDIT_PRODUCTS)
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
        photos=photos.photos_of(session, [found.id]).get(found.id, []),
        changes=queries.changes_of(session, found.id),
        was=_was(session, found, request.args.get("was", "")),
        may_edit=may_edit,
        knows_life="overview.sample_life" in current_app.view_functions,
        **_way("products.product", page, total, product_id=product_id),
    )


def _was(session: Session, product: Product, number: str) -> str:
    """Return the number under which somebody came here, if this product took it over."""
    return next((one for one in queries.numbers_of(session, product.id) if one == number), "")


def _spreads(session: Session, found: Product) -> list[dict[str, Any]]:
    """Return every content of a product with its picture; what all need is read once."""
    measured = queries.spread(session, found.id)
    days, judging = queries.found_days(session, found.id), rules_on(session, clock.today())
    return [_drawn(judging, found, one, days) for one in measured]


def _drawn(
    judging: Sequence[Rule], found: Product, one: Spread, days: Mapping[Substance, list[date]]
) -> dict[str, Any]:
    tongue = browser.language()
    others = others_beside(days, one)
    drawn = drawn_content(judging, found.form, one, others, tongue)
    pictures = {size: Markup(drawn.pop(size)) for size in ("wide", "narrow")}
    return shown_spread(one, found.form, tongue) | drawn | pictures


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
    """Move a sample to another product, by its number."""

    def act(session: Session, actor: Actor, typed: Typed) -> Any:
        told = _by_number(session, actor, typed, "product_id")
        return operations.move_sample(session, actor, schemas.MoveSampleSchema().read(told))

    done = _("The sample is moved. The way back stays open.")
    return browser.act_and_go(act, url_for("products.product", product_id=product_id), done)


def _by_number(session: Session, actor: Actor, typed: Typed, field: str) -> Typed:
    """Return what was typed, with the product that a number names in one field."""
    named = str(typed.get("number", "")).strip()
    if not named:
        return typed
    found = queries.by_number(session, actor, named)
    if found is None:
        raise refuse_field(field, _("There is no product of this number."))
    return {**typed, field: str(found.id)}


@blueprint.post("/<uuid:product_id>/undo")
def undo(product_id: uuid.UUID) -> ResponseReturnValue:
    """Put a sample back where it was."""
    done = _("The sample is back where it was.")
    return _go(schemas.UndoMoveSchema, operations.undo_move, product_id, done)


@blueprint.post("/<uuid:product_id>/look-alikes")
def link(product_id: uuid.UUID) -> ResponseReturnValue:
    """Link a look-alike, by its number."""

    def act(session: Session, actor: Actor, typed: Typed) -> Any:
        told = _by_number(session, actor, typed, "other_id") | {"product_id": str(product_id)}
        return operations.link_look_alikes(
            session, actor, schemas.LinkLookAlikesSchema().read(told)
        )

    done = _("The look-alike is linked.")
    return browser.act_and_go(act, url_for("products.product", product_id=product_id), done)
