"""The reference spectra of one kind, opened for searching: one index for each library version.

An index is built by the first search after the library has changed, kept in the data folder and
mapped from there by every process. Positions in the index stand for references in a fixed order.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.identification import indexes
from lims.identification.band_search import ALGORITHM_VERSION, BandIndex
from lims.identification.searching import CURVES as CURVE_SEARCH
from lims.identification.searching import Searcher
from lims.library import collection
from lims.library.peaks import unpacked
from lims.library.queries import latest_version
from lims.spectra.spectrum import Kind, Spectrum

IDS = "ids.json"
CURVES = (Kind.IR, Kind.RAMAN, Kind.UV)
X_UNITS = {Kind.IR: "cm-1", Kind.RAMAN: "cm-1", Kind.UV: "nm"}


@dataclass(frozen=True, eq=False)
class Shelf:
    """An opened index and which reference stands at each position."""

    kind: Kind
    version: int
    index: Any
    ids: tuple[uuid.UUID, ...]


def open_shelf(session: Session, folder: Path, kind: Kind) -> Shelf:
    """Return the references of a kind in use now; builds their index when it is not there."""
    if kind in indexes.ALGORITHMS:
        found = indexes.mass_index(session, folder, kind)
        return Shelf(kind, found.version, found.index, found.ids)
    latest = latest_version(session)
    version, state = (latest.number, latest.content_hash) if latest else (0, "")
    key = hashlib.sha256(f"{state}{ALGORITHM_VERSION}".encode()).hexdigest()[:12]
    place = folder / indexes.FOLDER / f"{kind}-{version}-{key}"
    indexes.build_once(place, lambda made: _build(session, made, kind))
    return _opened(place, kind, version)


def build_index(kind: Kind, searcher: Searcher, rows: Iterable[Any]) -> tuple[Any, list[uuid.UUID]]:
    """Return an index of rows of the library, and which reference each position is."""
    listed = list(rows)
    spectra = [reference_spectrum(kind, row) for row in listed]
    return searcher.build(kind, spectra), [row.id for row in listed]


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


def _build(session: Session, made: Path, kind: Kind) -> None:
    """Write the index of the curves of a kind into a folder, with the reference of each place."""
    index, ids = build_index(kind, CURVE_SEARCH, collection.spectra_in_use(session, kind))
    index.save(made)
    (made / IDS).write_text(json.dumps([str(one) for one in ids]), encoding="utf-8")


@lru_cache(maxsize=6)
def _opened(place: Path, kind: Kind, version: int) -> Shelf:
    ids = tuple(uuid.UUID(one) for one in json.loads((place / IDS).read_text(encoding="utf-8")))
    return Shelf(kind, version, BandIndex.load(place), ids)
