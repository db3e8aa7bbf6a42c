"""Workbooks (XLSX) that people send, read as plain text cells, whatever somebody put into them.

A workbook is looked at before it is opened: how large it becomes, that its XML declares no
entities, and that it holds no macros. A formula is never computed, and what a program kept as its
outcome is not believed. How far a sheet says that it goes is not believed either.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lims.foundation.errors import Refused
from lims.foundation.words import Message, _

#: How a packed file and a locked or old workbook begin.
PACKED, COMPOUND = b"PK", b"\xd0\xcf\x11\xe0"
FORMULA = _("This cell holds a formula. Write its value instead.")
_DAMAGED = _("This workbook is damaged. Save it again as XLSX.")
_SWOLLEN = _("This workbook becomes too large when it is unpacked.")
_PERCENTAGE = _("This cell is formatted as a percentage: 35 % is kept as 0.35. Write it as text.")
_ENTITY = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CODING = re.compile(rb"<\?xml[^>]{0,80}encoding\s*=\s*[\"']([^\"']{0,40})")
_CODINGS = {b"utf-8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1"}
_LETTERS_OF_A_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.')


@dataclass(frozen=True)
class Limits:
    """What a workbook may cost: each in its own unit, as the names say."""

    packed_bytes: int
    unpacked_bytes: int
    #: Each tag costs memory that its bytes hide.
    tags: int
    columns: int
    #: Where the last row with an answer may stand, and how many empty ones may follow it.
    deepest_row: int
    emptiest_row: int
    parts: int = 300
    sheets: int = 12


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


NOTHING = Cell()


def is_workbook(content: bytes) -> bool:
    """Tell whether a file is packed as workbooks are; Refused when it is locked or of old."""
    if content.startswith(COMPOUND):
        raise Refused(
            _("This workbook is locked with a password, or in an old format. Save as XLSX.")
        )
    return content.startswith(PACKED)


def read_sheets(content: bytes, limits: Limits) -> list[list[Row]]:
    """Return the rows of each sheet, empty ones left out; Refused when too large or unsafe."""
    if len(content) > limits.packed_bytes:
        raise Refused(_("This file is larger than %(n)s MB.", n=limits.packed_bytes >> 20))
    _refuse_unsafe(content, limits)
    from openpyxl import load_workbook  # heavy, and only needed here

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            if len(book.worksheets) > limits.sheets:
                words = _("This workbook has more than %(n)s sheets.", n=limits.sheets)
                raise Refused(words)
            return [list(_rows(sheet, limits)) for sheet in book.worksheets]
    except Refused:
        raise
    # A damaged workbook breaks inside the library in ways that nobody can list.
    except Exception as broken:
        raise Refused(_DAMAGED) from broken


def _refuse_unsafe(content: bytes, limits: Limits) -> None:
    """Raise Refused before anything is unpacked to memory that is too large or has entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            size = sum(one.file_size for one in parts)
            if len(parts) > limits.parts or size > limits.unpacked_bytes:
                raise Refused(_SWOLLEN)
            if "xl/workbook.xml" not in packed.namelist():
                raise Refused(_("This file is no workbook. Save it as XLSX or CSV."))
            tags = 0
            # Any part may be named as a sheet by another one, whatever its own name is.
            for part in parts:
                data = packed.read(part)
                tags += data.count(b"<")
                if tags > limits.tags:
                    raise Refused(_SWOLLEN)
                _refuse_part(part.filename, data)
    except Refused:
        raise
    # What a damaged archive breaks depends on the byte that is damaged.
    except Exception as broken:
        raise Refused(_DAMAGED) from broken


def _refuse_part(name: str, data: bytes) -> None:
    plain = data.replace(b"\0", b"")
    if _ENTITY.search(plain):
        raise Refused(_("This workbook declares entities. It is not opened."))
    coding = _CODING.search(plain[:400])
    if coding and coding[1].lower() not in _CODINGS:
        # In another coding the same declarations could stand in other bytes.
        raise Refused(_DAMAGED)
    types = name == "[Content_Types].xml" and b"macroenabled" in plain.lower()
    if types or name.lower().endswith("vbaproject.bin"):
        raise Refused(_("This workbook holds macros. Save it as XLSX, without them."))


def _rows(sheet: Any, limits: Limits) -> Iterator[Row]:
    # What a program says of how far its sheet goes is not believed: a row beyond would be lost.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(max_col=limits.columns), start=1):
        last = max((at for at, cell in enumerate(cells) if cell.value is not None), default=-1)
        if last < 0 and number <= limits.emptiest_row:
            continue
        if number > limits.deepest_row:
            deepest = limits.deepest_row
            raise Refused(
                _("The sheet goes down beyond row %(n)s. Take out the rows below.", n=deepest)
            )
        row = Row(number, [_cell(cell) for cell in cells[: last + 1]])
        if not row.is_empty:
            yield row


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, getattr(cell, "data_type", "n")
    if value is None:
        return NOTHING
    if kind == "f" or kind not in {"s", "n", "b", "d", "e", "inlineStr", "str"}:
        return Cell("", FORMULA)
    if kind == "e":
        return Cell("", _("This cell shows an error of the spreadsheet."))
    if kind == "n" and "%" in _LETTERS_OF_A_FORMAT.sub("", cell.number_format):
        return Cell("", _PERCENTAGE)
    return Cell(_written(value))


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # A spreadsheet counts in binary and shows 15 digits: 0.3 may be kept with 17 of them.
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("_x000D_", "")
