"""The mass spectra in use, opened for searching: one index for each state of the library.

The first search after the library has changed builds the index; every other process waits for it
and maps the same files. A folder appears in one step, complete or not at all; those of earlier
states are removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lims.identification import mass_ei, mass_msms
from lims.identification.mass_ei import EiIndex
from lims.identification.mass_hits import Hit, inseparable
from lims.identification.mass_msms import MsmsIndex, Question
from lims.library import collection
from lims.library.peaks import unpacked
from lims.library.queries import latest_version
from lims.spectra.spectrum import Kind

FOLDER = "indexes"
ALGORITHMS = {Kind.EI: mass_ei.ALGORITHM, Kind.MSMS: mass_msms.ALGORITHM}
# An earlier state stays until the searches that still use it are over.
_KEPT = 2


@dataclass(frozen=True, eq=False)
class MassShelf:
    """An opened index, the library version it stands for, and the reference at each position."""

    kind: Kind
    version: int
    index: Any
    ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True)
class Found:
    """What a search found, with all that is needed to repeat it."""

    kind: Kind
    library_version: int
    algorithm: str
    parameters: dict[str, Any]
    hits: tuple[Hit, ...]
    #: reference spectra, in the order of the hits
    references: tuple[uuid.UUID, ...]

    def close(self, names: dict[uuid.UUID, str]) -> list[str]:
        """Return the names of first hits that cannot be told apart; `names` by reference."""
        return inseparable(self.hits, [names.get(one, str(one)) for one in self.references])

    def as_document(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "kind": self.kind.value,
            "library_version": self.library_version,
            "algorithm": self.algorithm,
            "parameters": self.parameters,
            "hits": [hit.as_document() for hit in self.hits],
        }


def search_ei(
    session: Session,
    data_dir: Path,
    mz: Any,
    intensity: Any,
    retention_index: float | None = None,
    top: int = 50,
) -> Found:
    """Search the electron-ionisation spectra in use; builds their index when there is none."""
    shelf = mass_index(session, data_dir, Kind.EI)
    hits = shelf.index.search(mz, intensity, retention_index=retention_index, top=top)
    asked = {**mass_ei.parameters(), "retention_index": retention_index}
    return _found(shelf, hits, asked)


def search_msms(
    session: Session,
    data_dir: Path,
    mz: Any,
    intensity: Any,
    precursor: float | None = None,
    question: Question = Question.SAME_PRECURSOR,
    top: int = 50,
) -> Found:
    """Search the fragment spectra in use; builds their index when there is none."""
    shelf = mass_index(session, data_dir, Kind.MSMS)
    hits = shelf.index.search(mz, intensity, precursor=precursor, question=question, top=top)
    asked = {**mass_msms.parameters(), "precursor": precursor, "question": question.value}
    return _found(shelf, hits, asked)


def mass_index(session: Session, data_dir: Path, kind: Kind) -> MassShelf:
    """Return the index of the spectra of a kind (EI or MS/MS) that are in use now."""
    latest = latest_version(session)
    version, state = (latest.number, latest.content_hash) if latest else (0, "")
    key = hashlib.sha256(f"{state}{ALGORITHMS[kind]}".encode()).hexdigest()[:12]
    place = data_dir / FOLDER / f"{kind.value}-{version}-{key}"
    build_once(place, lambda folder: _built(session, kind).save(folder))
    return _opened(place, kind, version)


def build_once(place: Path, build: Callable[[Path], None]) -> None:
    """Make a folder by `build` unless it is there; of several processes one builds it."""
    if place.is_dir():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with _lock(place.with_name(f".{place.name}.lock")):
        if place.is_dir():
            return
        made = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
        try:
            build(made)
            os.replace(made, place)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
        _forget_old(place)


def _found(shelf: MassShelf, hits: list[Hit], asked: dict[str, Any]) -> Found:
    return Found(
        shelf.kind,
        shelf.version,
        ALGORITHMS[shelf.kind],
        asked,
        tuple(hits),
        tuple(shelf.ids[hit.position] for hit in hits),
    )


def _built(session: Session, kind: Kind) -> EiIndex | MsmsIndex:
    rows = collection.spectra_in_use(session, kind.value)
    if kind is Kind.EI:
        return EiIndex.build(
            (str(one.id), unpacked(one.x), unpacked(one.y), one.retention_index) for one in rows
        )
    return MsmsIndex.build(
        (str(one.id), unpacked(one.x), unpacked(one.y), one.precursor_mz) for one in rows
    )


@lru_cache(maxsize=4)
def _opened(place: Path, kind: Kind, version: int) -> MassShelf:
    index = EiIndex.load(place) if kind is Kind.EI else MsmsIndex.load(place)
    return MassShelf(kind, version, index, tuple(uuid.UUID(one.decode()) for one in index.ids))


@contextmanager
def _lock(place: Path) -> Iterator[None]:
    """Hold a lock file, which the system frees when the process ends in any way."""
    with place.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forget_old(place: Path) -> None:
    """Remove the indexes of earlier states, but for the one that searches may still use."""
    family = place.name.split("-", 1)[0]
    folders = [one for one in place.parent.glob(f"{family}-*-*") if one.is_dir()]
    for old in sorted(folders, key=lambda one: one.stat().st_mtime)[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
        old.with_name(f".{old.name}.lock").unlink(missing_ok=True)
