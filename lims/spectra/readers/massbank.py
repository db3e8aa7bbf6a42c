"""MassBank records: tagged lines, `PK$PEAK:` with three columns, `//` at the end.

The measured intensity is kept, not the one relative to 999. Authors are not kept.
"""

from __future__ import annotations

import re

from lims.foundation.words import _
from lims.spectra.facts import gathered
from lims.spectra.peaks import peak_list
from lims.spectra.pieces import Cut, Piece
from lims.spectra.places import at_line
from lims.spectra.spectrum import Spectrum
from lims.spectra.texts import count_in

NAME = "MassBank"
ENDINGS = ("mb",)
_TAGS = {
    "CH$NAME": "name",
    "CH$FORMULA": "formula",
    "CH$EXACT_MASS": "exact mass",
    "CH$SMILES": "smiles",
    "CH$IUPAC": "inchi",
    "AC$INSTRUMENT": "instrument",
    "AC$INSTRUMENT_TYPE": "instrument type",
}
#: Tags whose value begins with the name of a fact: `AC$MASS_SPECTROMETRY: ION_MODE POSITIVE`.
_NAMED = ("CH$LINK", "AC$MASS_SPECTROMETRY", "AC$CHROMATOGRAPHY", "MS$FOCUSED_ION")

CUT = Cut(
    begins=lambda line: line.startswith(b"ACCESSION:"),
    ends=lambda line: line.rstrip() == b"//",
)


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return re.search(rb"^(ACCESSION|RECORD_TITLE|PK\$PEAK): ", head, re.MULTILINE) is not None


def record(piece: Piece) -> tuple[Spectrum, ...]:
    """Read one record; nothing for blank lines; raises Unreadable."""
    lines = piece.lines()
    pairs: list[tuple[str, str]] = []
    announced: int | None = None
    for at, (line, text) in enumerate(lines):
        tag, colon, value = text.partition(":")
        if tag == "PK$PEAK" and colon:
            if lines[-1][1].strip() != "//" and not _ends(lines):
                raise at_line(lines[-1][0], _("the record ends without //"))
            return (peak_list(gathered(pairs), _rows(lines[at + 1 :]), line, announced),)
        if tag == "PK$NUM_PEAK":
            announced = count_in(value)
        elif colon:
            pairs.append(_pair(tag, value.strip()))
    if not any(text.strip("/ \t") for _line, text in lines):
        return ()
    raise at_line(lines[0][0], _("the record has no peaks"))


def _ends(lines: list[tuple[int, str]]) -> bool:
    return any(text.strip() == "//" for _line, text in lines[-3:])


def _pair(tag: str, value: str) -> tuple[str, str]:
    if tag in _NAMED:
        name, _space, rest = value.partition(" ")
        return ("precursor m/z" if name == "PRECURSOR_M/Z" else name), rest
    return _TAGS.get(tag, tag), value


def _rows(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the first two columns of each peak."""
    return [
        (line, " ".join(text.split()[:2]))
        for line, text in lines
        if text.strip() and text.strip() != "//"
    ]
