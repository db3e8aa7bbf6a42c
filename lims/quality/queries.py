"""Reading what a laboratory works with: reagent lots and instruments."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.quality.records import Instrument, ReagentLot


def reagent_lots(
    session: Session, site_id: uuid.UUID, reagent: str | None = None
) -> Sequence[ReagentLot]:
    """Return the lots of a laboratory, of one reagent or all, the longest usable first."""
    query = select(ReagentLot).where(ReagentLot.site_id == site_id)
    if reagent:
        query = query.where(ReagentLot.reagent == reagent)
    order = (ReagentLot.reagent, ReagentLot.expires.desc(), ReagentLot.lot)
    return session.scalars(query.order_by(*order)).all()


def reagent_lot(session: Session, lot_id: uuid.UUID) -> ReagentLot:
    """Return a lot; raises NotFound."""
    found = session.get(ReagentLot, lot_id)
    if found is None:
        raise NotFound(_("There is no such reagent lot."))
    return found


def instruments(
    session: Session, site_id: uuid.UUID, technique: str | None = None
) -> Sequence[Instrument]:
    """Return the instruments of a laboratory, of one technique or all, by name."""
    query = select(Instrument).where(Instrument.site_id == site_id)
    if technique:
        query = query.where(Instrument.technique == technique)
    return session.scalars(query.order_by(Instrument.technique, Instrument.name)).all()


def instrument(session: Session, instrument_id: uuid.UUID) -> Instrument:
    """Return an instrument; raises NotFound."""
    found = session.get(Instrument, instrument_id)
    if found is None:
        raise NotFound(_("There is no such instrument."))
    return found


@dataclass(frozen=True)
class Laboratory:
    """What one laboratory works with."""

    lots: Sequence[ReagentLot]
    instruments: Sequence[Instrument]


def laboratory(session: Session, actor: Actor, site_id: uuid.UUID) -> Laboratory:
    """Return lots and instruments to somebody who manages the laboratory or analyses there."""
    if not actor.may(Permission.ANALYSE, site_id):
        actor.must(Permission.MANAGE_LABORATORY, site_id)
    return Laboratory(reagent_lots(session, site_id), instruments(session, site_id))
