"""Reading other services' results: WEDINOS, EcstasyData, British Columbia, our own table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from lims.exchange.sources import bc_quant, ecstasydata, plain_csv, wedinos
from lims.exchange.sources.mapping import SourceMapping, mapping_of
from lims.exchange.sources.notes import Notes
from lims.exchange.sources.rows import Reading
from lims.exchange.sources.tables import LARGEST_FILE
from lims.foundation import clock
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.words import _
from lims.foundation.workbooks import PACKED

SOURCES = ("wedinos", "ecstasydata", "bc_quant", "csv")
#: Which files of a folder each source consists of; the first group that is there is read.
FILES = {
    "wedinos": ("samples.csv", "wedinos_raw.json"),
    "ecstasydata": (ecstasydata.SAMPLES, ecstasydata.DETECTIONS),
    "bc_quant": (bc_quant.FILE,),
    "csv": ("samples.csv", "results.csv"),
}
_ANY_NAME = ("csv", "bc_quant")
READERS = {"wedinos": wedinos.read, "bc_quant": bc_quant.read, "csv": plain_csv.read}


def files_at(path: Path, source: str) -> dict[str, bytes]:
    """Return name and content of the files that a delivery consists of."""
    _mapping(source)
    wanted = [*FILES[source], *(name.replace(".csv", ".xlsx") for name in FILES[source])]
    if path.is_dir():
        found = [entry for entry in sorted(path.iterdir()) if entry.name.lower() in wanted]
        if not found and source in _ANY_NAME:
            found = [*sorted(path.glob("*.csv")), *sorted(path.glob("*.xlsx"))][:1]
    elif path.is_file():
        found = [path]
        if source == "ecstasydata":
            found = [p for p in sorted(path.parent.iterdir()) if p.name.lower() in wanted]
    else:
        raise NotFound(_("There is no file or folder %(name)s.", name=path.name))
    if not found:
        raise Refused(
            _("The folder has none of these files: %(names)s.", names=list(dict.fromkeys(wanted)))
        )
    return {entry.name: _content(entry) for entry in found}


def read_files(files: Mapping[str, bytes], source: str, today: date | None = None) -> Reading:
    """Read the files of one delivery, given by name and content."""
    mapping = _mapping(source)
    day = today or clock.today()
    notes = Notes("", mapping, day)
    if source == "ecstasydata":
        return _read_ecstasydata(files, mapping, day)
    samples, table, repeated = READERS[source](files, notes)
    return Reading(
        source=source,
        sha256=fingerprint(files),
        files=tuple(sorted(files)),
        sample_rows=table.rows_read,
        detection_rows=sum(len(sample.detections) for sample in samples),
        samples=tuple(samples),
        problems=tuple(sorted([*table.problems, *notes.problems], key=lambda p: p.row)),
        repeated_rows=repeated,
    )


def named(name: str, content: bytes) -> str:
    """Return the name that a file has by what it holds: a workbook is called `.xlsx`."""
    return name.replace(".csv", ".xlsx") if content.startswith(PACKED) else name


def fingerprint(files: Mapping[str, bytes]) -> str:
    """Return one SHA-256 over the contents of a delivery, whatever its files are called."""
    parts = sorted(hashlib.sha256(content).hexdigest() for content in files.values())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read_ecstasydata(files: Mapping[str, bytes], mapping: SourceMapping, today: date) -> Reading:
    about_samples = Notes(ecstasydata.SAMPLES, mapping, today)
    about_detections = Notes(ecstasydata.DETECTIONS, mapping, today)
    samples, table, entries, repeated = ecstasydata.read(files, about_samples, about_detections)
    problems = [
        *sorted([*table.problems, *about_samples.problems], key=lambda p: p.row),
        *sorted([*entries.problems, *about_detections.problems], key=lambda p: p.row),
    ]
    return Reading(
        source=mapping.code,
        sha256=fingerprint(files),
        files=tuple(sorted(files)),
        sample_rows=table.rows_read,
        detection_rows=entries.rows_read,
        samples=tuple(samples),
        problems=tuple(problems),
        repeated_rows=repeated,
    )


def _mapping(source: str) -> SourceMapping:
    if source not in SOURCES:
        raise refuse_field("source", _("Choose a source: %(names)s.", names=list(SOURCES)))
    return mapping_of(source)


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_FILE:
        message = _("%(file)s is larger than %(n)s MB.", file=path.name, n=LARGEST_FILE >> 20)
        raise Refused(message)
    return path.read_bytes()
