"""Receipt through the machine door: seals, scans, the end of receipt, losses."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from lims.custody import operations, queries, schemas, witnesses
from lims.doors import browser, machine
from lims.doors.house import house

blueprint = Blueprint(
    "receipt-api", __name__, url_prefix="/api/custody", description="Receipt of parcels by scan"
)


def _acted(operation: Any, command: Any, parcel_id: uuid.UUID) -> Any:
    machine.act(operation, command)
    browser.session().expire_all()
    return machine.read(queries.parcel, parcel_id)


@blueprint.route("/parcels/<uuid:parcel_id>/seal-check")
class SealCheck(MethodView):
    """The seals of an arriving parcel."""

    @blueprint.arguments(schemas.CheckSealsSchema)
    @blueprint.response(200, schemas.ParcelSchema)
    def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
        """Compare the seals; a damaged or other one needs words and a second person."""
        command = operations.CheckSeals(parcel_id, **told)
        return _acted(
            lambda session, actor, it: witnesses.checked(session, actor, it, house().settings),
            command,
            parcel_id,
        )


@blueprint.route("/parcels/<uuid:parcel_id>/scans")
class Scans(MethodView):
    """Scans of an arriving parcel."""

    @blueprint.arguments(schemas.ScanSchema)
    @blueprint.response(200, schemas.ParcelItemSchema)
    def post(self, told: Mapping[str, Any], parcel_id: uuid.UUID) -> Any:
        """Take one scan; the same code again changes nothing."""
        return machine.act(operations.scan_parcel, operations.ScanParcel(parcel_id, **told))


@blueprint.route("/parcels/<uuid:parcel_id>/scans/undone")
class UndoneScans(MethodView):
    """Scans that were wrong."""

    @blueprint.arguments(schemas.UndoScanSchema)
    @blueprint.response(200, schemas.ParcelSchema)
    def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
        """Take back a scan, with the reason."""
        return _acted(operations.undo_scan, operations.UndoScan(parcel_id, **told), parcel_id)


@blueprint.route("/parcels/<uuid:parcel_id>/reconcile")
class Reconciliation(MethodView):
    """The end of receipt."""

    @blueprint.arguments(schemas.ReconcileParcelSchema)
    @blueprint.response(200, schemas.ParcelSchema)
    def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
        """Close the receipt: name missing samples, take masses onto the account."""
        command = operations.ReconcileParcel(parcel_id, **told)
        return _acted(operations.reconcile_parcel, command, parcel_id)


@blueprint.route("/parcels/<uuid:parcel_id>/lost")
class Loss(MethodView):
    """A parcel that is lost."""

    @blueprint.arguments(schemas.LoseParcelSchema)
    @blueprint.response(200, schemas.ParcelSchema)
    def post(self, told: Any, parcel_id: uuid.UUID) -> Any:
        """Declare a parcel lost, with what is known of it."""
        command = operations.LoseParcel(parcel_id, **told)
        return _acted(operations.mark_parcel_lost, command, parcel_id)
