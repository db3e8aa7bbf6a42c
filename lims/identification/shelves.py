"""The reference spectra of one kind, opened for searching: one index for each library version.

An index is built by the first search after the library has changed, kept in the data folder and
mapped from there by every process. Positions in the index stand for references in a fixed order.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.identification.indexes import build_once
from lims.identification.searching import Searcher
from lims.library import collection
from lims.library.peaks import unpacked
from lims.library.queries import latest_version
from lims.spectra.spectrum import Kind, Spectrum

FOLDER = "indexes"
IDS = "references.json"
CURVES = (Kind.IR, Kind.RAMAN, Kind.UV)
X_UNITS = {Kind.IR: "cm-1", Kind.RAMAN: "cm-1", Kind.UV: "nm"}


@dataclass(frozen=True, eq=False)
class Shelf:
    """An opened index and which reference stands at each position."""

    kind: Kind
    version: int
    index: Any
    ids: tuple[uuid.UUID, ...]


def open_shelf(session: Session, folder: Path, kind: Kind, searcher: Searcher) -> Shelf:
    """Return the references of a kind in use now; builds their index when it is not there."""
    latest = latest_version(session)
    version, state = (latest.number, latest.content_hash[:12]) if latest else (0, "none")
    family = f"{searcher.algorithm}-{kind}-"
    place = folder / FOLDER / f"{family}{version}-{state}"
    build_once(place, family, lambda made: _build(session, made, kind, searcher))
    return _opened(place, kind, version, searcher)


def build_index(kind: Kind, searcher: Searcher, rows: Iterable[Any]) -> tuple[Any, list[uuid.UUID]]:
    """Return an index of rows of the library, and which reference each position is.

    The rows are read one after the other: a large library is never held whole.
    """
    ids: list[uuid.UUID] = []

    def spectra() -> Iterator[Spectrum]:
        for row in rows:
            ids.append(row.id)
            yield reference_spectrum(kind, row)

    return searcher.build(kind, spectra()), ids


def reference_spectrum(kind: Kind, row: Any) -> Spectrum:
    """Return a reference of the library as a spectrum."""
    x_unit = getattr(row, "x_unit", "") or X_UNITS.get(kind, "")
    numbers = {name: getattr(row, name, None) for name in ("retention_index", "precursor_mz")}
    return Spectrum(
        kind,
        unpacked(row.x),
        unpacked(row.y),
        x_unit,
        row.y_unit,
        sticks=kind not in CURVES,
        facts={name: repr(value) for name, value in numbers.items() if value is not None},
    )


def _build(session: Session, made: Path, kind: Kind, searcher: Searcher) -> None:
    index, ids = build_index(kind, searcher, collection.spectra_in_use(session, kind))
    index.save(made)
    (made / IDS).write_text(json.dumps([str(one) for one in ids]), encoding="utf-8")


@lru_cache(maxsize=8)
def _opened(place: Path, kind: Kind, version: int, searcher: Searcher) -> Shelf:
    ids = tuple(uuid.UUID(one) for one in json.loads((place / IDS).read_text(encoding="utf-8")))
    return Shelf(kind, version, searcher.load(place), ids)
