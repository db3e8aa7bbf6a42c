"""Which substance a record of a foreign library is of: by structure first, else by exact name.

A record that gives a structure is recognised by it alone: the same name may be another compound
elsewhere. What may be several substances, or is labelled with isotopes, is left to a person.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lims.library.peaks import SKELETON, identity_of
from lims.library.rules import fold

INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")
_LABELLED = re.compile(r"(?:^|[\s\-_(])d\d{1,2}(?:$|[\s\-_)])|deuter|13c\d?|15n\d?", re.IGNORECASE)
_ISOTOPE = re.compile(r"\[(?:2H|3H|D|T|13C|14C|15N|18O)")
MASS_TOLERANCE = 0.5
"""Da; an isotopic label or a derivative is farther from the substance than this."""


@dataclass(frozen=True)
class Known:
    """What the library knows to recognise records by; names that mean several stand under None."""

    #: first block of the InChIKey → full keys → substance
    skeletons: Mapping[str, Mapping[str, uuid.UUID]]
    #: folded name → substance
    names: Mapping[str, uuid.UUID | None]
    #: CAS number → substance
    cas: Mapping[str, uuid.UUID | None]
    #: substance → monoisotopic mass, Da
    masses: Mapping[uuid.UUID, float]
    #: what persons have decided: identity → substance, or None when it stays without
    decided: Mapping[str, uuid.UUID | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Recognised:
    """What a record is: its structure's key, the word for deciding, the substance if known."""

    inchikey: str
    identity: str
    substance_id: uuid.UUID | None


def recognise(
    facts: Mapping[str, str], known: Known, parent_of: Callable[[str], str]
) -> Recognised:
    """Return what a record is of; `parent_of` gives the parent's InChIKey of a SMILES, or ""."""
    key = facts.get("inchikey", "").strip().upper().removeprefix("INCHIKEY=")
    key = key if INCHIKEY.fullmatch(key) else ""
    smiles = facts.get("smiles", "")
    if smiles and (not key or ("." in smiles and key[:SKELETON] not in known.skeletons)):
        key = parent_of(smiles) or key
    identity = identity_of(key, facts.get("name", ""))
    if identity in known.decided:
        return Recognised(key, identity, known.decided[identity])
    found = _by_structure(key, known) if key else _by_words(facts, known)
    if found is not None and _is_another_mass(facts, known.masses.get(found)):
        found = None
    return Recognised(key, identity, found)


def _by_structure(key: str, known: Known) -> uuid.UUID | None:
    same = known.skeletons.get(key[:SKELETON], {})
    if len(set(same.values())) == 1:
        return next(iter(same.values()))
    return same.get(key)


def _by_words(facts: Mapping[str, str], known: Known) -> uuid.UUID | None:
    folded = fold(facts.get("name", ""))
    if folded in known.names:
        return known.names[folded]
    cas = facts.get("cas", "").strip()
    if cas in known.cas:
        return known.cas[cas]
    named = {known.names.get(fold(one)) for one in facts.get("synonyms", "").split(";")} - {None}
    return next(iter(named)) if len(named) == 1 else None


def _is_another_mass(facts: Mapping[str, str], mass: float | None) -> bool:
    """Tell whether a record is an isotopic label or another mass than its substance."""
    if _LABELLED.search(facts.get("name", "")) or _ISOTOPE.search(facts.get("smiles", "")):
        return True
    if "/i" in facts.get("inchi", "") or re.search(r"D\d*(?![a-z])", facts.get("formula", "")):
        return True
    try:
        told = float(facts.get("exact_mass", ""))
    except ValueError:
        return False
    return mass is not None and 0 < told < 1e6 and abs(told - mass) > MASS_TOLERANCE
