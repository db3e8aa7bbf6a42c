"""A batch sheet as plain text cells, out of XLSX or CSV, whatever somebody put into the file.

A formula is never computed: what it would have shown is not in the file to be trusted.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lims.foundation.errors import Refused
from lims.foundation.words import _
from lims.foundation.workbooks import FORMULA, Cell, Limits, Row, is_workbook, read_sheets

__all__ = ["Book", "Cell", "Row", "Table", "read_book", "taken"]

#: Bytes of a file: 2,000 rows with every answer need a tenth of it.
LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 2000
DEEPEST_ROW = 10_000
MOST_COLUMNS = 120
LONGEST_CELL = 2000
#: A sheet of 2,000 rows has half of the tags.
LIMITS = Limits(
    packed_bytes=LARGEST_FILE,
    unpacked_bytes=40 * 1024 * 1024,
    tags=1_000_000,
    columns=MOST_COLUMNS,
    deepest_row=DEEPEST_ROW,
    emptiest_row=200_000,
)
RISKY = ("=", "+", "-", "@")
#: Where the template keeps its number, on the sheet of lists.
NUMBER_KEY = "balise-sheet"
_NUMBER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Table:
    """One sheet, without its empty rows."""

    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Book:
    """All sheets of a file, and the number that its template was given."""

    tables: list[Table]
    number: str = ""


def read_book(content: bytes) -> Book:
    """Return the sheets of an XLSX or CSV file; Refused when it is neither, too large or unsafe."""
    if len(content) > LARGEST_FILE:
        raise Refused(_("This file is larger than %(n)s MB.", n=LARGEST_FILE >> 20))
    if is_workbook(content):
        return _read_workbook(content)
    return Book([Table(list(_read_text(content)))])


def _read_workbook(content: bytes) -> Book:
    sheets = ([_row(row) for row in sheet] for sheet in read_sheets(content, LIMITS))
    tables = [Table([row for row in sheet if not row.is_empty]) for sheet in sheets]
    return Book(tables, _number(tables))


def _row(row: Row) -> Row:
    return Row(row.number, [cell if cell.wrong else taken(cell.text) for cell in row.cells])


def taken(text: str) -> Cell:
    """Return a text as a cell: the sign that protects a formula's look is taken off again."""
    plain = text.strip().replace("_x000D_", "")
    if len(plain) > LONGEST_CELL:
        return Cell("", _("This cell holds more than %(n)s characters.", n=LONGEST_CELL))
    if plain.startswith("="):
        return Cell("", FORMULA)
    if plain.startswith("'") and plain[1:].startswith(RISKY):
        plain = plain[1:]
    return Cell(plain)


def _number(tables: list[Table]) -> str:
    for table in tables:
        for row in table.rows[:1]:
            texts = [cell.text for cell in row.cells]
            if texts[:1] == [NUMBER_KEY] and len(texts) > 1 and _NUMBER.fullmatch(texts[1]):
                return texts[1]
    return ""


def _read_text(content: bytes) -> Iterator[Row]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max((";", ",", "\t"), key=first.count)
    csv.field_size_limit(LARGEST_FILE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            row = Row(number, [taken(cell) for cell in cells[:MOST_COLUMNS]])
            number += 1
            if not row.is_empty:
                yield row
    except csv.Error as wrong:
        raise Refused(_("Row %(row)s: a quotation mark is out of place.", row=number)) from wrong


def _decoded(content: bytes) -> str:
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise Refused(_("This file is not UTF-8 text. Save it as “CSV UTF-8”.")) from wrong
    if "\0" in text:
        raise Refused(_("This file is no workbook. Use the template, as XLSX or CSV."))
    return text
