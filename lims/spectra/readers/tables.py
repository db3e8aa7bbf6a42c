"""Columns of numbers as text: CSV, DPT, ASC, TXT and their like.

The first column is x, each further one a spectrum. Units and technique come from the head of the
file. Where it names none, wavenumbers are recognised by their range and that is said; a technique
is never guessed. x in two units at once, or a hole in a column, refuses the file with the line.
"""

from __future__ import annotations

import re

import numpy as np

from lims.foundation.words import _
from lims.spectra import units
from lims.spectra.columns_of_text import Grid, grid_of, has_columns
from lims.spectra.curves import Columns, made, on_lines
from lims.spectra.facts import gathered
from lims.spectra.places import MOST_SPECTRA, at_line
from lims.spectra.spectrum import Floats, Spectrum
from lims.spectra.texts import all_lines, lines_of

NAME = "CSV"
ENDINGS = ("csv", "dpt", "asc", "txt", "tsv", "dat", "xy", "prn")
_NO_X_UNIT = _("The file names no unit of x; by their range these are wavenumbers.")
_NO_UNIT = _("The file names no unit of x.")
_NO_Y_UNIT = _("The file names no unit of y.")
_KNOWN_X = (units.WAVENUMBER, units.NANOMETRE, units.MASS, "µm", "ppm", "Hz", "MHz", "min", "s")
_KNOWN_Y = (
    *(units.ABSORBANCE, units.TRANSMITTANCE, units.PERCENT, units.RELATIVE, units.ARBITRARY),
    *("counts", "kubelka-munk", "reflectance", "percent reflectance", "log(1/R)"),
)
_X_KEY = re.compile(r"^\W*x[ _-]?(?:units?|axis|label)\W+(.+)$", re.IGNORECASE)
_Y_KEY = re.compile(r"^\W*y[ _-]?(?:units?|axis|label)\W+(.+)$", re.IGNORECASE)
_INDEX_NAMES = ("", "index", "no", "no.", "nr", "#", "point", "id", "unnamed: 0")
#: Mid and near infrared and Raman shifts lie here; nanometres and minutes do not reach so far.
_WAVENUMBERS = (1_500.0, 13_000.0)


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    if b"\0" in head:
        return False
    lines = list(lines_of(head))
    return has_columns(lines[:-1] if len(lines) > 2 else lines)


def read(data: bytes, name: str) -> tuple[Spectrum, ...]:
    """Read every column after the first; raises Unreadable."""
    if b"\0" in data and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise at_line(data[: data.index(b"\0")].count(b"\n") + 1, _("this is no text"))
    grid = grid_of(all_lines(data))
    table: Floats = np.array(grid.rows, dtype=np.float64).reshape(-1, grid.width)
    names = list(grid.names)
    if table.shape[1] > 2 and _is_index(table[:, 0], names[0]):
        table, names = table[:, 1:], names[1:]
    if table.shape[1] > MOST_SPECTRA:
        raise at_line(grid.lines[0], _("there are more than %(n)s spectra", n=MOST_SPECTRA))
    x_written = _x_written(grid, names[0], name)
    return tuple(_spectrum(grid, table, names, at, x_written) for at in range(1, table.shape[1]))


def _is_index(column: Floats, name: str) -> bool:
    """Tell whether a column only counts the rows."""
    steps = np.diff(column)
    counts = column.size > 1 and column[0] in (0.0, 1.0) and bool(np.all(steps == 1))
    return counts and name.lower() in _INDEX_NAMES


def _x_written(grid: Grid, name: str, file_name: str) -> str:
    """Return the unit of x as the file writes it; empty when it names none."""
    named = name if units.x_name(name) in _KNOWN_X else ""
    keyed = _keyed(grid.head, _X_KEY)
    if named and keyed and units.x_name(named) != units.x_name(keyed):
        both = {"one": units.x_name(keyed), "other": units.x_name(named)}
        raise at_line(grid.lines[0] - 1, _("x is in %(one)s and in %(other)s", **both))
    if named or keyed:
        return named or keyed
    alone = [one for line in grid.head if units.x_name(one := _value(line)) in _KNOWN_X]
    short = [one for one in alone if len(one) <= 24]
    return short[-1] if short else ("cm-1" if file_name.lower().endswith(".dpt") else "")


def _value(line: str) -> str:
    """Return what a line of the head says: all of it, or what stands after its key."""
    return re.split(r"[=:]", line)[-1].strip(" \t#;,\"'")


def _keyed(head: list[str], key: re.Pattern[str]) -> str:
    found = next((match[1] for line in reversed(head) if (match := key.match(line))), "")
    return found.strip(" \t,;\"'")


def _y_written(grid: Grid, name: str) -> str:
    if units.y_name(name) in _KNOWN_Y and name:
        return name
    keyed = _keyed(grid.head, _Y_KEY)
    if keyed:
        return keyed
    alone = [one for line in grid.head if units.y_name(one := _value(line)) in _KNOWN_Y]
    short = [one for one in alone if 0 < len(one) <= 24]
    return short[-1] if short else ""


def _spectrum(grid: Grid, table: Floats, names: list[str], at: int, x_written: str) -> Spectrum:
    x, y = table[:, 0].copy(), table[:, at].copy()
    head = " ".join(grid.head)
    facts = gathered(_pairs(grid.head))
    title = names[at] if units.y_name(names[at]) not in _KNOWN_Y else facts.get("name", "")
    facts["name"] = title or facts.get("name", "")
    columns = Columns(x, y, x_written, _y_written(grid, names[at]), title=facts["name"])
    columns.block, columns.facts, columns.where = at - 1, facts, on_lines(grid.lines)
    columns.technique = head
    columns.sticks = units.x_name(x_written) == units.MASS
    # Intensities of Raman and mass spectra are arbitrary anyway.
    if not columns.y_written and "raman" not in head.lower() and not columns.sticks:
        columns.remarks.append(_NO_Y_UNIT)
    if columns.sticks:
        columns.kind = units.mass_kind(facts)
    elif not x_written:
        low, high = float(x.min()), float(x.max())
        if _WAVENUMBERS[0] <= high <= _WAVENUMBERS[1] and low > -_WAVENUMBERS[0]:
            columns.x_written = "cm-1"
            columns.remarks.append(_NO_X_UNIT)
        else:
            columns.remarks.append(_NO_UNIT)
    return made(columns)


def _pairs(head: list[str]) -> list[tuple[str, str]]:
    """Return the lines of the head that name something: `key: value`, `key=value`, `key;value`."""
    found = []
    for line in head:
        match = re.match(r"^\W*([\w /.-]{1,40}?)\s*[:=;\t,]\s*(.+)$", line)
        if match:
            found.append((match[1], match[2].strip(" \t,;\"'")))
    return found
