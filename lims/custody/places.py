"""Reading the storage: places, what stands in them, where a sample stands and stood."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.custody.records import MassEntry, Parcel, ParcelItem
from lims.custody.stores import Placement, Stocktaking, StoragePlace
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.network.rules import Permission


@dataclass(frozen=True)
class PlaceLine:
    """A place of a list, with how many samples stand in it."""

    place: StoragePlace
    inside: str
    samples: int


@dataclass(frozen=True)
class Standing:
    """A sample that stands in a place, since when, and what the site holds of it."""

    sample: Sample
    since: datetime
    by: str
    mg: Decimal | None


def _mine(actor: Actor) -> ColumnElement[bool]:
    sites = actor.sites_for(Permission.FOLLOW_SAMPLES)
    return true() if sites is None else StoragePlace.site_id.in_(sites)


def place(session: Session, actor: Actor, place_id: uuid.UUID) -> StoragePlace:
    """Return a place of one of the actor's sites; raises NotFound."""
    actor.must(Permission.FOLLOW_SAMPLES)
    query = select(StoragePlace).where(StoragePlace.id == place_id, _mine(actor))
    whole = (joinedload(StoragePlace.site), joinedload(StoragePlace.inside))
    found = session.scalar(query.options(*whole))
    if found is None:
        raise NotFound(_("There is no such place, or it is not of your sites."))
    return found


def places(
    session: Session, actor: Actor, site_id: uuid.UUID | None, page: int = 1, size: int = 50
) -> tuple[list[PlaceLine], int]:
    """Return one page of the places of a site (of all of one's sites without one), by name."""
    actor.must(Permission.FOLLOW_SAMPLES)
    wanted = [_mine(actor)]
    if site_id is not None:
        wanted.append(StoragePlace.site_id == site_id)
    total = session.scalar(select(func.count()).select_from(StoragePlace).where(*wanted)) or 0
    rows = session.scalars(
        select(StoragePlace)
        .where(*wanted)
        .options(joinedload(StoragePlace.inside), joinedload(StoragePlace.site))
        .order_by(StoragePlace.active.desc(), StoragePlace.name, StoragePlace.number)
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    counted = {
        place_id: n
        for place_id, n in session.execute(
            select(Placement.place_id, func.count())
            .where(
                Placement.open_sample_id.is_not(None),
                Placement.place_id.in_([one.id for one in rows]),
            )
            .group_by(Placement.place_id)
        )
    }
    return [
        PlaceLine(one, one.inside.name if one.inside else "", counted.get(one.id, 0))
        for one in rows
    ], total


def choices(session: Session, site_id: uuid.UUID) -> Sequence[StoragePlace]:
    """Return the places of a site that are in use, by name."""
    query = select(StoragePlace).where(StoragePlace.site_id == site_id, StoragePlace.active)
    return session.scalars(query.order_by(StoragePlace.name)).all()


def contents(
    session: Session, actor: Actor, place: StoragePlace, page: int = 1, size: int = 50
) -> tuple[list[Standing], int]:
    """Return one page of what stands in a place now, oldest first, and how many there are."""
    actor.must(Permission.FOLLOW_SAMPLES, place.site_id)
    here = (Placement.place_id == place.id, Placement.open_sample_id.is_not(None))
    total = session.scalar(select(func.count()).select_from(Placement).where(*here)) or 0
    held = (
        select(MassEntry.sample_id, func.sum(MassEntry.mg).label("mg"))
        .where(MassEntry.site_id == place.site_id)
        .group_by(MassEntry.sample_id)
        .subquery()
    )
    rows = session.execute(
        select(Sample, Placement.since, Placement.by, held.c.mg)
        .join(Placement, Placement.sample_id == Sample.id)
        .outerjoin(held, held.c.sample_id == Sample.id)
        .where(*here)
        .order_by(Placement.since, Sample.code)
        .offset((page - 1) * size)
        .limit(size)
    )
    return [Standing(*row) for row in rows], total


def standing_ids(session: Session, place_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the samples that stand in a place now."""
    query = select(Placement.open_sample_id).where(
        Placement.place_id == place_id, Placement.open_sample_id.is_not(None)
    )
    return {one for one in session.scalars(query) if one is not None}


def where_is(session: Session, sample_id: uuid.UUID) -> Sequence[Placement]:
    """Return where a sample stands and stood, the present place first."""
    query = (
        select(Placement)
        .where(Placement.sample_id == sample_id)
        .options(joinedload(Placement.place).joinedload(StoragePlace.site))
        .order_by(Placement.until.is_not(None), Placement.since.desc(), Placement.id)
    )
    return session.scalars(query).all()


def damaged_parcels(session: Session, sample_id: uuid.UUID) -> Sequence[Parcel]:
    """Return the parcels with a damaged seal in which a sample came."""
    query = (
        select(Parcel)
        .join(ParcelItem, ParcelItem.parcel_id == Parcel.id)
        .where(ParcelItem.sample_id == sample_id, Parcel.seal_broken.is_(True))
        .order_by(Parcel.number)
    )
    return session.scalars(query).all()


def stocktaking(session: Session, actor: Actor, stocktaking_id: uuid.UUID) -> Stocktaking:
    """Return a count of one of the actor's places with its lines; raises NotFound."""
    actor.must(Permission.FOLLOW_SAMPLES)
    found = session.scalar(
        select(Stocktaking)
        .join(StoragePlace, StoragePlace.id == Stocktaking.place_id)
        .where(Stocktaking.id == stocktaking_id, _mine(actor))
        .options(
            joinedload(Stocktaking.place).joinedload(StoragePlace.site),
            selectinload(Stocktaking.lines),
        )
    )
    if found is None:
        raise NotFound(_("There is no such count, or it is not of your sites."))
    return found


def stocktakings(session: Session, place_id: uuid.UUID, most: int = 20) -> Sequence[Stocktaking]:
    """Return the latest counts of a place, newest first."""
    query = select(Stocktaking).where(Stocktaking.place_id == place_id)
    return session.scalars(query.order_by(Stocktaking.started_at.desc()).limit(most)).all()


def way_to(place: StoragePlace) -> list[StoragePlace]:
    """Return the places around a place, the outermost first, itself last."""
    found = [place]
    while found[0].inside is not None and len(found) < 20:
        found.insert(0, found[0].inside)
    return found
