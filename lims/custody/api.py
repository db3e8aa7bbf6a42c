"""Custody through the machine door: each act of a parcel until it leaves."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.custody import operations, queries, schemas
from lims.doors import browser, machine

blueprint = Blueprint(
    "custody-api",
    __name__,
    url_prefix="/api/custody",
    description="Parcels until they leave",
)


def acted(operation: Callable[..., Any], command: Any, parcel_id: uuid.UUID) -> Any:
    """Do an act on a parcel and return the parcel as it is now."""
    machine.act(operation, command)
    browser.session().expire_all()
    return machine.read(queries.parcel, parcel_id)


@blueprint.route("/parcels")
class Parcels(MethodView):
    """Parcels from and to one's sites."""

    @blueprint.arguments(schemas.ParcelArguments, location="query")
    @blueprint.response(200, schemas.ParcelPageSchema)
    def get(self, asked: Mapping[str, Any]) -> Any:
        """List parcels, newest first, fifty a page."""
        page = asked["page"] or 1
        filters = queries.ParcelFilters(asked["state"])
        rows, total = machine.read(queries.parcels, filters, page)
        return {"parcels": rows, "total": total, "page": page}


@blueprint.route("/parcels/<uuid:parcel_id>")
class OneParcel(MethodView):
    """A parcel, under an identifier that the client makes."""

    @blueprint.response(200, schemas.ParcelSchema)
    def get(self, parcel_id: uuid.UUID) -> Any:
        """Read a parcel and its lines."""
        return machine.read(queries.parcel, parcel_id)

    @blueprint.arguments(schemas.DraftParcelSchema(exclude=("id",)))
    @blueprint.response(200, schemas.ParcelSchema)
    def put(self, told: operations.DraftParcel, parcel_id: uuid.UUID) -> Any:
        """Begin a parcel; sending the same again changes nothing."""
        command = replace(told, id=parcel_id)
        return acted(operations.draft_parcel, command, parcel_id)


@blueprint.route("/parcels/<uuid:parcel_id>/samples/<code>")
class Manifest(MethodView):
    """A sample in a draft parcel."""

    @blueprint.arguments(schemas.GrossSchema, required=False)
    @blueprint.response(200, schemas.ParcelSchema)
    def put(self, told: Mapping[str, Any], parcel_id: uuid.UUID, code: str) -> Any:
        """Put a sample in, perhaps with the mass of its tube."""
        command = operations.ChangeManifest(parcel_id, code, told.get("gross_mg"))
        return acted(operations.add_to_parcel, command, parcel_id)

    @blueprint.response(200, schemas.ParcelSchema)
    def delete(self, parcel_id: uuid.UUID, code: str) -> Any:
        """Take a sample out."""
        command = operations.ChangeManifest(parcel_id, code)
        return acted(operations.remove_from_parcel, command, parcel_id)


@blueprint.route("/parcels/<uuid:parcel_id>/gross-masses")
class GrossMasses(MethodView):
    """What tubes with their content weigh, before sealing and when unpacked."""

    @blueprint.arguments(schemas.WeighItemSchema)
    @blueprint.response(200, schemas.ParcelSchema)
    def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
        """Write down what a tube with its content weighs."""
        return acted(operations.weigh_item, operations.WeighItem(parcel_id, **told), parcel_id)


@blueprint.route("/parcels/<uuid:parcel_id>/permit")
class Permit(MethodView):
    """The authorisation of a draft."""

    @blueprint.arguments(schemas.ChoosePermitSchema)
    @blueprint.response(200, schemas.ParcelSchema)
    def put(self, told: Any, parcel_id: uuid.UUID) -> Any:
        """Choose another authorisation."""
        command = operations.ChoosePermit(parcel_id, **told)
        return acted(operations.choose_permit, command, parcel_id)


@blueprint.route("/parcels/<uuid:parcel_id>/seal")
class Seal(MethodView):
    """The seal of a parcel."""

    @blueprint.arguments(schemas.SealParcelSchema)
    @blueprint.response(200, schemas.ParcelSchema)
    def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
        """Seal a parcel and lock its manifest."""
        command = operations.SealParcel(parcel_id, **told)
        return acted(operations.seal_parcel, command, parcel_id)


def _moving(name: str, words: str, operation: Callable[..., Any]) -> None:
    class Move(MethodView):
        @blueprint.arguments(schemas.MoveParcelSchema)
        @blueprint.response(200, schemas.ParcelSchema)
        def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
            return acted(operation, operations.MoveParcel(parcel_id, **told), parcel_id)

    Move.post.__doc__ = words
    blueprint.route(f"/parcels/<uuid:parcel_id>/{name}", endpoint=name)(Move)


_moving("send", "Hand a sealed parcel to its carrier.", operations.send_parcel)
_moving("cancel", "Give up a draft.", operations.cancel_parcel)
