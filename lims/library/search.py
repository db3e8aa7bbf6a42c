"""Searching the substances: by name and identifier, formula, mass, structure, class and role."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import ColumnElement, Engine, Select, String, case, func, or_, select
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.words import _
from lims.library import masses, queries, rules
from lims.library.records import Substance, SubstanceName
from lims.network.rules import Permission

if TYPE_CHECKING:
    from lims.library.chemistry import StructureIndex

CONTAINS, SIMILAR = "contains", "similar"


@dataclass(frozen=True)
class SubstanceFilters:
    """What to look for; what is empty does not narrow. m/z with an adduct and a tolerance."""

    #: part of a name, an InChIKey or its first block, a CAS number, or a formula in any order
    text: str = ""
    chemical_class: str = ""
    role: str = ""
    group: str = ""
    status: str = ""
    formula: str = ""
    mz: Decimal | None = None
    adduct: str = masses.NEUTRAL
    tolerance: Decimal | None = None
    unit: str = "ppm"
    #: SMILES or SMARTS
    structure: str = ""
    #: contains, similar
    relation: str = CONTAINS
    #: least Tanimoto similarity, 0 to 1
    threshold: Decimal | None = None


@dataclass(frozen=True)
class Found:
    """One page of what fits, how many fit, and how similar each is where that was asked."""

    substances: Sequence[Substance]
    total: int
    similarity: Mapping[uuid.UUID, float] = field(default_factory=dict)


def search(
    session: Session,
    actor: Actor,
    filters: SubstanceFilters,
    page: int = 1,
    size: int = 50,
    language: str = "en",
) -> Found:
    """Return one page of the substances that fit; raises Invalid for what cannot be looked for.

    Exact names come first, then by name; the most similar first where similarity was asked.
    """
    actor.must(Permission.CONSULT)
    query = select(Substance).where(*_plain(filters), *_weighing(filters))
    query = query.where(*_named(session, filters))
    by_name = (func.lower(queries.name_column(language)), Substance.key)
    likeness: dict[uuid.UUID, float] = {}
    if filters.structure:
        likeness = _by_structure(session, filters)
        query = query.where(Substance.id.in_(likeness))
    if filters.structure and filters.relation == SIMILAR:
        places = {one: place for place, one in enumerate(likeness)}
        first: Any = case(places, value=Substance.id) if places else Substance.key
        found, total = _page(session, query, (first,), page, size)
        return Found(found, total, likeness)
    exact = select(SubstanceName.substance_id).where(
        SubstanceName.folded == rules.fold(rules.printable(filters.text))
    )
    found, total = _page(session, query, (Substance.id.in_(exact).desc(), *by_name), page, size)
    return Found(found, total)


def _page(
    session: Session, query: Select[Any], order: Sequence[Any], page: int, size: int
) -> tuple[list[Substance], int]:
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    part = query.order_by(*order).offset((page - 1) * size).limit(size)
    return list(session.scalars(part)), total


def _plain(filters: SubstanceFilters) -> list[ColumnElement[bool]]:
    exactly = {
        Substance.chemical_class: filters.chemical_class,
        Substance.role: filters.role,
        Substance.structure_status: filters.status,
    }
    fits = [column == value for column, value in exactly.items() if value]
    if filters.group:
        written = as_type(Substance.groups, String)
        fits.append(written.contains(f'"{filters.group}"', autoescape=True))
    return fits


def _weighing(filters: SubstanceFilters) -> list[ColumnElement[bool]]:
    if filters.mz is None:
        return []
    default = Decimal(10) if filters.unit == "ppm" else Decimal("0.01")
    tolerance = default if filters.tolerance is None else filters.tolerance
    low, high = masses.neutral_masses(filters.mz, filters.adduct, tolerance, filters.unit)
    return [Substance.monoisotopic_mass.between(low, high)]


def _named(session: Session, filters: SubstanceFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.formula:
        if masses.atoms(filters.formula) is None:
            raise refuse_field("formula", _("This is not a formula, such as C11H15NO2."))
        conditions.append(Substance.formula.in_(_formulas(session, filters.formula)))
    wanted = rules.printable(filters.text)
    if not wanted:
        return conditions
    fits = [Substance.inchikey.startswith(wanted.upper(), autoescape=True)]
    fits += [Substance.cas == wanted, Substance.formula.in_(_formulas(session, wanted))]
    if folded := rules.fold(wanted):
        named = SubstanceName.folded.contains(folded, autoescape=True)
        fits.append(Substance.id.in_(select(SubstanceName.substance_id).where(named)))
    return [*conditions, or_(*fits)]


def _formulas(session: Session, text: str) -> list[str]:
    """Return the formulas of the library that hold the same atoms as one written in any order."""
    wanted = masses.atoms(text)
    every = session.scalars(select(Substance.formula).distinct())
    return [one for one in every if wanted is not None and masses.atoms(one) == wanted]


def _by_structure(session: Session, filters: SubstanceFilters) -> dict[uuid.UUID, float]:
    index = structure_index(session)
    if filters.relation == SIMILAR:
        least = Decimal("0.4") if filters.threshold is None else filters.threshold
        return dict(index.similar(filters.structure, float(least)))
    if filters.relation != CONTAINS:
        raise Invalid([], _("Choose one of the list."))
    return dict.fromkeys(index.containing(filters.structure), 1.0)


def structure_index(session: Session) -> StructureIndex:
    """Return the index of the present version's structures, computed once per process."""
    from lims.library import chemistry  # RDKit takes a second to load: only when one looks

    def structures() -> list[tuple[uuid.UUID, str]]:
        query = select(Substance.id, Substance.smiles).where(Substance.smiles != "")
        return [(row[0], row[1]) for row in session.execute(query.order_by(Substance.key))]

    pool = cast(Engine, session.get_bind()).pool
    return chemistry.index_of(pool, queries.library_version(session), structures)
