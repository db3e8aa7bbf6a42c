"""What is left of the reference standards: using some, and counting again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, NotFound, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.library import rules
from lims.library.records import ReferenceLot, ReferenceUse
from lims.network.rules import Permission


@dataclass(frozen=True)
class UseReference:
    """An amount taken out of a bottle, in mg, and what for."""

    lot_id: uuid.UUID
    mg: Decimal
    reason: str
    row_version: int | None = None


@dataclass(frozen=True)
class CorrectReferenceLot:
    """What a bottle really holds (mg) and its days, as seen on it, with the reason."""

    lot_id: uuid.UUID
    remaining_mg: Decimal
    reason: str
    opened: date | None = None
    expires: date | None = None
    row_version: int | None = None


def use_reference(session: Session, actor: Actor, command: UseReference) -> ReferenceLot:
    """Take an amount out of a bottle; never more than is known to be left."""
    actor.must(Permission.CONSULT)
    lot = _lot(session, command.lot_id)
    if not actor.may(Permission.MANAGE_LABORATORY, lot.site_id):
        actor.must(Permission.ANALYSE, lot.site_id)
    refuse_stale(lot, command.row_version)
    if not command.mg > 0:
        raise refuse_field("mg", _("An amount used is more than 0 mg."))
    if lot.remaining_mg is None:
        raise refuse_field("mg", _("Nobody wrote down how much is left: count it first."))
    if command.mg > lot.remaining_mg:
        raise refuse_field("mg", _("Only %(mg)s mg are left.", mg=lot.remaining_mg))
    lot.remaining_mg -= command.mg
    _write(session, actor, lot, "used", command.mg, command.reason)
    facts = {"lot": lot.lot, "mg": str(command.mg), "left_mg": str(lot.remaining_mg)}
    about = [("site", lot.site_id), ("substance", lot.substance_id)]
    journal.record(session, actor, "use reference", about, **facts, reason=command.reason)
    return lot


def correct_reference_lot(
    session: Session, actor: Actor, command: CorrectReferenceLot
) -> ReferenceLot:
    """Write down what a bottle really holds, and its days when they were wrong; empty days stay."""
    actor.must(Permission.MANAGE_LABORATORY)
    lot = _lot(session, command.lot_id)
    actor.must(Permission.MANAGE_LABORATORY, lot.site_id)
    refuse_stale(lot, command.row_version)
    opened, expires = command.opened or lot.opened, command.expires or lot.expires
    problems = rules.lot_problems(lot.received, opened, expires, None, clock.today())
    if problems:
        raise Invalid(problems)
    if command.remaining_mg < 0:
        raise refuse_field("remaining_mg", _("An amount left is 0 mg or more."))
    before = lot.remaining_mg
    lot.remaining_mg, lot.opened, lot.expires = command.remaining_mg, opened, expires
    taken = None if before is None else before - command.remaining_mg
    _write(session, actor, lot, "corrected", taken, command.reason)
    facts = {"lot": lot.lot, "left_mg": str(lot.remaining_mg), "reason": command.reason}
    about = [("site", lot.site_id), ("substance", lot.substance_id)]
    before_mg = None if before is None else str(before)
    journal.record(session, actor, "correct reference lot", about, **facts, before_mg=before_mg)
    return lot


def _lot(session: Session, lot_id: uuid.UUID) -> ReferenceLot:
    found = session.get(ReferenceLot, lot_id, with_for_update=True)
    if found is None:
        raise NotFound(_("There is no such reference lot."))
    return found


def _write(
    session: Session, actor: Actor, lot: ReferenceLot, kind: str, mg: Decimal | None, reason: str
) -> None:
    if not reason.strip():
        raise refuse_field("reason", _("Say why, in a few words."))
    session.add(
        ReferenceUse(
            lot_id=lot.id,
            kind=kind,
            mg=mg,
            left_mg=lot.remaining_mg,
            reason=reason,
            by=actor.account,
            at=clock.now(),
        )
    )
