"""What a device asks of the server when it has network, and the page of a site's devices."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from lims.doors import browser, machine
from lims.doors.house import house
from lims.foundation import clock, sealing
from lims.foundation.errors import Invalid
from lims.foundation.words import say
from lims.intake import device_queries, device_schemas, devices, outbox
from lims.intake.device_records import Device
from lims.intake.outbox import EnvelopeRefused, Received

blueprint = Blueprint("devices", __name__)


@blueprint.get("/table/session.json")
def session_now() -> ResponseReturnValue:
    """Tell who is logged in, the token of forms, and what time it is."""
    actor = browser.actor()
    return {
        "account": actor.account,
        "site_id": str(actor.site_id) if actor.site_id else None,
        "site_name": actor.site_name,
        "csrf": browser.form_token(),
        "public_url": house().settings.public_url,
        "time": clock.now().isoformat(),
    }


@blueprint.post("/table/devices")
def enrol() -> ResponseReturnValue:
    """Enrol the device that asks, at the site where its person works now."""
    told = device_schemas.EnrolSchema().read(_json())
    site_id = browser.actor().site_id
    command = devices.EnrolDevice(told["id"], told["name"], site_id, folder())
    return answered(lambda: shown(machine.act(devices.enrol_device, command)), 201)


@blueprint.get("/table/devices/<uuid:device_id>.json")
def one_device(device_id: uuid.UUID) -> ResponseReturnValue:
    """Tell a device its keys, and whether it was withdrawn."""
    return shown(machine.read(device_queries.device, device_id))


@blueprint.post("/table/devices/<uuid:device_id>/reserve")
def reserve(device_id: uuid.UUID) -> ResponseReturnValue:
    """Give a device codes and selectors of its own."""
    told = device_schemas.ReserveSchema().read(_json())
    command = devices.Reserve(told["id"], device_id, told["codes"] or 0, told["selectors"] or 0)
    return answered(lambda: _reserved(machine.act(devices.reserve, command)))


@blueprint.post("/table/devices/<uuid:device_id>/return")
def give_back(device_id: uuid.UUID) -> ResponseReturnValue:
    """Take back what a device will not use."""
    told = device_schemas.ReturnSchema().read(_json())
    command = devices.ReturnUnused(device_id, tuple(told["codes"]), tuple(told["selectors"]))
    return answered(lambda: shown(machine.act(devices.return_unused, command)))


@blueprint.put("/table/outbox/<uuid:envelope_id>")
def put_envelope(envelope_id: uuid.UUID) -> ResponseReturnValue:
    """Take a sealed record, once however often it is sent."""
    return received(envelope_id)


def received(envelope_id: uuid.UUID) -> ResponseReturnValue:
    """Answer a sealed record: 201 taken, 409 had before, 4xx refused and to be kept."""
    sent_at = request.headers.get("X-Sent-At", "")[:40]
    command = outbox.ReceiveEnvelope(envelope_id, request.get_data(), folder(), sent_at)
    try:
        found: Received = machine.act(outbox.receive_envelope, command)
    except EnvelopeRefused as refusal:
        return refused_envelope(envelope_id, refusal)
    told: dict[str, Any] = {"id": str(found.id), "hash": found.hash, "result": found.result}
    if found.is_new:
        return told, 201
    if found.theirs is not None:
        told |= {"ours": found.ours, "theirs": found.theirs}
    return machine.problem(409, "Received before", **told)


def refused_envelope(envelope_id: uuid.UUID, refusal: EnvelopeRefused) -> Response:
    """Return why a sealed record was not taken, with its content for whoever may correct it."""
    browser.close_session()
    tongue = browser.language()
    cause = refusal.cause
    more: dict[str, Any] = {"id": str(envelope_id), "detail": say(refusal.message, tongue)}
    if isinstance(cause, Invalid):
        more["errors"] = [
            {"field": one.field, "message": say(one.message, tongue)} for one in cause.problems
        ]
    if refusal.withdrawn:
        more["withdrawn"] = True
    if refusal.opened is not None:
        more["opened"] = refusal.opened
    title = machine.TITLES.get(refusal.status, "Refused")
    return machine.problem(refusal.status, title, **more)


def answered(act: Callable[[], dict[str, Any]], status: int = 200) -> ResponseReturnValue:
    """Return what an act of a device gives; a withdrawn device is told so."""
    try:
        return act(), status
    except device_queries.Withdrawn as refusal:
        browser.close_session()
        detail = say(refusal.message, browser.language())
        return machine.problem(403, "Not permitted", detail=detail, withdrawn=True)


def shown(device: Device) -> dict[str, Any]:
    """Return a device as it is told of itself, with the public keys it needs."""
    told: dict[str, Any] = device_schemas.KeyedDeviceSchema().dump(keyed(device))
    return told


def keyed(device: Device) -> dict[str, Any]:
    """Return a device beside the public keys of this installation."""
    return {
        "id": device.id,
        "name": device.name,
        "site_id": device.site_id,
        "site": device.site,
        "withdrawn_at": device.withdrawn_at,
        "seal_key": sealing.outbox_key(folder()),
        "bundle_key": sealing.bundle_key(folder()),
    }


def folder() -> Path:
    """Return the folder that holds the keys of this installation."""
    return house().settings.data_dir


def _reserved(found: devices.Reserved) -> dict[str, Any]:
    told: dict[str, Any] = device_schemas.ReservedSchema().dump(found)
    return told


def _json() -> dict[str, Any]:
    told = request.get_json(silent=True)
    return told if isinstance(told, dict) else {}
