"""Libraries cut into records, without ever holding more than one of them.

The byte after a record is kept with it: reading can go on from there another day.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from lims.foundation.words import _
from lims.spectra.places import LARGEST_RECORD, at_byte
from lims.spectra.texts import decoded

_BLOCK = 1024 * 1024
#: Bytes of one record that are passed over to find the next: a small packed file can hold
#: gigabytes without an end.
_MOST_PASSED = 4 * LARGEST_RECORD
_NEVER = "(?!)"


@dataclass(frozen=True)
class Cut:
    """How the records of a format are told apart: a line that begins one, a line that ends one.

    Both are patterns for the beginning of a line; upper and lower case are one.
    """

    begins: str = _NEVER
    ends: str = _NEVER

    def pattern(self) -> re.Pattern[bytes]:
        """Return what finds the next boundary between records."""
        both = rf"^(?P<begins>[ \t]*(?:{self.begins}))|^(?P<ends>[ \t]*(?:{self.ends})[^\n]*\n)"
        return re.compile(both.encode("ascii"), re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """One record: its bytes, its first line in the file (from 1), the bytes where it stands.

    `data` is None when the record is larger than any spectrum.
    """

    data: bytes | None
    first_line: int
    start: int
    end: int

    def text(self) -> str:
        """Return the record as text with line feeds."""
        text = decoded(self.data or b"")
        return text.replace("\r\n", "\n") if "\r" in text else text

    def lines(self) -> Iterator[tuple[int, str]]:
        """Give the lines with their numbers in the file."""
        return numbered(self.text(), self.first_line)


def numbered(text: str, first_line: int) -> Iterator[tuple[int, str]]:
    """Give the lines of a text with their numbers, one at a time."""
    at, line = 0, first_line
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield line, text[at:end]
        at, line = end + 1, line + 1


@dataclass
class _Reading:
    """Where a stream is: what is held of the record, where it began, whether it grew too large."""

    held: bytes
    at: int
    line: int
    start: int
    lost: bool = False

    def piece(self, size: int) -> Piece:
        """Take a record of so many held bytes."""
        data, self.held = self.held[:size], self.held[size:]
        first, start = self.line, self.start
        self.at += size
        self.line += data.count(b"\n")
        self.start = self.at
        too_large = self.lost or len(data) > LARGEST_RECORD
        self.lost = False
        return Piece(None if too_large else data, first, start, self.at)

    def drop(self) -> None:
        """Let go of what grew too large, but for the line that has no end yet."""
        kept = self.held.rfind(b"\n") + 1
        size = kept if kept > 0 and len(self.held) - kept < _BLOCK else len(self.held)
        self.line += self.held.count(b"\n", 0, size)
        self.at += size
        self.held, self.lost = self.held[size:], True


def pieces(stream: BinaryIO, cut: Cut, start: int = 0) -> Iterator[Piece]:
    """Give the records of a stream one after the other; `start` is where the stream stands.

    Raises Unreadable for a record whose end is nowhere near.
    """
    pattern = cut.pattern()
    state = _Reading(b"", start, 1, start)
    for block in _blocks(stream):
        state.held += block
        yield from _complete(state, pattern)
        if len(state.held) > LARGEST_RECORD:
            state.drop()
        if state.lost and state.at - state.start > _MOST_PASSED:
            raise at_byte(state.start, _("the record is larger than any spectrum"))
    if state.held or state.lost:
        yield state.piece(len(state.held))


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Give what a stream holds; of a damaged one also what came before the damage."""
    read = getattr(stream, "read1", stream.read)
    parts: list[bytes] = []
    size = 0
    try:
        while part := read(_BLOCK):
            parts.append(part)
            size += len(part)
            if size >= _BLOCK:
                yield b"".join(parts)
                parts, size = [], 0
    except (EOFError, OSError, zlib.error):
        yield b"".join(parts)
        raise
    if parts:
        yield b"".join(parts)


def _complete(state: _Reading, pattern: re.Pattern[bytes]) -> Iterator[Piece]:
    """Give the records that end within what is held; a line cut by a block waits for its end."""
    boundaries: list[int] = []
    for found in pattern.finditer(state.held):
        boundary = found.start() if found.lastgroup == "begins" else found.end()
        if boundary > (boundaries[-1] if boundaries else 0) or (boundary == 0 and state.lost):
            boundaries.append(boundary)
    before = 0
    for boundary in boundaries:
        yield state.piece(boundary - before)
        before = boundary
