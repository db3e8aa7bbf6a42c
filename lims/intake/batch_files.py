"""A batch sheet as plain text cells, out of XLSX or CSV, whatever somebody put into the file.

A workbook is looked at before it is opened: how large it becomes, and that its XML declares no
entities. A formula is never computed: what it would have shown is not in the file to be trusted.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lims.foundation.errors import Refused
from lims.foundation.words import Message, _

#: Bytes of a file: 2,000 rows with every answer need a tenth of it.
LARGEST_FILE = 5 * 1024 * 1024
#: Bytes of a workbook when it is unpacked, and how many files it holds.
LARGEST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS = 300
#: Tags of its XML: a sheet of 2,000 rows has half of it; each costs memory that its bytes hide.
MOST_TAGS = 1_000_000
MOST_ROWS = 2000
#: Where the last row with an answer may stand, and how many empty ones may follow it.
DEEPEST_ROW = 10_000
EMPTIEST_ROW = 200_000
MOST_COLUMNS = 120
MOST_SHEETS = 12
LONGEST_CELL = 2000
RISKY = ("=", "+", "-", "@")
#: Where the template keeps its number, on the sheet of lists.
NUMBER_KEY = "balise-sheet"
_DAMAGED = _("This workbook is damaged. Save it again, or use the template.")
_ENTITY = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, as text; `wrong` says why it cannot be taken."""

    text: str = ""
    wrong: Message | None = None


@dataclass(frozen=True)
class Row:
    """A row with the number that the spreadsheet shows beside it."""

    number: int
    cells: Sequence[Cell]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing stands in it."""
        return not any(cell.text or cell.wrong for cell in self.cells)


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
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _("This workbook is locked with a password, or in an old format. Save as XLSX.")
        )
    if content.startswith(b"PK"):
        return _read_workbook(content)
    return Book([Table(list(_read_text(content)))])


def _read_workbook(content: bytes) -> Book:
    _refuse_unsafe(content)
    from openpyxl import load_workbook  # heavy, and only needed here

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            tables = [Table(list(_rows(sheet))) for sheet in book.worksheets[:MOST_SHEETS]]
            return Book(tables, _number(tables))
    except Refused:
        raise
    # A damaged workbook breaks inside the library in ways that nobody can list.
    except Exception as broken:
        raise Refused(_DAMAGED) from broken


def _refuse_unsafe(content: bytes) -> None:
    """Raise Refused before anything is unpacked to memory that is too large or has entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > LARGEST_UNPACKED:
                raise Refused(_("This workbook becomes too large when it is unpacked."))
            if "xl/workbook.xml" not in packed.namelist():
                raise Refused(_("This file is no workbook. Use the template, as XLSX or CSV."))
            tags = 0
            for part in parts:
                data = packed.read(part) if part.filename.endswith((".xml", ".rels")) else b""
                tags += data.count(b"<")
                if tags > MOST_TAGS:
                    raise Refused(_("This workbook becomes too large when it is unpacked."))
                if _ENTITY.search(data.replace(b"\0", b"")):
                    raise Refused(_("This workbook declares entities. It is not opened."))
    except Refused:
        raise
    # What a damaged archive breaks depends on the byte that is damaged.
    except Exception as broken:
        raise Refused(_DAMAGED) from broken


def _rows(sheet: Any) -> Iterator[Row]:
    # What a program says of how far its sheet goes is not believed: a row beyond would be lost.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        if all(cell.value is None for cell in cells) and number <= EMPTIEST_ROW:
            continue
        if number > DEEPEST_ROW:
            raise Refused(
                _("The sheet goes down beyond row %(n)s. Take out the rows below.", n=DEEPEST_ROW)
            )
        row = Row(number, [_cell(cell) for cell in cells])
        if not row.is_empty:
            yield row


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, getattr(cell, "data_type", "n")
    if value is None:
        return Cell()
    if kind == "f" or kind not in {"s", "n", "b", "d", "e", "inlineStr", "str"}:
        return Cell("", _("This cell holds a formula. Write its value instead."))
    if kind == "e":
        return Cell("", _("This cell shows an error of the spreadsheet."))
    return taken(_written(value))


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # A spreadsheet counts in binary: 120.3 may be kept as 120.30000000000001.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def taken(text: str) -> Cell:
    """Return a text as a cell: the sign that protects a formula's look is taken off again."""
    plain = text.strip().replace("_x000D_", "")
    if len(plain) > LONGEST_CELL:
        return Cell("", _("This cell holds more than %(n)s characters.", n=LONGEST_CELL))
    if plain.startswith("="):
        return Cell("", _("This cell holds a formula. Write its value instead."))
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
