"""The pages that merge and split products, and the buttons that undo and unlink."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser
from lims.doors.browser import Problems, Typed
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.products import linking, queries, series
from lims.products.looks import Look
from lims.products.records import ProductChange
from lims.products.series_schemas import (
    MergeProductsSchema,
    SplitProductSchema,
    UndoChangeSchema,
    UnlinkLookAlikesSchema,
)
from lims.products.shown import shown_product, shown_row, shown_sample

blueprint = Blueprint("product_series", __name__, url_prefix="/products")
SIZE = 200
MOST_ALIKE = 12


@blueprint.route("/<uuid:product_id>/merge", methods=["GET", "POST"])
def merge(product_id: uuid.UUID) -> ResponseReturnValue:
    """Let another product take this one over."""

    def act(session: Session, actor: Actor, typed: Typed) -> ProductChange:
        actor.must(Permission.EDIT_PRODUCTS)
        into = queries.by_number(session, actor, str(typed.get("into_id", "")))
        if into is None:
            raise refuse_field("into_id", _("There is no product of this number."))
        told = {**typed, "product_id": str(product_id), "into_id": str(into.id)}
        return series.merge_products(session, actor, MergeProductsSchema().read(told))

    return browser.form_page(
        act=act,
        then=lambda change: url_for("products.product", product_id=change.other_id),
        show=lambda session, actor, typed, problems: _merging(
            session, actor, product_id, typed, problems
        ),
        done=lambda _change: _("Merged. The way back stands in the history below."),
    )


def _merging(
    session: Session, actor: Actor, product_id: uuid.UUID, typed: Typed, problems: Problems
) -> str:
    actor.must(Permission.EDIT_PRODUCTS)
    found = queries.product(session, actor, product_id)
    look = Look(found.form, found.colour, found.logo, found.shape)
    alike, _total = queries.search(session, actor, look, queries.Tolerance(), 1, MOST_ALIKE)
    tongue = browser.language()
    rows = [*queries.look_alikes(session, found.id), *alike]
    seen = {row.product.id: row for row in rows if row.product.id != found.id}
    return browser.render(
        "products/merge.html",
        it=shown_product(session, found, tongue),
        alike=[shown_row(session, row, tongue) for row in seen.values()],
        typed={"row_version": found.row_version, **typed},
        problems=problems,
    )


@blueprint.route("/<uuid:product_id>/split", methods=["GET", "POST"])
def split(product_id: uuid.UUID) -> ResponseReturnValue:
    """Take chosen samples out of this product."""

    def act(session: Session, actor: Actor, typed: Typed) -> ProductChange:
        told = {**typed, "product_id": str(product_id)}
        return series.split_product(session, actor, SplitProductSchema().read(told))

    return browser.form_page(
        act=act,
        then=lambda change: url_for("products.product", product_id=change.other_id),
        show=lambda session, actor, typed, problems: _splitting(
            session, actor, product_id, typed, problems
        ),
        done=lambda _change: _("Split off. The way back stands in the history below."),
    )


def _splitting(
    session: Session, actor: Actor, product_id: uuid.UUID, typed: Typed, problems: Problems
) -> str:
    actor.must(Permission.EDIT_PRODUCTS)
    found, tongue = queries.product(session, actor, product_id), browser.language()
    page = browser.page_number()
    samples, total = queries.samples_of(session, found.id, page, SIZE)
    return browser.render(
        "products/split.html",
        it=shown_product(session, found, tongue),
        samples=[shown_sample(one, "", tongue) for one in samples],
        chosen=set(typed.get("sample_ids", [])),
        typed={"row_version": found.row_version, **typed},
        problems=problems,
        **browser.listed("product_series.split", page, SIZE, total, product_id=found.id),
    )


def _go(product_id: uuid.UUID, act: Any, done: Any) -> ResponseReturnValue:
    return browser.act_and_go(act, url_for("products.product", product_id=product_id), done)


@blueprint.post("/<uuid:product_id>/changes/<uuid:change_id>/undo")
def undo(product_id: uuid.UUID, change_id: uuid.UUID) -> ResponseReturnValue:
    """Undo a merging or splitting."""

    def act(session: Session, actor: Actor, typed: Typed) -> ProductChange:
        told = {**typed, "change_id": str(change_id)}
        return series.undo_change(session, actor, UndoChangeSchema().read(told))

    return _go(product_id, act, _("Undone: the samples are back."))


@blueprint.post("/<uuid:product_id>/look-alikes/removal")
def unlink(product_id: uuid.UUID) -> ResponseReturnValue:
    """Take the link to a look-alike away."""

    def act(session: Session, actor: Actor, typed: Typed) -> Any:
        told = {**typed, "product_id": str(product_id)}
        return linking.unlink_look_alikes(session, actor, UnlinkLookAlikesSchema().read(told))

    return _go(product_id, act, _("The link is taken away. Linking again brings it back."))
