"""Merging, splitting and their undoing through the machine door."""

from __future__ import annotations

import uuid
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.products import linking, queries, series, series_schemas
from lims.products.records import LookAlike, ProductChange

blueprint = Blueprint(
    "product-series-api",
    __name__,
    url_prefix="/api/products",
    description="Merging and splitting products",
)
DESCRIBED = {
    "merge": "Taken over already, or changed meanwhile",
    "undo": "Undone already, or another change has to be undone first",
}


@blueprint.route("/<uuid:product_id>/changes")
class Changes(MethodView):
    """What was merged into a product and split off it."""

    @blueprint.response(200, series_schemas.ChangeSchema(many=True))
    @blueprint.alt_response(403, description="Not permitted")
    @blueprint.alt_response(404, description="No such product")
    def get(self, product_id: uuid.UUID) -> list[Any]:
        """Return the mergings and splittings of a product, newest first, undone ones too."""
        found = machine.read(queries.product, product_id)
        return [one.change for one in queries.changes_of(browser.session(), found.id)]


@blueprint.route("/merge", methods=["POST"])
@blueprint.arguments(series_schemas.MergeProductsSchema)
@blueprint.response(200, series_schemas.ChangeSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="No such product")
@blueprint.alt_response(409, description=DESCRIBED["merge"])
def merge(command: series.MergeProducts) -> ProductChange:
    """Let one product take over another: all its samples, and its number."""
    return machine.act(series.merge_products, command)


@blueprint.route("/split", methods=["POST"])
@blueprint.arguments(series_schemas.SplitProductSchema)
@blueprint.response(200, series_schemas.ChangeSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="No such product")
@blueprint.alt_response(409, description=DESCRIBED["merge"])
def split(command: series.SplitProduct) -> ProductChange:
    """Take chosen samples out of a product and file them under a new one."""
    return machine.act(series.split_product, command)


@blueprint.route("/undo-change", methods=["POST"])
@blueprint.arguments(series_schemas.UndoChangeSchema)
@blueprint.response(200, series_schemas.ChangeSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="No such change")
@blueprint.alt_response(409, description=DESCRIBED["undo"])
def undo(command: series.UndoChange) -> ProductChange:
    """Bring back what a merging or splitting took over."""
    return machine.act(series.undo_change, command)


@blueprint.route("/unlink-look-alikes", methods=["POST"])
@blueprint.arguments(series_schemas.UnlinkLookAlikesSchema)
@blueprint.response(200, series_schemas.EndedLinkSchema)
@blueprint.alt_response(403, description="Not permitted")
@blueprint.alt_response(404, description="No such product, or no such link")
def unlink(command: linking.UnlinkLookAlikes) -> LookAlike:
    """Take the link of two look-alikes away."""
    return machine.act(linking.unlink_look_alikes, command)
