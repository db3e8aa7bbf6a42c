"""The reference spectra of one kind, opened for searching: one index for each library version.

An index is built by the first search after the library has changed, kept in the data folder and
mapped from there by every process. Positions in the index stand for references in a fixed order.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.identification.band_search import ALGORITHM_VERSION, BandIndex
from lims.library import collection
from lims.library.peaks import unpacked
from lims.library.queries import latest_version
from lims.spectra.spectrum import Kind, Spectrum

FOLDER = "indexes"
VERSIONS_KEPT = 2
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
    latest = latest_version(session)
    version, state = (latest.number, latest.content_hash[:8]) if latest else (0, "none")
    place = folder / FOLDER / f"{ALGORITHM_VERSION}-{kind}-{version}-{state}"
    if not (place / "index.json").is_file() or not _ids_at(place).is_file():
        _build(session, place, kind)
        _forget_old(place, kind)
    return _opened(place, kind, version)


def build_curves(kind: Kind, rows: Iterator[Any]) -> tuple[BandIndex, list[uuid.UUID]]:
    """Return an index of rows with x, y and y_unit, and which reference each position is."""
    ids: list[uuid.UUID] = []

    def spectra() -> Iterator[tuple[int, Spectrum]]:
        for place, row in enumerate(rows):
            ids.append(row.id)
            yield place, reference_spectrum(kind, row)

    return BandIndex.build(kind, spectra()), ids


def reference_spectrum(kind: Kind, row: Any) -> Spectrum:
    """Return a reference of the library as a spectrum."""
    x_unit = getattr(row, "x_unit", "") or X_UNITS.get(kind, "")
    sticks = kind not in CURVES
    return Spectrum(kind, unpacked(row.x), unpacked(row.y), x_unit, row.y_unit, sticks)


def _ids_at(place: Path) -> Path:
    return place.with_name(f"{place.name}.ids.json")


def _build(session: Session, place: Path, kind: Kind) -> None:
    index, ids = build_curves(kind, collection.spectra_in_use(session, kind))
    place.parent.mkdir(parents=True, exist_ok=True)
    _ids_at(place).write_text(json.dumps([str(one) for one in ids]), encoding="utf-8")
    index.save(place)


@lru_cache(maxsize=8)
def _opened(place: Path, kind: Kind, version: int) -> Shelf:
    ids = tuple(uuid.UUID(one) for one in json.loads(_ids_at(place).read_text(encoding="utf-8")))
    return Shelf(kind, version, BandIndex.load(place), ids)


def _forget_old(place: Path, kind: Kind) -> None:
    """Remove indexes of library versions that nobody searches any more."""
    mine = f"{ALGORITHM_VERSION}-{kind}-"
    folders = [one for one in place.parent.iterdir() if one.is_dir() and one.name.startswith(mine)]
    folders.sort(key=lambda one: one.stat().st_mtime)
    for old in folders[:-VERSIONS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
        _ids_at(old).unlink(missing_ok=True)
