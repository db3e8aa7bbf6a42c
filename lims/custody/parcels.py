"""Parcels on their way out: drafted, filled, sealed with a locked manifest, sent, lost."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims import journal
from lims.custody import queries, rules
from lims.custody.records import MassEntry, Parcel, ParcelItem
from lims.custody.rules import MassMove, ParcelState, ScanResult
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.codes import shown
from lims.foundation.errors import NotFound, Refused, refuse_field, refuse_stale
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.intake import queries as intake
from lims.intake import rules as intake_rules
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.journal.operations import Subject
from lims.network import queries as network
from lims.network.rules import OrganisationKind, Permission


@dataclass(frozen=True)
class DraftParcel:
    """A parcel from a site to a laboratory; an empty permit takes the one of the site."""

    from_site_id: uuid.UUID
    to_site_id: uuid.UUID
    permit: str = ""
    carrier_function: str = ""
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class ChangeManifest:
    """A sample that goes into a parcel, or comes out, by its code."""

    parcel_id: uuid.UUID
    code: str


@dataclass(frozen=True)
class SealParcel:
    """The seal that locks a manifest."""

    parcel_id: uuid.UUID
    seal: str
    gross_mass_mg: Decimal | None = None
    row_version: int | None = None


@dataclass(frozen=True)
class MoveParcel:
    """A parcel to be sent, cancelled or declared lost."""

    parcel_id: uuid.UUID
    row_version: int | None = None


def draft_parcel(session: Session, actor: Actor, command: DraftParcel) -> Parcel:
    """Begin a parcel to a laboratory; the same identifier again gives the same parcel."""
    actor.must(Permission.HAND_OVER, command.from_site_id)
    known = session.get(Parcel, command.id) if command.id else None
    if known is not None:
        if (known.from_site_id, known.to_site_id) != (command.from_site_id, command.to_site_id):
            raise Refused(_("Another parcel has this identifier."))
        return known
    sender = network.site(session, command.from_site_id)
    receiver = network.site(session, command.to_site_id)
    if receiver.kind != OrganisationKind.LABORATORY:
        raise refuse_field("to_site_id", _("A parcel goes to a laboratory."))
    if receiver.id == sender.id:
        raise refuse_field("to_site_id", _("A parcel goes to another site."))
    for name, longest in (("permit", 80), ("carrier_function", 80)):
        if intake_rules.wrong_text(name, getattr(command, name), longest):
            raise refuse_field(name, _("At most %(n)s characters, please.", n=longest))
    parcel = Parcel(
        id=command.id or uuid.uuid4(),
        number=next_number(session, Parcel.number, "C-"),
        from_site_id=sender.id,
        to_site_id=receiver.id,
        state=ParcelState.DRAFT,
        permit=command.permit.strip() or sender.permit,
        carrier_function=command.carrier_function.strip(),
        made_at=clock.now(),
    )
    session.add(parcel)
    where = {"sender": sender.name, "receiver": receiver.name}
    journal.record(session, actor, "draft parcel", [("parcel", parcel.id)], **where)
    return parcel


def add_to_parcel(session: Session, actor: Actor, command: ChangeManifest) -> ParcelItem:
    """Put a sample in a draft parcel; a sample is in one active parcel at most."""
    actor.must(Permission.HAND_OVER)
    parcel = _parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    rules.refuse_locked(parcel.state)
    sample = intake.sample_by_code(session, actor, command.code)
    _refuse_unfit(session, sample, parcel)
    last = session.scalar(
        select(func.max(ParcelItem.position)).where(ParcelItem.parcel_id == parcel.id)
    )
    item = ParcelItem(
        id=uuid.uuid4(),
        parcel_id=parcel.id,
        sample_id=sample.id,
        active_sample_id=sample.id,
        code=sample.code,
        position=(last or 0) + 1,
        mass_mg=queries.balance_at(session, sample.id, parcel.from_site_id) or None,
        scan=ScanResult.EXPECTED,
    )
    try:
        with session.begin_nested():
            session.add(item)
    except IntegrityError as taken:
        raise Refused(_("This sample is already in a parcel.")) from taken
    session.expire(parcel, ["items"])
    about: list[Subject] = [("parcel", parcel.id), ("sample", sample.id)]
    journal.record(session, actor, "add to parcel", about, number=parcel.number)
    return item


def _refuse_unfit(session: Session, sample: Sample, parcel: Parcel) -> None:
    other = queries.active_parcel_of(session, sample.id)
    if other is not None:
        raise Refused(_("This sample is already in parcel %(number)s.", number=other.number))
    if sample.state not in rules.MAY_TRAVEL:
        raise Refused(
            _(
                "A sample that is “%(present)s” does not travel.",
                present=intake_rules.STATE_WORDS[SampleState(sample.state)],
            )
        )
    if queries.holder(session, sample) != parcel.from_site_id:
        raise Refused(_("This sample is held by another site."))
    if sample.state == SampleState.RECEIVED and not sample.consent_second_laboratory:
        raise Refused(_("The person did not agree to a second laboratory."))


def remove_from_parcel(session: Session, actor: Actor, command: ChangeManifest) -> Parcel:
    """Take a sample out of a draft parcel again."""
    actor.must(Permission.HAND_OVER)
    parcel = _parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    rules.refuse_locked(parcel.state)
    sample = intake.sample_by_code(session, actor, command.code)
    item = session.scalar(
        select(ParcelItem).where(
            ParcelItem.parcel_id == parcel.id, ParcelItem.sample_id == sample.id
        )
    )
    if item is None:
        raise Refused(_("This sample is not in the parcel."))
    session.delete(item)
    session.flush()
    session.expire(parcel, ["items"])
    about: list[Subject] = [("parcel", parcel.id), ("sample", sample.id)]
    journal.record(session, actor, "remove from parcel", about, number=parcel.number)
    return parcel


def seal_parcel(session: Session, actor: Actor, command: SealParcel) -> Parcel:
    """Seal a parcel and lock its manifest, under an authorisation that is valid today."""
    actor.must(Permission.HAND_OVER)
    parcel = _parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    refuse_stale(parcel, command.row_version)
    seal = command.seal.strip()
    if not seal:
        raise refuse_field("seal", _("Write the number of the seal."))
    if intake_rules.wrong_text("seal", seal, 60):
        raise refuse_field("seal", _("At most %(n)s characters, please.", n=60))
    if intake_rules.wrong_amount("m", command.gross_mass_mg, rules.HEAVIEST_PARCEL_MG):
        raise refuse_field("gross_mass_mg", _("This mass of a parcel cannot be right."))
    _refuse_unready(parcel)
    site = network.site(session, parcel.from_site_id)
    today = intake_rules.day_in_belgium(clock.now())
    rules.refuse_permit(parcel.permit, site.permit_from, site.permit_until, today)
    parcel.move_to(ParcelState.SEALED)
    parcel.seal, parcel.gross_mass_mg, parcel.sealed_at = seal, command.gross_mass_mg, clock.now()
    for item, sample in _packed(parcel):
        item.mass_mg = queries.balance_at(session, sample.id, parcel.from_site_id) or None
        sample.laboratory_id = parcel.to_site_id
    facts = {"number": parcel.number, "seal": seal, "samples": len(parcel.items)}
    journal.record(session, actor, "seal parcel", _about(parcel), **facts)
    return parcel


def _refuse_unready(parcel: Parcel) -> None:
    if not parcel.items:
        raise Refused(_("There is no sample in this parcel yet."))
    unfit = [one.code for _item, one in _packed(parcel) if one.state not in rules.MAY_TRAVEL]
    if unfit:
        codes = [shown(code) for code in unfit]
        raise Refused(_("Take these out first, they do not travel: %(codes)s.", codes=codes))


def send_parcel(session: Session, actor: Actor, command: MoveParcel) -> Parcel:
    """Hand a sealed parcel to its carrier: its samples are on their way."""
    actor.must(Permission.HAND_OVER)
    parcel = _parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    refuse_stale(parcel, command.row_version)
    parcel.move_to(ParcelState.IN_TRANSIT)
    parcel.left_at = clock.now()
    for _item, sample in _packed(parcel):
        if SampleState.SENT in intake_rules.MOVES[SampleState(sample.state)]:
            sample.move_to(SampleState.SENT)
    journal.record(session, actor, "send parcel", _about(parcel), number=parcel.number)
    return parcel


def cancel_parcel(session: Session, actor: Actor, command: MoveParcel) -> Parcel:
    """Give up a draft; its samples are free for another parcel."""
    actor.must(Permission.HAND_OVER)
    parcel = _parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    refuse_stale(parcel, command.row_version)
    parcel.move_to(ParcelState.CANCELLED)
    for item in parcel.items:
        item.active_sample_id = None
    journal.record(session, actor, "cancel parcel", _about(parcel), number=parcel.number)
    return parcel


def mark_parcel_lost(session: Session, actor: Actor, command: MoveParcel) -> Parcel:
    """Declare a parcel lost on the way: its masses leave the sender's account and reach nobody."""
    actor.must(Permission.MANAGE_CUSTODY)
    parcel = _parcel(session, actor, command.parcel_id, Permission.MANAGE_CUSTODY)
    refuse_stale(parcel, command.row_version)
    parcel.move_to(ParcelState.LOST)
    for item, sample in _packed(parcel):
        item.scan, item.active_sample_id = ScanResult.MISSING, None
        gone = queries.balance_at(session, sample.id, parcel.from_site_id)
        if gone > 0:
            kind, by = MassMove.SENT_ON, actor.account
            session.add(
                MassEntry.of(sample.id, parcel.from_site_id, kind, gone, by, cause_id=parcel.id)
            )
        if SampleState.NOT_ANALYSED in intake_rules.MOVES[SampleState(sample.state)]:
            sample.move_to(SampleState.NOT_ANALYSED)
            sample.not_analysed_reason = intake_rules.LOST_OR_DAMAGED
    codes = [shown(item.code) for item in parcel.items]
    facts = {"number": parcel.number, "missing": codes}
    journal.record(session, actor, "mark parcel lost", _about(parcel), **facts)
    return parcel


def _parcel(session: Session, actor: Actor, parcel_id: uuid.UUID, permission: Permission) -> Parcel:
    """Return a parcel, locked, of a sender (or for losses also a receiver) where the actor may."""
    parcel = session.get(Parcel, parcel_id, with_for_update=True)
    if parcel is None:
        raise NotFound(_("There is no such parcel, or it is not for your sites."))
    if permission is Permission.MANAGE_CUSTODY and actor.may(permission, parcel.to_site_id):
        return parcel
    actor.must(permission, parcel.from_site_id)
    return parcel


def _packed(parcel: Parcel) -> Sequence[tuple[ParcelItem, Sample]]:
    return [(item, item.sample) for item in parcel.items if item.sample is not None]


def _about(parcel: Parcel) -> list[Subject]:
    return [
        ("parcel", parcel.id),
        *(("sample", item.sample_id) for item in parcel.items if item.sample_id is not None),
    ]
