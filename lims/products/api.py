"""The product database through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.products import operations, queries, schemas
from lims.products.content_schemas import PagedLookSchema
from lims.products.queries import ProductFilters, ProductRow
from lims.products.records import LookAlike, ProductSample
from lims.products.shown import shown_product, shown_row, shown_spread

blueprint = Blueprint(
    "products-api", __name__, url_prefix="/api/products", description="The product database"
)


def _page(rows: list[ProductRow], total: int, page: int) -> dict[str, Any]:
    session, tongue = browser.session(), browser.language()
    return {
        "items": [shown_row(session, row, tongue) for row in rows],
        "total": total,
        "page": page,
    }


@blueprint.route("")
class Products(MethodView):
    """The products."""

    @blueprint.arguments(schemas.PagedFiltersSchema, location="query")
    @blueprint.response(200, schemas.ProductPageSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> dict[str, Any]:
        """List products by form, colour, logo, substance found and danger, last seen first."""
        page = given.pop("page") or 1
        rows, total = machine.read(queries.products, ProductFilters(**given), page)
        return _page(rows, total, page)


@blueprint.route("/by-look")
class ByLook(MethodView):
    """Products by what one sees."""

    @blueprint.arguments(PagedLookSchema, location="query")
    @blueprint.response(200, schemas.ProductPageSchema)
    @blueprint.alt_response(403, description="Not permitted")
    def get(self, given: dict[str, Any]) -> dict[str, Any]:
        """Rank products by likeness. A look-alike is not the same product."""
        page = given["page"]
        rows, total = machine.read(queries.search, given["look"], given["within"], page)
        return _page(rows, total, page)


@blueprint.route("/<uuid:product_id>")
class OneProduct(MethodView):
    """One product."""

    @blueprint.response(200, schemas.WholeProductSchema)
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such product")
    def get(self, product_id: uuid.UUID) -> dict[str, Any]:
        """Return a product with the spread of its contents and its look-alikes."""
        session, tongue = browser.session(), browser.language()
        found = machine.read(queries.product, product_id)
        alike = queries.look_alikes(session, product_id)
        return shown_product(session, found, tongue) | {
            "spread": [
                shown_spread(one, found.form, tongue) for one in queries.spread(session, product_id)
            ],
            "look_alikes": [shown_row(session, row, tongue) for row in alike],
        }


@blueprint.route("/<uuid:product_id>/spread")
class ProductSpread(MethodView):
    """The contents measured in a product."""

    @blueprint.response(200, schemas.SpreadSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such product")
    def get(self, product_id: uuid.UUID) -> list[dict[str, Any]]:
        """Return every spread: one per substance, unit, and salt or base."""
        form = machine.read(queries.product, product_id).form
        found = queries.spread(browser.session(), product_id)
        return [shown_spread(one, form, browser.language()) for one in found]


@blueprint.route("/confirm-filing", methods=["POST"])
@blueprint.arguments(schemas.ConfirmFilingSchema)
@blueprint.response(200, schemas.FilingSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="Not filed")
@blueprint.alt_response(409, description="Confirmed already")
def confirm_filing(command: operations.ConfirmFiling) -> ProductSample:
    """Confirm where a sample is filed."""
    return machine.act(operations.confirm_filing, command)


@blueprint.route("/move-sample", methods=["POST"])
@blueprint.arguments(schemas.MoveSampleSchema)
@blueprint.response(200, schemas.FilingSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="Not filed, or no such product")
@blueprint.alt_response(409, description="Changed meanwhile")
def move_sample(command: operations.MoveSample) -> ProductSample:
    """Move a sample under another product, or under a new one."""
    return machine.act(operations.move_sample, command)


@blueprint.route("/undo-move", methods=["POST"])
@blueprint.arguments(schemas.UndoMoveSchema)
@blueprint.response(200, schemas.FilingSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="Not filed")
@blueprint.alt_response(409, description="Never moved")
def undo_move(command: operations.UndoMove) -> ProductSample:
    """Put a sample back where it was filed before."""
    return machine.act(operations.undo_move, command)


@blueprint.route("/look-alikes", methods=["POST"])
@blueprint.arguments(schemas.LinkLookAlikesSchema)
@blueprint.response(200, schemas.LinkSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="No such product")
def link_look_alikes(command: operations.LinkLookAlikes) -> LookAlike:
    """Link two products that look alike and are not of one series."""
    return machine.act(operations.link_look_alikes, command)
