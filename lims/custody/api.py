"""Custody through the machine door: each act of a parcel, and the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.custody import operations, queries, schemas, witnesses
from lims.doors import browser, machine
from lims.doors.house import house
from lims.intake import queries as intake

blueprint = Blueprint(
    "custody-api",
    __name__,
    url_prefix="/api/custody",
    description="Parcels, receipt by scan, the mass ledger",
)


def _acted(operation: Callable[..., Any], command: Any, parcel_id: uuid.UUID) -> Any:
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
        command = operations.DraftParcel(
            told.from_site_id, told.to_site_id, told.permit, told.carrier_function, parcel_id
        )
        return _acted(operations.draft_parcel, command, parcel_id)


@blueprint.route("/parcels/<uuid:parcel_id>/samples/<code>")
class Manifest(MethodView):
    """A sample in a draft parcel."""

    @blueprint.response(200, schemas.ParcelSchema)
    def put(self, parcel_id: uuid.UUID, code: str) -> Any:
        """Put a sample in."""
        command = operations.ChangeManifest(parcel_id, code)
        return _acted(operations.add_to_parcel, command, parcel_id)

    @blueprint.response(200, schemas.ParcelSchema)
    def delete(self, parcel_id: uuid.UUID, code: str) -> Any:
        """Take a sample out."""
        command = operations.ChangeManifest(parcel_id, code)
        return _acted(operations.remove_from_parcel, command, parcel_id)


@blueprint.route("/parcels/<uuid:parcel_id>/seal")
class Seal(MethodView):
    """The seal of a parcel."""

    @blueprint.arguments(schemas.SealParcelSchema)
    @blueprint.response(200, schemas.ParcelSchema)
    def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
        """Seal a parcel and lock its manifest."""
        command = operations.SealParcel(parcel_id, **told)
        return _acted(operations.seal_parcel, command, parcel_id)


def _moving(name: str, words: str, operation: Callable[..., Any]) -> None:
    class Move(MethodView):
        @blueprint.arguments(schemas.MoveParcelSchema)
        @blueprint.response(200, schemas.ParcelSchema)
        def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
            return _acted(operation, operations.MoveParcel(parcel_id, **told), parcel_id)

    Move.post.__doc__ = words
    blueprint.route(f"/parcels/<uuid:parcel_id>/{name}", endpoint=name)(Move)


_moving("send", "Hand a sealed parcel to its carrier.", operations.send_parcel)
_moving("cancel", "Give up a draft.", operations.cancel_parcel)
_moving("lost", "Declare a parcel lost.", operations.mark_parcel_lost)


@blueprint.route("/parcels/<uuid:parcel_id>/scans")
class Scans(MethodView):
    """Scans of an arriving parcel."""

    @blueprint.arguments(schemas.CodeSchema)
    @blueprint.response(200, schemas.ParcelItemSchema)
    def post(self, told: Mapping[str, Any], parcel_id: uuid.UUID) -> Any:
        """Take one scan; the same code again changes nothing."""
        return machine.act(operations.scan_parcel, operations.ScanParcel(parcel_id, told["code"]))


@blueprint.route("/parcels/<uuid:parcel_id>/reconcile")
class Reconciliation(MethodView):
    """The end of receipt."""

    @blueprint.arguments(schemas.ReconcileParcelSchema)
    @blueprint.response(200, schemas.ParcelSchema)
    def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
        """Close the receipt: name missing samples, take masses onto the account."""
        command = operations.ReconcileParcel(parcel_id, **told)
        return _acted(operations.reconcile_parcel, command, parcel_id)


@blueprint.route("/samples/<uuid:sample_id>/ledger")
class Ledger(MethodView):
    """The mass ledger of a sample."""

    @blueprint.response(200, schemas.LedgerSchema)
    def get(self, sample_id: uuid.UUID) -> Any:
        """Read the ledger, oldest entry first."""
        sample = machine.read(intake.sample, sample_id)
        lines = queries.ledger(browser.session(), sample.id)
        return {"lines": lines, "balance": queries.balance(browser.session(), sample.id)}


@blueprint.route("/weighings")
class Weighings(MethodView):
    """What scales say."""

    @blueprint.arguments(schemas.WeighSampleSchema)
    @blueprint.response(201, schemas.MassEntrySchema)
    def post(self, command: operations.WeighSample) -> Any:
        """Enter what is there now."""
        return machine.act(operations.weigh_sample, command)


@blueprint.route("/uses")
class Uses(MethodView):
    """What runs use up."""

    @blueprint.arguments(schemas.UseMassSchema)
    @blueprint.response(201, schemas.MassEntrySchema)
    def post(self, command: operations.UseMass) -> Any:
        """Take from the ledger what was used."""
        return machine.act(operations.use_mass, command)


@blueprint.route("/destructions")
class Destructions(MethodView):
    """What is destroyed before two persons."""

    @blueprint.arguments(schemas.DestroySampleSchema)
    @blueprint.response(201, schemas.MassEntrySchema)
    def post(self, command: operations.DestroySample) -> Any:
        """Destroy some or all of a sample; the second person proves it with their password."""
        return machine.act(
            lambda session, actor, told: witnesses.destroyed(
                session, actor, told, house().settings
            ),
            command,
        )


@blueprint.route("/returns")
class Returns(MethodView):
    """What is given back."""

    @blueprint.arguments(schemas.ReturnSampleSchema)
    @blueprint.response(201, schemas.MassEntrySchema)
    def post(self, command: operations.ReturnSample) -> Any:
        """Give material back where the law policy of the site allows it."""
        return machine.act(operations.return_sample, command)


@blueprint.route("/sites/<uuid:site_id>/holdings")
class Holdings(MethodView):
    """What a site holds today."""

    @blueprint.arguments(schemas.PageArguments, location="query")
    @blueprint.response(200, schemas.HoldingPageSchema)
    def get(self, asked: Mapping[str, Any], site_id: uuid.UUID) -> Any:
        """List what a site holds, fifty samples a page, and the sum."""
        page = asked["page"] or 1
        rows, total, mg = machine.read(queries.holdings, site_id, page)
        return {"holdings": rows, "total": total, "mg": mg, "page": page}
