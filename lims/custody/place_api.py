"""Storage places, counts and authorisations through the machine door."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.custody import authorisations, keeping_schemas, operations, places, shown
from lims.doors import browser, machine
from lims.intake import queries as intake

blueprint = Blueprint(
    "place-api",
    __name__,
    url_prefix="/api/custody",
    description="Storage places, stocktaking, transport authorisations",
)


@blueprint.route("/permits")
class Permits(MethodView):
    """Transport authorisations of one's sites."""

    @blueprint.arguments(keeping_schemas.PageArguments, location="query")
    @blueprint.response(200, shown.PermitPageSchema)
    def get(self, asked: Mapping[str, Any]) -> Any:
        """List the authorisations, fifty a page."""
        page = asked["page"] or 1
        rows, total = machine.read(authorisations.permits, page)
        return {"permits": rows, "total": total, "page": page}

    @blueprint.arguments(keeping_schemas.AddPermitSchema)
    @blueprint.response(201, shown.PermitSchema)
    def post(self, command: operations.AddPermit) -> Any:
        """Write down an authorisation; the same identifier again gives the same."""
        return machine.act(operations.add_permit, command)


@blueprint.route("/permits/<uuid:permit_id>/withdrawal")
class PermitWithdrawal(MethodView):
    """An authorisation that is used no more."""

    @blueprint.arguments(keeping_schemas.WhySchema)
    @blueprint.response(200, shown.PermitSchema)
    def post(self, told: Mapping[str, Any], permit_id: uuid.UUID) -> Any:
        """Withdraw an authorisation, with the reason."""
        return machine.act(operations.withdraw_permit, operations.WithdrawPermit(permit_id, **told))


@blueprint.route("/places")
class Places(MethodView):
    """Storage places of one's sites."""

    @blueprint.arguments(keeping_schemas.PageArguments, location="query")
    @blueprint.response(200, shown.PlacePageSchema)
    def get(self, asked: Mapping[str, Any]) -> Any:
        """List the places, fifty a page."""
        page = asked["page"] or 1
        rows, total = machine.read(places.places, None, page)
        return {"places": rows, "total": total, "page": page}

    @blueprint.arguments(keeping_schemas.AddPlaceSchema)
    @blueprint.response(201, shown.PlaceSchema)
    def post(self, command: operations.AddPlace) -> Any:
        """Add a place; the same identifier again gives the same."""
        return machine.act(operations.add_place, command)


@blueprint.route("/places/<uuid:place_id>")
class OnePlace(MethodView):
    """A place and what stands in it."""

    @blueprint.arguments(keeping_schemas.PageArguments, location="query")
    @blueprint.response(200, shown.ContentsSchema)
    def get(self, asked: Mapping[str, Any], place_id: uuid.UUID) -> Any:
        """Read a place and one page of what stands in it."""
        page = asked["page"] or 1
        place = machine.read(places.place, place_id)
        rows, total = machine.read(places.contents, place, page)
        return {"place": place, "samples": rows, "total": total, "page": page}

    @blueprint.arguments(keeping_schemas.ActiveSchema)
    @blueprint.response(200, shown.PlaceSchema)
    def put(self, told: Mapping[str, Any], place_id: uuid.UUID) -> Any:
        """Use an empty place no more, or again."""
        return machine.act(operations.close_place, operations.ClosePlace(place_id, **told))


@blueprint.route("/places/<uuid:place_id>/samples")
class Contents(MethodView):
    """What is put in a place."""

    @blueprint.arguments(keeping_schemas.PutAwaySchema)
    @blueprint.response(201, shown.PlacementSchema(many=True))
    def post(self, told: Mapping[str, Any], place_id: uuid.UUID) -> Any:
        """Put samples, or a parcel that is here, in a place."""
        command = operations.PutAway(place_id, tuple(told["codes"]))
        return machine.act(operations.put_away, command)


@blueprint.route("/samples/<uuid:sample_id>/place")
class WhereItIs(MethodView):
    """Where a sample stands and stood."""

    @blueprint.response(200, shown.PlacementSchema(many=True))
    def get(self, sample_id: uuid.UUID) -> Any:
        """Read where a sample stands and stood, the present place first."""
        sample = machine.read(intake.sample, sample_id)
        return places.where_is(browser.session(), sample.id)

    @blueprint.arguments(keeping_schemas.WhySchema, location="query")
    @blueprint.response(200, shown.KeptSampleSchema)
    def delete(self, told: Mapping[str, Any], sample_id: uuid.UUID) -> Any:
        """Take a sample out of its place, with the reason."""
        return machine.act(operations.take_out, operations.TakeOut(sample_id, **told))


@blueprint.route("/places/<uuid:place_id>/stocktakings")
class Stocktakings(MethodView):
    """Counts of a place."""

    @blueprint.response(201, shown.StocktakingSchema)
    def post(self, place_id: uuid.UUID) -> Any:
        """Begin to count a place, or go on with the count that is open."""
        return machine.act(operations.begin_stocktaking, operations.BeginStocktaking(place_id))


@blueprint.route("/stocktakings/<uuid:stocktaking_id>")
class OneStocktaking(MethodView):
    """A count."""

    @blueprint.response(200, shown.StocktakingSchema)
    def get(self, stocktaking_id: uuid.UUID) -> Any:
        """Read a count with its lines."""
        return machine.read(places.stocktaking, stocktaking_id)


@blueprint.route("/stocktakings/<uuid:stocktaking_id>/scans")
class StockScans(MethodView):
    """Scans of a count."""

    @blueprint.arguments(keeping_schemas.StockScanSchema)
    @blueprint.response(200, shown.StockLineSchema)
    def post(self, told: Mapping[str, Any], stocktaking_id: uuid.UUID) -> Any:
        """Take one scan; the same code again changes nothing."""
        return machine.act(operations.scan_stock, operations.ScanStock(stocktaking_id, **told))


@blueprint.route("/stocktakings/<uuid:stocktaking_id>/close")
class StockClose(MethodView):
    """The end of a count."""

    @blueprint.response(200, shown.StocktakingSchema)
    def post(self, stocktaking_id: uuid.UUID) -> Any:
        """Close a count: what was not scanned is missing."""
        command = operations.CloseStocktaking(stocktaking_id)
        return machine.act(operations.close_stocktaking, command)
