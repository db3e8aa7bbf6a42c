"""Structure-data files with peaks, as libraries of mass spectra are given away.

Each record has a drawing, then named fields; the peaks stand in a field of that name (`MASS
SPECTRAL PEAKS`, `MERGED PEAKS` …). The drawing is kept as fact `molfile` where no InChIKey is.
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

NAME = "SDF"
ENDINGS = ("sdf", "sd")
_FIELD = re.compile(r">.*?<([^<>]{1,80})>")
_LARGEST_DRAWING = 60_000
Lines = list[tuple[int, str]]

CUT = Cut(begins=never, ends=lambda line: line.startswith(b"$$$$"))


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return re.search(rb"^(M  END|\$\$\$\$|> .{0,80}<[^<>]+>)", head, re.MULTILINE) is not None


def record(piece: Piece) -> tuple[Spectrum, ...]:
    """Read one record; nothing for blank lines; raises Unreadable."""
    lines = piece.lines()
    if not any(text.strip("$ \t") for _line, text in lines):
        return ()
    if not any(text.startswith("$$$$") for _line, text in lines):
        raise at_line(lines[-1][0], _("the record ends without $$$$"))
    drawing, fields = _fields(lines)
    facts = gathered((name, " ".join(text for _n, text in rows)) for name, _at, rows in fields)
    facts.setdefault("name", lines[0][1].strip())
    if "inchikey" not in facts and drawing.rstrip().endswith("M  END"):
        facts["molfile"] = drawing
    counts = [rows for name, _at, rows in fields if _counts_peaks(name)]
    announced = count_in(counts[0][0][1]) if counts and counts[0] else None
    for name, at, rows in fields:
        if "PEAKS" in name.upper() and not _counts_peaks(name):
            return (peak_list(facts, rows, at, announced),)
    raise at_line(lines[0][0], _("the record has no peaks"))


def _counts_peaks(name: str) -> bool:
    return re.match(r"(num|number|no|count)", name.strip(), re.IGNORECASE) is not None


def _fields(lines: Lines) -> tuple[str, list[tuple[str, int, Lines]]]:
    """Return the drawing and the fields, each with its line."""
    fields: list[tuple[str, int, Lines]] = []
    drawing: list[str] = []
    for line, text in lines:
        named = _FIELD.match(text)
        if text.startswith("$$$$"):
            break
        if named:
            fields.append((named[1].strip(), line, []))
        elif not fields:
            drawing.append(text)
        elif text.strip():
            fields[-1][2].append((line, text))
    return "\n".join(drawing)[:_LARGEST_DRAWING], fields
