"""The server's end of the offline outbox: a sealed record becomes a record, exactly once.

Opening, the act that the record asks for and the receipt are one transaction. Nothing of an opened
record is kept or logged when it is refused; only whoever may register at the device's site is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock, sealing
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, NotPermitted, Refusal, Refused, refuse_field
from lims.foundation.words import _
from lims.intake import rules
from lims.intake.device_queries import Withdrawn, refuse_withdrawn
from lims.intake.device_records import Device, OutboxReceipt
from lims.intake.kinds import Kind, Origin, connect, kind_named
from lims.network.rules import RESCUED, Permission

__all__ = ["Kind", "Origin", "connect", "receive_envelope", "take_theirs"]


@dataclass(frozen=True)
class ReceiveEnvelope:
    """A sealed record as sent; `sent_at` is the device's time of sending, `folder` has the keys."""

    id: uuid.UUID
    text: bytes = field(repr=False)
    folder: Path
    sent_at: str = ""
    imported: bool = False


@dataclass(frozen=True)
class Received:
    """That the server has a record. `hash` is of the text it took; `theirs` differs from it."""

    id: uuid.UUID
    hash: str
    is_new: bool
    result: Mapping[str, Any]
    ours: Mapping[str, Any] | None = field(default=None, repr=False)
    theirs: Mapping[str, Any] | None = field(default=None, repr=False)


class OtherRecord(Refused):
    """The server has another record under this identifier: a person must choose."""

    def __init__(self, received: Received) -> None:
        super().__init__(_("Another record of this name is here already."))
        self.received = received


@dataclass(frozen=True)
class _Found:
    """A sealed record looked into: as far as it could be opened and read, or what is wrong."""

    envelope: sealing.Envelope
    kind: Kind
    folder: Path
    opened: sealing.Opened | None = None
    moment: datetime = field(default_factory=clock.now)
    skew: int | None = None
    asked: Any = field(default=None, repr=False)
    wrong: Refusal | None = None


class EnvelopeRefused(Refusal):
    """A sealed record that is not taken; `opened` is for the one person who may correct it."""

    def __init__(self, cause: Refusal, opened: Mapping[str, Any] | None = None) -> None:
        super().__init__(cause.message)
        self.cause, self.opened = cause, opened
        self.withdrawn = isinstance(cause, Withdrawn)
        # 409 is kept for a record that the server has: what a rule refuses can be edited.
        self.status = 422 if cause.status == Refused.status else cause.status


def receive_envelope(session: Session, actor: Actor, command: ReceiveEnvelope) -> Received:
    """Open a sealed record and do what it asks for; raises EnvelopeRefused, and keeps nothing then.

    The same text again changes nothing. Another text under the same identifier raises OtherRecord
    with what the server has beside what was sent.
    """
    actor.must(Permission.USE_DEVICE)
    found = _looked_into(command)  # before the first question to the database: no lock is held
    device = _device(session, actor, found.envelope)
    known = session.get(OutboxReceipt, command.id)
    if known is not None and known.device_id != device.id:
        raise EnvelopeRefused(refuse_field("id", _("Another device sent a record of this name.")))
    if known is not None and known.hash == found.envelope.hash:
        told = _result(session, found.kind, known.subject_id)
        return Received(known.id, known.hash, False, told)
    _refuse_withdrawn(actor, device, command)
    if found.wrong is not None and found.opened is None:
        raise EnvelopeRefused(found.wrong)
    may_read = actor.may(Permission.REGISTER, device.site_id)
    shown = found.opened.body if may_read and found.opened is not None else None
    if known is not None:
        raise _conflict(session, found, known.subject_id, known.hash, shown)
    try:
        return _taken(session, _acting(actor, device, command), found, device)
    except Refused as refusal:
        if may_read and _present(session, found.kind, command.id) is not None:
            raise _conflict(session, found, command.id, "", shown) from None
        raise EnvelopeRefused(refusal, shown) from None
    except Refusal as refusal:
        raise EnvelopeRefused(refusal, shown) from None


def take_theirs(session: Session, actor: Actor, command: ReceiveEnvelope) -> Received:
    """Settle a conflict as a person chose: what the device recorded replaces what the server has.

    Raises EnvelopeRefused when the two differ by more than answers that may be corrected.
    """
    actor.must(Permission.REGISTER)
    found = _looked_into(command)
    device = _device(session, actor, found.envelope)
    actor.must(Permission.REGISTER, device.site_id)
    _refuse_withdrawn(actor, device, command)
    known = session.get(OutboxReceipt, command.id)
    shown = found.opened.body if found.opened is not None else None
    if found.kind.overrule is None or (known is not None and known.device_id != device.id):
        words = _("This kind of record cannot be replaced; correct it by hand.")
        raise EnvelopeRefused(Refused(words), shown)
    try:
        found.kind.overrule(session, actor, _asked(found))
    except Refusal as refusal:
        raise EnvelopeRefused(refusal, shown) from None
    envelope = found.envelope
    journal.record(session, actor, "settle conflict", [(envelope.kind, envelope.id)])
    if known is None:
        known = _receipt(found, device, envelope.id)
        session.add(known)
    known.hash = envelope.hash
    session.flush()
    return Received(known.id, known.hash, True, _result(session, found.kind, known.subject_id))


def _looked_into(command: ReceiveEnvelope) -> _Found:
    """Open a sealed record and read it, as far as that goes without asking the database."""
    try:
        envelope = sealing.read_envelope(command.text)
        if envelope.id != command.id:
            raise refuse_field("id", _("The address and the sealed record name different records."))
        kind = kind_named(envelope.kind)
        if kind is None:
            raise refuse_field("kind", _("This server does not know this kind of record."))
    except Refusal as refusal:
        raise EnvelopeRefused(refusal) from None
    try:
        opened = sealing.open_envelope(command.folder, envelope)
    except Refusal as refusal:
        return _Found(envelope, kind, command.folder, wrong=refusal)
    sent = sealing.read_moment(command.sent_at)
    moment, skew = _corrected(opened.recorded_at, sent, clock.now())
    try:
        asked = kind.schema_read(envelope.id, rules.day_in_belgium(moment), opened.body)
    except Refusal as refusal:
        return _Found(envelope, kind, command.folder, opened, moment, skew, wrong=refusal)
    return _Found(envelope, kind, command.folder, opened, moment, skew, asked)


def _device(session: Session, actor: Actor, envelope: sealing.Envelope) -> Device:
    """Return the device that sealed a record; raises EnvelopeRefused."""
    try:
        device = session.get(Device, envelope.device)
        if device is None:
            raise NotFound(_("There is no such device, or it is not for your sites."))
        actor.must(Permission.USE_DEVICE, device.site_id)
    except Refusal as refusal:
        raise EnvelopeRefused(refusal) from None
    return device


def _asked(found: _Found) -> Any:
    if found.wrong is not None:
        raise found.wrong
    return found.asked


def _refuse_withdrawn(actor: Actor, device: Device, command: ReceiveEnvelope) -> None:
    if command.imported and actor.may(Permission.RESCUE_RECORDS, device.site_id):
        return
    try:
        refuse_withdrawn(device)
    except NotPermitted as refusal:
        raise EnvelopeRefused(refusal) from None


def _acting(actor: Actor, device: Device, command: ReceiveEnvelope) -> Actor:
    """Return the actor; who rescues a queue acts for the table where it was recorded."""
    if not command.imported or not actor.may(Permission.RESCUE_RECORDS, device.site_id):
        return actor
    there = frozenset({device.site_id})
    more: dict[str, frozenset[uuid.UUID | None]]
    more = {one: actor.grants.get(one, frozenset()) | there for one in RESCUED}
    return replace(actor, grants={**actor.grants, **more})


def _taken(session: Session, actor: Actor, found: _Found, device: Device) -> Received:
    envelope, kind, asked = found.envelope, found.kind, _asked(found)
    if kind.stamped is not None:
        origin = Origin(device.id, device.site_id, found.moment, found.folder)
        asked = kind.stamped(asked, origin)
    receipt = _receipt(found, device, envelope.id)
    session.add(receipt)
    session.flush()  # whoever sends the same at this moment waits here, and finds it taken
    made = kind.operation(session, actor, asked)
    subject = kind.subject(made) if kind.subject is not None else envelope.id
    if subject != envelope.id:
        receipt.subject_id = subject
    if device.last_seen != clock.today():
        device.last_seen = clock.today()
    if device.seal_key != envelope.key:
        device.seal_key = envelope.key
    session.flush()
    return Received(envelope.id, envelope.hash, True, _result(session, kind, subject))


def _receipt(found: _Found, device: Device, subject: uuid.UUID) -> OutboxReceipt:
    return OutboxReceipt(
        id=found.envelope.id,
        device_id=device.id,
        kind=found.envelope.kind,
        hash=found.envelope.hash,
        received_at=clock.now(),
        subject_id=subject,
        skew_seconds=found.skew,
    )


def _corrected(
    recorded: datetime, sent: datetime | None, at: datetime
) -> tuple[datetime, int | None]:
    """Return when something was recorded by our clock, and how many seconds the device's was slow.

    Device and server read their clocks at the moment of sending; what lies between is the error.
    Without the device's time of sending its clock is believed; nothing was recorded in the future.
    """
    error = at - sent if sent is not None else timedelta()
    seconds = None if sent is None else round(error.total_seconds())
    return min(recorded + error, at), seconds


def _result(session: Session, kind: Kind, subject: uuid.UUID) -> Mapping[str, Any]:
    return kind.result(session, subject) if kind.result is not None else {"id": str(subject)}


def _present(session: Session, kind: Kind, subject: uuid.UUID) -> Mapping[str, Any] | None:
    return kind.present(session, subject) if kind.present is not None else None


def _conflict(
    session: Session,
    found: _Found,
    subject: uuid.UUID,
    hash_of_ours: str,
    theirs: Mapping[str, Any] | None,
) -> OtherRecord:
    ours = _present(session, found.kind, subject) if theirs is not None else None
    result = _result(session, found.kind, subject)
    return OtherRecord(Received(found.envelope.id, hash_of_ours, False, result, ours, theirs))
