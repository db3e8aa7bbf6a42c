"""Structures, drawn and computed with RDKit; the only importer of it, itself imported late.

Identity is the InChIKey of the parent: cleaned, largest fragment, uncharged. Structural groups
inform ("contains the core of …"); a match is no legal advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Chem.MolStandardize import rdMolStandardize

from lims.foundation.errors import refuse_field
from lims.foundation.words import _

_LONGEST_SMILES = 1000
_SKELETON = 14
_STYLE = re.compile(r"\s*style='([^']*)'")


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


def drawing(smiles: str, label: str, width: int = 240, height: int = 180) -> str:
    """Return a structure as SVG to stand inside a page: ink only, no style attribute, labelled.

    Width and height in px set the proportions; the page's style sheet sets the size.
    """
    pen = rdMolDraw2D.MolDraw2DSVG(width, height)
    options = pen.drawOptions()
    options.useBWAtomPalette()
    options.clearBackground = False  # type: ignore[assignment]  # RDKit's stub is wrong
    rdMolDraw2D.PrepareAndDrawMolecule(pen, _read(smiles))
    pen.FinishDrawing()
    shapes = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$|<!--.*?-->", "", pen.GetDrawingText())
    shapes = _STYLE.sub(_as_attributes, shapes).replace("#000000", "currentColor")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="structure" role="img" '
        f'viewBox="0 0 {width} {height}" aria-label="{escape(label)}">{shapes.strip()}</svg>'
    )


def _as_attributes(match: re.Match[str]) -> str:
    """Rewrite a style attribute as presentation attributes, which a strict CSP lets through."""
    pairs = (part.partition(":") for part in match[1].split(";") if part)
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
