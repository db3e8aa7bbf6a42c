"""From columns of numbers to a spectrum that can be trusted, or a refusal with its place.

Peaks may stand in any order, also twice. A continuous curve runs in one direction: where its x
turns back two measurements were pasted together or rows were lost, and where one x has two
different y nobody can say which was measured; both are refused. A row that stands there twice,
the same in both columns, is kept once and said. Nothing else is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lims.foundation.words import Message, _
from lims.spectra import units
from lims.spectra.places import LARGEST_VALUE, LONGEST_FACT, NOWHERE, Place, Unreadable
from lims.spectra.spectrum import Floats, Kind, Spectrum

Where = Callable[[int], Place]
#: An absorbance of 20 lets one photon in 10²⁰ pass: no instrument reads that, so the unit is wrong.
_HIGHEST_ABSORBANCE = 20.0
#: Noise and a bad background reach above full transmittance, but not this far.
_HIGHEST_TRANSMITTANCE = 1.5
_WRITTEN_ONCE = _("Rows that stand in the file twice are kept once.")
_PERCENT = _("The transmittance is in percent, though the file does not say so.")
_FRACTION = _("The transmittance is a fraction, though the file says percent.")


@dataclass
class Columns:
    """What a reader found: two columns, their units as written, and what the file says."""

    x: Floats
    y: Floats
    x_written: str
    y_written: str
    technique: str = ""
    sticks: bool = False
    title: str = ""
    block: int = 0
    z: float | None = None
    facts: dict[str, str] = field(default_factory=dict)
    remarks: list[Message] = field(default_factory=list)
    where: Where = lambda _index: NOWHERE
    kind: Kind | None = None


def on_lines(lines: Sequence[int]) -> Where:
    """Return where each point stands in a text."""
    return lambda index: Place(line=lines[index])


def in_bytes(start: int, step: int) -> Where:
    """Return where each point stands among bytes."""
    return lambda index: Place(byte=start + step * index)


def remarks_of(facts: Mapping[str, str]) -> tuple[str, ...]:
    """Return what was noted while reading: sentences that a door says in the reader's language."""
    return tuple(facts.get("remarks", "").split("\n")) if facts.get("remarks") else ()


def made(columns: Columns) -> Spectrum:
    """Return the spectrum of two columns; raises Unreadable."""
    _refuse_no_numbers(columns)
    x_unit, y_unit = units.x_name(columns.x_written), units.y_name(columns.y_written)
    kind = columns.kind or units.kind_of(columns.technique, x_unit, y_unit, columns.x)
    if columns.sticks:
        _refuse_bad_peaks(columns, x_unit)
    else:
        _refuse_no_curve(columns)
        y_unit = _settled(columns, y_unit)
    return Spectrum(
        kind=kind,
        x=columns.x,
        y=columns.y,
        x_unit=x_unit,
        y_unit=y_unit,
        sticks=columns.sticks,
        title=columns.title[:LONGEST_FACT],
        block=columns.block,
        z=columns.z,
        facts=_facts(columns),
    )


def _facts(columns: Columns) -> dict[str, str]:
    facts = {
        key: value if key == "molfile" else value[:LONGEST_FACT]
        for key, value in columns.facts.items()
        if value
    }
    facts["x_written"] = columns.x_written
    facts["y_written"] = columns.y_written
    if columns.remarks:
        facts["remarks"] = "\n".join(dict.fromkeys(one.msgid for one in columns.remarks))
    return facts


def _refuse_no_numbers(columns: Columns) -> None:
    if columns.x.size == 0:
        raise Unreadable(_("there are no points"))
    for axis in (columns.x, columns.y):
        wrong = ~(np.abs(axis) <= LARGEST_VALUE)
        if wrong.any():
            place = columns.where(int(np.argmax(wrong)))
            raise Unreadable(_("a value is not a number, or no measurement can be so large"), place)


def _refuse_bad_peaks(columns: Columns, x_unit: str) -> None:
    if x_unit != units.MASS:
        return
    wrong = (columns.x <= 0) | (columns.y < 0)
    if wrong.any():
        place = columns.where(int(np.argmax(wrong)))
        raise Unreadable(_("a peak has no mass, or less than no intensity"), place)
    if not columns.y.any():
        raise Unreadable(_("every peak has the intensity zero"), columns.where(0))


def _refuse_no_curve(columns: Columns) -> None:
    """Refuse what is no curve; keep rows once that are there twice."""
    steps = np.diff(columns.x)
    same = (steps == 0) & (np.diff(columns.y) == 0)
    if same.any():
        kept = np.concatenate(([True], ~same))
        lines, where = np.flatnonzero(kept), columns.where
        columns.x, columns.y, steps = columns.x[kept], columns.y[kept], steps[~same]
        columns.where = lambda index: where(int(lines[index]))
        columns.remarks.append(_WRITTEN_ONCE)
    if columns.x.size < 2:
        raise Unreadable(_("one point is no curve"), columns.where(0))
    if not steps.all():
        at = int(np.argmax(steps == 0)) + 1
        raise Unreadable(
            _("x = %(x)s stands there twice with different y", x=f"{columns.x[at]:.6g}"),
            columns.where(at),
        )
    turned = np.sign(steps) != np.sign(columns.x[-1] - columns.x[0])
    if turned.any():
        at = int(np.argmax(turned)) + 1
        before, here = f"{columns.x[at - 1]:.6g}", f"{columns.x[at]:.6g}"
        raise Unreadable(
            _("x turns back from %(before)s to %(here)s", before=before, here=here),
            columns.where(at),
        )


def _settled(columns: Columns, y_unit: str) -> str:
    """Return the unit that the values show, where a file mixes percent and fraction."""
    top = float(columns.y.max())
    if y_unit == units.ABSORBANCE and top > _HIGHEST_ABSORBANCE:
        at = columns.where(int(columns.y.argmax()))
        raise Unreadable(_("the file says absorbance, but reaches %(top)s", top=f"{top:.4g}"), at)
    if y_unit == units.TRANSMITTANCE and top > _HIGHEST_TRANSMITTANCE:
        columns.remarks.append(_PERCENT)
        return units.PERCENT
    if y_unit == units.PERCENT and 0 < top <= _HIGHEST_TRANSMITTANCE:
        columns.remarks.append(_FRACTION)
        return units.TRANSMITTANCE
    return y_unit
