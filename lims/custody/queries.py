"""Reading custody: parcels and what may go into them, ledgers of samples, holdings of sites."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.custody import conventions, rules
from lims.custody.records import MassEntry, Parcel, ParcelItem
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import Message, _
from lims.intake import completeness
from lims.intake.records import Sample
from lims.network.records import Site
from lims.network.rules import Permission

ZERO = Decimal(0)


@dataclass(frozen=True)
class ParcelFilters:
    """Which parcels; an empty answer does not narrow."""

    state: str = ""


@dataclass(frozen=True)
class ParcelLine:
    """One parcel of a list, with how many samples it holds."""

    parcel: Parcel
    samples: int
    waiting: int
    wrong: int


@dataclass(frozen=True)
class LedgerLine:
    """One entry of a sample's ledger with its site and the balance after it."""

    entry: MassEntry
    site_name: str
    balance: Decimal


def _mine(actor: Actor) -> ColumnElement[bool]:
    sites = actor.sites_for(Permission.FOLLOW_SAMPLES)
    if sites is None:
        return true()
    return or_(Parcel.from_site_id.in_(sites), Parcel.to_site_id.in_(sites))


def parcel(session: Session, actor: Actor, parcel_id: uuid.UUID) -> Parcel:
    """Return a parcel from or to one of the actor's sites, with its lines; raises NotFound."""
    actor.must(Permission.FOLLOW_SAMPLES)
    found = session.scalar(
        select(Parcel)
        .where(Parcel.id == parcel_id, _mine(actor))
        .options(
            joinedload(Parcel.from_site),
            joinedload(Parcel.to_site),
            joinedload(Parcel.chosen_permit),
            selectinload(Parcel.items).joinedload(ParcelItem.sample),
        )
    )
    if found is None:
        raise NotFound(_("There is no such parcel, or it is not for your sites."))
    return found


def parcels(
    session: Session, actor: Actor, filters: ParcelFilters, page: int = 1, size: int = 50
) -> tuple[list[ParcelLine], int]:
    """Return one page of the parcels from and to the actor's sites, newest first, and how many."""
    actor.must(Permission.FOLLOW_SAMPLES)
    wanted = [_mine(actor)]
    if filters.state:
        wanted.append(Parcel.state == filters.state)
    total = session.scalar(select(func.count()).select_from(Parcel).where(*wanted)) or 0
    rows = session.scalars(
        select(Parcel)
        .where(*wanted)
        .options(joinedload(Parcel.from_site), joinedload(Parcel.to_site))
        .order_by(Parcel.made_at.desc(), Parcel.number.desc())
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    counted = _counted(session, [one.id for one in rows])
    return [ParcelLine(one, *counted.get(one.id, (0, 0, 0))) for one in rows], total


def _counted(
    session: Session, parcel_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[int, int, int]]:
    scan = ParcelItem.scan
    rows = session.execute(
        select(
            ParcelItem.parcel_id,
            func.count().filter(scan != rules.ScanResult.UNEXPECTED),
            func.count().filter(scan == rules.ScanResult.EXPECTED),
            func.count().filter(scan.in_([rules.ScanResult.MISSING, rules.ScanResult.UNEXPECTED])),
        )
        .where(ParcelItem.parcel_id.in_(parcel_ids))
        .group_by(ParcelItem.parcel_id)
    )
    return {key: (samples, waiting, wrong) for key, samples, waiting, wrong in rows}


def ready_to_travel(
    session: Session, actor: Actor, site_id: uuid.UUID, most: int = 200
) -> list[Sample]:
    """Return the samples at a site that may go into a parcel and are in none, oldest first."""
    actor.must(Permission.HAND_OVER, site_id)
    packed = select(ParcelItem.active_sample_id).where(ParcelItem.active_sample_id.is_not(None))
    query = (
        select(Sample)
        .where(
            or_(
                (Sample.site_id == site_id) & (Sample.state == "registered"),
                (Sample.laboratory_id == site_id)
                & (Sample.state == "received")
                & Sample.consent_second_laboratory,
            ),
            Sample.id.not_in(packed),
        )
        .options(joinedload(Sample.visit))
        .order_by(Sample.recorded_at, Sample.position)
        .limit(most)
    )
    return list(session.scalars(query))


def active_parcel_of(session: Session, sample_id: uuid.UUID) -> Parcel | None:
    """Return the one parcel that a sample is in now, or None."""
    return session.scalar(
        select(Parcel)
        .join(ParcelItem, ParcelItem.parcel_id == Parcel.id)
        .where(ParcelItem.active_sample_id == sample_id)
    )


def lacking(session: Session, parcel: Parcel) -> list[tuple[str, list[Message]]]:
    """Return the codes of a parcel of which the laboratory needs more, with what it needs."""
    samples = [item.sample for item in parcel.items if item.sample is not None]
    needs = completeness.lacking(session, samples)
    return [
        (sample.code, [need.words for need in (*found.required, *found.wanted)])
        for sample in samples
        if (found := needs[sample.id])
    ]


def missing_lines_of(session: Session, sample_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the lines on which a sample was named missing."""
    missing = ParcelItem.scan == rules.ScanResult.MISSING
    query = select(ParcelItem.id).where(ParcelItem.sample_id == sample_id, missing)
    return session.scalars(query).all()


def manifest_facts(parcel: Parcel) -> dict[str, Any]:
    """Return what the hash of a sealed manifest is made of."""

    def plain(mg: Decimal | None) -> str:
        return "" if mg is None else format(mg.normalize(), "f")

    at = parcel.sealed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if parcel.sealed_at else ""
    return {
        "number": parcel.number,
        "from": str(parcel.from_site_id),
        "to": str(parcel.to_site_id),
        "seals": [parcel.seal, parcel.seal_2],
        "permit": parcel.permit,
        "carrier": parcel.carrier_function,
        "gross_mg": plain(parcel.gross_mass_mg),
        "sealed_at": at,
        "samples": [
            [item.position, item.code, plain(item.mass_mg), plain(item.gross_mg)]
            for item in parcel.items
            if item.scan != rules.ScanResult.UNEXPECTED
        ],
    }


def sheet_facts(parcel: Parcel) -> dict[str, Any]:
    """Return what the transport sheet of a sealed parcel says, as plain values."""
    permit = parcel.chosen_permit
    lines = [item for item in parcel.items if item.scan != rules.ScanResult.UNEXPECTED]
    return {
        "number": parcel.number,
        "sender": parcel.from_site.name,
        "receiver": parcel.to_site.name,
        "seals": [seal for seal in (parcel.seal, parcel.seal_2) if seal],
        "permit": parcel.permit,
        "authority": permit.authority if permit else "",
        "valid_from": permit.valid_from if permit else None,
        "valid_until": permit.valid_until if permit else None,
        "carrier": parcel.carrier_function,
        "gross_mg": parcel.gross_mass_mg,
        "sealed_at": parcel.sealed_at,
        "left_at": parcel.left_at,
        "hash": parcel.manifest_hash,
        "damaged": bool(parcel.seal_broken),
        "lines": [(item.position, item.code, item.gross_mg, item.mass_mg) for item in lines],
    }


def differs(item: ParcelItem, tolerance: Decimal) -> bool:
    """Tell whether the gross masses of a tube differ by more than the house tolerates, mg."""
    return conventions.is_beyond(item.gross_mg, item.received_gross_mg, tolerance)


def is_manifest_whole(parcel: Parcel) -> bool:
    """Tell whether the manifest is still what was sealed."""
    return rules.manifest_hash(manifest_facts(parcel)) == parcel.manifest_hash


def balance(session: Session, sample_id: uuid.UUID) -> Decimal:
    """Return what is held of a sample in all, mg."""
    return sum((mg for mg in balances(session, sample_id).values()), ZERO)


def balance_at(session: Session, sample_id: uuid.UUID, site_id: uuid.UUID) -> Decimal:
    """Return what one site holds of a sample, mg."""
    return balances(session, sample_id).get(site_id, ZERO)


def balances(session: Session, sample_id: uuid.UUID) -> dict[uuid.UUID, Decimal]:
    """Return site → mg held of a sample there."""
    rows = session.execute(
        select(MassEntry.site_id, func.sum(MassEntry.mg))
        .where(MassEntry.sample_id == sample_id)
        .group_by(MassEntry.site_id)
    )
    return {site: mg for site, mg in rows}


def lost_mg(session: Session, sample_id: uuid.UUID) -> Decimal:
    """Return what was lost of a sample and not found again, mg."""
    kinds = (rules.MassMove.LOST, rules.MassMove.FOUND)
    query = select(func.sum(MassEntry.mg)).where(
        MassEntry.sample_id == sample_id, MassEntry.kind.in_(kinds)
    )
    return -(session.scalar(query) or ZERO)


def is_weighed(session: Session, sample_id: uuid.UUID) -> bool:
    """Tell whether the ledger knows a mass of this sample at all."""
    known = (MassEntry.sample_id == sample_id) & (MassEntry.mg != ZERO)
    query = select(MassEntry.id).where(known).limit(1)
    return session.scalar(query) is not None


def holder(session: Session, sample: Sample) -> uuid.UUID:
    """Return the site that has a sample: by the ledger, else by where it was last received."""
    held = [site for site, mg in balances(session, sample.id).items() if mg > 0]
    if len(held) == 1:
        return held[0]
    at_laboratory = sample.state not in {"registered", "sent"} and sample.laboratory_id
    return sample.laboratory_id if at_laboratory and sample.laboratory_id else sample.site_id


def ledger(session: Session, sample_id: uuid.UUID) -> list[LedgerLine]:
    """Return the ledger of a sample, oldest entry first, with the running balance."""
    rows = session.execute(
        select(MassEntry, Site.name)
        .join(Site, Site.id == MassEntry.site_id)
        .where(MassEntry.sample_id == sample_id)
        .order_by(MassEntry.at, MassEntry.mg, MassEntry.id)
    )
    lines, running = [], ZERO
    for entry, name in rows:
        running += entry.mg
        lines.append(LedgerLine(entry, name, running))
    return lines
