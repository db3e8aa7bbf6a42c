"""Acts on the library: loading the shipped tables, and adding a laboratory's reference lots."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid
from lims.foundation.shipped import shipped
from lims.library import queries, rules
from lims.library.records import (
    ColourReference,
    LibraryVersion,
    ReferenceLot,
    RetentionReference,
    Substance,
    SubstanceName,
    VocabularyTerm,
)
from lims.library.rules import StructureStatus
from lims.library.seeds import Seeds, content_hash, read_seeds
from lims.library.shipped_spectra import load_shipped_spectra
from lims.library.versions import TABLES, note_library_change
from lims.network.queries import site
from lims.network.rules import Permission


@dataclass(frozen=True)
class AddReferenceLot:
    """A bottle of a reference standard at a laboratory; purity in % w/w, amount in mg."""

    substance_id: uuid.UUID
    site_id: uuid.UUID
    lot: str
    form: str = "base"
    supplier: str = ""
    purity: Decimal | None = None
    received: date | None = None
    opened: date | None = None
    expires: date | None = None
    remaining_mg: Decimal | None = None
    storage: str = ""
    id: uuid.UUID | None = None


def load_library(session: Session, actor: Actor) -> LibraryVersion:
    """Load the shipped tables and spectra and return the library's version.

    Nothing happens when they have not changed. A substance or term that is no longer shipped
    stays, because records may name it.
    """
    actor.must(Permission.PUBLISH_PROTOCOL)
    folder = shipped("reference_data")
    last = queries.latest_version(session)
    if last is not None and last.parts.get(TABLES) == content_hash(folder):
        return note_library_change(session) if load_shipped_spectra(session, actor) else last
    seeds = read_seeds(folder)
    ids = _load_substances(session, seeds)
    _load_names(session, seeds, ids)
    _load_references(session, seeds, ids)
    for values in seeds.terms:
        session.merge(VocabularyTerm(**values))
    session.flush()
    load_shipped_spectra(session, actor)
    version = note_library_change(session, tables=seeds.content_hash)
    about = [("library", version.id)]
    journal.record(
        session, actor, "load library", about, version=version.number, hash=seeds.content_hash
    )
    return version


def _load_substances(session: Session, seeds: Seeds) -> dict[str, uuid.UUID]:
    every = list(session.scalars(select(Substance)))
    known = {found.key: found for found in every}
    added = {found.inchikey: found for found in every if found.added_by}
    for values in seeds.substances:
        found = known.get(values["key"]) or added.get(values["inchikey"])
        if found is None:
            known[values["key"]] = found = Substance(id=uuid.uuid4(), **values)
            session.add(found)
            continue
        known[values["key"]] = found
        confirmed = found.structure_status if _stands(found, values) else None
        for name, value in values.items():
            setattr(found, name, value)
        found.structure_status = confirmed or found.structure_status
        found.added_by = ""
    session.flush()
    return {key: found.id for key, found in known.items()}


def _stands(found: Substance, values: Mapping[str, Any]) -> bool:
    """Tell whether two people of the network have confirmed the very structure that is shipped."""
    same = found.inchikey == values["inchikey"]
    return (
        same and bool(found.stated_status) and found.structure_status == StructureStatus.CONFIRMED
    )


def _load_names(session: Session, seeds: Seeds, ids: Mapping[str, uuid.UUID]) -> None:
    session.execute(delete(SubstanceName).where(SubstanceName.added_by == ""))
    kept = session.execute(select(SubstanceName.folded, SubstanceName.substance_id))
    own = {(row[0], row[1]) for row in kept}
    written = {
        (rules.fold(name), ids[key]): name
        for key, names in seeds.names.items()
        for name in reversed(names)
        if rules.fold(name)
    }
    rows = [
        {"folded": folded, "substance_id": substance_id, "name": name}
        for (folded, substance_id), name in written.items()
        if (folded, substance_id) not in own
    ]
    session.execute(insert(SubstanceName), rows)


def _load_references(session: Session, seeds: Seeds, ids: Mapping[str, uuid.UUID]) -> None:
    session.execute(delete(ColourReference))
    session.execute(delete(RetentionReference))
    colours = [dict(values) for values in seeds.colours]
    for values in colours:
        values["substance_id"] = ids[values.pop("substance_key")]
    session.execute(insert(ColourReference), colours)
    retentions = [dict(values) for values in seeds.retentions]
    for values in retentions:
        values["substance_id"] = ids.get(values.pop("library_key"))
    session.execute(insert(RetentionReference), retentions)


def add_reference_lot(session: Session, actor: Actor, command: AddReferenceLot) -> ReferenceLot:
    """Add a bottle to a laboratory; sending the same identifier twice keeps one."""
    actor.must(Permission.MANAGE_LABORATORY, command.site_id)
    there = session.get(ReferenceLot, command.id) if command.id else None
    if there is not None:
        actor.must(Permission.MANAGE_LABORATORY, there.site_id)
        return there
    substance = queries.substance(session, command.substance_id)
    site(session, command.site_id)
    problems = rules.lot_problems(
        command.received, command.opened, command.expires, command.purity, clock.today()
    )
    if problems:
        raise Invalid(problems)
    lot = ReferenceLot(**{**asdict(command), "id": command.id or uuid.uuid4()})
    session.add(lot)
    about = [("site", lot.site_id), ("substance", substance.id)]
    journal.record(session, actor, "add reference lot", about, substance=substance.key, lot=lot.lot)
    return lot
