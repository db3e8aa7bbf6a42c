"""What an import makes of each record: a row with its substance, or a sentence that refuses it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lims.foundation import clock
from lims.foundation.errors import Refusal
from lims.foundation.words import Message, _
from lims.library.peaks import IDENTITY, content_hash, is_usable, nominal_ions, packed
from lims.library.recognition import Known, recognise
from lims.library.rules import printable
from lims.library.standing import KIND_WORDS, SpectrumState
from lims.spectra.reading import Record
from lims.spectra.spectrum import Kind, Spectrum

#: facts that stand in columns of their own, with the longest that they may be
_COLUMNS = {
    "smiles": 4000,
    "formula": 120,
    "form": 60,
    "precursor_type": 40,
    "collision_energy": 80,
    "ion_mode": 12,
    "instrument": 200,
}
_ELSEWHERE = {*_COLUMNS, "name", "inchikey", "precursor_mz", "retention_index"}


@dataclass
class Taking:
    """What an import holds in memory while it runs."""

    known: Known
    parents: dict[str, str] = field(default_factory=dict)

    def parent_of(self, smiles: str) -> str:
        """Return the InChIKey of a structure's parent, computed once, or "" for no structure."""
        if smiles not in self.parents:
            if len(self.parents) > 5000:
                self.parents.clear()
            self.parents[smiles] = _parent_key(smiles)
        return self.parents[smiles]


def wrong_with(spectrum: Spectrum | None, kind: str) -> Message | None:
    """Return why a spectrum cannot stand in a library of a kind, or None."""
    if spectrum is None or not is_usable(spectrum):
        return _("There are no numbers in it.")
    fits = {"ei": "sticks", "msms": "sticks"}.get(kind, "curve")
    if spectrum.kind == Kind.OTHER and spectrum.sticks == (fits == "sticks"):
        return None
    if spectrum.kind != kind:
        return _(
            "It is of the kind %(kind)s, the library holds %(wanted)s.",
            kind=KIND_WORDS[spectrum.kind],
            wanted=KIND_WORDS[kind],
        )
    return None


def row_of(spectrum: Spectrum, kind: str, taking: Taking) -> dict[str, Any]:
    """Return a spectrum as a row of the table, without its library and who added it."""
    facts = {key: printable(value) for key, value in spectrum.facts.items()}
    facts.setdefault("name", printable(spectrum.title))
    what = recognise(facts, taking.known, taking.parent_of)
    x, y = packed(spectrum.x), packed(spectrum.y)
    columns = {name: facts.get(name, "")[:longest] for name, longest in _COLUMNS.items()}
    told = (what.inchikey or facts["name"], columns["form"], columns["precursor_type"])
    return {
        **columns,
        "id": uuid.uuid4(),
        "substance_id": what.substance_id,
        "identity": what.identity[:IDENTITY],
        "name": facts["name"][:300],
        "inchikey": what.inchikey,
        "kind": kind,
        "hash": content_hash(kind, x, y, *told, columns["collision_energy"]),
        "x": x,
        "y": y,
        "points": len(spectrum.x),
        "ions": nominal_ions(kind, spectrum.x, spectrum.y),
        "x_unit": spectrum.x_unit[:20],
        "y_unit": spectrum.y_unit[:40],
        "precursor_mz": _number(facts.get("precursor_mz", "")),
        "retention_index": _number(facts.get("retention_index", "")),
        "facts": {key: value for key, value in facts.items() if value and key not in _ELSEWHERE},
        "state": SpectrumState.INCLUDED,
        "reviewed_by": "",
        "reason": "",
        "at": clock.now(),
        "row_version": 1,
    }


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < 1e9 else None


def _parent_key(smiles: str) -> str:
    from lims.library import chemistry  # RDKit takes a second to load: only for structures

    try:
        return chemistry.identify(smiles).inchikey
    except (Refusal, ValueError, RuntimeError):
        return ""


def parts(records: Iterator[Record], after: int, size: int) -> Iterator[list[Record]]:
    """Give the records behind a place in parts that end where a record of the file ends."""
    held: list[Record] = []
    for record in records:
        if record.position <= after:
            continue
        if len(held) >= size and held[-1].position != record.position:
            yield held
            held = []
        held.append(record)
    if held:
        yield held
