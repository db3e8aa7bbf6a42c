"""Devices and sealed records through the machine door: the same acts, a key instead of a login."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import machine
from lims.intake import device_pages, device_queries, device_schemas, devices

blueprint = Blueprint(
    "devices-api",
    __name__,
    url_prefix="/api/intake",
    description="Devices that record without network, and their sealed records",
)


@blueprint.route("/devices")
class Devices(MethodView):
    """The devices of one's sites."""

    @blueprint.arguments(device_schemas.PageSchema, location="query")
    @blueprint.response(200, device_schemas.DevicePageSchema)
    def get(self, asked: Mapping[str, Any]) -> Any:
        """List devices, those in use first, fifty a page."""
        page = asked["page"] or 1
        rows, total = machine.read(device_queries.devices, page)
        return {"devices": rows, "total": total, "page": page}


@blueprint.route("/devices/<uuid:device_id>")
class OneDevice(MethodView):
    """A device, under an identifier that it makes itself."""

    @blueprint.response(200, device_schemas.KeyedDeviceSchema)
    def get(self, device_id: uuid.UUID) -> Any:
        """Read a device with the public keys that it needs."""
        return device_pages.keyed(machine.read(device_queries.device, device_id))

    @blueprint.arguments(device_schemas.EnrolAtSchema)
    @blueprint.response(201, device_schemas.KeyedDeviceSchema)
    def put(self, told: Mapping[str, Any], device_id: uuid.UUID) -> Any:
        """Enrol a device at a site; sending the same again changes nothing."""
        command = devices.EnrolDevice(
            device_id, told["name"], told["site_id"], device_pages.folder()
        )
        return device_pages.keyed(machine.act(devices.enrol_device, command))


@blueprint.route("/devices/<uuid:device_id>/reserve")
class Reservation(MethodView):
    """Codes and selectors of a device."""

    @blueprint.arguments(device_schemas.ReserveSchema)
    @blueprint.response(200, device_schemas.ReservedSchema)
    def post(self, told: Mapping[str, Any], device_id: uuid.UUID) -> Any:
        """Reserve codes and selectors; the same request again gives the same ones."""
        command = devices.Reserve(told["id"], device_id, told["codes"] or 0, told["selectors"] or 0)
        return machine.act(devices.reserve, command)


@blueprint.route("/devices/<uuid:device_id>/return")
class Returned(MethodView):
    """What a device will not use."""

    @blueprint.arguments(device_schemas.ReturnSchema)
    @blueprint.response(200, device_schemas.DeviceSchema)
    def post(self, told: Mapping[str, Any], device_id: uuid.UUID) -> Any:
        """Take back unused codes and selectors; they are void."""
        command = devices.ReturnUnused(device_id, tuple(told["codes"]), tuple(told["selectors"]))
        return machine.act(devices.return_unused, command)


@blueprint.route("/devices/<uuid:device_id>/withdraw")
class Withdrawal(MethodView):
    """A device that is lost or given up."""

    @blueprint.arguments(device_schemas.WithdrawSchema)
    @blueprint.response(200, device_schemas.DeviceSchema)
    def post(self, told: Mapping[str, Any], device_id: uuid.UUID) -> Any:
        """Withdraw a device: nothing is taken from it any more."""
        command = devices.WithdrawDevice(device_id, told["reason"])
        return machine.act(devices.withdraw_device, command)


@blueprint.route("/outbox/<uuid:envelope_id>")
class Outbox(MethodView):
    """A record that a device sealed while it had no network."""

    @blueprint.doc(requestBody=device_schemas.ENVELOPE_BODY)
    @blueprint.alt_response(201, schema=device_schemas.ReceivedSchema)
    def put(self, envelope_id: uuid.UUID) -> ResponseReturnValue:
        """Take a sealed record, once; 409 when a record of this identifier was taken before."""
        return device_pages.received(envelope_id)
