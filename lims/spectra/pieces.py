"""Libraries cut into records, without ever holding more than one of them.

The byte after a record is kept with it: reading can go on from there another day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lims.spectra.places import LARGEST_RECORD
from lims.spectra.texts import lines_of

_LONGEST_LINE = 1024 * 1024
Line = Callable[[bytes], bool]


@dataclass(frozen=True)
class Cut:
    """How the records of a format are told apart: a line that begins one, a line that ends one."""

    begins: Line
    ends: Line


@dataclass(frozen=True)
class Piece:
    """One record: its bytes, its first line in the file (from 1), the bytes where it stands.

    `data` is None when the record is larger than any spectrum.
    """

    data: bytes | None
    first_line: int
    start: int
    end: int

    def lines(self) -> list[tuple[int, str]]:
        """Return the lines with their numbers in the file."""
        return list(enumerate(lines_of(self.data or b""), start=self.first_line))


def never(_line: bytes) -> bool:
    """Tell that a format has no such line."""
    return False


def pieces(stream: BinaryIO, cut: Cut, start: int = 0) -> Iterator[Piece]:
    """Give the records of a stream one after the other; `start` is where the stream stands."""
    held: list[bytes] = []
    begins, ends = cut.begins, cut.ends
    first, at, count, size, piece_start = 1, start, 0, 0, start
    while line := stream.readline(_LONGEST_LINE):
        if held and begins(line):
            yield _piece(held, size, first, piece_start, at)
            held, size, first, piece_start = [], 0, count + 1, at
        at += len(line)
        count += 1
        size += len(line)
        if size <= LARGEST_RECORD or not held:
            held.append(line)
        if ends(line):
            yield _piece(held, size, first, piece_start, at)
            held, size, first, piece_start = [], 0, count + 1, at
    if held:
        yield _piece(held, size, first, piece_start, at)


def _piece(held: list[bytes], size: int, first: int, start: int, end: int) -> Piece:
    return Piece(b"".join(held) if size <= LARGEST_RECORD else None, first, start, end)
