"""Makers of filled batch sheets for tests. Everything in them is synthetic."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import openpyxl

from lims.foundation import clock
from lims.intake.rules import day_in_belgium

TODAY = day_in_belgium(clock.now())
DAY = (TODAY - timedelta(days=2)).isoformat()
PLAIN = {"day": DAY, "form": "tablet", "sold_as": "MDMA", "consent_destroy": "yes"}


def row(**told: Any) -> dict[str, Any]:
    """Return the answers of a complete synthetic row; `told` replaces."""
    return {**PLAIN, **told}


def text_sheet(*rows: dict[str, Any], delimiter: str = ";", bom: bool = True) -> bytes:
    """Return rows as CSV with the keys as header."""
    keys = list(dict.fromkeys(key for one in rows for key in one))
    file = io.StringIO()
    written = csv.writer(file, delimiter=delimiter)
    written.writerow(keys)
    written.writerows([one.get(key, "") for key in keys] for one in rows)
    return file.getvalue().encode("utf-8-sig" if bom else "utf-8")


def filled(template: bytes, *rows: dict[str, Any]) -> bytes:
    """Return a template with rows written below its example, as somebody would."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    for at, one in enumerate(rows, start=4):
        for key, value in one.items():
            sheet.cell(at, places[key]).value = value
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def with_part(workbook: bytes, name: str, content: bytes) -> bytes:
    """Return a workbook with one part replaced or added."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(kept, "w", 8) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return kept.getvalue()
