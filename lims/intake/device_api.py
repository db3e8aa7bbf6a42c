"""Devices and sealed records through the machine door: the same acts, a key instead of a login."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from lims.doors import browser, machine
from lims.intake import device_queries, device_schemas, devices, outbox, queue_import
from lims.intake.device_answers import folder, received
from lims.intake.queue_files import read_queue

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

    @blueprint.alt_response(200, schema=device_schemas.KeyedDeviceSchema)
    def get(self, device_id: uuid.UUID) -> Any:
        """Read a device with the public keys that it needs."""
        return device_schemas.keyed(machine.read(device_queries.device, device_id), folder())

    @blueprint.arguments(device_schemas.EnrolAtSchema)
    @blueprint.alt_response(201, schema=device_schemas.KeyedDeviceSchema)
    def put(self, told: Mapping[str, Any], device_id: uuid.UUID) -> Any:
        """Enrol a device at a site; sending the same again changes nothing."""
        command = devices.EnrolDevice(device_id, told["name"], told["site_id"], folder())
        return device_schemas.keyed(machine.act(devices.enrol_device, command), folder()), 201


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
    def put(self, envelope_id: uuid.UUID) -> Any:
        """Take a sealed record, once; 409 when a record of this identifier was taken before."""
        return received(
            envelope_id,
            request.get_data(),
            request.headers.get("X-Sent-At", ""),
            outbox.receive_envelope,
            201,
        )


@blueprint.route("/outbox/<uuid:envelope_id>/take")
class Taken(MethodView):
    """A record that stands beside another one of the same identifier."""

    @blueprint.doc(requestBody=device_schemas.ENVELOPE_BODY)
    @blueprint.alt_response(200, schema=device_schemas.ReceivedSchema)
    def post(self, envelope_id: uuid.UUID) -> Any:
        """Put the device's answers in the place of the server's."""
        return received(
            envelope_id,
            request.get_data(),
            request.headers.get("X-Sent-At", ""),
            outbox.take_theirs,
            200,
        )


@blueprint.route("/outbox")
class Queue(MethodView):
    """The exported queue of a device."""

    @blueprint.arguments(device_schemas.DrySchema, location="query")
    @blueprint.doc(requestBody=device_schemas.QUEUE_BODY)
    @blueprint.response(200, device_schemas.ImportedSchema)
    def post(self, asked: Mapping[str, Any]) -> Any:
        """Take an exported queue row by row, or only tell what would become of each."""
        rows = read_queue(request.get_data())
        command = queue_import.ImportQueue(rows, folder())
        session = browser.session()
        found = queue_import.import_queue(session, machine.actor(), command)
        if asked["dry"]:
            session.rollback()
        else:
            session.commit()
        told = [device_schemas.told_row(row, browser.language()) for row in found]
        return {"dry": asked["dry"], "rows": told}
