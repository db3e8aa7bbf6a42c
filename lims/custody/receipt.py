"""Parcels that arrive: each scan is kept at once, missing and unexpected samples are named."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import journal
from lims.custody import queries, rules
from lims.custody.records import MassEntry, Parcel, ParcelItem
from lims.custody.rules import MassMove, ParcelState, ScanResult
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.codes import read_code, shown
from lims.foundation.errors import NotFound, Refused, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.intake import queries as intake
from lims.intake import rules as intake_rules
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.journal.operations import Subject
from lims.network.rules import Permission


@dataclass(frozen=True)
class ScanParcel:
    """A code that was scanned or typed while a parcel is unpacked."""

    parcel_id: uuid.UUID
    code: str


@dataclass(frozen=True)
class ReconcileParcel:
    """The end of receipt: what was not scanned is missing, and the masses change hands."""

    parcel_id: uuid.UUID
    seal_broken: bool | None = None
    row_version: int | None = None


def scan_parcel(session: Session, actor: Actor, command: ScanParcel) -> ParcelItem:
    """Take one scan of an arriving parcel; a code that was scanned already stays as it was.

    A code that is not on the manifest is kept as unexpected. Raises Invalid for a text that no
    code can be, so that a slip of the keyboard is never taken for a sample.
    """
    actor.must(Permission.RECEIVE)
    parcel = _parcel(session, actor, command.parcel_id)
    if parcel.state not in rules.ARRIVING:
        raise Refused(
            _(
                "A parcel that is “%(present)s” takes no scans.",
                present=rules.STATE_WORDS[ParcelState(parcel.state)],
            )
        )
    sample = intake.find_by_code(session, command.code)
    code = sample.code if sample is not None else read_code(command.code)
    item = next((one for one in parcel.items if one.code == code), None)
    if item is not None and item.scan != ScanResult.EXPECTED:
        return item
    if item is None:
        item = _unexpected(session, parcel, sample, code)
    else:
        item.scan = ScanResult.RECEIVED
    item.scanned_at = clock.now()
    parcel.arrived_at = parcel.arrived_at or clock.now()
    wanted = rules.arrival([one.scan for one in parcel.items])
    if parcel.state != wanted and wanted in rules.MOVES[ParcelState(parcel.state)]:
        parcel.move_to(wanted)
    journal.record(
        session, actor, "scan parcel", _about(parcel, item), number=parcel.number, scan=item.scan
    )
    return item


def _unexpected(session: Session, parcel: Parcel, sample: Sample | None, code: str) -> ParcelItem:
    last = session.scalar(
        select(func.max(ParcelItem.position)).where(ParcelItem.parcel_id == parcel.id)
    )
    item = ParcelItem(
        id=uuid.uuid4(),
        parcel=parcel,
        sample=sample,
        code=code,
        position=(last or 0) + 1,
        scan=ScanResult.UNEXPECTED,
    )
    session.add(item)
    session.flush()
    return item


def reconcile_parcel(session: Session, actor: Actor, command: ReconcileParcel) -> Parcel:
    """Close the receipt: name what is missing, take what came onto this laboratory's account."""
    actor.must(Permission.RECEIVE)
    parcel = _parcel(session, actor, command.parcel_id)
    refuse_stale(parcel, command.row_version)
    if command.seal_broken is None:
        raise refuse_field("seal_broken", _("Say whether the seal was whole."))
    parcel.move_to(ParcelState.RECONCILED)
    parcel.seal_broken, parcel.reconciled_at = command.seal_broken, clock.now()
    for item in parcel.items:
        if item.scan == ScanResult.EXPECTED:
            _miss(parcel, item)
        elif item.sample is not None:
            _take(session, actor, parcel, item.sample, item.scan)
        item.active_sample_id = None
    named = {
        str(result): [shown(item.code) for item in parcel.items if item.scan == result]
        for result in (ScanResult.MISSING, ScanResult.UNEXPECTED)
    }
    facts = {"number": parcel.number, "seal_broken": command.seal_broken, **named}
    journal.record(session, actor, "reconcile parcel", _about(parcel), **facts)
    return parcel


def _miss(parcel: Parcel, item: ParcelItem) -> None:
    """Name an item missing: its sample is on the sender's account still, and sought there."""
    item.scan = ScanResult.MISSING
    sample = item.sample
    if sample is not None and sample.state == SampleState.SENT:
        is_first = parcel.from_site_id == sample.site_id
        sample.move_to(SampleState.REGISTERED if is_first else SampleState.RECEIVED)
        sample.laboratory_id = None if is_first else parcel.from_site_id


def _take(session: Session, actor: Actor, parcel: Parcel, sample: Sample, scan: str) -> None:
    """Move a sample that arrived, and all that other sites held of it, to this laboratory."""
    if scan == ScanResult.UNEXPECTED and _travels_elsewhere(session, sample, parcel):
        return
    for site_id, mg in queries.balances(session, sample.id).items():
        if site_id != parcel.to_site_id and mg > 0:
            pair = ((site_id, MassMove.SENT_ON), (parcel.to_site_id, MassMove.RECEIVED))
            for place, kind in pair:
                session.add(
                    MassEntry.of(sample.id, place, kind, mg, actor.account, cause_id=parcel.id)
                )
    sample.laboratory_id = parcel.to_site_id
    if SampleState.RECEIVED in intake_rules.MOVES[SampleState(sample.state)]:
        sample.move_to(SampleState.RECEIVED)


def _travels_elsewhere(session: Session, sample: Sample, parcel: Parcel) -> bool:
    """Tell whether another parcel that is under way claims this sample; it is settled there."""
    other = queries.active_parcel_of(session, sample.id)
    return other is not None and other.id != parcel.id


def _parcel(session: Session, actor: Actor, parcel_id: uuid.UUID) -> Parcel:
    parcel = session.get(Parcel, parcel_id, with_for_update=True)
    if parcel is None:
        raise NotFound(_("There is no such parcel, or it is not for your sites."))
    actor.must(Permission.RECEIVE, parcel.to_site_id)
    return parcel


def _about(parcel: Parcel, *only: ParcelItem) -> list[Subject]:
    items = only or tuple(parcel.items)
    return [
        ("parcel", parcel.id),
        *(("sample", item.sample_id) for item in items if item.sample_id is not None),
    ]
