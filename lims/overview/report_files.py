"""The files of a report: a PDF in each language, the numbers as a workbook and as CSV, twice.

Once for the network, once for everybody. Their hash is one line each, so that anybody can check.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from lims.foundation.words import LANGUAGES
from lims.overview.indicator_tables import Sheet, csv_bytes, sheets, workbook
from lims.overview.report_pdf import report_pdf
from lims.overview.report_told import Edition, boards, told


@dataclass(frozen=True)
class File:
    """A file with its name and whether everybody may read it."""

    name: str
    public: bool
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def files(edition: Edition) -> list[File]:
    """Return every file of a report."""
    return [*_files(edition, public=False), *_files(edition, public=True)]


def pdf(edition: Edition, language: str, *, public: bool) -> bytes:
    """Return the report in one language."""
    return report_pdf(told(edition, language, public=public))


def tables(edition: Edition, *, public: bool) -> dict[str, list[Sheet]]:
    """Return the numbers and definitions in each language."""
    found = boards(edition, public=public)
    return {code: sheets(found[code], code) for code in LANGUAGES}


def hash_of(listed: Iterable[File]) -> str:
    """Return the SHA-256 over one line for each file, by name: its name and its SHA-256."""
    lines = sorted(f"{one.name} {one.sha256}\n" for one in listed)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _files(edition: Edition, *, public: bool) -> list[File]:
    stem = f"report-{edition.period}-{edition.edition}{'-public' if public else ''}"
    by_language = tables(edition, public=public)
    every = [
        Sheet(f"{one.name} {code.upper()}", one.rows)
        for code, listed in by_language.items()
        for one in listed
    ]
    found = [File(f"{stem}.xlsx", public, workbook(every))]
    for code in LANGUAGES:
        found.append(File(f"{stem}-{code}.pdf", public, pdf(edition, code, public=public)))
        found.append(File(f"{stem}-{code}.csv", public, csv_bytes(by_language[code][0])))
    return found
