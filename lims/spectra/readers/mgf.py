"""Mascot generic format: `BEGIN IONS`, named lines, pairs of mass and intensity, `END IONS`."""

from __future__ import annotations

import re

from lims.foundation.words import _
from lims.spectra.facts import gathered
from lims.spectra.peaks import peak_list
from lims.spectra.pieces import Cut, Piece
from lims.spectra.places import at_line
from lims.spectra.spectrum import Spectrum
from lims.spectra.texts import count_in

NAME = "MGF"
ENDINGS = ("mgf",)
_NAMED = re.compile(r"[A-Za-z][\w /-]{0,40}=")

CUT = Cut(
    begins=lambda line: line[:10].upper() == b"BEGIN IONS",
    ends=lambda line: line[:8].upper() == b"END IONS",
)


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return re.search(rb"^BEGIN IONS", head, re.MULTILINE | re.IGNORECASE) is not None


def record(piece: Piece) -> tuple[Spectrum, ...]:
    """Read one record; nothing for what stands between records; raises Unreadable."""
    lines = [
        (line, text.strip())
        for line, text in piece.lines()
        if text.strip() and text.lstrip()[0] not in "#;!/"
    ]
    if not lines or not lines[0][1].upper().startswith("BEGIN IONS"):
        return ()
    if not lines[-1][1].upper().startswith("END IONS"):
        raise at_line(lines[-1][0], _("the record ends without END IONS"))
    pairs: list[tuple[str, str]] = []
    rows: list[tuple[int, str]] = []
    announced: int | None = None
    for line, text in lines[1:-1]:
        key, _equal, value = text.partition("=")
        if not _NAMED.match(text):
            rows.append((line, " ".join(text.split()[:2])))
        elif key.strip().upper() == "NUM PEAKS":
            announced = count_in(value)
        else:
            pairs.append((key, value))
    return (peak_list(_facts(pairs), rows, lines[0][0], announced),)


def _facts(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the facts; a title is the name where no name stands."""
    facts = gathered(pairs)
    title = next((value for key, value in pairs if key.strip().upper() == "TITLE"), "")
    facts.setdefault("name", title.strip())
    if facts.get("precursor_mz"):
        facts.setdefault("ms_level", "MS2")
    return facts
