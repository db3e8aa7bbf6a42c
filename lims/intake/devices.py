"""Devices that record without network: enrolled, given codes and selectors, withdrawn.

What is reserved for one device is never given to anybody else, whatever becomes of the device.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock, codes, sealing
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, Refused, refuse_field
from lims.foundation.words import _
from lims.intake import device_queries, rules, screening
from lims.intake.blocks import MakeCodeBlock, make_code_block
from lims.intake.device_records import Device, ReservedSelector
from lims.intake.records import SampleCode, SampleCodeBlock, Ticket
from lims.network import queries as network
from lims.network.rules import Permission

MOST_AT_ONCE = 1000
MOST_IN_HAND = 3000
"""Unused codes, or selectors, that one device may hold: several festivals, not the whole space."""


@dataclass(frozen=True)
class EnrolDevice:
    """A tablet or telephone for the actor's site; `folder` holds the keys of the installation."""

    id: uuid.UUID
    name: str
    site_id: uuid.UUID | None
    folder: Path


@dataclass(frozen=True)
class Reserve:
    """Codes and selectors for a device; `id` is of this request, so that it may be repeated."""

    id: uuid.UUID
    device_id: uuid.UUID
    codes: int = 0
    selectors: int = 0


@dataclass(frozen=True)
class Reserved:
    """What a device may hand out, and nobody else."""

    codes: Sequence[str]
    selectors: Sequence[str]


@dataclass(frozen=True)
class ReturnUnused:
    """Codes and selectors that a device will not use; nobody will."""

    device_id: uuid.UUID
    codes: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()


@dataclass(frozen=True)
class WithdrawDevice:
    """A device that is lost, broken or given up."""

    device_id: uuid.UUID
    reason: str


@dataclass(frozen=True)
class RotateKey:
    """A new key of the outbox; `drop_old` destroys the older ones that no device needs."""

    folder: Path
    drop_old: bool = False


@dataclass(frozen=True)
class Rotated:
    """The key in use, the older ones with the devices that may still need them, those destroyed."""

    key: str
    older: tuple[tuple[str, int], ...]
    dropped: tuple[str, ...]


def enrol_device(session: Session, actor: Actor, command: EnrolDevice) -> Device:
    """Enrol a device at a site; the same identifier again gives the same device.

    Raises Refused for a device of another site, Withdrawn for one that was withdrawn.
    """
    actor.must(Permission.USE_DEVICE, command.site_id)
    known = session.get(Device, command.id)
    if known is not None:
        if known.site_id != command.site_id:
            raise Refused(_("This device is enrolled at another site."))
        device_queries.refuse_withdrawn(known)
        _seen(known)
        return known
    name = command.name.strip()
    problems = rules.wrong_text("name", name, 60)
    if not name:
        problems = [Problem("name", _("Give the device a name, such as “tablet 2”."))]
    told = {} if problems else screening.warnings({"name": name}, frozenset())
    problems += [Problem(field, words) for field, words in told.items()]
    if problems:
        raise Invalid(problems)
    site = network.site(session, command.site_id)
    made = Device(
        id=command.id,
        name=name,
        site=site,
        enrolled_by=actor.account,
        enrolled_at=clock.now(),
        seal_key=sealing.outbox_key(command.folder).id,
        last_seen=clock.today(),
    )
    session.add(made)
    session.flush()
    journal.record(session, actor, "enrol device", [("device", made.id)], name=name)
    return made


def reserve(session: Session, actor: Actor, command: Reserve) -> Reserved:
    """Give a device codes and selectors that nobody else gets; asked again, the same ones."""
    actor.must(Permission.REGISTER)
    device = device_queries.device(session, actor, command.device_id)
    actor.must(Permission.REGISTER, device.site_id)
    device_queries.refuse_withdrawn(device)
    _refuse_numbers(command)
    block = session.get(SampleCodeBlock, command.id)
    known = list(
        session.scalars(
            select(ReservedSelector)
            .where(ReservedSelector.request_id == command.id)
            .order_by(ReservedSelector.selector)
        )
    )
    _refuse_foreign(device, block, known)
    if block is None and not known:
        _refuse_more(session, device)
        _seen(device)
        block, known = _reserved(session, actor, device, command)
        facts = {"codes": command.codes, "selectors": command.selectors}
        journal.record(session, actor, "reserve codes", [("device", device.id)], **facts)
    free = select(SampleCode.code).where(
        SampleCode.block_id == command.id, SampleCode.used.is_(False)
    )
    listed = session.scalars(free.order_by(SampleCode.code)).all() if block is not None else []
    return Reserved(listed, [one.selector for one in known if not one.used])


def return_unused(session: Session, actor: Actor, command: ReturnUnused) -> Device:
    """Take back what a device will not use: it is void for everybody, and counted no more."""
    actor.must(Permission.USE_DEVICE)
    device = device_queries.device(session, actor, command.device_id)
    blocks = select(SampleCodeBlock.id).where(SampleCodeBlock.device_id == device.id)
    gone = (
        delete(SampleCode).where(
            SampleCode.code.in_(command.codes),
            SampleCode.block_id.in_(blocks),
            SampleCode.used.is_(False),
        ),
        delete(ReservedSelector).where(
            ReservedSelector.selector.in_(command.selectors),
            ReservedSelector.device_id == device.id,
            ReservedSelector.used.is_(False),
        ),
    )
    counted = [getattr(session.execute(one), "rowcount", 0) for one in gone]
    facts = dict(zip(("codes", "selectors"), counted, strict=True))
    journal.record(session, actor, "return codes", [("device", device.id)], **facts)
    return device


def withdraw_device(session: Session, actor: Actor, command: WithdrawDevice) -> Device:
    """Withdraw a device: from now its records are refused, its unused codes void."""
    actor.must(Permission.USE_DEVICE)
    device = device_queries.device(session, actor, command.device_id)
    reason = command.reason.strip()
    problems = rules.wrong_text("reason", reason, 120)
    if not reason:
        problems = [Problem("reason", _("Say why in a few words."))]
    told = {} if problems else screening.warnings({"reason": reason}, frozenset({"reason"}))
    problems += [Problem(field, words) for field, words in told.items()]
    if problems:
        raise Invalid(problems)
    if device.withdrawn_at is not None:
        raise Refused(_("This device is withdrawn already."))
    device.withdrawn_at = clock.now()
    device.withdrawn_by = actor.account
    device.withdrawn_reason = reason
    left = device_queries.left_of(session, device)
    facts = {"reason": reason, "codes": left.codes, "selectors": left.selectors}
    journal.record(session, actor, "withdraw device", [("device", device.id)], **facts)
    return device


def rotate_key(session: Session, actor: Actor, command: RotateKey) -> Rotated:
    """Make a new key to which devices seal; an older one stays while a device may need it.

    A device needs a key until it has sent a record under a newer one: it sends in order, so that
    nothing older waits then but what was refused and lies there to be corrected.
    """
    actor.must(Permission.ADMINISTER)
    made = sealing.rotate_outbox_key(command.folder)
    older, dropped = [], []
    for key in sealing.older_outbox_keys(command.folder):
        waiting = device_queries.sealing_to(session, key)
        if command.drop_old and not waiting:
            sealing.drop_outbox_key(command.folder, key)
            dropped.append(key)
        else:
            older.append((key, waiting))
    journal.record(session, actor, "rotate key", [], key=made.id, dropped=dropped)
    return Rotated(made.id, tuple(older), tuple(dropped))


def _refuse_numbers(command: Reserve) -> None:
    asked = {"codes": command.codes, "selectors": command.selectors}
    wrong = [
        Problem(name, _("From 0 to %(most)s at once.", most=MOST_AT_ONCE))
        for name, n in asked.items()
        if not 0 <= n <= MOST_AT_ONCE
    ]
    if not wrong and not any(asked.values()):
        wrong = [Problem("codes", _("Ask for at least one code or ticket."))]
    if wrong:
        raise Invalid(wrong)


def _refuse_more(session: Session, device: Device) -> None:
    left = device_queries.left_of(session, device)
    if max(left.codes, left.selectors) > MOST_IN_HAND:
        raise Refused(_("This device has enough codes: more than %(n)s.", n=MOST_IN_HAND))


def _refuse_foreign(
    device: Device, block: SampleCodeBlock | None, known: Sequence[ReservedSelector]
) -> None:
    owners = {one.device_id for one in known} | ({block.device_id} if block is not None else set())
    if owners - {device.id}:
        raise refuse_field("id", _("Another request has this identifier."))


def _reserved(
    session: Session, actor: Actor, device: Device, command: Reserve
) -> tuple[SampleCodeBlock | None, list[ReservedSelector]]:
    block = None
    if command.codes:
        asked = MakeCodeBlock(device.site_id, device.name, command.codes, command.id)
        block = make_code_block(session, actor, asked)
        block.device_id = device.id
    rows = [
        {"selector": one, "device_id": device.id, "request_id": command.id, "used": False}
        for one in sorted(_fresh_selectors(session, command.selectors))
    ]
    if rows:
        session.execute(insert(ReservedSelector), rows)
    session.flush()
    return block, [ReservedSelector(**row) for row in rows]


def _fresh_selectors(session: Session, count: int) -> set[str]:
    """Return random selectors that no ticket has and no device keeps."""
    fresh: set[str] = set()
    while len(fresh) < count:
        drawn = {
            "".join(
                secrets.choice(codes.TICKET_ALPHABET) for _place in range(codes.SELECTOR_LENGTH)
            )
            for _each in range(count - len(fresh))
        }
        kept = select(ReservedSelector.selector).where(ReservedSelector.selector.in_(drawn))
        given = select(Ticket.selector).where(Ticket.selector.in_(drawn))
        fresh |= drawn - set(session.scalars(kept)) - set(session.scalars(given))
    return fresh


def _seen(device: Device) -> None:
    if device.last_seen != clock.today():
        device.last_seen = clock.today()
