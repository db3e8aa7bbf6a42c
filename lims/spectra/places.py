"""Where in a file something stands, and what is refused there.

A reader raises `Unreadable` with a problem and its place; the door of the readers turns that into
one sentence. Limits of size stand here too, so that no reader believes what a header claims.
"""

from __future__ import annotations

from dataclasses import dataclass

from lims.foundation.words import Message, _

#: Bytes of one file that is read whole, also after unpacking.
LARGEST_FILE = 64 * 1024 * 1024
#: Bytes of one record of a library, and of a library after unpacking.
LARGEST_RECORD = 4 * 1024 * 1024
LARGEST_LIBRARY = 8 * 1024 * 1024 * 1024
#: Spectra in one file that is read whole; a larger one is a library, and read record by record.
MOST_SPECTRA = 20_000
#: Rows of numbers in one file of text, and lines that describe what they are.
MOST_ROWS = 1_000_000
MOST_LABELS = 20_000
#: Points of one file that a repeat count (JCAMP-DX DUP) may make: 16 MB for each axis.
MOST_POINTS = 2_000_000
#: Larger values are no measurement, and their squares must still be numbers.
LARGEST_VALUE = 1e30
LONGEST_FACT = 2_000


@dataclass(frozen=True)
class Place:
    """A line (counted from 1) or a byte (counted from 0) of a file; neither: the whole file."""

    line: int | None = None
    byte: int | None = None


NOWHERE = Place()


class Unreadable(Exception):
    """What is wrong with a file and where; `problem` is a part of a sentence."""

    def __init__(self, problem: Message, place: Place = NOWHERE) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.place = place


def at_line(line: int, problem: Message) -> Unreadable:
    """Return the refusal of one line, to be raised."""
    return Unreadable(problem, Place(line=line))


def at_byte(byte: int, problem: Message) -> Unreadable:
    """Return the refusal of one byte, to be raised."""
    return Unreadable(problem, Place(byte=byte))


def sentence(format_name: Message | str, wrong: Unreadable) -> Message:
    """Return the one sentence with which a file is refused."""
    values = {"format": format_name, "problem": wrong.problem}
    if wrong.place.line is not None:
        return _("%(format)s, line %(line)s: %(problem)s.", line=wrong.place.line, **values)
    if wrong.place.byte is not None:
        return _("%(format)s, byte %(byte)s: %(problem)s.", byte=wrong.place.byte, **values)
    return _("%(format)s: %(problem)s.", **values)
