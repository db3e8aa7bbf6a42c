"""netCDF classic files (CDF-1, CDF-2): their names, and columns of numbers on demand.

Nothing is read that the file does not hold: every count is held against its length first.
Format: netCDF Classic and 64-bit Offset File Formats, Unidata; big-endian throughout.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lims.foundation.words import _
from lims.spectra.binary import column, unpacked
from lims.spectra.places import at_byte
from lims.spectra.spectrum import Floats

_FORMS = {1: ">i1", 2: "S1", 3: ">i2", 4: ">i4", 5: ">f4", 6: ">f8"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8}
_DIMENSIONS, _VARIABLES, _ATTRIBUTES = 10, 11, 12
_LONGEST_NAME = 256
_MOST = 4_096


@dataclass(frozen=True)
class Variable:
    """Where the numbers of one name stand."""

    form: int
    shape: tuple[int, ...]
    at: int
    is_record: bool
    attributes: dict[str, str | float]


@dataclass
class Contents:
    """What a file holds."""

    data: bytes
    records: int = 0
    record_size: int = 0
    sizes: list[int] = field(default_factory=list)
    dimensions: list[str] = field(default_factory=list)
    attributes: dict[str, str | float] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)

    def numbers(self, name: str) -> Floats | None:
        """Return a variable as one column, scaled as its attributes say; None without it."""
        found = self.variables.get(name)
        if found is None or found.form == 2:
            return None
        values = self._raw(found)
        factor, offset = found.attributes.get("scale_factor"), found.attributes.get("add_offset")
        if isinstance(factor, float) and factor not in (0.0, 1.0):
            values = values * factor
        return values + offset if isinstance(offset, float) and offset else values

    def _raw(self, found: Variable) -> Floats:
        count = 1
        for size in found.shape:
            count *= size
        if not found.is_record:
            return column(self.data, found.at, count, _FORMS[found.form])
        size = _SIZES[found.form]
        end = found.at + (self.records - 1) * self.record_size + size * count
        if size * count > self.record_size or end > len(self.data):
            raise at_byte(len(self.data), _("the file is damaged or cut off"))
        values: np.ndarray[tuple[int, ...], np.dtype[np.generic]] = np.ndarray(
            (self.records, count),
            dtype=_FORMS[found.form],
            buffer=self.data,
            offset=found.at,
            strides=(self.record_size, size),
        )
        return values.astype(np.float64).ravel()


@dataclass
class _Cursor:
    data: bytes
    at: int = 4

    def whole(self) -> int:
        """Read a whole number."""
        found: int = unpacked(">i", self.data, self.at)[0]
        self.at += 4
        return found

    def count(self) -> int:
        """Read how many of something follow."""
        found = self.whole()
        if not 0 <= found <= _MOST:
            raise at_byte(self.at - 4, _("a count in the header makes no sense"))
        return found

    def name(self) -> str:
        """Read a name, filled to four bytes."""
        size = self.count()
        if size > _LONGEST_NAME:
            raise at_byte(self.at - 4, _("a count in the header makes no sense"))
        found: bytes = unpacked(f"{size}s", self.data, self.at)[0]
        self.at += size + (-size % 4)
        return found.decode("utf-8", errors="replace")

    def list_of(self, tag: int) -> int:
        """Read the beginning of a list; return how many follow."""
        begun, there = self.whole(), self.count()
        if begun not in (0, tag) or (begun == 0 and there):
            raise at_byte(self.at - 8, _("the header makes no sense"))
        return there

    def attributes(self) -> dict[str, str | float]:
        """Read a list of attributes; of numbers the first."""
        found: dict[str, str | float] = {}
        for _each in range(self.list_of(_ATTRIBUTES)):
            name, form = self.name(), self.whole()
            count = self.whole()
            if form not in _SIZES or count < 0:
                raise at_byte(self.at - 8, _("the header makes no sense"))
            size = count * _SIZES[form]
            value: bytes = unpacked(f"{min(size, len(self.data) + 1)}s", self.data, self.at)[0]
            if form == 2:
                found[name] = value.rstrip(b"\0").decode("latin-1")
            elif count:
                found[name] = float(column(self.data, self.at, 1, _FORMS[form])[0])
            self.at += size + (-size % 4)
        return found


def contents(data: bytes) -> Contents:
    """Read the header of a file; raises Unreadable."""
    version = data[3] if len(data) > 3 else 0
    if version not in (1, 2):
        raise at_byte(3, _("version %(n)s of the format is not known", n=version))
    cursor, found = _Cursor(data), Contents(data)
    found.records = cursor.whole()
    for _each in range(cursor.list_of(_DIMENSIONS)):
        found.dimensions.append(cursor.name())
        found.sizes.append(cursor.whole())
        if found.sizes[-1] < 0:
            raise at_byte(cursor.at - 4, _("a count in the header makes no sense"))
    found.attributes = cursor.attributes()
    for _each in range(cursor.list_of(_VARIABLES)):
        _variable(cursor, found, wide=version == 2)
    _settle_records(found)
    return found


def _variable(cursor: _Cursor, found: Contents, *, wide: bool) -> None:
    name = cursor.name()
    dimensions = [cursor.whole() for _each in range(cursor.count())]
    if any(not 0 <= one < len(found.sizes) for one in dimensions):
        raise at_byte(cursor.at, _("the header makes no sense"))
    attributes = cursor.attributes()
    form, size = cursor.whole(), cursor.whole()
    at: int = unpacked(">q" if wide else ">i", cursor.data, cursor.at)[0]
    cursor.at += 8 if wide else 4
    if form not in _SIZES or at < 0:
        raise at_byte(cursor.at, _("the header makes no sense"))
    is_record = bool(dimensions) and found.sizes[dimensions[0]] == 0
    shape = tuple(found.sizes[one] for one in (dimensions[1:] if is_record else dimensions))
    found.variables[name] = Variable(form, shape, at, is_record, attributes)
    if is_record and size >= 0:
        found.record_size += size


def _settle_records(found: Contents) -> None:
    """Hold the number of records against the file; a file still being written says -1."""
    first = min((one.at for one in found.variables.values() if one.is_record), default=None)
    if first is None or found.record_size == 0:
        found.records = 0
        return
    in_records = [one for one in found.variables.values() if one.is_record]
    if len(in_records) == 1:  # a single record variable is not filled to four bytes
        only = in_records[0]
        size = _SIZES[only.form]
        for one in only.shape:
            size *= one
        found.record_size = size
    there = max(len(found.data) - first, 0) // max(found.record_size, 1)
    if found.records < 0:
        found.records = there
    elif found.records > there:
        counts = {"announced": found.records, "there": there}
        problem = _("%(announced)s points are announced, but %(there)s are there", **counts)
        raise at_byte(len(found.data), problem)
