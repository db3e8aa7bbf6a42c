"""Columns of numbers in a text of unknown making: which sign parts them, where they begin.

Every pairing of a separator and a decimal sign is tried on the first lines; the one under which
most lines are numbers wins. "400,5;0,12", "400.5,0.12" and "400,5 0,12" are all read rightly.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from lims.foundation.words import _
from lims.spectra.places import Unreadable, at_line
from lims.spectra.texts import shown

_LAYOUTS = (
    ("\t", "."),
    (";", "."),
    ("\t", ","),
    (";", ","),
    (",", "."),
    (None, "."),
    (None, ","),
)
_TRIED_LINES = 600
_TRIED_CHARACTERS = 600_000
_LONGEST_LINE = 400_000
_LONGEST_HEAD_LINE = 500
_KEPT_HEAD = 200
_HOLES = ("", "nan", "n/a", "na", "#n/a", "inf", "-inf", "+inf", "infinity", "-", "null", "none")
#: Lines after the numbers that begin so are a foot, not damage.
_FOOT = ("#", "[", ";", "%", "*", "/", "!")
_AGREEING = 3


@dataclass(frozen=True)
class Grid:
    """The numbers by line, and the lines above them."""

    rows: array[float]
    width: int
    lines: Sequence[int]
    head: list[str]
    names: list[str]


@dataclass(frozen=True)
class _Layout:
    separator: str | None
    decimal: str

    def cells(self, line: str) -> list[str]:
        """Return the cells of a line, without blanks and quotes; a last empty one is none."""
        parts = line.strip(" \r\n" if self.separator == "\t" else None).split(self.separator)
        found = [part.strip(" \t\"'") for part in parts]
        while len(found) > 1 and not found[-1]:
            found.pop()
        return found

    def numbers(self, line: str) -> list[float] | None:
        """Return the numbers of a line, NaN for a hole among them; None when it is no row."""
        found: list[float] = []
        for cell in self.cells(line):
            value = self._number(cell)
            if value is None:
                return None
            found.append(value)
        some = sum(not math.isnan(value) for value in found)
        return found if len(found) > 1 and some else None

    def _number(self, cell: str) -> float | None:
        if self.decimal == ",":
            if "." in cell:
                return None
            cell = cell.replace(",", ".", 1)
        try:
            value = float(cell)
        except ValueError:
            return math.nan if cell.lower() in _HOLES else None
        if "_" in cell:
            return None
        return value if math.isfinite(value) else math.nan


def grid_of(lines: list[str]) -> Grid:
    """Return the columns of a text; raises Unreadable with the line."""
    layout = _layout_of(lines)
    start, width = _start(lines, layout)
    rows, places = array("d"), array("l")
    for at in range(start, len(lines)):
        text = lines[at]
        if not text.strip():
            continue
        row = layout.numbers(text)
        if row is None and (text.lstrip().startswith(_FOOT) or not lines[at - 1].strip()):
            break
        if row is None:
            raise at_line(at + 1, _("“%(typed)s” is no row of numbers", typed=shown(text)))
        if len(row) != width:
            counts = {"there": len(row), "before": width}
            raise at_line(at + 1, _("%(there)s columns, but %(before)s before", **counts))
        if any(math.isnan(value) for value in row):
            raise at_line(at + 1, _("“%(typed)s” has no number in a column", typed=shown(text)))
        rows.extend(row)
        places.append(at + 1)
    head = [line[:_LONGEST_HEAD_LINE] for line in lines[max(start - _KEPT_HEAD, 0) : start]]
    return Grid(rows, width, places, head, _names(lines[max(start - 20, 0) : start], layout, width))


def has_columns(lines: list[str]) -> bool:
    """Tell whether a text has two lines of numbers at least."""
    try:
        layout = _layout_of(lines)
        start, _width = _start(lines, layout)
    except Unreadable:
        return False
    rest = [one for one in lines[start : start + 10] if one.strip()]
    return sum(layout.numbers(one) is not None for one in rest) >= 2


def _layout_of(lines: list[str]) -> _Layout:
    long = next((at for at, line in enumerate(lines) if len(line) > _LONGEST_LINE), None)
    if long is not None:
        raise at_line(long + 1, _("the line is longer than any row of numbers"))
    some = [line for line in lines[: 4 * _TRIED_LINES] if line.strip()][:_TRIED_LINES]
    widest = max((len(line) for line in some), default=1)
    tried = some[: max(_TRIED_CHARACTERS // widest, 8)]
    best, most = None, 0
    for separator, decimal in _LAYOUTS:
        layout = _Layout(separator, decimal)
        rows = sum(layout.numbers(line) is not None for line in tried)
        if rows > most:
            best, most = layout, rows
    if best is None:
        raise Unreadable(_("there are no columns of numbers in it"))
    return best


def _start(lines: list[str], layout: _Layout) -> tuple[int, int]:
    """Return where the numbers begin and how many columns they have."""
    row_of = layout.numbers
    for at, text in enumerate(lines):
        first = row_of(text)
        if first is None:
            continue
        after = [one for one in lines[at + 1 : at + 2 * _AGREEING + 1] if one.strip()][:_AGREEING]
        rows = [row_of(one) for one in after]
        if all(row is not None and len(row) == len(first) for row in rows):
            return at, len(first)
        # A row that stands alone belongs to the head; damage among rows does not.
        if rows and rows[0] is not None and len(rows[0]) == len(first):
            return at, len(first)
    raise Unreadable(_("there are no columns of numbers in it"))


def _names(head: list[str], layout: _Layout, width: int) -> list[str]:
    """Return the names of the columns: the last line of the head, when it has as many cells.

    A line `key=<tab>value` has two cells too, but says something of the whole file.
    """
    last = next((text for text in reversed(head) if text.strip()), "")
    plain = last.lstrip("#%") if layout.separator == ";" else last.lstrip("#%; ")
    for cells in (layout.cells(plain), [cell.strip(" \"'") for cell in plain.split(",")]):
        if len(cells) == width and any(cells) and not cells[0].endswith(("=", ":")):
            return cells
    return [""] * width
