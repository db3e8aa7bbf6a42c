"""Letting a library of reference spectra leave the network, when its licence allows that."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.library import collection
from lims.library.spectrum_texts import ending
from lims.library.standing import refuse_export
from lims.network.rules import Permission


@dataclass(frozen=True)
class Export:
    """What may leave: a library, and the name of its file."""

    library_id: uuid.UUID
    name: str


def export_library(session: Session, actor: Actor, library_id: uuid.UUID) -> Export:
    """Let a library leave as a file; raises Refused when its spectra may not be exported."""
    actor.must(Permission.ADD_REFERENCE)
    found = collection.library(session, actor, library_id).library
    refuse_export(found.exportable, found.licence)
    about = [("spectrum library", found.id)]
    journal.record(session, actor, "export spectrum library", about, name=found.name)
    safe = "".join(one if one.isascii() and one.isalnum() else "-" for one in found.name.lower())
    return Export(found.id, f"{safe.strip('-') or 'spectra'}.{ending(found.kind)}")
