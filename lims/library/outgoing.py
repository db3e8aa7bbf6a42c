"""Reading a library of spectra as text, spectrum by spectrum, without keeping anybody waiting."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine

from lims.foundation.database import open_session
from lims.library import collection
from lims.library.spectra import SpectrumLibrary
from lims.library.spectrum_texts import Written, text_of


def texts(engine: Engine, library_id: uuid.UUID) -> Iterator[str]:
    """Give the spectra of a library as text, in a reading transaction of its own.

    Whether they may leave is decided before, by `exporting.export_library`.
    """
    with open_session(engine, reading=True) as session:
        library = session.get_one(SpectrumLibrary, library_id)
        for row in collection.spectra_to_export(session, library_id):
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
