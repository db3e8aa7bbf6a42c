"""NIST MSP and AMDIS MSL: records of named lines, then pairs of mass and intensity.

MSL writes the pairs in brackets. A record begins at its `Name:`.
"""

from __future__ import annotations

import re

from lims.foundation.words import _
from lims.spectra.facts import gathered, named_lines
from lims.spectra.peaks import peak_list
from lims.spectra.pieces import Cut, Piece
from lims.spectra.places import at_line
from lims.spectra.spectrum import Spectrum
from lims.spectra.texts import count_in, read_pairs

NAME = "NIST MSP"
ENDINGS = ("msp", "msl")
_PEAKS = re.compile(r"^[ \t]*num(?:ber of)?[ _]?peaks[ \t]*:(.*)\n?", re.IGNORECASE | re.MULTILINE)
_HAS_PEAKS = re.compile(rb"^[ \t]*num(ber of)?[ _]?peaks[ \t]*:", re.IGNORECASE | re.MULTILINE)

CUT = Cut(begins=r"name[ \t]*:")


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return _HAS_PEAKS.search(head) is not None


def record(piece: Piece) -> tuple[Spectrum, ...]:
    """Read one record; nothing for blank lines; raises Unreadable."""
    text = piece.text()
    found = _PEAKS.search(text)
    if found is None:
        if not text.strip():
            return ()
        raise at_line(piece.first_line, _("the record has no peaks"))
    line = piece.first_line + text.count("\n", 0, found.start())
    announced = count_in(found[1])
    if announced is None:
        raise at_line(line, _("the number of peaks is missing"))
    facts = gathered(named_lines(text[: found.start()], piece.first_line))
    return (peak_list(facts, read_pairs(text[found.end() :], line + 1), line, announced),)
