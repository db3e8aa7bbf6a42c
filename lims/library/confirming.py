"""Confirming a structure: two people of the network, each having compared it with something."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, Stale, refuse_field
from lims.foundation.four_eyes import refuse_unless_other_eyes
from lims.foundation.words import _
from lims.library import queries, rules
from lims.library.records import StructureConfirmation, Substance
from lims.library.rules import StructureStatus
from lims.library.versions import note_library_change
from lims.network.rules import Permission


@dataclass(frozen=True)
class ConfirmStructure:
    """One person vouches for a structure; the key is that of the structure that was looked at."""

    substance_id: uuid.UUID
    inchikey: str
    compared_with: str


@dataclass(frozen=True)
class WithdrawConfirmation:
    """A confirmation that is taken back, with the reason."""

    confirmation_id: uuid.UUID
    reason: str


def confirm_structure(
    session: Session, actor: Actor, command: ConfirmStructure
) -> StructureConfirmation:
    """Vouch for a structure; the second person's word makes it confirmed.

    Raises Refused for the person who added it, for the same person twice, for a structure that
    needs no confirmation; Stale when the structure is another one by now.
    """
    actor.must(Permission.ADD_REFERENCE)
    substance = queries.locked_substance(session, command.substance_id)
    _refuse_unless_waiting(substance)
    if command.inchikey != substance.inchikey:
        raise Stale(_("Somebody changed this in the meantime. Read it again and repeat."))
    if not command.compared_with.strip():
        raise refuse_field("compared_with", _("Say with what you compared the structure."))
    standing = _standing(session, substance)
    refuse_unless_other_eyes(
        actor.account, author=substance.added_by, seen_by=[one.by for one in standing]
    )
    made = StructureConfirmation(
        id=uuid.uuid4(),
        substance_id=substance.id,
        inchikey=substance.inchikey,
        by=actor.account,
        compared_with=command.compared_with,
        at=clock.now(),
    )
    session.add(made)
    _settle(substance, [*standing, made])
    facts = {"inchikey": made.inchikey, "compared_with": made.compared_with}
    about = [("substance", substance.id)]
    status = str(substance.structure_status)
    journal.record(session, actor, "confirm structure", about, **facts, status=status)
    note_library_change(session)
    return made


def withdraw_confirmation(
    session: Session, actor: Actor, command: WithdrawConfirmation
) -> StructureConfirmation:
    """Take back one's own confirmation, or as laboratory head anybody's; it stays readable."""
    actor.must(Permission.ADD_REFERENCE)
    given = session.get(StructureConfirmation, command.confirmation_id)
    if given is None:
        raise NotFound(_("There is no such confirmation."))
    substance = queries.locked_substance(session, given.substance_id)
    if given.by != actor.account:
        actor.must(Permission.MANAGE_LABORATORY)
    if given.withdrawn_at is not None:
        raise Refused(_("This confirmation has already been taken back."))
    if not command.reason.strip():
        raise refuse_field("reason", _("Say why, in a few words."))
    given.withdrawn_at, given.withdrawn_by = clock.now(), actor.account
    given.reason = command.reason
    session.flush()
    _settle(substance, _standing(session, substance))
    about = [("substance", substance.id)]
    facts = {"of": given.by, "reason": given.reason, "status": str(substance.structure_status)}
    journal.record(session, actor, "withdraw confirmation", about, **facts)
    note_library_change(session)
    return given


def _refuse_unless_waiting(substance: Substance) -> None:
    if not substance.smiles:
        raise Refused(_("This substance has no structure to confirm."))
    if substance.structure_status == StructureStatus.CONFIRMED:
        raise Refused(_("This structure is already confirmed."))


def _standing(session: Session, substance: Substance) -> Sequence[StructureConfirmation]:
    """Return the confirmations of the present structure that nobody took back."""
    query = select(StructureConfirmation).where(
        StructureConfirmation.substance_id == substance.id,
        StructureConfirmation.inchikey == substance.inchikey,
        StructureConfirmation.withdrawn_at.is_(None),
    )
    return session.scalars(query.order_by(StructureConfirmation.at)).all()


def _settle(substance: Substance, standing: Sequence[StructureConfirmation]) -> None:
    """Set the status that follows from what the source states and who has confirmed it."""
    substance.stated_status = substance.stated_status or substance.structure_status
    people = {one.by for one in standing}
    substance.structure_status = rules.settled_status(substance.stated_status, len(people))
