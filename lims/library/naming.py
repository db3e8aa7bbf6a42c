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
class DecideIdentity:
    """The spectra that bear a name or structure are of a substance, or stay without one."""

    identity: str
    substance_id: uuid.UUID | None = None


def decide_identity(session: Session, actor: Actor, command: DecideIdentity) -> int:
    """Link every spectrum of a name or structure to a substance, or leave it; return how many.

    It holds for later imports too. Raises NotFound when no spectrum without a substance bears it.
    """
    actor.must(Permission.ADD_REFERENCE)
    if not imports.is_heard_of(session, command.identity):
        raise NotFound(_("No spectrum bears this name."))
    decided = {"substance_id": command.substance_id, "by": actor.account}
    session.merge(IdentityDecision(identity=command.identity, **decided))
    if command.substance_id is None:
        journal.record(session, actor, "leave name of spectra", identity=command.identity)
        return 0
    substance = queries.substance(session, command.substance_id)
    changed = _link(session, command.identity, substance.id)
    about = [("substance", substance.id)]
    facts = {"identity": command.identity, "spectra": changed}
    journal.record(session, actor, "link name of spectra", about, **facts)
    note_library_change(session)
    return changed


def _link(session: Session, identity: str, substance_id: uuid.UUID) -> int:
    of_it = update(ReferenceSpectrum).where(
        ReferenceSpectrum.identity == identity, ReferenceSpectrum.substance_id.is_(None)
    )
    values = {"substance_id": substance_id, "row_version": ReferenceSpectrum.row_version + 1}
    told = of_it.values(**values).execution_options(synchronize_session=False)
    changed: CursorResult[Any] = session.execute(told)  # type: ignore[assignment]
    return int(changed.rowcount)
