"""The x of a JCAMP-DX curve: what the header announces, held against what its lines say.

A header that contradicts its own data is common and harmless: the data is read, and that is
said. Points that are missing are not harmless: the curve is refused with the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lims.foundation.words import Message, _
from lims.spectra.asdf import Ordinates
from lims.spectra.places import at_line
from lims.spectra.spectrum import Floats

_WRONG_RANGE = _("The header gives another range of x than the data; that of the data is used.")
_WRONG_COUNT = _("The header announces another number of points than there are; all are read.")
_WRONG_FACTOR = _("The header's factor for x does not fit its lines, which are used as written.")
#: Fewer lines cannot contradict a header.
_SAYING = 3


@dataclass(frozen=True)
class Announced:
    """What a header says of the axes; None where it says nothing."""

    first: float | None
    last: float | None
    delta: float | None
    points: int | None
    x_factor: float
    y_factor: float


def axis(found: Ordinates, said: Announced, line: int) -> tuple[Floats, list[Message]]:
    """Return the x of every ordinate and what is to be noted; raises Unreadable."""
    count = len(found.values)
    if count == 0:
        raise at_line(line, _("there are no points"))
    remarks: list[Message] = []
    first = said.first if said.first is not None else found.starts[0][1] * said.x_factor
    last = said.last
    if last is None and said.delta is not None:
        last = first + said.delta * (count - 1)
    # Fewer points than announced: only lines that all stand exactly right excuse the header.
    exact = said.points is not None and count < said.points
    if last is not None and count > 1 and _fits(found, said.x_factor, first, last, exact):
        if said.points is not None and said.points != count:
            remarks.append(_WRONG_COUNT)
        return np.linspace(first, last, count), remarks
    return _from_lines(found, said, first, last)


def _step_of(found: Ordinates, factor: float) -> float | None:
    """Return the step that the first and the last line agree on."""
    (_line, x_first, i_first), (_last, x_last, i_last) = found.starts[0], found.starts[-1]
    if i_last == i_first or x_last == x_first:
        return None
    return (x_last - x_first) * factor / (i_last - i_first)


def _fits(found: Ordinates, factor: float, first: float, last: float, exact: bool = False) -> bool:
    """Tell whether every line's x is where this range puts it."""
    step = (last - first) / (len(found.values) - 1)
    return _first_that_differs(found, factor, first, step, exact) is None


def _first_that_differs(
    found: Ordinates, factor: float, first: float, step: float, exact: bool = False
) -> tuple[int, float] | None:
    """Return the first line that is a point away; unless exact, abscissas may be rounded."""
    if exact and len(found.starts) < _SAYING:
        return found.starts[-1][:2]
    if exact:
        tolerance = 0.4 * abs(step)
    else:
        rounding = max((_rounding(x) for _line, x, _index in found.starts), default=0.0)
        tolerance = 1.01 * abs(step) + rounding * abs(factor)
    for line, x, index in found.starts:
        if abs(x * factor - (first + index * step)) > tolerance:
            return line, x
    return None


def _rounding(x: float) -> float:
    """Return what the last digit of an abscissa is worth: lines give five or more digits."""
    return 0.51 if x == int(x) else abs(x) * 1e-5


def _from_lines(
    found: Ordinates, said: Announced, first: float, last: float | None
) -> tuple[Floats, list[Message]]:
    count, factor, remarks = len(found.values), said.x_factor, []
    if factor != 1 and last is not None and count > 1 and _fits(found, 1.0, first, last):
        if said.points in (None, count):
            return np.linspace(first, last, count), [_WRONG_FACTOR]
        factor = 1.0
    _refuse_cut(found, said)
    step = _step_of(found, factor)
    if step is None:
        if last is None or count == 1:
            raise at_line(found.starts[0][0], _("nothing says how far the points stand apart"))
        return np.linspace(first, last, count), [_WRONG_RANGE]
    origin = found.starts[0][1] * factor
    away = _first_that_differs(found, factor, origin, step)
    if away is not None:
        x = f"{away[1]:.8g}"
        raise at_line(away[0], _("x = %(x)s is not where the line before ends", x=x))
    remarks.append(_WRONG_RANGE if said.points in (None, count) else _WRONG_COUNT)
    return np.asarray(origin + step * np.arange(count), dtype=np.float64), remarks


def _refuse_cut(found: Ordinates, said: Announced) -> None:
    count = len(found.values)
    if said.points is not None and count < said.points:
        there = {"announced": said.points, "there": count}
        raise at_line(
            found.lines[-1],
            _("%(announced)s points are announced, but %(there)s are there", **there),
        )
