"""MassBank records: tagged lines, `PK$PEAK:` with three columns, `//` at the end.

The measured intensity is kept, not the one relative to 999. Authors are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lims.foundation.words import _
from lims.spectra.facts import gathered, named_lines
from lims.spectra.peaks import peak_list
from lims.spectra.pieces import Cut, Piece, numbered
from lims.spectra.places import at_line
from lims.spectra.spectrum import Spectrum
from lims.spectra.texts import count_in, pairs_of

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
_PEAKS = re.compile(r"^PK\$PEAK:.*\n?", re.MULTILINE)
_COUNT = re.compile(r"^PK\$NUM_PEAK:(.*)", re.MULTILINE)
_END = re.compile(r"^//[ \t]*$", re.MULTILINE)

CUT = Cut(begins="ACCESSION:", ends=r"//[ \t\r]*(?=\n)")


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return re.search(rb"^(ACCESSION|RECORD_TITLE|PK\$PEAK): ", head, re.MULTILINE) is not None


def record(piece: Piece) -> tuple[Spectrum, ...]:
    """Read one record; nothing for blank lines; raises Unreadable."""
    text = piece.text()
    if not text.strip("/ \t\n"):
        return ()
    found, end = _PEAKS.search(text), _END.search(text)
    if found is None:
        raise at_line(piece.first_line, _("the record has no peaks"))
    if end is None:
        last = piece.first_line + text.rstrip().count("\n")
        raise at_line(last, _("the record ends without //"))
    line = piece.first_line + text.count("\n", 0, found.start())
    counted = _COUNT.search(text, 0, found.start())
    pairs = named_lines(text[: found.start()], piece.first_line)
    facts = gathered(_pair(tag, value) for tag, value in pairs)
    rows = _first_two(text[found.end() : end.start()], line + 1)
    return (peak_list(facts, pairs_of(rows), line, count_in(counted[1]) if counted else None),)


def _pair(tag: str, value: str) -> tuple[str, str]:
    if tag in _NAMED:
        name, _space, rest = value.strip().partition(" ")
        return ("precursor m/z" if name == "PRECURSOR_M/Z" else name), rest
    return _TAGS.get(tag, tag), value


def _first_two(text: str, first_line: int) -> Iterator[tuple[int, str]]:
    """Give the first two columns of each peak."""
    for line, row in numbered(text, first_line):
        yield line, " ".join(row.split()[:2])
