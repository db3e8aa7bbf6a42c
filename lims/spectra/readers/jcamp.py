"""JCAMP-DX 4.24 and 5: curves, points, peaks and n-tuples, alone or in linked blocks.

Every table of every block is one spectrum. Labels that contradict the data are noted; a broken
check value, a missing line or fewer points than announced refuse the file with the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from lims.foundation.words import Message, _
from lims.spectra import units
from lims.spectra.asdf import decode
from lims.spectra.curves import Columns, made, on_lines
from lims.spectra.facts import gathered
from lims.spectra.jcamp_axes import Announced, axis
from lims.spectra.jcamp_blocks import Block, Table, blocks_of
from lims.spectra.pieces import Cut, Piece
from lims.spectra.places import MOST_SPECTRA, Unreadable, at_line
from lims.spectra.spectrum import Floats, Kind, Spectrum
from lims.spectra.texts import NUMBER, count_in, lines_of, number_in, shown

NAME = "JCAMP-DX"
ENDINGS = ("dx", "jdx", "jcm", "jcamp")
_NO_END = _("The file ends without ##END=, but all announced points are there.")
_WRONG_START = _("The header gives another first y than the data.")
_MISSING = _("Points that the file marks as missing are left out.")
_MORE_PEAKS = _("There are more peaks than the record announces; all are kept.")

CUT = Cut(begins="##[ ]*TITLE", ends=r"##[ ]*END[ ]*(?:=|[\r]?(?=\n))")
# Labels that a maker added; of those only what names the substance.
_PRIVATE = ("$INCHIKEY", "$INCHI", "$SMILES", "$CSID")


@dataclass(frozen=True)
class _Axis:
    """What the labels say of one variable of a table."""

    unit: str
    factor: float
    first: float | None
    last: float | None


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    text = re.sub(rb"^(\s*\$\$[^\n]*\n)+", b"", head).lstrip()
    return re.match(rb"##\s*(TITLE|JCAMP)[^=\n]{0,12}=", text, re.IGNORECASE) is not None


def read(data: bytes, _name: str) -> tuple[Spectrum, ...]:
    """Read every table of a file; raises Unreadable."""
    found = tuple(_spectra(enumerate(lines_of(data), start=1)))
    if not found:
        raise Unreadable(_("the file has no table of numbers"))
    return found


def record(piece: Piece) -> tuple[Spectrum, ...]:
    """Read one block of a collection; nothing for the label of a LINK and for its end."""
    return tuple(_spectra(piece.lines()))


def _spectra(lines: Iterable[tuple[int, str]]) -> Iterator[Spectrum]:
    number = 0
    for block in blocks_of(lines):
        if not block.tables and not block.is_link:
            raise at_line(block.line, _("the block has no table of numbers"))
        for table in block.tables:
            if number >= MOST_SPECTRA:
                raise at_line(table.line, _("there are more than %(n)s spectra", n=MOST_SPECTRA))
            yield _spectrum(block, table, number)
            number += 1


def _spectrum(block: Block, table: Table, number: int) -> Spectrum:
    parts = re.findall(r"[A-Z]\w*", table.form)
    if len(parts) < 2:
        raise at_line(table.line, _("“%(typed)s” is no form of a table", typed=shown(table.form)))
    curve = "++" in table.form
    y_axis = _axis(block, table, parts[1] if curve else _letters(parts)[1], "Y")
    x_axis = _axis(block, table, parts[0] if curve else _letters(parts)[0], "X")
    points = count_in(table.page_labels.get("NPOINTS", block.labels.get("NPOINTS", "")))
    said = Announced(
        x_axis.first,
        x_axis.last,
        number_in(block.labels.get("DELTAX", "")) if not table.page_labels else None,
        points,
        x_axis.factor,
        y_axis.factor,
    )
    columns = _curve(table, said) if curve else _points(block, table, said, len(_letters(parts)))
    columns.x_written, columns.y_written = x_axis.unit, y_axis.unit
    if not block.ended:
        if points is None:
            raise at_line(table.rows[-1][0] if table.rows else table.line, _NO_ENDING)
        columns.remarks.append(_NO_END)
    return made(_described(columns, block, table, number, y_axis))


_NO_ENDING = _("the file ends without ##END=")


def _letters(parts: list[str]) -> list[str]:
    """Return the variables of a form of points: XYW is X, Y and W; X and Y may stand apart."""
    return list(parts[0]) if len(parts[0]) > 1 else [part[0] for part in parts[:3]]


def _axis(block: Block, table: Table, symbol: str, letter: str) -> _Axis:
    """Return what the labels say of a variable; of n-tuples the column of its symbol."""
    labels = block.n_tuples
    symbols = [one.strip().upper() for one in labels.get("SYMBOL", "").split(",")]
    if table.label != "DATATABLE" or symbol not in symbols:
        return _Axis(
            block.labels.get(f"{letter}UNITS", "").strip(),
            number_in(block.labels.get(f"{letter}FACTOR", "")) or 1.0,
            number_in(block.labels.get(f"FIRST{letter}", "")),
            number_in(block.labels.get(f"LAST{letter}", "")),
        )
    at = symbols.index(symbol)

    def said(label: str) -> str:
        cells = (table.page_labels.get(label) or labels.get(label, "")).split(",")
        return cells[at].strip() if at < len(cells) else ""

    first, last = number_in(said("FIRST")), number_in(said("LAST"))
    return _Axis(said("UNITS"), number_in(said("FACTOR")) or 1.0, first, last)


def _curve(table: Table, said: Announced) -> Columns:
    found = decode(table.rows)
    x, remarks = axis(found, said, table.line)
    y = np.array(found.values, dtype=np.float64) * said.y_factor
    lines = found.lines
    if found.missing:
        kept = np.setdiff1d(np.arange(x.size), np.array(found.missing))
        x, y, lines = x[kept], y[kept], [lines[int(at)] for at in kept]
        remarks.append(_MISSING)
    return Columns(x, y, "", "", remarks=remarks, where=on_lines(lines))


def _points(block: Block, table: Table, said: Announced, width: int) -> Columns:
    """Read XYPOINTS, PEAK TABLE and PEAK ASSIGNMENTS: groups of two or more numbers."""
    x, y, lines = _groups(table, width)
    if said.points is not None and len(x) < said.points:
        there = {"announced": said.points, "there": len(x)}
        raise at_line(
            lines[-1] if lines else table.line,
            _("%(announced)s points are announced, but %(there)s are there", **there),
        )
    remarks: list[Message] = []
    if said.points is not None and len(x) > said.points:
        remarks.append(_MORE_PEAKS)
    x_values: Floats = np.array(x, dtype=np.float64) * said.x_factor
    y_values: Floats = np.array(y, dtype=np.float64) * said.y_factor
    peaks = table.label.startswith("PEAK") or "PEAK" in block.labels.get("DATACLASS", "").upper()
    mass = "MASS" in block.labels.get("DATATYPE", block.labels.get("NTUPLES", "")).upper()
    return Columns(
        x_values, y_values, "", "", sticks=peaks or mass, remarks=remarks, where=on_lines(lines)
    )


def _groups(table: Table, width: int) -> tuple[list[float], list[float], list[int]]:
    x: list[float] = []
    y: list[float] = []
    lines: list[int] = []
    for line, text in table.rows:
        plain = re.sub(r"<[^>]*>?", " ", text)
        numbers = NUMBER.findall(plain)
        if NUMBER.sub("", plain).strip(" \t,;()"):
            raise at_line(line, _("“%(typed)s” is no JCAMP-DX number", typed=shown(text)))
        if len(numbers) % width:
            raise at_line(line, _("“%(typed)s” is not a pair of numbers", typed=shown(text)))
        x += [_float(one) for one in numbers[0::width]]
        y += [_float(one) for one in numbers[1::width]]
        lines += [line] * (len(numbers) // width)
    return x, y, lines


def _float(text: str) -> float:
    return float(text.upper().replace("D", "E"))


def _described(columns: Columns, block: Block, table: Table, number: int, y_axis: _Axis) -> Columns:
    """Return the columns with what the block says of them."""
    labels = block.labels
    technique = labels.get("DATATYPE", labels.get("NTUPLES", ""))
    columns.title, columns.block, columns.technique = labels.get("TITLE", ""), number, technique
    columns.facts = gathered(
        (key.lstrip(".$"), value)
        for key, value in labels.items()
        if not key.startswith("$") or key in _PRIVATE
    )
    columns.facts.setdefault("name", columns.title)
    columns.facts["technique"] = technique
    if table.page:
        value = NUMBER.search(table.page.partition("=")[2])
        columns.z = _float(value[0]) if value else None
        columns.facts["page"] = table.page
    mass = "MASS" in technique.upper() or units.x_name(columns.x_written) == units.MASS
    if mass:
        columns.kind = units.mass_kind(columns.facts)
    elif not re.search(r"infra|raman|uv|ultra|visible", technique, re.IGNORECASE) and technique:
        columns.kind = Kind.OTHER
    first = y_axis.first
    if first is not None and columns.y.size:
        there = float(columns.y[0])
        if abs(first - there) > 1e-3 * max(abs(first), abs(there)) + abs(y_axis.factor):
            columns.remarks.append(_WRONG_START)
    return columns
