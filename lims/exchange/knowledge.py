"""What is known before a partner's rows are read: names, danger rules, rows brought earlier."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.exchange.entries import Bench
from lims.exchange.names import KnownSubstance, NameIndex, Resolution
from lims.exchange.records import PartnerSample, UnresolvedName
from lims.exchange.sources.mapping import data_file
from lims.findings import danger
from lims.foundation import clock
from lims.library.records import Substance, SubstanceName


def bench_for(session: Session, source: str, names: Iterable[str]) -> Bench:
    """Return all that is needed to turn a source's rows into records, read once."""
    words = data_file("names.yaml")
    several, street = words["never"]["stands_for_several"], words["never"]["street_name"]
    substances = session.scalars(select(Substance)).all()
    synonyms = _synonyms(session)
    known = {one.key: _known(one, synonyms.get(one.id, [])) for one in substances}
    own = {key: tuple(also) for key, also in words["aliases"].items()}
    index = NameIndex(known, own, frozenset([*several, *street]))
    keys = {one.id: one.key for one in substances}
    decided = {
        name: Resolution(name, keys.get(row.substance_id) if row.substance_id else None, row.state)
        for name, row in decided_names(session, source).items()
        if row.state != "waiting"
    }
    return Bench(
        index=index,
        sold_as=NameIndex(known, own, frozenset(several)),
        resolutions={name: decided.get(name) or index.resolve(name) for name in names},
        ids={one.key: one.id for one in substances},
        known={one.key: danger.known_of(one) for one in substances},
        rules=danger.rules_on(session, clock.today()),
    )


def substance_named(session: Session, text: str) -> Substance | None:
    """Return the substance of a key or of a name that means one substance, or None."""
    key = bench_for(session, "", []).index.resolve(text).substance_key
    asked = select(Substance).where(Substance.key == (key or text.strip()))
    return session.scalar(asked)


def known_rows(session: Session, source: str) -> dict[str, str]:
    """Return reference → content hash of every sample that a source has brought."""
    asked = select(PartnerSample.source_id, PartnerSample.content_hash)
    return {row[0]: row[1] for row in session.execute(asked.where(PartnerSample.source == source))}


def decided_names(session: Session, source: str) -> dict[str, UnresolvedName]:
    """Return the names of a source that have waited for a person, decided or not."""
    asked = select(UnresolvedName).where(UnresolvedName.source == source)
    return {row.name: row for row in session.scalars(asked)}


def _synonyms(session: Session) -> dict[uuid.UUID, list[str]]:
    found: dict[uuid.UUID, list[str]] = {}
    asked = select(SubstanceName.substance_id, SubstanceName.name)
    for substance_id, name in session.execute(asked):
        found.setdefault(substance_id, []).append(name)
    return found


def _known(one: Substance, synonyms: Sequence[str]) -> KnownSubstance:
    return KnownSubstance(
        key=one.key,
        names=(one.name_en, one.name_fr, one.name_nl, *synonyms),
        substance_class=one.chemical_class,
        always_alert=one.always_alert,
        inchikey=one.inchikey,
        cas=one.cas,
    )
