"""Parcels that arrive: each scan is kept at once, missing and unexpected samples are named."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import journal
from lims.custody import noting, queries, rules
from lims.custody.conventions import AlarmKind
from lims.custody.records import Parcel, ParcelItem
from lims.custody.rules import MassMove, ParcelState, ScanResult
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.codes import read_code, shown
from lims.foundation.errors import Refused, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.intake import queries as intake
from lims.intake.records import Sample
from lims.intake.rules import SampleState, wrong_text
from lims.network.rules import Permission

LONGEST_CODE = 60


@dataclass(frozen=True)
class ScanParcel:
    """A code that was scanned or typed while a parcel is unpacked, and what its tube weighs.

    `foreign` keeps a text that cannot be a code of ours, as an unexpected one.
    """

    parcel_id: uuid.UUID
    code: str
    gross_mg: Decimal | None = None
    foreign: bool = False


@dataclass(frozen=True)
class UndoScan:
    """A scan that was wrong, and why."""

    parcel_id: uuid.UUID
    code: str
    reason: str


@dataclass(frozen=True)
class ReconcileParcel:
    """The end of receipt: what was not scanned is missing, and the masses change hands."""

    parcel_id: uuid.UUID
    row_version: int | None = None


def scan_parcel(session: Session, actor: Actor, command: ScanParcel) -> ParcelItem:
    """Take one scan of an arriving parcel; a code that was scanned already stays as it was.

    A code that is not on the manifest is kept as unexpected. Raises Invalid for a text that no
    code can be, unless it is kept as a foreign one: a slip of the keyboard is never a sample.
    """
    actor.must(Permission.RECEIVE)
    rules.refuse_wrong_gross(command.gross_mg)
    parcel = _arriving(session, actor, command.parcel_id)
    sample, code = _read(session, command)
    item = _line(parcel, code)
    if item is not None and item.scan != ScanResult.EXPECTED:
        if command.gross_mg is not None and item.received_gross_mg is None:
            item.received_gross_mg = command.gross_mg
        return item
    if item is None:
        item = _unexpected(session, parcel, sample, code)
    else:
        item.scan = ScanResult.RECEIVED
    item.scanned_at, item.received_gross_mg = clock.now(), command.gross_mg
    parcel.arrived_at = parcel.arrived_at or clock.now()
    _follow_scans(parcel)
    facts = {"number": parcel.number, "scan": item.scan}
    journal.record(session, actor, "scan parcel", noting.about(parcel, item), **facts)
    return item


def _read(session: Session, command: ScanParcel) -> tuple[Sample | None, str]:
    """Return the sample of a scan, if any, and the code to keep."""
    sample = intake.find_by_code(session, command.code)
    if sample is not None:
        return sample, sample.code
    text = command.code.strip()
    if command.foreign and text and not wrong_text("code", text, LONGEST_CODE):
        return None, text
    return None, read_code(command.code)


def _line(parcel: Parcel, code: str) -> ParcelItem | None:
    return next((one for one in parcel.items if one.code == code), None)


def _arriving(session: Session, actor: Actor, parcel_id: uuid.UUID) -> Parcel:
    parcel = noting.locked_parcel(session, actor, parcel_id, Permission.RECEIVE)
    if parcel.state not in rules.ARRIVING:
        raise Refused(
            _(
                "A parcel that is “%(present)s” takes no scans.",
                present=rules.STATE_WORDS[ParcelState(parcel.state)],
            )
        )
    return parcel


def _follow_scans(parcel: Parcel) -> None:
    wanted = rules.arrival([one.scan for one in parcel.items])
    if parcel.state != wanted and wanted in rules.MOVES[ParcelState(parcel.state)]:
        parcel.move_to(wanted)


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


def undo_scan(session: Session, actor: Actor, command: UndoScan) -> Parcel:
    """Take back a scan that was wrong, with the reason: the line is expected again, or gone."""
    actor.must(Permission.RECEIVE)
    parcel = _arriving(session, actor, command.parcel_id)
    reason = noting.said(command.reason, "reason", 200)
    sample = intake.find_by_code(session, command.code)
    item = _line(parcel, sample.code if sample is not None else command.code.strip())
    if item is None or item.scan not in (ScanResult.RECEIVED, ScanResult.UNEXPECTED):
        raise refuse_field("code", _("There is no scan of this code."))
    about = noting.about(parcel, item)
    facts = {"number": parcel.number, "code": item.code, "scan": item.scan, "reason": reason}
    if item.scan == ScanResult.UNEXPECTED:
        parcel.items.remove(item)
        session.delete(item)
    else:
        item.scan, item.scanned_at = ScanResult.EXPECTED, None
        item.received_gross_mg = None
    session.flush()
    _follow_scans(parcel)
    journal.record(session, actor, "undo scan", about, **facts)
    return parcel


def reconcile_parcel(session: Session, actor: Actor, command: ReconcileParcel) -> Parcel:
    """Close the receipt: name what is missing, take what came onto this laboratory's account.

    Raises Refused before the seals were looked at.
    """
    actor.must(Permission.RECEIVE)
    parcel = noting.locked_parcel(session, actor, command.parcel_id, Permission.RECEIVE)
    refuse_stale(parcel, command.row_version)
    if parcel.state in rules.ARRIVING and parcel.seal_broken is None:
        raise Refused(_("Look at the seals first and write down their numbers."))
    parcel.move_to(ParcelState.RECONCILED)
    parcel.reconciled_at = clock.now()
    noting.lock_samples(session, [one.id for _item, one in noting.packed(parcel)])
    for item in parcel.items:
        if item.scan == ScanResult.EXPECTED:
            _miss(parcel, item)
        elif item.sample is not None:
            _take(session, actor, parcel, item.sample, item.scan)
        item.active_sample_id = None
    noting.free_seals(session, parcel.id)
    facts = {"number": parcel.number, "seal_broken": parcel.seal_broken, **_named(parcel)}
    journal.record(session, actor, "reconcile parcel", noting.about(parcel), **facts)
    return parcel


def _named(parcel: Parcel) -> dict[str, object]:
    """Return what the journal keeps of a receipt: codes by result, differences of gross masses."""
    named: dict[str, object] = {
        str(result): [shown(item.code) for item in parcel.items if item.scan == result]
        for result in (ScanResult.MISSING, ScanResult.UNEXPECTED)
    }
    named["gross_differences"] = {
        shown(item.code): item.received_gross_mg - item.gross_mg
        for item in parcel.items
        if item.received_gross_mg is not None
        and item.gross_mg is not None
        and item.received_gross_mg != item.gross_mg
    }
    return named


def _miss(parcel: Parcel, item: ParcelItem) -> None:
    """Name an item missing: its sample is on the sender's account still, and sought there."""
    item.scan = ScanResult.MISSING
    sample = item.sample
    if sample is None:
        return
    is_first = parcel.from_site_id == sample.site_id
    if sample.state == SampleState.SENT:
        sample.move_to(SampleState.REGISTERED if is_first else SampleState.RECEIVED)
    sample.laboratory_id = None if is_first else parcel.from_site_id


def _take(session: Session, actor: Actor, parcel: Parcel, sample: Sample, scan: str) -> None:
    """Move a sample that arrived, and all that other sites held of it, to this laboratory."""
    if scan == ScanResult.UNEXPECTED and _travels_elsewhere(session, sample, parcel):
        return
    for site_id, mg in queries.balances(session, sample.id).items():
        if site_id != parcel.to_site_id and mg > 0:
            for place, kind in (
                (site_id, MassMove.SENT_ON),
                (parcel.to_site_id, MassMove.RECEIVED),
            ):
                noting.enter(session, actor, sample, place, kind, mg, cause=parcel.id)
    if sample.laboratory_id != parcel.to_site_id or scan == ScanResult.UNEXPECTED:
        noting.leave_places(session, [sample.id], "received elsewhere")
    sample.laboratory_id = parcel.to_site_id
    if sample.state in rules.MAY_ARRIVE:
        sample.move_to(SampleState.RECEIVED)
    for line in queries.missing_lines_of(session, sample.id):
        words = f"→ {parcel.number}"
        noting.settle(session, actor, AlarmKind.MISSING, line, parcel.from_site_id, words)


def _travels_elsewhere(session: Session, sample: Sample, parcel: Parcel) -> bool:
    """Tell whether another parcel that is under way claims this sample; it is settled there."""
    other = queries.active_parcel_of(session, sample.id)
    return other is not None and other.id != parcel.id
