"""The reference spectra of one kind, opened for searching: one index for each library version.

An index is built by the first search after the library has changed, kept in the data folder and
mapped from there by every process. Positions in the index stand for references in a fixed order.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.identification.searching import Searcher
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


def open_shelf(session: Session, folder: Path, kind: Kind, searcher: Searcher) -> Shelf:
    """Return the references of a kind in use now; builds their index when it is not there."""
    latest = latest_version(session)
    version, state = (latest.number, latest.content_hash[:8]) if latest else (0, "none")
    place = folder / FOLDER / f"{searcher.algorithm}-{kind}-{version}-{state}"
    if not _ids_at(place).is_file():
        _build(session, place, kind, searcher)
        _forget_old(place, f"{searcher.algorithm}-{kind}-")
    return _opened(place, kind, version, searcher)


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


def _ids_at(place: Path) -> Path:
    return place.with_name(f"{place.name}.ids.json")


def _build(session: Session, place: Path, kind: Kind, searcher: Searcher) -> None:
    """Build an index beside its place and move it there; the list of ids says that it is whole."""
    index, ids = build_index(kind, searcher, collection.spectra_in_use(session, kind))
    place.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    index.save(made / "index")
    shutil.rmtree(place, ignore_errors=True)
    (made / "index").replace(place)
    made.rmdir()
    written = made.with_suffix(".ids")
    written.write_text(json.dumps([str(one) for one in ids]), encoding="utf-8")
    written.replace(_ids_at(place))


@lru_cache(maxsize=8)
def _opened(place: Path, kind: Kind, version: int, searcher: Searcher) -> Shelf:
    ids = tuple(uuid.UUID(one) for one in json.loads(_ids_at(place).read_text(encoding="utf-8")))
    return Shelf(kind, version, searcher.load(place), ids)


def _forget_old(place: Path, mine: str) -> None:
    """Remove indexes of library versions that nobody searches any more."""
    folders = [one for one in place.parent.iterdir() if one.is_dir() and one.name.startswith(mine)]
    folders.sort(key=lambda one: one.stat().st_mtime)
    for old in folders[:-VERSIONS_KEPT]:
        _ids_at(old).unlink(missing_ok=True)
        shutil.rmtree(old, ignore_errors=True)
