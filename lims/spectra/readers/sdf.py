"""Structure-data files with peaks, as libraries of mass spectra are given away.

Each record has a drawing, then named fields; the peaks stand in a field of that name (`MASS
SPECTRAL PEAKS`, `MERGED PEAKS` …). The drawing is kept as fact `molfile` where no InChIKey is.
"""

from __future__ import annotations

import re

from lims.foundation.words import _
from lims.spectra.facts import MOST_NAMED_LINES, gathered
from lims.spectra.peaks import peak_list
from lims.spectra.pieces import Cut, Piece
from lims.spectra.places import at_line
from lims.spectra.spectrum import Spectrum
from lims.spectra.texts import count_in, read_pairs

NAME = "SDF"
ENDINGS = ("sdf", "sd")
_FIELD = re.compile(r"^>[^<\n]{0,80}<([^<>\n]{1,80})>[^\n]*\n?", re.MULTILINE)
_END = re.compile(r"^\$\$\$\$", re.MULTILINE)
_LARGEST_DRAWING = 60_000

CUT = Cut(ends=r"\$\$\$\$")


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return re.search(rb"^(M  END|\$\$\$\$|>[^<\n]{0,80}<[^<>\n]+>)", head, re.MULTILINE) is not None


def record(piece: Piece) -> tuple[Spectrum, ...]:
    """Read one record; nothing for blank lines; raises Unreadable."""
    text = piece.text()
    if not text.strip("$ \t\n"):
        return ()
    end = _END.search(text)
    if end is None:
        last = piece.first_line + text.rstrip().count("\n")
        raise at_line(last, _("the record ends without $$$$"))
    text = text[: end.start()]
    fields = _fields(text)
    facts = _facts(text, fields)
    counts = [text[begin:stop] for name, begin, stop in fields if _counts_peaks(name)]
    announced = count_in(counts[0]) if counts else None
    for name, begin, stop in fields:
        if "PEAKS" in name.upper() and not _counts_peaks(name):
            line = piece.first_line + text.count("\n", 0, begin)
            return (peak_list(facts, read_pairs(text[begin:stop], line), line - 1, announced),)
    raise at_line(piece.first_line, _("the record has no peaks"))


def _counts_peaks(name: str) -> bool:
    return re.match(r"(num|number|no|count)", name.strip(), re.IGNORECASE) is not None


def _fields(text: str) -> list[tuple[str, int, int]]:
    """Return the fields: name, and where its value begins and ends."""
    found = [one for _n, one in zip(range(MOST_NAMED_LINES), _FIELD.finditer(text), strict=False)]
    ends = [one.start() for one in found[1:]] + [len(text)]
    return [(one[1].strip(), one.end(), stop) for one, stop in zip(found, ends, strict=False)]


def _facts(text: str, fields: list[tuple[str, int, int]]) -> dict[str, str]:
    values = (
        (name, " ".join(text[begin : min(stop, begin + 4_000)].split()))
        for name, begin, stop in fields
        if "PEAKS" not in name.upper()
    )
    facts = gathered(values)
    head = _FIELD.search(text)
    drawing = text[: head.start() if head else len(text)].rstrip()
    facts.setdefault("name", text[:200].partition("\n")[0].strip())
    if "inchikey" not in facts and drawing.endswith("M  END") and len(drawing) < _LARGEST_DRAWING:
        facts["molfile"] = drawing
    return facts
