"""The long work of an import: part after part of a kept file, each in a transaction of its own."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from lims.foundation import files
from lims.foundation.actors import Actor
from lims.foundation.jobs import Job, Shift
from lims.library import importing, imports
from lims.library.spectra import SpectrumImport
from lims.library.taking import Taking, parts
from lims.network.rules import Permission
from lims.spectra.reading import each

PART = 500
"""Records that are taken in together."""

GZIP = b"\x1f\x8b"


def import_spectra(shift: Shift) -> None:
    """Take in a file from where its import stands to its end."""
    with shift.unit() as (session, job):
        found = session.get_one(SpectrumImport, job.subject_id)
        name, after, path = found.name, found.position, files.path_of(shift.folder, found.sha256)
        taking = Taking(imports.known(session))
    with path.open("rb") as file:
        for records in parts(each(file, name, after), after, PART):
            with shift.unit() as (session, job):
                found = session.get_one(SpectrumImport, job.subject_id)
                importing.take_in(session, _importer(job), found, records, taking)
                job.done = _reached(path, file, found.position)
                job.outcome = _outcome(found)
    with shift.unit() as (session, job):
        found = session.get_one(SpectrumImport, job.subject_id)
        importing.end_import(session, _importer(job), found)
        job.done, job.outcome = job.total, _outcome(found)


def _importer(job: Job) -> Actor:
    """Return who acts: the account that asked, with what it was permitted when it asked."""
    return Actor(None, job.by, grants={Permission.ADD_REFERENCE: frozenset({None})})


def _reached(path: Path, file: BinaryIO, position: int) -> int:
    """Return how far the import is in bytes of the kept file, which may be packed."""
    with path.open("rb") as opened:
        packed = opened.read(2) == GZIP
    return file.tell() if packed else position


def _outcome(found: SpectrumImport) -> dict[str, int]:
    names = ("read", "added", "duplicates", "unresolved", "refused")
    return {name: getattr(found, name) for name in names}
