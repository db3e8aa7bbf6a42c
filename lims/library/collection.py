"""Reading the libraries of reference spectra: which there are, what they hold, what is in use."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, undefer

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.library import rules
from lims.library.peaks import SKELETON
from lims.library.spectra import ReferenceSpectrum, SpectrumLibrary
from lims.library.standing import IN_USE, LibraryState
from lims.network.rules import Permission

SIZE = 50


@dataclass(frozen=True)
class SpectrumFilters:
    """Which spectra: part of a name, an InChIKey or its first block, an ion, a precursor."""

    text: str = ""
    kind: str = ""
    library_id: uuid.UUID | None = None
    substance_id: uuid.UUID | None = None
    state: str = ""
    #: nominal m/z that must be among the ten strongest peaks
    ion: int | None = None
    #: m/z of the precursor
    precursor: float | None = None
    #: parts per million around the precursor
    ppm: float = 10.0


@dataclass(frozen=True)
class Counted:
    """A library with how many spectra it holds."""

    library: SpectrumLibrary
    spectra: int
    in_use: int
    resolved: int
    waiting: int


def in_use(kind: str, *, few: bool = False) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a spectrum is searched; join SpectrumLibrary to use them.

    `few`: the libraries that hold only the strongest ions of each spectrum, else whole spectra.
    """
    return (
        ReferenceSpectrum.kind == kind,
        ReferenceSpectrum.state.in_(IN_USE),
        SpectrumLibrary.state == LibraryState.REVIEWED,
        SpectrumLibrary.few.is_(few),
    )


def spectra_in_use(session: Session, kind: str, *, few: bool = False) -> Iterator[Any]:
    """Stream every searched spectrum of a kind in a fixed order, to build an index from.

    Rows have id, x, y (bytes, see `peaks.unpacked`), precursor_mz, ion_mode, retention_index,
    substance_id, inchikey, name, form, y_unit, library_id, and site_id of the laboratory that alone
    may use the library (None: everybody).
    """
    columns = [
        getattr(ReferenceSpectrum, name)
        for name in (
            *("id", "x", "y", "precursor_mz", "ion_mode", "retention_index", "substance_id"),
            *("inchikey", "name", "form", "y_unit", "library_id"),
        )
    ]
    query = (
        select(*columns, SpectrumLibrary.site_id)
        .join(SpectrumLibrary, SpectrumLibrary.id == ReferenceSpectrum.library_id)
        .where(*in_use(kind, few=few))
        .order_by(ReferenceSpectrum.library_id, ReferenceSpectrum.hash)
    )
    yield from session.execute(query.execution_options(yield_per=1000))


def spectra_to_export(session: Session, library_id: uuid.UUID) -> Iterator[Any]:
    """Stream every spectrum of a library that is not retired or waiting, with its numbers."""
    table = ReferenceSpectrum.__table__
    query = (
        select(table)
        .where(ReferenceSpectrum.library_id == library_id, ReferenceSpectrum.state.in_(IN_USE))
        .order_by(ReferenceSpectrum.hash)
    )
    yield from session.execute(query.execution_options(yield_per=500))


def libraries(session: Session, actor: Actor, state: str = "") -> list[Counted]:
    """Return the libraries that this person may see, with counts, by name."""
    actor.must(Permission.CONSULT)
    query = select(SpectrumLibrary).where(_visible(actor)).order_by(SpectrumLibrary.name)
    if state:
        query = query.where(SpectrumLibrary.state == state)
    found = list(session.scalars(query))
    counts = _counts(session, [one.id for one in found])
    return [Counted(one, *counts.get(one.id, (0, 0, 0, 0))) for one in found]


def library(session: Session, actor: Actor, library_id: uuid.UUID) -> Counted:
    """Return one library with counts; raises NotFound."""
    actor.must(Permission.CONSULT)
    found = session.scalar(
        select(SpectrumLibrary).where(SpectrumLibrary.id == library_id, _visible(actor))
    )
    if found is None:
        raise NotFound(_("There is no such library of spectra."))
    return Counted(found, *_counts(session, [found.id]).get(found.id, (0, 0, 0, 0)))


def library_by_name(session: Session, name: str) -> SpectrumLibrary | None:
    """Return the library of a name, or None."""
    return session.scalar(select(SpectrumLibrary).where(SpectrumLibrary.name == name))


def own_library(session: Session, kind: str) -> SpectrumLibrary | None:
    """Return the library of the spectra of a kind that the network measured itself, or None."""
    query = select(SpectrumLibrary).where(SpectrumLibrary.own, SpectrumLibrary.kind == kind)
    return session.scalar(query.order_by(SpectrumLibrary.at).limit(1))


def _visible(actor: Actor) -> ColumnElement[bool]:
    """Limit to libraries that the whole network may use, and those of the actor's laboratories."""
    sites = actor.sites_for(Permission.CONSULT)
    if sites is None:
        return SpectrumLibrary.id == SpectrumLibrary.id
    return or_(SpectrumLibrary.site_id.is_(None), SpectrumLibrary.site_id.in_(sites))


def _counts(
    session: Session, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[int, int, int, int]]:
    of, state = ReferenceSpectrum.library_id, ReferenceSpectrum.state
    query = (
        select(of, state, func.count(), func.count(ReferenceSpectrum.substance_id))
        .where(of.in_(ids))
        .group_by(of, state)
    )
    found: dict[uuid.UUID, tuple[int, int, int, int]] = {}
    for library_id, standing, count, resolved in session.execute(query):
        before = found.get(library_id, (0, 0, 0, 0))
        added = (count, count * (standing in IN_USE), resolved, count * (standing == "draft"))
        found[library_id] = (
            before[0] + added[0],
            before[1] + added[1],
            before[2] + added[2],
            before[3] + added[3],
        )
    return found


def spectra(
    session: Session, actor: Actor, filters: SpectrumFilters, page: int = 1, size: int = SIZE
) -> tuple[list[ReferenceSpectrum], int]:
    """Return one page of the spectra that fit, by name, and how many there are."""
    actor.must(Permission.CONSULT)
    query = _fitting(select(ReferenceSpectrum), filters).where(_visible(actor))
    bare = query.with_only_columns(func.count(ReferenceSpectrum.id))
    total = session.scalar(bare) or 0
    ordered = query.order_by(ReferenceSpectrum.name, ReferenceSpectrum.id).options(
        joinedload(ReferenceSpectrum.library), joinedload(ReferenceSpectrum.substance)
    )
    return list(session.scalars(ordered.offset((page - 1) * size).limit(size))), total


def _fitting(query: Select[Any], filters: SpectrumFilters) -> Select[Any]:
    query = query.join(SpectrumLibrary, SpectrumLibrary.id == ReferenceSpectrum.library_id)
    for column, value in (
        (ReferenceSpectrum.kind, filters.kind),
        (ReferenceSpectrum.library_id, filters.library_id),
        (ReferenceSpectrum.substance_id, filters.substance_id),
        (ReferenceSpectrum.state, filters.state),
    ):
        if value:
            query = query.where(column == value)
    if wanted := rules.printable(filters.text):
        keys = ReferenceSpectrum.inchikey.startswith(wanted.upper(), autoescape=True)
        query = query.where(
            or_(keys, ReferenceSpectrum.name.icontains(wanted, autoescape=True))
            if len(wanted) < SKELETON or "-" not in wanted[SKELETON:]
            else keys
        )
    if filters.ion is not None:
        query = query.where(ReferenceSpectrum.ions.contains(f",{filters.ion},"))
    if filters.precursor is not None:
        within = filters.precursor * filters.ppm * 1e-6
        low, high = filters.precursor - within, filters.precursor + within
        query = query.where(ReferenceSpectrum.precursor_mz.between(low, high))
    return query


def spectrum(session: Session, actor: Actor, spectrum_id: uuid.UUID) -> ReferenceSpectrum:
    """Return a spectrum with its numbers; raises NotFound."""
    actor.must(Permission.CONSULT)
    query = (
        select(ReferenceSpectrum)
        .join(SpectrumLibrary, SpectrumLibrary.id == ReferenceSpectrum.library_id)
        .where(ReferenceSpectrum.id == spectrum_id, _visible(actor))
        .options(
            undefer(ReferenceSpectrum.x),
            undefer(ReferenceSpectrum.y),
            joinedload(ReferenceSpectrum.library),
            joinedload(ReferenceSpectrum.substance),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such reference spectrum."))
    return found


def spectra_of_substance(
    session: Session, substance_id: uuid.UUID, limit: int = 100
) -> list[ReferenceSpectrum]:
    """Return the reference spectra of a substance that are not retired, by kind and library."""
    query = (
        select(ReferenceSpectrum)
        .join(SpectrumLibrary, SpectrumLibrary.id == ReferenceSpectrum.library_id)
        .where(
            ReferenceSpectrum.substance_id == substance_id,
            ReferenceSpectrum.state != "retired",
            SpectrumLibrary.state != LibraryState.RETIRED,
        )
        .options(joinedload(ReferenceSpectrum.library))
        .order_by(ReferenceSpectrum.kind, SpectrumLibrary.name, ReferenceSpectrum.id)
    )
    return list(session.scalars(query.limit(limit)))
