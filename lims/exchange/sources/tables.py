"""A table as partners send it, delimited text or a workbook: marks, delimiters, files cut off.

A file that stops half way is refused whole, because what is missing cannot be known.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lims.exchange.sources.rows import RowProblem
from lims.exchange.sources.sheets import rows_of
from lims.foundation.errors import Refused
from lims.foundation.words import _
from lims.foundation.workbooks import NOTHING, Row, is_workbook

#: Bytes of one file; far above a national year of results, far below a machine's memory.
LARGEST_FILE = 64 * 1024 * 1024
#: Characters of one cell; longer ones are left out with their row named.
LONGEST_CELL = 10_000
#: Columns and records of one table; more are no results of a service.
MOST_COLUMNS, MOST_RECORDS = 500, 1_000_000
DELIMITERS = (",", ";", "\t")
#: How the names of files end that hold a table.
TEXTS = (".csv", ".txt", ".tsv")
WORKBOOKS = (".xlsx",)


@dataclass(frozen=True)
class Line:
    """One record of a table: the line it starts on, and its cells by our column name."""

    number: int
    cells: Mapping[str, str]


@dataclass
class Table:
    """A file read to its end."""

    file: str
    lines: list[Line] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    rows_read: int = 0
    #: Rows that were left out for one of their cells, with what could be read of them.
    broken: list[Line] = field(default_factory=list)


def never_whole(cells: Mapping[str, str]) -> bool:
    """Return False: a last line without line end is never taken as whole."""
    return False


def read_table(
    content: bytes,
    file: str,
    columns: Mapping[str, tuple[str, ...]],
    required: tuple[str, ...],
    last_line_is_whole: Callable[[Mapping[str, str]], bool] = never_whole,
) -> Table:
    """Read a workbook or a delimited file into lines by column name.

    Raises Refused when the file is neither, lacks a required column, or was cut off.
    """
    if is_workbook(content):
        return _read_sheet(content, file, columns, required)
    text = decode(content, file)
    table = Table(file)
    rows = _records(text, file)
    header = _header(rows[0][1] if rows else [], file, columns, required)
    _tell_unknown(table, 1, header, columns)
    for number, cells in rows[1:]:
        _take(table, header, number, cells, is_last=number == rows[-1][0])
    ends = text.endswith(("\n", "\r"))
    if not ends and not (table.lines and last_line_is_whole(table.lines[-1].cells)):
        raise cut_off(file, rows[-1][0] if rows else 1)
    return _with_rows(table)


def _read_sheet(
    content: bytes, file: str, columns: Mapping[str, tuple[str, ...]], required: tuple[str, ...]
) -> Table:
    def is_header(cells: Sequence[str]) -> bool:
        return set(required) <= set(_ours(cells, columns))

    rows = rows_of(content, file, is_header)
    table = Table(file)
    for cell in rows[0].cells if rows else ():
        if cell.wrong:
            raise _odd_heading(file, rows[0].number)
    header = _header([cell.text for cell in rows[0].cells] if rows else [], file, columns, required)
    _tell_unknown(table, rows[0].number, header, columns)
    for row in rows[1:]:
        _take_row(table, header, row, columns)
    return _with_rows(table)


def _take_row(
    table: Table, header: list[str], row: Row, columns: Mapping[str, tuple[str, ...]]
) -> None:
    """Add one row of a sheet; where a cell cannot be taken, each such cell is a problem."""
    cells = [*row.cells, *[NOTHING] * (len(header) - len(row.cells))]
    beyond = any(cell.text.strip() or cell.wrong for cell in cells[len(header) :])
    cells = cells if beyond else cells[: len(header)]
    named = dict(zip(header, cells, strict=False))
    wrong = {} if beyond else {name: cell.wrong for name, cell in named.items() if cell.wrong}
    table.problems += [
        RowProblem(table.file, row.number, name, message, left_out=name in columns)
        for name, message in wrong.items()
    ]
    if not columns.keys() & wrong.keys():
        _take(table, header, row.number, [cell.text for cell in cells], is_last=False)
        return
    table.rows_read += 1
    table.broken.append(Line(row.number, {name: one.text.strip() for name, one in named.items()}))


def _odd_heading(file: str, row: int) -> Refused:
    message = _("%(file)s, row %(row)s: a heading is a formula or no text.", file=file, row=row)
    return Refused(message)


def _tell_unknown(
    table: Table, row: int, header: list[str], columns: Mapping[str, tuple[str, ...]]
) -> None:
    table.problems += [
        RowProblem(table.file, row, name, _("This column is not known; it is kept but not used."))
        for name in header
        if name not in columns
    ]


def _with_rows(table: Table) -> Table:
    if not table.rows_read:
        raise Refused(_("%(file)s holds no rows.", file=table.file))
    return table


def decode(content: bytes, file: str) -> str:
    """Return the text of a file; UTF-8, or UTF-16 when it says so. Refused otherwise."""
    if len(content) > LARGEST_FILE:
        raise Refused(_("%(file)s is larger than %(n)s MB.", file=file, n=LARGEST_FILE >> 20))
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as wrong:
        row = 1 if utf16 else content[: wrong.start].count(b"\n") + 1
        raise Refused(
            _(
                "%(file)s, row %(row)s: some characters are not UTF-8. "
                "Save the file as UTF-8 text, or it may have been cut off.",
                file=file,
                row=row,
            )
        ) from wrong
    if "\0" in text:
        raise Refused(_("%(file)s is not a text file.", file=file))
    return text


def cut_off(file: str, row: int) -> Refused:
    """Return the refusal of a file that stops half way."""
    return Refused(
        _(
            "%(file)s stops in the middle of row %(row)s: the file was cut off. "
            "Nothing is imported; send the whole file.",
            file=file,
            row=row,
        )
    )


def _records(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return the records with the line each starts on; empty lines fall out."""
    csv.field_size_limit(LARGEST_FILE)
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    started = 1
    try:
        for cells in reader:
            if len(cells) > MOST_COLUMNS or len(found) > MOST_RECORDS:
                raise _too_large(file, started)
            if cells:
                found.append((started, cells))
            started = reader.line_num + 1
    except csv.Error as wrong:
        if "unexpected end of data" in str(wrong):
            raise cut_off(file, started) from wrong
        raise Refused(
            _("%(file)s, row %(row)s: a quotation mark is out of place.", file=file, row=started)
        ) from wrong
    return found


def _too_large(file: str, row: int) -> Refused:
    most = {"columns": MOST_COLUMNS, "rows": MOST_RECORDS}
    return Refused(
        _(
            "%(file)s, row %(row)s: at most %(columns)s columns and %(rows)s rows can be read.",
            file=file,
            row=row,
            **most,
        )
    )


def _header(
    cells: list[str], file: str, columns: Mapping[str, tuple[str, ...]], required: tuple[str, ...]
) -> list[str]:
    """Return our column names in the file's order; Refused when a required one is missing."""
    header = _ours(cells, columns)
    missing = [name for name in required if name not in header]
    if missing:
        raise Refused(_("%(file)s lacks these columns: %(names)s.", file=file, names=missing))
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise Refused(_("%(file)s has a column twice: %(names)s.", file=file, names=twice))
    return header


def _ours(cells: Sequence[str], columns: Mapping[str, tuple[str, ...]]) -> list[str]:
    ours = {_folded(also): name for name, others in columns.items() for also in (name, *others)}
    return [ours.get(_folded(cell), cell.strip()) for cell in cells]


def _folded(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _take(table: Table, header: list[str], number: int, cells: list[str], is_last: bool) -> None:
    """Add one record to the table as a line or as a problem."""
    table.rows_read += 1
    if len(cells) < len(header) and is_last:
        raise cut_off(table.file, number)
    if len(cells) != len(header):
        message = _("This row has %(n)s columns, not %(m)s.", n=len(cells), m=len(header))
        table.problems.append(RowProblem(table.file, number, "", message, left_out=True))
        known = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        if any(known.values()):
            table.broken.append(Line(number, dict.fromkeys(header, "") | known))
        return
    stripped = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    if problem := too_long(table.file, number, stripped):
        table.problems.append(problem)
        table.broken.append(Line(number, stripped))
        return
    if not any(stripped.values()):
        message = _("This row is empty.")
        table.problems.append(RowProblem(table.file, number, "", message, left_out=True))
        return
    table.lines.append(Line(number, stripped))


def too_long(file: str, row: int, cells: Mapping[str, str]) -> RowProblem | None:
    """Return the problem of a row with a cell too long to be an answer, if it has one."""
    for name, cell in cells.items():
        if len(cell) > LONGEST_CELL:
            message = _("This cell holds more than %(n)s characters.", n=LONGEST_CELL)
            return RowProblem(file, row, name, message, left_out=True)
    return None
