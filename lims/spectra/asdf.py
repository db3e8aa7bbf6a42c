"""The compressed numbers of JCAMP-DX: fixed, packed, squeezed, differences, repeats.

McDonald and Wilks, Appl. Spectrosc. 42 (1988) 151. Each line begins with its abscissa. A line
after one that ended in differences repeats the last ordinate: that check must hold, and is not a
point of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from lims.foundation.words import _
from lims.spectra.places import MOST_POINTS, at_line
from lims.spectra.texts import read_number, shown

_TOKEN = re.compile(
    r"[\s,;]*(?:"
    r"(?P<plain>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[Ee][+-]\d{1,3})?)"
    r"|(?P<squeezed>[@A-Ia-i]\d*(?:\.\d*)?)"
    r"|(?P<difference>[%J-Rj-r]\d*(?:\.\d*)?)"
    r"|(?P<repeat>[S-Zs]\d*)"
    r"|(?P<missing>\?)"
    r")",
    re.ASCII,
)
_ONLY_PLAIN = re.compile(r"[\d\s.+-]*", re.ASCII)
# First characters and the digit, with its sign, that each stands for.
_SQUEEZED = {c: str(n) for n, c in enumerate("@ABCDEFGHI")} | {
    c: f"-{n}" for n, c in enumerate("abcdefghi", start=1)
}
_DIFFERENCE = {c: str(n) for n, c in enumerate("%JKLMNOPQR")} | {
    c: f"-{n}" for n, c in enumerate("jklmnopqr", start=1)
}
_REPEAT = {c: str(n) for n, c in enumerate("STUVWXYZs", start=1)}
# Ordinates are integers or decimals of few digits; differences add up in the last of them.
_CHECK_TOLERANCE = 1e-6


@dataclass
class Ordinates:
    """Decoded ordinates: for each its line; for each line its abscissa and its first ordinate."""

    values: list[float] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    starts: list[tuple[int, float, int]] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    #: How the ordinate before was written, and the difference that it was written as.
    differs: bool = False
    step: float = 0.0

    def add(self, value: float, line: int) -> None:
        """Keep one ordinate."""
        if len(self.values) >= MOST_POINTS:
            raise at_line(line, _("there are more than %(n)s points", n=MOST_POINTS))
        self.values.append(value)
        self.lines.append(line)


def decode(lines: Iterable[tuple[int, str]]) -> Ordinates:
    """Decode the lines of an X++(Y..Y) table; raises Unreadable with the line."""
    found = Ordinates()
    for line, text in lines:
        if not text.strip():
            continue
        if _ONLY_PLAIN.fullmatch(text) and _plain(found, text, line):
            continue
        _coded(found, text, line)
    return found


def _plain(found: Ordinates, text: str, line: int) -> bool:
    """Read a line of numbers between blanks; False when they are not that."""
    try:
        numbers = [float(part) for part in text.split()]
    except ValueError:
        return False
    if found.differs and len(numbers) > 1:
        return False
    found.starts.append((line, numbers[0], len(found.values)))
    for number in numbers[1:]:
        found.add(number, line)
    return True


def _coded(found: Ordinates, text: str, line: int) -> None:
    at, first, checking = 0, True, found.differs
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            if not text[at:].strip(" \t,;"):
                break
            raise at_line(line, _("“%(typed)s” is no JCAMP-DX number", typed=shown(text[at:])))
        at = token.end()
        if first:
            abscissa = token["plain"] or token["squeezed"]
            if abscissa is None:
                raise at_line(line, _("the line does not begin with its x"))
            index = max(len(found.values) - checking, 0)
            found.starts.append((line, _abscissa(abscissa), index))
            first = False
            continue
        _ordinate(found, token, line, checking)
        checking = False


def _abscissa(text: str) -> float:
    return float(_SQUEEZED.get(text[0], text[0]) + text[1:])


def _ordinate(found: Ordinates, token: re.Match[str], line: int, checking: bool) -> None:
    kind = token.lastgroup
    text = token[kind or 0]
    if kind in ("plain", "squeezed"):
        value = float(_SQUEEZED.get(text[0], text[0]) + text[1:])
        found.differs = False
        _check(found, value, line) if checking else found.add(value, line)
    elif kind == "difference":
        if checking or not found.values:
            raise at_line(line, _("a difference stands where the value itself belongs"))
        found.step = float(_DIFFERENCE[text[0]] + text[1:])
        found.differs = True
        found.add(found.values[-1] + found.step, line)
    elif kind == "repeat":
        _repeat(found, _REPEAT[text[0]] + text[1:], line)
    else:
        found.differs = False
        found.missing.append(len(found.values))
        found.add(0.0, line)


def _check(found: Ordinates, value: float, line: int) -> None:
    last = found.values[-1]
    if abs(value - last) > _CHECK_TOLERANCE * max(abs(value), abs(last), 1.0):
        said = {"found": f"{last:.10g}", "said": f"{value:.10g}"}
        raise at_line(
            line, _("the check value is %(said)s, but the line before ended at %(found)s", **said)
        )


def _repeat(found: Ordinates, digits: str, line: int) -> None:
    times = read_number(digits, line) - 1
    if not found.values or len(digits) > 9 or len(found.values) + times > MOST_POINTS:
        raise at_line(line, _("a value is repeated %(n)s times", n=shown(digits)))
    step = found.step if found.differs else 0.0
    for _time in range(int(times)):
        found.add(found.values[-1] + step, line)
