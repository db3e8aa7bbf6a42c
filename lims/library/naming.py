"""Deciding what a name or structure of a foreign library is, once for all spectra that bear it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.library import imports, queries
from lims.library.spectra import IdentityDecision, ReferenceSpectrum
from lims.library.versions import note_library_change
from lims.network.rules import Permission


@dataclass(frozen=True)
class LinkIdentity:
    """These spectra are of this substance."""

    identity: str
    substance_id: uuid.UUID


@dataclass(frozen=True)
class LeaveIdentity:
    """These spectra stay without a substance: nothing that the library needs."""

    identity: str


def link_identity(session: Session, actor: Actor, command: LinkIdentity) -> int:
    """Link every spectrum of a name or structure to a substance; return how many it were.

    It holds for later imports too. Raises NotFound when no spectrum bears it.
    """
    actor.must(Permission.ADD_REFERENCE)
    substance = queries.substance(session, command.substance_id)
    _refuse_unheard_of(session, command.identity)
    _decide(session, actor, command.identity, substance.id)
    of_it = update(ReferenceSpectrum).where(
        ReferenceSpectrum.identity == command.identity, ReferenceSpectrum.substance_id.is_(None)
    )
    changed: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        of_it.values(
            substance_id=substance.id, row_version=ReferenceSpectrum.row_version + 1
        ).execution_options(synchronize_session=False)
    )
    about = [("substance", substance.id)]
    facts = {"identity": command.identity, "spectra": changed.rowcount}
    journal.record(session, actor, "link name of spectra", about, **facts)
    note_library_change(session)
    return int(changed.rowcount)


def leave_identity(session: Session, actor: Actor, command: LeaveIdentity) -> None:
    """Decide that the spectra of a name or structure stay without a substance."""
    actor.must(Permission.ADD_REFERENCE)
    _refuse_unheard_of(session, command.identity)
    _decide(session, actor, command.identity, None)
    journal.record(session, actor, "leave name of spectra", identity=command.identity)


def _refuse_unheard_of(session: Session, identity: str) -> None:
    if not imports.is_heard_of(session, identity):
        raise NotFound(_("No spectrum bears this name."))


def _decide(session: Session, actor: Actor, identity: str, substance_id: uuid.UUID | None) -> None:
    decided = IdentityDecision(identity=identity, substance_id=substance_id, by=actor.account)
    session.merge(decided)
