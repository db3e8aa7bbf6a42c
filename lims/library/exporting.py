"""Letting a library of reference spectra leave the network, when its licence allows that."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from lims import journal
from lims.foundation.actors import Actor
from lims.library import collection
from lims.library.spectra import SpectrumLibrary
from lims.library.spectrum_texts import Written, ending, text_of
from lims.library.standing import refuse_export
from lims.network.rules import Permission


@dataclass(frozen=True)
class Export:
    """A library as a file: its name, and its spectra as text one after the other."""

    name: str
    texts: Iterator[str]


def export_library(session: Session, actor: Actor, library_id: uuid.UUID) -> Export:
    """Give the spectra of a library as text; raises Refused when they may not be exported."""
    actor.must(Permission.ADD_REFERENCE)
    found = collection.library(session, actor, library_id).library
    refuse_export(found.exportable, found.licence)
    about = [("spectrum library", found.id)]
    journal.record(session, actor, "export spectrum library", about, name=found.name)
    safe = "".join(one if one.isascii() and one.isalnum() else "-" for one in found.name.lower())
    return Export(f"{safe.strip('-') or 'spectra'}.{ending(found.kind)}", _texts(session, found))


def _texts(session: Session, library: SpectrumLibrary) -> Iterator[str]:
    for row in collection.spectra_to_export(session, library.id):
        yield text_of(_written(row, library))


def _written(row: Any, library: SpectrumLibrary) -> Written:
    columns = ("inchikey", "smiles", "formula", "form", "precursor_type", "collision_energy")
    facts = {name: str(value) for name, value in row.facts.items() if isinstance(value, str)}
    facts |= {name: getattr(row, name) for name in (*columns, "ion_mode", "instrument")}
    for name in ("precursor_mz", "retention_index"):
        value = getattr(row, name)
        facts[name] = "" if value is None else repr(value)
    facts.setdefault("licence", library.licence)
    facts.setdefault("source", library.source)
    return Written(row.kind, row.name, row.x, row.y, row.x_unit, row.y_unit, facts)
