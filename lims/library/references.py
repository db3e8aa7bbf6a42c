"""Reading what is known of a substance: colours, retentions (cited and measured apart), lots."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Float, Row, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.database import SCALE
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.library import collection, queries, rules
from lims.library.records import (
    ColourMeasurement,
    ColourReference,
    ReferenceLot,
    ReferenceUse,
    RetentionMeasurement,
    RetentionReference,
    StructureConfirmation,
    Substance,
    SubstanceName,
)
from lims.library.spectra import ReferenceSpectrum
from lims.network.records import Site
from lims.network.rules import Permission
from lims.protocols.records import ProtocolVersion


@dataclass(frozen=True)
class MeasuredRetention:
    """What one laboratory measured of a substance under one protocol version (corrected hRf)."""

    substance_id: uuid.UUID
    protocol_id: uuid.UUID
    protocol_name: str
    protocol: str
    site_id: uuid.UUID
    site: str
    n: int
    mean: Decimal
    #: of the sample (n - 1); None for a single measurement
    sd: Decimal | None
    #: values of the demonstration, which stay there
    demonstration: bool


def colour_references(
    session: Session,
    substance_id: uuid.UUID | None = None,
    reagents: Sequence[str] = (),
) -> list[ColourReference]:
    """Return the colour references of a substance, of some reagents, or all."""
    query = select(ColourReference).order_by(ColourReference.reagent, ColourReference.source)
    if substance_id is not None:
        query = query.where(ColourReference.substance_id == substance_id)
    if reagents:
        query = query.where(ColourReference.reagent.in_(reagents))
    return list(session.scalars(query))


def cited_retentions(
    session: Session, substance_id: uuid.UUID | None = None, system: str = ""
) -> list[RetentionReference]:
    """Return the cited retentions of a substance, of a system, or all."""
    query = select(RetentionReference).order_by(
        RetentionReference.system, RetentionReference.reference_order
    )
    if substance_id is not None:
        query = query.where(RetentionReference.substance_id == substance_id)
    if system:
        query = query.where(RetentionReference.system == system)
    return list(session.scalars(query))


def measured_retentions(
    session: Session,
    *,
    substance_id: uuid.UUID | None = None,
    protocol_id: uuid.UUID | None = None,
    site_id: uuid.UUID | None = None,
) -> list[MeasuredRetention]:
    """Return number, mean and standard deviation per laboratory and protocol version."""
    kept = RetentionMeasurement
    hrf = cast(type_coerce(kept.hrf, BigInteger), Float) / float(SCALE)
    by = (kept.substance_id, kept.protocol_id, kept.site_id, kept.demonstration)
    query = (
        select(*by, ProtocolVersion, Site.name, func.count(), func.sum(hrf), func.sum(hrf * hrf))
        .join(ProtocolVersion, ProtocolVersion.id == kept.protocol_id)
        .join(Site, Site.id == kept.site_id)
        .where(kept.withdrawn.is_(False))
        .group_by(*by, ProtocolVersion.id, Site.name)
        .order_by(ProtocolVersion.name, ProtocolVersion.version, Site.name)
    )
    wanted = {
        kept.substance_id: substance_id,
        kept.protocol_id: protocol_id,
        kept.site_id: site_id,
    }
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    return [_measured(row) for row in session.execute(query)]


def _measured(row: Row[*tuple[Any, ...]]) -> MeasuredRetention:
    what, protocol_id, where, demonstration, protocol, site, n, total, squares = row
    return MeasuredRetention(
        substance_id=what,
        protocol_id=protocol_id,
        protocol_name=protocol.name,
        protocol=protocol.label,
        site_id=where,
        site=site,
        n=n,
        mean=rules.mean(n, float(total)),
        sd=rules.deviation(n, float(total), float(squares)),
        demonstration=demonstration,
    )


@dataclass(frozen=True)
class MeasuredColour:
    """A colour sequence that standards showed, at one laboratory under one protocol version."""

    substance_id: uuid.UUID
    reagent: str
    #: palette codes in order, ">" between
    colours: str
    protocol_id: uuid.UUID
    protocol: str
    site: str
    n: int
    demonstration: bool


def measured_colours(
    session: Session, substance_id: uuid.UUID | None = None, reagents: Sequence[str] = ()
) -> list[MeasuredColour]:
    """Return how often standards showed which colours, of a substance, some reagents, or all."""
    kept = ColourMeasurement
    by = (kept.substance_id, kept.reagent, kept.colours, kept.protocol_id, kept.demonstration)
    query = (
        select(*by, ProtocolVersion, Site.name, func.count())
        .join(ProtocolVersion, ProtocolVersion.id == kept.protocol_id)
        .join(Site, Site.id == kept.site_id)
        .where(kept.withdrawn.is_(False))
        .group_by(*by, ProtocolVersion.id, Site.name)
        .order_by(kept.reagent, func.count().desc(), kept.colours, Site.name)
    )
    if substance_id is not None:
        query = query.where(kept.substance_id == substance_id)
    if reagents:
        query = query.where(kept.reagent.in_(reagents))
    return [
        MeasuredColour(what, reagent, colours, protocol_id, protocol.label, site, n, demonstration)
        for what, reagent, colours, protocol_id, demonstration, protocol, site, n in (
            session.execute(query)
        )
    ]


def reference_lots(
    session: Session, site_id: uuid.UUID, substance_id: uuid.UUID | None = None
) -> list[tuple[ReferenceLot, Substance]]:
    """Return the reference lots of a laboratory with what they are, by name and lot."""
    query = select(ReferenceLot, Substance).join(
        Substance, Substance.id == ReferenceLot.substance_id
    )
    query = query.where(ReferenceLot.site_id == site_id)
    if substance_id is not None:
        query = query.where(ReferenceLot.substance_id == substance_id)
    rows = session.execute(query.order_by(Substance.name_en, ReferenceLot.lot))
    return [(lot, what) for lot, what in rows]


@dataclass(frozen=True)
class KnownOf:
    """All that the library holds of one substance."""

    substance: Substance
    names: Sequence[SubstanceName]
    colours: Sequence[ColourReference]
    cited_retentions: Sequence[RetentionReference]
    measured_retentions: Sequence[MeasuredRetention]
    measured_colours: Sequence[MeasuredColour]
    plates: Sequence[TaughtBy]
    confirmations: Sequence[StructureConfirmation]
    spectra: Sequence[ReferenceSpectrum]
    library_version: int


def known_of(session: Session, actor: Actor, substance_id: uuid.UUID) -> KnownOf:
    """Return all that is known of a substance; raises NotFound."""
    actor.must(Permission.CONSULT)
    found = queries.substance(session, substance_id)
    return KnownOf(
        substance=found,
        names=queries.names(session, substance_id),
        colours=colour_references(session, substance_id),
        cited_retentions=cited_retentions(session, substance_id),
        measured_retentions=measured_retentions(session, substance_id=substance_id),
        measured_colours=measured_colours(session, substance_id),
        plates=plates_that_taught(session, substance_id),
        confirmations=queries.confirmations(session, substance_id),
        spectra=collection.spectra_of_substance(session, substance_id),
        library_version=queries.library_version(session),
    )


@dataclass(frozen=True)
class TaughtBy:
    """A plate that gave the library values of a substance."""

    run_id: uuid.UUID
    site_id: uuid.UUID
    site: str
    day: datetime
    hrf: Decimal
    withdrawn: bool


def plates_that_taught(
    session: Session, substance_id: uuid.UUID, limit: int = 20
) -> list[TaughtBy]:
    """Return the last plates that measured the retention of a substance, the newest first."""
    kept = RetentionMeasurement
    query = (
        select(kept, Site.name)
        .join(Site, Site.id == kept.site_id)
        .where(kept.substance_id == substance_id)
        .order_by(kept.measured_at.desc(), kept.id)
        .limit(limit)
    )
    return [
        TaughtBy(one.run_id, one.site_id, site, one.measured_at, one.hrf, one.withdrawn)
        for one, site in session.execute(query)
    ]


@dataclass(frozen=True)
class Bottle:
    """A bottle of a standard with what it is and how it stands today."""

    lot: ReferenceLot
    substance: Substance
    state: rules.LotState
    uses: Sequence[ReferenceUse]


def bottles(
    session: Session, actor: Actor, site_id: uuid.UUID, state: str = "", text: str = ""
) -> list[Bottle]:
    """Return the bottles of a laboratory in one state or all, what needs care first."""
    kept = lots_of_laboratory(session, actor, site_id)
    wanted = rules.fold(rules.printable(text))
    today, order = clock.today(), list(rules.LotState)
    found = [
        Bottle(lot, what, standing, ())
        for lot, what in kept
        for standing in (rules.lot_state(lot.expires, lot.remaining_mg, today),)
        if (not state or standing == state)
        and wanted in rules.fold(" ".join((what.name_en, what.name_fr, what.name_nl, lot.lot)))
    ]
    return sorted(found, key=lambda one: order.index(one.state))


def bottle(session: Session, actor: Actor, lot_id: uuid.UUID, limit: int = 100) -> Bottle:
    """Return one bottle with what was taken from it, to who works there; raises NotFound."""
    lot = session.get(ReferenceLot, lot_id)
    if lot is None:
        raise NotFound(_("There is no such reference lot."))
    if not actor.may(Permission.MANAGE_LABORATORY, lot.site_id):
        actor.must(Permission.ANALYSE, lot.site_id)
    uses = select(ReferenceUse).where(ReferenceUse.lot_id == lot.id)
    state = rules.lot_state(lot.expires, lot.remaining_mg, clock.today())
    what = queries.substance(session, lot.substance_id)
    newest = uses.order_by(ReferenceUse.at.desc(), ReferenceUse.id).limit(limit)
    return Bottle(lot, what, state, session.scalars(newest).all())


def lots_of_laboratory(
    session: Session, actor: Actor, site_id: uuid.UUID
) -> list[tuple[ReferenceLot, Substance]]:
    """Return the lots of a laboratory to somebody who works in it or manages it."""
    if not actor.may(Permission.MANAGE_LABORATORY, site_id):
        actor.must(Permission.ANALYSE, site_id)
    return reference_lots(session, site_id)
