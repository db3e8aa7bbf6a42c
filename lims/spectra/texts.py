"""Text of a file as lines, and numbers in it."""

from __future__ import annotations

import io
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence

from lims.foundation.words import _
from lims.spectra.places import MOST_ROWS, Unreadable, at_line

_SHOWN = 24
#: No part of it can take what another part may take: a million digits are read once.
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][+-]?\d{1,3})?", re.ASCII)
_ONE_PAIR_A_LINE = re.compile(r"(?:[\d.]+[ \t]+[\d.]+[ \t]*\n)+", re.ASCII)
_BETWEEN_PEAKS = str.maketrans(";,()\t", "     ")


def decoded(data: bytes) -> str:
    """Return bytes as text: UTF-16 and UTF-8 where they are, otherwise Western European."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def lines_of(data: bytes) -> Iterator[str]:
    """Give the lines of a text without their ends; also of old files that end them with CR.

    One at a time: a file of nothing but line ends must not become a list of millions.
    """
    for line in io.StringIO(decoded(data), newline=None):
        yield line.rstrip("\n")


def all_lines(data: bytes) -> list[str]:
    """Return every line of a text that is small enough; raises Unreadable."""
    if data.count(b"\n") > MOST_ROWS or data.count(b"\r") > MOST_ROWS:
        raise at_line(MOST_ROWS, _("there are more than %(n)s rows", n=MOST_ROWS))
    return list(lines_of(data))


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


Pairs = tuple["array[float]", "array[float]", Sequence[int]]


def read_pairs(text: str, first_line: int) -> Pairs:
    """Read peaks as pairs of m/z and intensity, any number on a line; raises Unreadable.

    Pairs stand between blanks, commas, semicolons or brackets. What follows in quotes is a
    peak's annotation, and a third number on a line of its own pair is one too. The third
    sequence has the line of each pair.
    """
    plain = text.rstrip()
    if _ONE_PAIR_A_LINE.fullmatch(plain + "\n"):
        try:
            values = array("d", map(float, plain.split()))
        except ValueError:
            return pairs_of(_numbered(plain, first_line))
        return values[0::2], values[1::2], range(first_line, first_line + len(values) // 2)
    return pairs_of(_numbered(plain, first_line))


def _numbered(text: str, first_line: int) -> Iterator[tuple[int, str]]:
    return enumerate(io.StringIO(text), start=first_line)


def pairs_of(lines: Iterable[tuple[int, str]]) -> Pairs:
    """Read peaks line by line, where a line may hold more or less than one pair."""
    first, second, places = array("d"), array("d"), array("l")
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
        first.extend(values[0::2])
        second.extend(values[1::2])
        places.extend([line] * (len(values) // 2))
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
