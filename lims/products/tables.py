"""Products in circulation as a table for other programs: UTF-8 CSV, semicolons, no formula.

A cell that a spreadsheet would read as a formula gets an apostrophe before it (OWASP, CSV
injection).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

COLUMNS = (
    *("number", "form", "colour", "shape", "logo", "sold_as", "danger", "found"),
    *("samples", "last_week", "regions", "newest_contents"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(rows: Iterable[Sequence[object]], columns: Sequence[str] = COLUMNS) -> bytes:
    """Return rows under their columns as the bytes of a CSV file, with a byte order mark."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(str(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
