"""Reading imports of spectra: where each stands, which names wait for a decision, what is known."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from lims.foundation import jobs
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.jobs import Job
from lims.foundation.words import _
from lims.library.peaks import SKELETON
from lims.library.recognition import Known
from lims.library.records import Substance, SubstanceName
from lims.library.spectra import IdentityDecision, ReferenceSpectrum, SpectrumImport
from lims.network.rules import Permission

SIZE = 50


@dataclass(frozen=True)
class Import:
    """A file that was brought in, with its long work if any."""

    file: SpectrumImport
    job: Job | None

    @property
    def percent(self) -> int:
        """How far it is, in per cent of the file."""
        if self.file.state == "done":
            return 100
        if self.job is None or not self.job.total:
            return 0
        return min(100, 100 * self.job.done // self.job.total)


@dataclass(frozen=True)
class Unresolved:
    """Spectra of one structure or name whose substance nobody has told yet."""

    identity: str
    name: str
    inchikey: str
    spectra: int


def imports(
    session: Session, actor: Actor, page: int = 1, size: int = SIZE
) -> tuple[list[SpectrumImport], int]:
    """Return one page of the files brought in, newest first, and how many there are."""
    actor.must(Permission.ADD_REFERENCE)
    total = session.scalar(select(func.count()).select_from(SpectrumImport)) or 0
    query = (
        select(SpectrumImport)
        .options(joinedload(SpectrumImport.library))
        .order_by(SpectrumImport.at.desc(), SpectrumImport.id)
    )
    return list(session.scalars(query.offset((page - 1) * size).limit(size))), total


def one_import(session: Session, actor: Actor, import_id: uuid.UUID) -> Import:
    """Return a file that was brought in, with its long work; raises NotFound."""
    actor.must(Permission.ADD_REFERENCE)
    query = select(SpectrumImport).where(SpectrumImport.id == import_id)
    found = session.scalar(query.options(joinedload(SpectrumImport.library)))
    if found is None:
        raise NotFound(_("There is no such import."))
    return Import(found, jobs.latest_of(session, found.id))


def unresolved(
    session: Session, actor: Actor, page: int = 1, size: int = SIZE
) -> tuple[list[Unresolved], int]:
    """Return one page of what waits for a decision, the most frequent first, and how many."""
    actor.must(Permission.ADD_REFERENCE)
    decided = select(IdentityDecision.identity)
    waiting = (
        select(ReferenceSpectrum.identity, func.count().label("spectra"))
        .where(
            ReferenceSpectrum.substance_id.is_(None),
            ReferenceSpectrum.identity != "",
            ReferenceSpectrum.identity.not_in(decided),
        )
        .group_by(ReferenceSpectrum.identity)
    )
    total = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    ordered = waiting.order_by(func.count().desc(), ReferenceSpectrum.identity)
    part = ordered.offset((page - 1) * size).limit(size).subquery()
    query = (
        select(
            part.c.identity,
            func.max(ReferenceSpectrum.name),
            func.max(ReferenceSpectrum.inchikey),
            part.c.spectra,
        )
        .join(ReferenceSpectrum, ReferenceSpectrum.identity == part.c.identity)
        .where(ReferenceSpectrum.substance_id.is_(None))
        .group_by(part.c.identity, part.c.spectra)
        .order_by(part.c.spectra.desc(), part.c.identity)
    )
    return [Unresolved(*row) for row in session.execute(query)], total


def known(session: Session) -> Known:
    """Return what the library recognises records by, read once for an import."""
    skeletons: dict[str, dict[str, uuid.UUID]] = {}
    cas: dict[str, uuid.UUID | None] = {}
    masses: dict[uuid.UUID, float] = {}
    columns = (Substance.id, Substance.inchikey, Substance.cas, Substance.monoisotopic_mass)
    for substance_id, inchikey, number, mass in session.execute(select(*columns)):
        if inchikey:
            skeletons.setdefault(inchikey[:SKELETON], {})[inchikey] = substance_id
        if number:
            cas[number] = None if number in cas else substance_id
        if mass is not None:
            masses[substance_id] = float(mass)
    names: dict[str, uuid.UUID | None] = {}
    for folded, substance_id in session.execute(
        select(SubstanceName.folded, SubstanceName.substance_id)
    ):
        names[folded] = None if names.get(folded, substance_id) != substance_id else substance_id
    decided = select(IdentityDecision.identity, IdentityDecision.substance_id)
    told = {identity: substance_id for identity, substance_id in session.execute(decided)}
    return Known(skeletons, names, cas, masses, told)


def is_heard_of(session: Session, identity: str) -> bool:
    """Tell whether any spectrum without a substance bears this name or structure."""
    query = select(ReferenceSpectrum.id).where(
        ReferenceSpectrum.identity == identity, ReferenceSpectrum.substance_id.is_(None)
    )
    return session.scalar(query.limit(1)) is not None
