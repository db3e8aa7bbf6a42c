"""Text of a file as lines, and numbers in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lims.foundation.words import _
from lims.spectra.places import Unreadable, at_line

_SHOWN = 24
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d{1,3})?", re.ASCII)
_BETWEEN_PEAKS = str.maketrans(";,()\t", "     ")


def decoded(data: bytes) -> str:
    """Return bytes as text: UTF-16 and UTF-8 where they are, otherwise Western European."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def lines_of(data: bytes) -> list[str]:
    """Return the lines of a text without their ends; also of old files that end them with CR."""
    text = decoded(data)
    if "\n" not in text:
        return text.split("\r")
    return [line.removesuffix("\r") for line in text.split("\n")]


def shown(text: str) -> str:
    """Return a piece of a file fit for a sentence: short, on one line, printable."""
    plain = " ".join("".join(c if c.isprintable() else "·" for c in text).split())
    return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"


def read_number(text: str, line: int) -> float:
    """Read one number with a decimal point; raises Unreadable at this line."""
    found = number_in(text)
    if found is None:
        raise at_line(line, _("“%(typed)s” is not a number", typed=shown(text)))
    return found


def number_in(text: str) -> float | None:
    """Return the number that a text is as a whole, or None."""
    plain = text.strip()
    if NUMBER.fullmatch(plain) is None:
        return None
    return float(plain.replace("D", "E").replace("d", "e"))


def count_in(text: str) -> int | None:
    """Return the whole number at the beginning of a text, or None; never more than a billion."""
    found = re.match(r"\s*\+?(\d{1,9})(?:\.0*)?(?!\d)", text, re.ASCII)
    return int(found[1]) if found else None


def read_pairs(lines: Iterable[tuple[int, str]]) -> tuple[list[float], list[float], list[int]]:
    """Read peaks as pairs of m/z and intensity, any number on a line; raises Unreadable.

    Pairs stand between blanks, commas, semicolons or brackets. What follows in quotes is a
    peak's annotation, and a third number on a line of its own pair is one too. The third list
    has the line of each pair.
    """
    first: list[float] = []
    second: list[float] = []
    places: list[int] = []
    for line, text in lines:
        plain = text.translate(_BETWEEN_PEAKS) if '"' not in text else _without_notes(text)
        parts = plain.split()
        if not parts:
            continue
        try:
            values = [float(part) for part in parts]
        except ValueError:
            values = _leading_pair(parts, line)
        if len(values) % 2 or "_" in plain:
            values = _leading_pair(parts, line) if len(values) == 3 else _refuse_odd(text, line)
        first += values[0::2]
        second += values[1::2]
        places += [line] * (len(values) // 2)
    return first, second, places


def _without_notes(text: str) -> str:
    return re.sub(r'"[^"]*"?', " ", text).translate(_BETWEEN_PEAKS)


def _leading_pair(parts: list[str], line: int) -> list[float]:
    """Return the pair with which a line begins; what follows it is an annotation."""
    if len(parts) < 2:
        raise _odd(parts[0], line)
    return [read_number(parts[0], line), read_number(parts[1], line)]


def _refuse_odd(text: str, line: int) -> list[float]:
    raise _odd(text, line)


def _odd(text: str, line: int) -> Unreadable:
    return at_line(line, _("“%(typed)s” is not a pair of numbers", typed=shown(text)))
