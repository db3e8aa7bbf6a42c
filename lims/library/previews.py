"""A first look at a file of reference spectra: what it holds, before anything is imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _
from lims.library.peaks import is_usable
from lims.spectra.reading import Record, each
from lims.spectra.spectrum import Kind, Spectrum

LOOKED_AT = 200
LOOKED_BYTES = 32 * 1024 * 1024
"""Of the file as unpacked: a small packed file can hold gigabytes, and somebody waits."""
SHOWN = 12


@dataclass(frozen=True)
class Preview:
    """What the first records of a file are; `refusal` when the file as a whole is nothing."""

    shown: tuple[Spectrum, ...] = ()
    refusals: tuple[tuple[int, Message], ...] = ()
    looked_at: int = 0
    kind: str = ""
    kinds: tuple[str, ...] = ()
    refusal: Message | None = None

    def told(self, name: str) -> str:
        """Return what the first record says under a name, such as its licence."""
        return next((one.facts[name] for one in self.shown if one.facts.get(name)), "")


def look(path: Path, name: str) -> Preview:
    """Return what the first records of a file hold; nothing is kept of it."""
    try:
        with path.open("rb") as file:
            found = islice(each(file, name), LOOKED_AT)
            records = list(_until(LOOKED_BYTES, found))
    except Invalid as wrong:
        return Preview(refusal=wrong.problems[0].message if wrong.problems else wrong.message)
    return _preview(records)


def _until(most: int, records: Iterator[Record]) -> Iterator[Record]:
    """Give the records up to the first that ends behind a byte."""
    for one in records:
        yield one
        if one.position > most:
            return


def _preview(records: list[Record]) -> Preview:
    spectra = [one.spectrum for one in records if one.spectrum is not None]
    usable = [one for one in spectra if is_usable(one)]
    refusals = [(one.position, one.refusal) for one in records if one.refusal is not None]
    if not usable:
        refusal = refusals[0][1] if refusals else _("There is no spectrum in this file.")
        return Preview(looked_at=len(records), refusal=refusal)
    kinds = Counter(str(one.kind) for one in usable)
    known = [kind for kind, _count in kinds.most_common() if kind != Kind.OTHER]
    return Preview(
        tuple(usable[:SHOWN]),
        tuple(refusals[:SHOWN]),
        len(records),
        known[0] if known else "",
        tuple(kinds),
    )


def rows(preview: Preview) -> Iterator[dict[str, Any]]:
    """Give the first records as plain values for a page or a program."""
    for one in preview.shown:
        yield {
            "name": one.facts.get("name") or one.title,
            "kind": str(one.kind),
            "points": len(one.x),
            "least": float(one.x.min()),
            "most": float(one.x.max()),
            "x_unit": one.x_unit,
            "inchikey": one.facts.get("inchikey", ""),
            "formula": one.facts.get("formula", ""),
            "precursor_mz": one.facts.get("precursor_mz", ""),
        }
