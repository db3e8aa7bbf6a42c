"""Mascot generic format: `BEGIN IONS`, named lines, pairs of mass and intensity, `END IONS`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lims.foundation.words import _
from lims.spectra.facts import MOST_NAMED_LINES, gathered
from lims.spectra.peaks import peak_list
from lims.spectra.pieces import Cut, Piece, numbered
from lims.spectra.places import at_line
from lims.spectra.spectrum import Spectrum
from lims.spectra.texts import count_in, pairs_of

NAME = "MGF"
ENDINGS = ("mgf",)
_NAMED = re.compile(r"[A-Za-z][\w /-]{0,40}=")
_BEGIN = re.compile(r"^[ \t]*BEGIN IONS.*\n?", re.MULTILINE | re.IGNORECASE)
_END = re.compile(r"^[ \t]*END IONS", re.MULTILINE | re.IGNORECASE)

CUT = Cut(begins="BEGIN IONS", ends="END IONS")


def recognises(head: bytes) -> bool:
    """Tell whether a file begins like this format."""
    return re.search(rb"^BEGIN IONS", head, re.MULTILINE | re.IGNORECASE) is not None


def record(piece: Piece) -> tuple[Spectrum, ...]:
    """Read one record; nothing for what stands between records; raises Unreadable."""
    text = piece.text()
    begin = _BEGIN.search(text)
    if begin is None:
        return ()
    end = _END.search(text, begin.end())
    if end is None:
        last = piece.first_line + text.rstrip().count("\n")
        raise at_line(last, _("the record ends without END IONS"))
    line = piece.first_line + text.count("\n", 0, begin.start())
    pairs: list[tuple[str, str]] = []
    rows = pairs_of(_rows(text[begin.end() : end.start()], line + 1, pairs))
    announced = next((count_in(value) for key, value in pairs if key == "NUM PEAKS"), None)
    return (peak_list(_facts(pairs), rows, line, announced),)


def _rows(text: str, first_line: int, pairs: list[tuple[str, str]]) -> Iterator[tuple[int, str]]:
    """Give the rows of peaks without their charges; keep the named lines."""
    for line, row in numbered(text, first_line):
        plain = row.strip()
        if not plain or plain[0] in "#;!/":
            continue
        if not _NAMED.match(plain):
            yield line, " ".join(plain.split()[:2])
        elif len(pairs) < MOST_NAMED_LINES:
            key, _equal, value = plain.partition("=")
            pairs.append((key.strip().upper(), value))


def _facts(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return the facts; a title is the name where no name stands."""
    facts = gathered(pairs)
    title = next((value for key, value in pairs if key == "TITLE"), "")
    facts.setdefault("name", title.strip())
    if facts.get("precursor_mz"):
        facts.setdefault("ms_level", "MS2")
    return facts
