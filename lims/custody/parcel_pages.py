"""More of a parcel: its masses and sheet, its receipt scan by scan, its loss."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.custody import operations, parcel_view, queries, schemas, witnesses
from lims.doors import browser
from lims.doors.house import house
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused
from lims.foundation.words import Message, _

blueprint = Blueprint("parcel", __name__)


def _parcel_form(
    parcel_id: uuid.UUID, act: Callable[..., Any], done: Callable[[Any], Message | None]
) -> ResponseReturnValue:
    address = url_for("custody.parcel", parcel_id=parcel_id)
    answer: ResponseReturnValue = parcel_view.parcel_form(parcel_id, address, act, done)
    return answer


@blueprint.post("/parcels/<uuid:parcel_id>/gross-masses")
def weigh(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Write down what a tube with its content weighs."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.WeighItemSchema().read(typed)
        return operations.weigh_item(session, actor, operations.WeighItem(parcel_id, **told))

    return _parcel_form(parcel_id, act, lambda _item: None)


@blueprint.post("/parcels/<uuid:parcel_id>/permit")
def choose_permit(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Choose another authorisation for a draft."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.ChoosePermitSchema().read(typed)
        return operations.choose_permit(session, actor, operations.ChoosePermit(parcel_id, **told))

    return _parcel_form(parcel_id, act, lambda _parcel: _("The authorisation is chosen."))


@blueprint.get("/parcels/<uuid:parcel_id>/sheet.pdf")
def sheet(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Send the transport sheet of a sealed parcel as PDF, in the language asked for."""
    from lims.custody.sheet import draw_sheet

    found = queries.parcel(browser.session(), browser.actor(), parcel_id)
    if found.sealed_at is None:
        raise Refused(_("Seal the parcel first: the manifest of a draft can still change."))
    document = draw_sheet(
        queries.sheet_facts(found), browser.language(), house().settings.demonstration
    )
    return browser.pdf(document, f"{found.number}.pdf")


@blueprint.post("/parcels/<uuid:parcel_id>/seal-check")
def check_seals(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Compare the seals of an arriving parcel."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.CheckSealsSchema().read(typed)
        command = operations.CheckSeals(parcel_id, **told)
        return witnesses.checked(session, actor, command, house().settings)

    return _parcel_form(
        parcel_id,
        act,
        lambda parcel: (
            _("The damaged seal is written down; the sender is told.")
            if parcel.seal_broken
            else _("The seals are those of the manifest.")
        ),
    )


@blueprint.post("/parcels/<uuid:parcel_id>/scans")
def scan(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Take one scan of an arriving parcel."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.ScanSchema().read(typed)
        return operations.scan_parcel(session, actor, operations.ScanParcel(parcel_id, **told))

    return _parcel_form(parcel_id, act, lambda _item: None)


@blueprint.post("/parcels/<uuid:parcel_id>/scans/undone")
def undo(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Take back a scan that was wrong."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.UndoScanSchema().read(typed)
        return operations.undo_scan(session, actor, operations.UndoScan(parcel_id, **told))

    return _parcel_form(parcel_id, act, lambda _parcel: _("The scan is taken back."))


@blueprint.post("/parcels/<uuid:parcel_id>/reconcile")
def reconcile(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Close the receipt of a parcel."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.ReconcileParcelSchema().read(typed)
        command = operations.ReconcileParcel(parcel_id, **told)
        return operations.reconcile_parcel(session, actor, command)

    done = _("Receipt is closed; the masses are on the laboratory's account.")
    return _parcel_form(parcel_id, act, lambda _parcel: done)


@blueprint.post("/parcels/<uuid:parcel_id>/lost")
def lost(parcel_id: uuid.UUID) -> ResponseReturnValue:
    """Declare a parcel lost."""

    def act(session: Session, actor: Actor, typed: browser.Typed) -> Any:
        told = schemas.LoseParcelSchema().read(typed)
        command = operations.LoseParcel(parcel_id, **told)
        return operations.mark_parcel_lost(session, actor, command)

    return _parcel_form(parcel_id, act, lambda _parcel: _("The parcel is declared lost."))
