"""What verified answers add up to: detections, match to what was expected, certainty, and the table
in which the methods stand side by side.

Everything here is a proposal for the chemist; disagreements are marked, never averaged away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lims.findings.rules import POSITIVE, Expected, Known
from lims.findings.statements import Names
from lims.foundation.words import Message, _
from lims.identification.certainty import (
    STRUCTURAL,
    Certainty,
    certainty,
    least,
    words_of,
)

SEARCHING = frozenset({"tlc", "ftir", "raman", "gcms", "lcms"})
"""Techniques whose silence means "not detected"; not strips: an invalid one is silent too."""
SILENT = frozenset({"weighing", "appearance", "guideline"})
"""Techniques that say nothing of substances."""
_KINDS = ("measured", "found", "below-loq", "not-detected", "not-looked-for")
_ABUNDANCES = ("major", "minor", "trace", "present")
ACTIVE_ROLES = frozenset({"active-expected", "active-unexpected"})
SOMETHING_ELSE = frozenset({"active-unexpected", "adulterant", "unidentified"})


@dataclass(frozen=True)
class LookedFor:
    """One substance or group in the scope of a run."""

    what: Known
    lod: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True)
class RunRead:
    """A verified run, with what it looked for."""

    id: str
    number: str
    technique: str
    protocol: str
    titles: Names
    looked_for: tuple[LookedFor, ...] = ()
    scope_words: Names | None = None


@dataclass(frozen=True)
class Reading:
    """What one run says of one substance, group or unknown."""

    run_id: str
    what: Known
    kind: str
    value: Decimal | None = None
    unit: str = ""
    expressed_as: str = ""
    uncertainty: Decimal | None = None
    lod: Decimal | None = None
    loq: Decimal | None = None
    abundance: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Evidence:
    """Every verified run on a sample and what they say."""

    runs: tuple[RunRead, ...]
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Proposal:
    """A detection as the program proposes it: the best answer, with a role and an abundance."""

    reading: Reading
    role: str
    abundance: str

    @property
    def key(self) -> str:
        return self.reading.what.key


@dataclass(frozen=True)
class Cell:
    """What one run says in one row of the table of methods."""

    run: RunRead
    kind: str
    reading: Reading | None = None
    lod: Decimal | None = None
    unit: str = ""
    among: tuple[Names, ...] = ()


@dataclass(frozen=True)
class Row:
    """One substance, group or unknown across all runs; `clash` marks a disagreement."""

    what: Known
    cells: tuple[Cell, ...]
    clash: bool


def propose(evidence: Evidence, expected: Expected) -> list[Proposal]:
    """Return what was found, the expected first, each with its best answer."""
    found: dict[str, list[Reading]] = {}
    for reading in evidence.readings:
        if reading.kind in POSITIVE:
            found.setdefault(reading.what.key, []).append(reading)
    proposals = [_proposal(readings, expected) for readings in found.values()]
    order = ("active-expected", "active-unexpected", "unidentified", "adulterant")
    places = {role: place for place, role in enumerate(order)}
    return sorted(
        proposals,
        key=lambda one: (places.get(one.role, 9), _abundance_place(one.abundance), one.key),
    )


def _proposal(readings: Sequence[Reading], expected: Expected) -> Proposal:
    # The latest of equal answers: readings come in the order of their runs.
    best = min(reversed(readings), key=lambda one: (_KINDS.index(one.kind), one.value is None))
    stated = [one.abundance for one in readings if one.abundance]
    abundance = min(stated, key=_abundance_place, default="present")
    return Proposal(best, proposed_role(best.what, expected), abundance)


def _abundance_place(abundance: str) -> int:
    return _ABUNDANCES.index(abundance) if abundance in _ABUNDANCES else len(_ABUNDANCES)


def proposed_role(what: Known, expected: Expected) -> str:
    """Return the role of something found, a code of vocabulary detection_role."""
    if not what.chemical_class:
        return "unidentified"
    if what.key == expected.key:
        return "active-expected"
    usual = {"psychoactive": "active-unexpected"}
    return usual.get(what.role, what.role) or "unidentified"


def proposed_match(roles: Iterable[str], expected: Expected, *, was_looked_for: bool) -> str:
    """Return how what was found matches, a code of vocabulary match_to_expected."""
    found = set(roles)
    if not expected.stated:
        return "no-expectation"
    if "active-expected" in found:
        return "expected-plus-other" if found & SOMETHING_ELSE else "as-expected"
    if found & SOMETHING_ELSE:
        return "other-instead" if expected.key else "inconclusive"
    return "no-active" if was_looked_for else "inconclusive"


def was_looked_for(evidence: Evidence, key: str | None) -> bool:
    """Tell whether any run looked for a substance."""
    return any(_says_of(evidence, run, key) != "not-looked-for" for run in evidence.runs if key)


def _says_of(evidence: Evidence, run: RunRead, key: str | None) -> str:
    known = next((one.what for one in _everything(evidence) if one.what.key == key), None)
    return "not-looked-for" if known is None else _cell(evidence, run, known).kind


def _everything(evidence: Evidence) -> Iterable[Reading | LookedFor]:
    yield from evidence.readings
    for run in evidence.runs:
        yield from run.looked_for


def confidence(evidence: Evidence, proposals: Sequence[Proposal]) -> tuple[str, Message]:
    """Return presumptive, identified or confirmed, with the reason and what would lift it.

    The least certain active substance decides for the whole finding.
    """
    named = [one for one in proposals if one.reading.what.chemical_class]
    active = [one for one in named if one.role in ACTIVE_ROLES] or named
    if not active:
        return _nothing_named(evidence)
    judged = least([_certainty(evidence, one.reading.what) for one in active])
    return judged.word.value, judged.whole


def _certainty(evidence: Evidence, what: Known) -> Certainty:
    mine = (one for one in evidence.readings if one.what.key == what.key)
    saying = {one.run_id for one in mine if one.kind in POSITIVE}
    return certainty(what.names, [run.technique for run in evidence.runs if run.id in saying])


def _nothing_named(evidence: Evidence) -> tuple[str, Message]:
    techniques = list(dict.fromkeys(run.technique for run in searching(evidence.runs)))
    told = [words_of(one) for one in techniques]
    word = "identified" if STRUCTURAL & set(techniques) else "presumptive"
    return word, _("No substance was named; looked with: %(techniques)s.", techniques=told)


def searching(runs: Iterable[RunRead]) -> list[RunRead]:
    """Return the runs that say anything of substances."""
    return [run for run in runs if run.technique not in SILENT]


def method_rows(evidence: Evidence, proposals: Sequence[Proposal]) -> list[Row]:
    """Return the table of methods: what was found first, then what was looked for by name."""
    wanted = {one.key: one.reading.what for one in proposals}
    for reading in evidence.readings:
        if reading.kind != "not-looked-for":
            wanted.setdefault(reading.what.key, reading.what)
    runs = searching(evidence.runs)
    rows = []
    for what in wanted.values():
        cells = tuple(_cell(evidence, run, what) for run in runs)
        rows.append(Row(what, cells, _clashes(cells)))
    return rows


def _cell(evidence: Evidence, run: RunRead, what: Known) -> Cell:
    mine = [one for one in evidence.readings if one.run_id == run.id]
    direct = [one for one in mine if one.what.key == what.key]
    if direct:
        best = min(direct, key=lambda one: _KINDS.index(one.kind))
        return Cell(run, best.kind, best, best.lod, best.unit)
    members = [one for one in mine if one.kind in POSITIVE and is_member(one.what, what)]
    if members:
        return Cell(run, "found", None, among=tuple(one.what.names for one in members))
    if is_telling_by_silence(evidence, run):
        for looked in run.looked_for:
            if looked.what.key == what.key:
                return Cell(run, "not-detected", None, looked.lod, looked.unit)
        sought = tuple(one.what.names for one in run.looked_for if is_member(one.what, what))
        if sought:
            return Cell(run, "not-detected", None, among=sought)
    return Cell(run, "not-looked-for")


def is_telling_by_silence(evidence: Evidence, run: RunRead) -> bool:
    """Tell whether what a run does not name was looked for and not found.

    A run that says nothing at all may not have been concluded on: its silence is no answer.
    """
    return run.technique in SEARCHING and any(one.run_id == run.id for one in evidence.readings)


def is_member(what: Known, group: Known) -> bool:
    """Tell whether a substance belongs to the group of another row."""
    if group.chemical_class or not what.chemical_class:
        return False
    name = group.key.lower().removesuffix("s")
    return any(one.removesuffix("s") == name for one in what.groups) or (
        what.chemical_class.rpartition("-")[2] == name
    )


def _clashes(cells: Sequence[Cell]) -> bool:
    """Tell whether one method finds what another does not.

    A trace, or an amount below quantification, is no contradiction to a less sensitive method.
    """
    found = [one for one in cells if one.kind in ("measured", "found") and not _is_trace(one)]
    return bool(found) and any(one.kind == "not-detected" for one in cells)


def _is_trace(cell: Cell) -> bool:
    return cell.reading is not None and cell.reading.abundance == "trace"
