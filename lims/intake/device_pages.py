"""What a device asks of the server when it has network, and the page of a site's devices."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.doors import browser, machine
from lims.doors.house import house
from lims.foundation import clock, files
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Refusal, refuse_field
from lims.foundation.words import _, say
from lims.intake import device_queries, device_schemas, devices, outbox, queue_import
from lims.intake.device_answers import folder, received
from lims.intake.device_records import Device
from lims.intake.queue_files import QueuedRow, read_queue
from lims.network.rules import Permission

blueprint = Blueprint("devices", __name__)
PAGE = 50


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
def put_envelope(envelope_id: uuid.UUID) -> Any:
    """Take a sealed record, once however often it is sent."""
    return received(envelope_id, request.get_data(), request.headers.get("X-Sent-At", ""))


@blueprint.post("/table/outbox/<uuid:envelope_id>/take")
def take_theirs(envelope_id: uuid.UUID) -> Any:
    """Settle a conflict: what the device recorded replaces what the server has."""
    return received(
        envelope_id,
        request.get_data(),
        request.headers.get("X-Sent-At", ""),
        outbox.take_theirs,
        200,
    )


@blueprint.post("/table/import")
def import_rows() -> ResponseReturnValue:
    """Take an exported queue; with ?dry=1 only tell what would become of each row."""
    dry = request.args.get("dry", "") not in {"", "0"}
    return {"dry": dry, "rows": _imported(read_queue(request.get_data()), dry)}


@blueprint.get("/devices")
def devices_page() -> ResponseReturnValue:
    """List the devices of one's sites."""
    session, actor, page = browser.session(), browser.actor(), browser.page_number()
    rows, total = device_queries.devices(session, actor, page, PAGE)
    last = min(page * PAGE, total)
    return browser.render(
        "intake/devices.html",
        devices=rows,
        total=total,
        pages={
            "first": min((page - 1) * PAGE + 1, total),
            "last": last,
            "total": total,
            "previous_url": url_for("devices.devices_page", page=page - 1) if page > 1 else None,
            "next_url": url_for("devices.devices_page", page=page + 1) if last < total else None,
        },
    )


@blueprint.route("/devices/<uuid:device_id>/withdraw", methods=["GET", "POST"])
def withdraw(device_id: uuid.UUID) -> ResponseReturnValue:
    """Say what a withdrawal undoes, and withdraw a device with a reason."""

    def show(
        session: Session, actor: Actor, typed: browser.Typed, problems: browser.Problems
    ) -> str:
        found = device_queries.device(session, actor, device_id)
        left = device_queries.left_of(session, found)
        return browser.render(
            "intake/withdraw_device.html", left=left, typed=typed, problems=problems
        )

    return browser.form_page(
        act=lambda session, actor, typed: devices.withdraw_device(
            session,
            actor,
            devices.WithdrawDevice(
                device_id, device_schemas.WithdrawSchema().read(typed)["reason"]
            ),
        ),
        then=lambda _device: url_for("devices.devices_page"),
        done=lambda device: _("“%(name)s” is withdrawn.", name=device.name),
        show=show,
    )


@blueprint.route("/devices/import", methods=["GET", "POST"])
def import_page() -> ResponseReturnValue:
    """Look at an exported queue, then take it: first a list of what would become of each row."""
    browser.actor().must(Permission.USE_DEVICE)
    if request.method == "GET":
        return _import_page([], "", browser.Problems())
    try:
        sha256, rows = _uploaded()
    except Refusal as refusal:
        browser.close_session()
        listed = refusal.problems if isinstance(refusal, Invalid) else ()
        return _import_page([], "", browser.said(listed, refusal.message)), 422
    taking = request.form.get("then") == "take"
    told = _imported(rows, not taking)
    return _import_page(told, "" if taking else sha256, browser.Problems())


def _uploaded() -> tuple[str, list[QueuedRow]]:
    """Return the file just chosen, or the one that was looked at: it is kept sealed meanwhile."""
    given = request.files.get("file")
    if given is not None and given.filename:
        sha256, _size = files.store_stream(folder(), given.stream)
    elif request.form.get("sha256"):
        sha256 = request.form["sha256"]
    else:
        raise refuse_field("file", _("Choose a file."))
    return sha256, read_queue(files.fetch(folder(), sha256))


def _imported(rows: list[QueuedRow], dry: bool) -> list[dict[str, Any]]:
    session, actor = browser.session(), browser.actor()
    found = queue_import.import_queue(session, actor, queue_import.ImportQueue(rows, folder()))
    if dry:
        session.rollback()
    else:
        session.commit()
    tongue = browser.language()
    return [device_schemas.told_row(row, tongue) for row in found]


def _import_page(rows: list[dict[str, Any]], sha256: str, problems: browser.Problems) -> str:
    return browser.render(
        "intake/import_queue.html",
        rows=rows,
        sha256=sha256,
        may_take=any(row["outcome"] == "taken" for row in rows),
        problems=problems,
        most_mb=house().settings.max_upload_mb,
    )


def answered(act: Callable[[], dict[str, Any]], status: int = 200) -> ResponseReturnValue:
    """Return what an act of a device gives; a withdrawn device is told so."""
    try:
        return act(), status
    except device_queries.Withdrawn as refusal:
        browser.close_session()
        detail = say(refusal.message, browser.language())
        return machine.problem(403, "Not permitted", detail=detail, withdrawn=True)


def shown(device: Device) -> dict[str, Any]:
    """Return a device as it is told of itself."""
    return device_schemas.keyed(device, folder())


def _reserved(found: devices.Reserved) -> dict[str, Any]:
    told: dict[str, Any] = device_schemas.ReservedSchema().dump(found)
    return told


def _json() -> dict[str, Any]:
    told = request.get_json(silent=True)
    return told if isinstance(told, dict) else {}
