"""Writing tables for others: CSV and workbooks that no spreadsheet computes, row after row.

Texts that a spreadsheet would take for a formula get an apostrophe in front; numbers stay numbers.
The same rows give the same bytes as CSV, so that a file can be told by its SHA-256.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import IO, Any

from lims.foundation.errors import Refused
from lims.foundation.words import _
from lims.intake.batch_sheet import CSV, XLSX, harmless

Cell = str | int | Decimal | bool | None
KINDS = {"csv": CSV, "xlsx": XLSX}
MOST_ROWS = 1_048_575
"""Rows below the head that a sheet of an Office Open XML workbook holds."""
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 a workbook holds no zone
"""Written as the moment of every workbook; a program's name is not written as its maker."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_RISKY = tuple("=+-@")


@dataclass(frozen=True)
class Written:
    """What came of writing: rows, bytes, and their SHA-256."""

    rows: int
    size: int
    sha256: str


@lru_cache(maxsize=10_000)
def neutral(text: str) -> str:
    """Return a text that no spreadsheet computes: marked when it begins like a formula.

    Spaces in front and full-width signs count too, because some programs drop or fold them.
    """
    shown = harmless(text)
    begins = unicodedata.normalize("NFKC", text).lstrip("\ufeff\u200b \t\r\n")[:1]
    if shown == text and begins in _RISKY and begins:
        shown = f"'{text}"
    return _CONTROL.sub(" ", shown)


class _Hashed(io.RawIOBase):
    """Passes bytes on to a file and counts and hashes them on the way."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out, self.size, self.digest = out, 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self.digest.update(part)
        self.size += len(part)
        self.out.write(part)
        return len(part)


def write_csv(
    out: IO[bytes],
    head: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    separator: str = ",",
    mark: bool = False,
) -> Written:
    """Write a table as UTF-8 text; `mark` puts the byte-order mark that spreadsheets look for."""
    through = _Hashed(out)
    text = io.TextIOWrapper(
        io.BufferedWriter(through, 1 << 16), "utf-8-sig" if mark else "utf-8", newline=""
    )
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in head])
    count = 0
    for row in rows:
        writer.writerow([_written(cell) for cell in row])
        count += 1
    text.flush()
    text.detach().detach()
    return Written(count, through.size, through.digest.hexdigest())


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return str(cell) if isinstance(cell, int) else neutral(cell)


def write_xlsx(
    out: IO[bytes], head: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str
) -> Written:
    """Write a table as a workbook of one sheet, without keeping its rows in memory.

    Raises Refused when there are more rows than a sheet holds.
    """
    from openpyxl import Workbook  # heavy, and only needed here

    book = Workbook(write_only=True)
    sheet = book.create_sheet(neutral(title)[:31])
    sheet.append([neutral(name) for name in head])
    count = 0
    for row in rows:
        count += 1
        if count > MOST_ROWS:
            words = _("A workbook holds at most %(n)s rows. Choose CSV.", n=MOST_ROWS)
            raise Refused(words)
        sheet.append([_kept(sheet, cell) for cell in row])
    book.properties.creator, book.properties.created = "", MADE
    through = _Hashed(out)
    with waiting_file() as kept:
        book.save(kept)
        kept.seek(0)
        while part := kept.read(1 << 16):
            through.write(part)
    return Written(count, through.size, through.digest.hexdigest())


def _kept(sheet: Any, cell: Cell) -> Any:
    """Return a cell as the workbook keeps it: a text stays a text, whatever it begins with."""
    if not isinstance(cell, str):
        return cell
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(sheet, value=neutral(cell))
    made.data_type = "s"
    return made


def waiting_file() -> IO[bytes]:
    """Return a nameless file in which rows are written before they are given."""
    return tempfile.TemporaryFile()


def fingerprint(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()
