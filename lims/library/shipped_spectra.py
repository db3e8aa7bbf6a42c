"""Loading the reference spectra that ship with the product: open records, each with its source.

They are reviewed before they ship. A file that has changed adds what is new in it; what a
candidate list may have named stays.
"""

from __future__ import annotations

import csv
import hashlib
import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.shipped import shipped
from lims.library import collection, imports
from lims.library.spectra import ReferenceSpectrum, SpectrumImport, SpectrumLibrary
from lims.library.standing import ImportState, LibraryState
from lims.library.taking import Taking, row_of
from lims.network.rules import Permission
from lims.spectra.reading import each
from lims.spectra.spectrum import Spectrum

FOLDER = "reference_spectra"
LIST = "libraries.csv"
REVIEWER = "shipped with Balise"
TABLE: Any = ReferenceSpectrum.__table__


def load_shipped_spectra(session: Session, actor: Actor) -> int:
    """Load the shipped libraries of spectra; return how many were added, 0 when none is new.

    The substances must be loaded before, so that each spectrum finds its own.
    """
    actor.must(Permission.PUBLISH_PROTOCOL)
    folder = shipped(FOLDER)
    added = 0
    with (folder / LIST).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            added += _load(session, actor, folder / row["file"], row)
    return added


def _load(session: Session, actor: Actor, path: Path, told: dict[str, str]) -> int:
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    library = collection.library_by_name(session, told["name"]) or _new(session, actor, told)
    known = select(SpectrumImport.id).where(
        SpectrumImport.library_id == library.id, SpectrumImport.sha256 == sha256
    )
    if session.scalar(known) is not None:
        return 0
    rows = _fresh(session, library, _spectra(path), actor.account)
    if rows:
        session.execute(insert(TABLE), rows)
    session.add(_import(path.name, data, sha256, library, rows, actor.account))
    about = [("spectrum library", library.id)]
    facts = {"name": library.name, "spectra": len(rows), "file": sha256}
    journal.record(session, actor, "load shipped spectra", about, **facts)
    return len(rows)


def _import(
    name: str,
    data: bytes,
    sha256: str,
    library: SpectrumLibrary,
    rows: list[dict[str, Any]],
    account: str,
) -> SpectrumImport:
    return SpectrumImport(
        id=uuid.uuid4(),
        name=name,
        sha256=sha256,
        size=len(data),
        state=ImportState.DONE,
        library_id=library.id,
        kind=library.kind,
        position=len(data),
        read=len(rows),
        added=len(rows),
        unresolved=sum(row["substance_id"] is None for row in rows),
        by=account,
    )


def _new(session: Session, actor: Actor, told: dict[str, str]) -> SpectrumLibrary:
    library = SpectrumLibrary(
        id=uuid.uuid4(),
        **{name: told[name] for name in ("name", "kind", "licence", "edition", "source")},
        exportable=told["exportable"] == "yes",
        few=told["few"] == "yes",
        state=LibraryState.REVIEWED,
        added_by=actor.account,
        reviewed_by=REVIEWER,
        reviewed_at=clock.now(),
    )
    session.add(library)
    session.flush()
    return library


def _spectra(path: Path) -> list[Spectrum]:
    with path.open("rb") as file:
        records = list(each(file, path.name))
    refused = [str(one.refusal) for one in records if one.refusal is not None]
    if refused:
        raise ValueError(f"{path.name}: {refused[0]}")
    return [one.spectrum for one in records if one.spectrum is not None]


def _fresh(
    session: Session, library: SpectrumLibrary, spectra: list[Spectrum], account: str
) -> list[dict[str, Any]]:
    """Return rows for the spectra that the library does not hold yet."""
    taking = Taking(imports.known(session))
    held = select(ReferenceSpectrum.hash).where(ReferenceSpectrum.library_id == library.id)
    there = set(session.scalars(held))
    rows = {row["hash"]: row for row in (row_of(one, library.kind, taking) for one in spectra)}
    return [
        {**row, "library_id": library.id, "added_by": account}
        for key, row in rows.items()
        if key not in there
    ]
