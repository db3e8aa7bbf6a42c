"""Structures, drawn and computed with RDKit; the only importer of it, itself imported late.

Identity is the InChIKey of the parent: cleaned, largest fragment, uncharged. Structural groups
inform ("contains the core of …"); a match is no legal advice.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from weakref import WeakKeyDictionary

from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator, rdMolDescriptors
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Chem.MolStandardize import rdMolStandardize

from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import _

_LONGEST_SMILES = 1000
_SKELETON = 14
_STYLE = re.compile(r"\s*style='([^']*)'")
_LONGEST_PATTERN, _MOST_PATTERN_ATOMS = 400, 80
_PATIENCE = 2.0  # seconds for one structure search
_MARK = (1.0, 0.0, 1.0)  # no drawing has this colour; the style sheet gives the real one


@dataclass(frozen=True)
class StructuralGroup:
    """One group of structural_groups.csv: what its members contain and do not contain."""

    name: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    #: First blocks of the parents' InChIKeys that match but are no members.
    exceptions: frozenset[str]
    #: Heavier parents are no hit, in Da.
    max_mass: float | None
    #: A lower number goes first.
    precedence: int


@dataclass(frozen=True)
class Identity:
    """What a structure is: the parent's key, formula and monoisotopic mass in Da."""

    smiles: str
    inchikey: str
    formula: str
    monoisotopic_mass: float

    @property
    def skeleton(self) -> str:
        """The first block, shared by stereoisomers and isotopologues: what searches use."""
        return self.inchikey[:_SKELETON]


def identify(smiles: str) -> Identity:
    """Return the identity of the parent of a structure; raises Invalid on field "smiles".

    Salts lose their counter-ion and charge; a salt without organic part keeps its ions, for it
    has no neutral parent.
    """
    parent = _parent(smiles)
    return Identity(
        smiles=Chem.MolToSmiles(parent),
        inchikey=_inchikey(parent),
        formula=rdMolDescriptors.CalcMolFormula(parent),
        monoisotopic_mass=rdMolDescriptors.CalcExactMolWt(parent),
    )


def read_groups(
    rows: Iterable[Mapping[str, str]], structures: Mapping[str, str]
) -> tuple[StructuralGroup, ...]:
    """Read the rows of structural_groups.csv; `structures` gives the SMILES of exceptions by key.

    The groups come back in order of precedence.
    """
    groups = [
        StructuralGroup(
            name=row["group"],
            include=_patterns(row["include_smarts"]),
            exclude=_patterns(row["exclude_smarts"]),
            exceptions=frozenset(
                identify(structures[key]).skeleton
                for key in filter(None, row["exception_keys"].split("|"))
            ),
            max_mass=float(row["max_mass"]) if row["max_mass"] else None,
            precedence=int(row["precedence"]),
        )
        for row in rows
    ]
    return tuple(sorted(groups, key=lambda group: group.precedence))


def groups_of(smiles: str, groups: Iterable[StructuralGroup]) -> tuple[str, ...]:
    """Return the names of the groups whose core a structure contains, first by precedence."""
    parent = _parent(smiles)
    skeleton = _inchikey(parent)[:_SKELETON]
    mass = rdMolDescriptors.CalcExactMolWt(parent)
    return tuple(
        group.name
        for group in sorted(groups, key=lambda group: group.precedence)
        if skeleton not in group.exceptions
        and (group.max_mass is None or mass <= group.max_mass)
        and _contains(parent, group.include)
        and not _contains(parent, group.exclude)
    )


def drawing(
    smiles: str,
    label: str,
    width: int = 240,
    height: int = 180,
    core: StructuralGroup | None = None,
) -> str:
    """Return a structure as SVG to stand inside a page: ink only, no style attribute, labelled.

    Width and height in px set the proportions; the page's style sheet sets the size. A group's
    core lies on marks of class "core".
    """
    pen = rdMolDraw2D.MolDraw2DSVG(width, height)
    options = pen.drawOptions()
    options.useBWAtomPalette()
    options.clearBackground = False  # type: ignore[assignment]  # RDKit's stub is wrong
    options.setHighlightColour(_MARK)
    molecule = _read(smiles)
    atoms = core_atoms(molecule, core) if core else ()
    rdMolDraw2D.PrepareAndDrawMolecule(pen, molecule, highlightAtoms=list(atoms))
    pen.FinishDrawing()
    shapes = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$|<!--.*?-->", "", pen.GetDrawingText())
    shapes = re.sub(r"\s*class='[^']*'", "", shapes)
    shapes = _STYLE.sub(_as_attributes, shapes).replace("#000000", "currentColor")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="structure" role="img" '
        f'viewBox="0 0 {width} {height}" aria-label="{escape(label)}">{shapes.strip()}</svg>'
    )


def core_atoms(molecule: Chem.Mol, group: StructuralGroup) -> tuple[int, ...]:
    """Return the atoms of a structure that match the core of a group; none when it is no member."""
    for smarts in group.include:
        if found := molecule.GetSubstructMatch(_pattern(smarts)):
            return tuple(found)
    return ()


def isotopes(symbols: Iterable[str]) -> dict[str, list[tuple[float, float]]]:
    """Return (mass in Da, share) of the natural isotopes of elements, by RDKit's table."""
    table = Chem.GetPeriodicTable()
    found = {}
    for symbol in symbols:
        usual = table.GetMostCommonIsotope(symbol)
        shares = {n: table.GetAbundanceForIsotope(symbol, n) / 100 for n in range(1, usual + 31)}
        found[symbol] = [
            (table.GetMassForIsotope(symbol, n), share) for n, share in shares.items() if share
        ]
    return found


def weights(symbols: Iterable[str]) -> dict[str, float]:
    """Return the standard atomic weights of elements, by RDKit's table."""
    table = Chem.GetPeriodicTable()
    return {symbol: float(table.GetAtomicWeight(symbol)) for symbol in symbols}


class StructureIndex:
    """The structures of the library with their fingerprints, for searches that stay short."""

    def __init__(self, structures: Iterable[tuple[uuid.UUID, str]]) -> None:
        """Read the structures; about half a millisecond each."""
        self._morgan = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
        kept = [(one, Chem.MolFromSmiles(smiles)) for one, smiles in structures]
        self._kept = [(one, molecule) for one, molecule in kept if molecule is not None]
        self._prints = [self._morgan.GetFingerprint(molecule) for _one, molecule in self._kept]
        self._screens = [Chem.PatternFingerprint(molecule) for _one, molecule in self._kept]

    def containing(self, text: str) -> list[uuid.UUID]:
        """Return the structures that contain a part, given as SMILES or SMARTS.

        Raises Invalid on field "structure" when it cannot be read or takes too long.
        """
        wanted = part(text)
        screen = Chem.PatternFingerprint(wanted)
        end = time.monotonic() + _PATIENCE
        found = []
        for (one, molecule), seen in zip(self._kept, self._screens, strict=True):
            if time.monotonic() > end:
                words = _("This part takes too long to look for: draw it more exactly.")
                raise refuse_field("structure", words)
            if DataStructs.AllProbeBitsMatch(screen, seen) and molecule.HasSubstructMatch(wanted):
                found.append(one)
        return found

    def similar(self, smiles: str, least: float) -> list[tuple[uuid.UUID, float]]:
        """Return the structures with at least this Tanimoto similarity, the most similar first.

        Morgan fingerprints of radius 2 and 2048 bits (Rogers and Hahn, J Chem Inf Model 50, 2010,
        742). Raises Invalid on field "structure".
        """
        try:
            query = self._morgan.GetFingerprint(_parent(smiles))
        except Invalid as refusal:
            raise refuse_field("structure", refusal.problems[0].message) from refusal
        likeness = DataStructs.BulkTanimotoSimilarity(query, self._prints)
        pairs = zip((one for one, _molecule in self._kept), likeness, strict=True)
        found = [(one, float(value)) for one, value in pairs if value >= least]
        return sorted(found, key=lambda pair: (-pair[1], str(pair[0])))


# Where the library is kept → its version and index; one per library and process.
_indexes: WeakKeyDictionary[object, tuple[int, StructureIndex]] = WeakKeyDictionary()


def index_of(
    place: object, version: int, structures: Callable[[], Sequence[tuple[uuid.UUID, str]]]
) -> StructureIndex:
    """Return the index of a version of a library, computed once."""
    known = _indexes.get(place)
    if known is None or known[0] != version:
        known = _indexes[place] = (version, StructureIndex(structures()))
    return known[1]


def part(text: str) -> Chem.Mol:
    """Read a part of a structure: SMARTS, or SMILES; raises Invalid on field "structure".

    Of a salt the parent is taken. Other patterns in pieces are refused: a search can take for ever.
    """
    wanted = text.strip() if len(text) <= _LONGEST_PATTERN else ""
    with rdBase.BlockLogs():
        if whole := Chem.MolFromSmiles(wanted):
            whole = _parent(wanted) if "." in wanted else whole
            Chem.RemoveStereochemistry(whole)
            wanted = Chem.MolToSmarts(whole)
        pattern = Chem.MolFromSmarts(wanted)
    if pattern is None or not pattern.GetNumAtoms() or "." in wanted:
        words = _("This part of a structure cannot be read as SMILES or SMARTS.")
        raise refuse_field("structure", words)
    if pattern.GetNumAtoms() > _MOST_PATTERN_ATOMS:
        raise refuse_field("structure", _("At most %(n)s atoms, please.", n=_MOST_PATTERN_ATOMS))
    pattern.UpdatePropertyCache(False)
    Chem.GetSymmSSSR(pattern)
    return pattern


def _as_attributes(match: re.Match[str]) -> str:
    """Rewrite a style attribute as presentation attributes, which a strict CSP lets through."""
    if "#FF00FF" in match[1]:  # what lies under the core of a group
        return " class='core'"
    pairs = (one.partition(":") for one in match[1].split(";") if one)
    return "".join(f" {name.strip()}='{value.strip()}'" for name, _colon, value in pairs)


def _patterns(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("||") if part.strip())


@lru_cache(maxsize=256)
def _pattern(smarts: str) -> Chem.Mol:
    pattern = Chem.MolFromSmarts(smarts)
    if pattern is None:
        raise refuse_field("smarts", _("The pattern “%(smarts)s” cannot be read.", smarts=smarts))
    return pattern


def _inchikey(molecule: Chem.Mol) -> str:
    with rdBase.BlockLogs():
        return str(Chem.MolToInchiKey(molecule))  # type: ignore[no-untyped-call]


def _contains(molecule: Chem.Mol, patterns: Iterable[str]) -> bool:
    return any(molecule.HasSubstructMatch(_pattern(smarts)) for smarts in patterns)


def _read(smiles: str) -> Chem.Mol:
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles) if len(smiles) <= _LONGEST_SMILES else None
    if molecule is None or not molecule.GetNumAtoms():
        raise refuse_field("smiles", _("This structure cannot be read."))
    return molecule


def _parent(smiles: str) -> Chem.Mol:
    molecule = _read(smiles)
    if not any(atom.GetAtomicNum() == 6 and atom.GetTotalNumHs() for atom in molecule.GetAtoms()):
        return molecule
    with rdBase.BlockLogs():
        cleaned = rdMolStandardize.Cleanup(molecule)
        largest = rdMolStandardize.LargestFragmentChooser(preferOrganic=True).choose(cleaned)
        return rdMolStandardize.Uncharger().uncharge(largest)
