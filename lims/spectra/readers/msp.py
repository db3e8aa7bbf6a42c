"""NIST MSP and AMDIS MSL: records of named lines, then pairs of mass and intensity.

MSL writes the pairs in brackets. A record begins at its `Name:`.
"""

from __future__ import annotations

import re

from lims.foundation.words import _
from lims.spectra.facts import gathered
from lims.spectra.peaks import peak_list
from lims.spectra.pieces import Cut, Piece, never
from lims.spectra.places import at_line
from lims.spectra.spectrum import Spectrum
from lims.spectra.texts import count_in

NAME = "NIST MSP"
ENDINGS = ("msp", "msl")
_BEGINS = re.compile(rb"\s*name\s*:", re.IGNORECASE)
_PEAKS = re.compile(r"\s*num(?:ber of)?[ _]?peaks\s*:", re.IGNORECASE)
_HAS_PEAKS = re.compile(rb"^\s*num(ber of)?[ _]?peaks\s*:", re.IGNORECASE | re.MULTILINE)

CUT = Cut(begins=lambda line: _BEGINS.match(line) is not None, ends=never)


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return _HAS_PEAKS.search(head) is not None


def record(piece: Piece) -> tuple[Spectrum, ...]:
    """Read one record; nothing for blank lines; raises Unreadable."""
    lines = piece.lines()
    pairs: list[tuple[str, str]] = []
    for at, (line, text) in enumerate(lines):
        if _PEAKS.match(text):
            announced = count_in(text.partition(":")[2])
            if announced is None:
                raise at_line(line, _("the number of peaks is missing"))
            return (peak_list(gathered(pairs), lines[at + 1 :], line, announced),)
        key, colon, value = text.partition(":")
        if colon:
            pairs.append((key, value))
    if not any(text.strip() for _line, text in lines):
        return ()
    raise at_line(lines[0][0], _("the record has no peaks"))
