"""Acts of quality: adding lots and instruments, checking a lot, calibrating an instrument."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import _
from lims.library.rules import code_of
from lims.network.queries import site
from lims.network.rules import Permission
from lims.protocols.rules import Technique
from lims.quality import queries, rules
from lims.quality.records import Instrument, ReagentLot


@dataclass(frozen=True)
class AddReagentLot:
    """A lot of a reagent ("marquis"), strip ("fentanyl") or solvent at a laboratory."""

    site_id: uuid.UUID
    reagent: str
    lot: str
    expires: date
    stated_lod: str = ""
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class CheckReagentLot:
    """A lot tried with a positive and a negative; each did what it should, or not."""

    lot_id: uuid.UUID
    positive_as_expected: bool
    negative_as_expected: bool
    checked_on: date | None = None


@dataclass(frozen=True)
class AddInstrument:
    """An instrument of a laboratory."""

    site_id: uuid.UUID
    name: str
    technique: str
    calibrated_until: date | None = None
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class SetInstrumentState:
    """Until when an instrument is calibrated, and whether it may be used."""

    instrument_id: uuid.UUID
    calibrated_until: date | None = None
    out_of_service: bool = False


def add_reagent_lot(session: Session, actor: Actor, command: AddReagentLot) -> ReagentLot:
    """Add a lot; sending the same identifier twice keeps one; raises Invalid for a known lot."""
    actor.must(Permission.MANAGE_LABORATORY, command.site_id)
    there = session.get(ReagentLot, command.id) if command.id else None
    if there is not None:
        actor.must(Permission.MANAGE_LABORATORY, there.site_id)
        return there
    reagent = code_of(command.reagent)
    if not reagent:
        raise refuse_field("reagent", _("This answer is needed."))
    site(session, command.site_id)
    known = select(ReagentLot.id).where(
        ReagentLot.site_id == command.site_id,
        ReagentLot.reagent == reagent,
        ReagentLot.lot == command.lot,
    )
    if session.scalar(known):
        raise refuse_field("lot", _("This lot of this reagent is already listed."))
    lot = ReagentLot(
        id=command.id or uuid.uuid4(),
        site_id=command.site_id,
        reagent=reagent,
        lot=command.lot,
        expires=command.expires,
        stated_lod=command.stated_lod,
    )
    session.add(lot)
    about = [("site", lot.site_id), ("reagent lot", lot.id)]
    journal.record(session, actor, "add reagent lot", about, reagent=lot.reagent, lot=lot.lot)
    return lot


def check_reagent_lot(session: Session, actor: Actor, command: CheckReagentLot) -> ReagentLot:
    """Record a check with a positive and a negative; a failed one bars the lot, in words."""
    actor.must(Permission.MANAGE_LABORATORY)
    lot = queries.reagent_lot(session, command.lot_id)
    actor.must(Permission.MANAGE_LABORATORY, lot.site_id)
    day = command.checked_on or clock.today()
    if problems := rules.check_problems(day, clock.today()):
        raise Invalid(problems)
    lot.checked_on = day
    lot.check_failed = not (command.positive_as_expected and command.negative_as_expected)
    journal.record(
        session,
        actor,
        "check reagent lot",
        [("site", lot.site_id), ("reagent lot", lot.id)],
        reagent=lot.reagent,
        lot=lot.lot,
        day=day.isoformat(),
        positive=command.positive_as_expected,
        negative=command.negative_as_expected,
    )
    return lot


def add_instrument(session: Session, actor: Actor, command: AddInstrument) -> Instrument:
    """Add an instrument; sending the same identifier twice keeps one; names are not repeated."""
    actor.must(Permission.MANAGE_LABORATORY, command.site_id)
    there = session.get(Instrument, command.id) if command.id else None
    if there is not None:
        actor.must(Permission.MANAGE_LABORATORY, there.site_id)
        return there
    if command.technique not in set(Technique):
        raise refuse_field("technique", _("Choose one of the list."))
    site(session, command.site_id)
    known = select(Instrument.id).where(
        Instrument.site_id == command.site_id, Instrument.name == command.name
    )
    if session.scalar(known):
        raise refuse_field("name", _("There is already an instrument of this name here."))
    instrument = Instrument(
        id=command.id or uuid.uuid4(),
        site_id=command.site_id,
        name=command.name,
        technique=command.technique,
        calibrated_until=command.calibrated_until,
    )
    session.add(instrument)
    about = [("site", instrument.site_id), ("instrument", instrument.id)]
    journal.record(session, actor, "add instrument", about, name=instrument.name)
    return instrument


def set_instrument_state(session: Session, actor: Actor, command: SetInstrumentState) -> Instrument:
    """Record a calibration, or take an instrument out of service and back."""
    actor.must(Permission.MANAGE_LABORATORY)
    instrument = queries.instrument(session, command.instrument_id)
    actor.must(Permission.MANAGE_LABORATORY, instrument.site_id)
    instrument.calibrated_until = command.calibrated_until
    instrument.out_of_service = command.out_of_service
    journal.record(
        session,
        actor,
        "set instrument state",
        [("site", instrument.site_id), ("instrument", instrument.id)],
        name=instrument.name,
        calibrated_until=str(command.calibrated_until or ""),
        out_of_service=command.out_of_service,
    )
    return instrument
