"""Parcels on their way out: drafted, filled, weighed, sent, given up. Sealing has its own file."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lims import journal
from lims.custody import authorisations, noting, queries, rules
from lims.custody.records import Parcel, ParcelItem, TransportPermit
from lims.custody.rules import ParcelState, ScanResult
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Refused, refuse_field, refuse_stale
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.intake import queries as intake
from lims.intake import rules as intake_rules
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.journal.operations import Subject
from lims.network import queries as network
from lims.network.records import Site
from lims.network.rules import OrganisationKind, Permission


@dataclass(frozen=True)
class DraftParcel:
    """A parcel from a site to a laboratory; without a permit, the one valid longest is taken."""

    from_site_id: uuid.UUID
    to_site_id: uuid.UUID
    permit_id: uuid.UUID | None = None
    carrier_function: str = ""
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class ChangeManifest:
    """A sample that goes into a parcel, or comes out, by its code; mg of the tube as it goes."""

    parcel_id: uuid.UUID
    code: str
    gross_mg: Decimal | None = None


@dataclass(frozen=True)
class WeighItem:
    """A tube with its content on a scale: before it is sealed, or when it is unpacked."""

    parcel_id: uuid.UUID
    code: str
    gross_mg: Decimal


@dataclass(frozen=True)
class MoveParcel:
    """A parcel to be sent or cancelled."""

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
    receiver = _receiver(session, command)
    if intake_rules.wrong_text("carrier_function", command.carrier_function, 80):
        raise refuse_field("carrier_function", _("At most %(n)s characters, please.", n=80))
    permit = _permit(session, command)
    parcel = Parcel(
        id=command.id or uuid.uuid4(),
        number=next_number(session, Parcel.number, "C-"),
        from_site_id=sender.id,
        to_site_id=receiver.id,
        state=ParcelState.DRAFT,
        permit=permit.number if permit else "",
        permit_id=permit.id if permit else None,
        carrier_function=command.carrier_function.strip()
        or (permit.carrier_function if permit else ""),
        made_at=clock.now(),
    )
    session.add(parcel)
    where = {"sender": sender.name, "receiver": receiver.name}
    journal.record(session, actor, "draft parcel", [("parcel", parcel.id)], **where)
    return parcel


def _receiver(session: Session, command: DraftParcel) -> Site:
    receiver = network.site(session, command.to_site_id)
    if receiver.kind != OrganisationKind.LABORATORY:
        raise refuse_field("to_site_id", _("A parcel goes to a laboratory."))
    if receiver.id == command.from_site_id:
        raise refuse_field("to_site_id", _("A parcel goes to another site."))
    return receiver


def _permit(session: Session, command: DraftParcel) -> TransportPermit | None:
    """Return the authorisation that was chosen, else the best valid one, else none yet."""
    if command.permit_id is None:
        found = authorisations.usable(session, command.from_site_id, command.to_site_id)
        return found[0] if found else None
    chosen = session.get(TransportPermit, command.permit_id)
    if chosen is None or not rules.fits_route(chosen, command.from_site_id, command.to_site_id):
        raise refuse_field("permit_id", _("This authorisation is for another route."))
    return chosen


def add_to_parcel(session: Session, actor: Actor, command: ChangeManifest) -> ParcelItem:
    """Put a sample in a draft parcel; a sample is in one active parcel at most."""
    actor.must(Permission.HAND_OVER)
    parcel = noting.locked_parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    rules.refuse_locked(parcel.state)
    rules.refuse_wrong_gross(command.gross_mg)
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
        gross_mg=command.gross_mg,
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
    is_forwarded = parcel.from_site_id != sample.site_id
    if sample.state not in (rules.MAY_BE_FORWARDED if is_forwarded else rules.MAY_TRAVEL):
        raise Refused(
            _(
                "A sample that is “%(present)s” does not travel.",
                present=intake_rules.STATE_WORDS[SampleState(sample.state)],
            )
        )
    if queries.holder(session, sample) != parcel.from_site_id:
        raise Refused(_("This sample is held by another site."))
    is_at_laboratory = sample.state != SampleState.REGISTERED
    if is_at_laboratory and is_forwarded and not sample.consent_second_laboratory:
        raise Refused(_("The person did not agree to a second laboratory."))


def remove_from_parcel(session: Session, actor: Actor, command: ChangeManifest) -> Parcel:
    """Take a sample out of a draft parcel again."""
    actor.must(Permission.HAND_OVER)
    parcel = noting.locked_parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
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


def weigh_item(session: Session, actor: Actor, command: WeighItem) -> ParcelItem:
    """Write down what a tube with its content weighs: the sender's in a draft, else the other's."""
    actor.must(Permission.FOLLOW_SAMPLES)
    rules.refuse_wrong_gross(command.gross_mg)
    parcel = session.get(Parcel, command.parcel_id)
    side = Permission.HAND_OVER
    if parcel is not None and parcel.state in rules.ARRIVING:
        side = Permission.RECEIVE
    parcel = noting.locked_parcel(session, actor, command.parcel_id, side)
    if parcel.state not in (ParcelState.DRAFT, *rules.ARRIVING):
        raise Refused(_("This parcel is sealed; its manifest is locked."))
    sample = intake.find_by_code(session, command.code)
    item = next((one for one in parcel.items if sample and one.sample_id == sample.id), None)
    if item is None:
        raise Refused(_("This sample is not in the parcel."))
    name = "gross_mg" if side is Permission.HAND_OVER else "received_gross_mg"
    setattr(item, name, command.gross_mg)
    facts = {"number": parcel.number, "mg": command.gross_mg, "side": str(side)}
    journal.record(session, actor, "weigh item", noting.about(parcel, item), **facts)
    return item


def send_parcel(session: Session, actor: Actor, command: MoveParcel) -> Parcel:
    """Hand a sealed parcel to its carrier: its samples are on their way."""
    actor.must(Permission.HAND_OVER)
    parcel = noting.locked_parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    refuse_stale(parcel, command.row_version)
    parcel.move_to(ParcelState.IN_TRANSIT)
    rules.refuse_permit(parcel.chosen_permit, authorisations.today())
    parcel.left_at = clock.now()
    leaving = [sample.id for _item, sample in noting.packed(parcel)]
    noting.leave_places(session, leaving, "sent")
    for _item, sample in noting.packed(parcel):
        if SampleState.SENT in intake_rules.MOVES[SampleState(sample.state)]:
            sample.move_to(SampleState.SENT)
    journal.record(session, actor, "send parcel", noting.about(parcel), number=parcel.number)
    return parcel


def cancel_parcel(session: Session, actor: Actor, command: MoveParcel) -> Parcel:
    """Give up a draft; its samples are free for another parcel."""
    actor.must(Permission.HAND_OVER)
    parcel = noting.locked_parcel(session, actor, command.parcel_id, Permission.HAND_OVER)
    refuse_stale(parcel, command.row_version)
    parcel.move_to(ParcelState.CANCELLED)
    for item in parcel.items:
        item.active_sample_id = None
    journal.record(session, actor, "cancel parcel", noting.about(parcel), number=parcel.number)
    return parcel
