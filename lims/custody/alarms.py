"""What is unreturned or unaccounted for: one list, drawn from parcels, ledger, places and counts.

An alarm stands until its cause is gone or somebody answered it in words. It belongs to one site:
the sender's for a seal, a loss and what is missing; else the site that has the sample.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Subquery, cast, exists, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.types import String, Uuid

from lims.custody import conventions
from lims.custody.conventions import AlarmKind, Conventions
from lims.custody.records import MassEntry, Parcel, ParcelItem
from lims.custody.stores import SettledAlarm, StockLine, Stocktaking, StoragePlace
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.database import ExactDecimal, UtcTime
from lims.intake.records import Sample
from lims.network.records import Site
from lims.network.rules import Permission

CONCLUDED = ("released", "amended", "not analysed", "withdrawn")
AT_A_SITE = ("registered", "received", "in analysis", "to verify")
NOTHING = cast(null(), Uuid())
NO_MASS = cast(null(), ExactDecimal())


@dataclass(frozen=True)
class Alarm:
    """One thing that somebody must look at."""

    kind: AlarmKind
    subject_id: uuid.UUID
    site_id: uuid.UUID
    site_name: str
    since: datetime
    mg: Decimal | None
    sample_id: uuid.UUID | None
    code: str
    parcel_id: uuid.UUID | None
    number: str


def _row(kind: AlarmKind, site: Any, subject: Any, since: Any, **more: Any) -> Select[Any]:
    return select(
        cast(literal(str(kind)), String(20)).label("kind"),
        site.label("site_id"),
        subject.label("subject_id"),
        cast(since, UtcTime()).label("since") if since is None else since.label("since"),
        more.get("mg", NO_MASS).label("mg"),
        more.get("sample", NOTHING).label("sample_id"),
        more.get("parcel", NOTHING).label("parcel_id"),
    )


def _of_parcels(agreed: Conventions) -> list[Select[Any]]:
    late = conventions.before(clock.now(), agreed.transit_days)
    at = (Parcel.from_site_id, Parcel.id)
    arrived = func.coalesce(Parcel.arrived_at, Parcel.made_at)
    return [
        _row(AlarmKind.DAMAGED_SEAL, *at, arrived, parcel=Parcel.id).where(
            Parcel.seal_broken.is_(True)
        ),
        _row(
            AlarmKind.LOST, *at, func.coalesce(Parcel.lost_at, Parcel.made_at), parcel=Parcel.id
        ).where(Parcel.state == "lost"),
        _row(AlarmKind.LATE, *at, Parcel.left_at, parcel=Parcel.id).where(
            Parcel.state.in_(("in transit", "partly received")), Parcel.left_at < late
        ),
    ]


def _of_lines(agreed: Conventions) -> list[Select[Any]]:
    known: dict[str, Any] = {"sample": ParcelItem.sample_id, "parcel": Parcel.id}
    closed = func.coalesce(Parcel.reconciled_at, Parcel.made_at)
    difference = ParcelItem.received_gross_mg - ParcelItem.gross_mg
    rows = [
        _row(AlarmKind.MISSING, Parcel.from_site_id, ParcelItem.id, closed, **known).where(
            ParcelItem.scan == "missing", Parcel.state == "reconciled"
        ),
        _row(AlarmKind.UNEXPECTED, Parcel.to_site_id, ParcelItem.id, closed, **known).where(
            ParcelItem.scan == "unexpected", Parcel.state == "reconciled"
        ),
        _row(
            *(AlarmKind.GROSS, Parcel.to_site_id, ParcelItem.id),
            func.coalesce(ParcelItem.scanned_at, Parcel.made_at),
            mg=difference,
            **known,
        ).where(func.abs(difference) > literal(agreed.gross_mg, ExactDecimal())),
    ]
    return [one.join_from(ParcelItem, Parcel, Parcel.id == ParcelItem.parcel_id) for one in rows]


def _of_ledger(agreed: Conventions) -> list[Select[Any]]:
    at = (MassEntry.site_id, MassEntry.id, MassEntry.at)
    mass: dict[str, Any] = {"mg": MassEntry.mg, "sample": MassEntry.sample_id}
    beyond = func.abs(MassEntry.mg) > literal(agreed.weighing_mg, ExactDecimal())
    return [
        _row(AlarmKind.WEIGHING, *at, **mass).where(MassEntry.kind == "weighed again", beyond),
        _row(AlarmKind.LOST, *at, **mass).where(
            MassEntry.kind == "lost", MassEntry.cause_id.is_(None)
        ),
    ]


def _of_samples(agreed: Conventions) -> list[Select[Any]]:
    long_ago = conventions.before(clock.now(), agreed.keep_days)
    since = func.coalesce(Sample.state_since, Sample.recorded_at)
    mass = func.sum(MassEntry.mg)
    held = (
        select(MassEntry.sample_id, MassEntry.site_id, mass.label("mg"))
        .group_by(MassEntry.sample_id, MassEntry.site_id)
        .having(mass > literal(Decimal(0), ExactDecimal()))
        .subquery()
    )
    where = func.coalesce(Sample.laboratory_id, Sample.site_id)
    weighed = exists().where(MassEntry.sample_id == Sample.id)
    return [
        _row(
            *(AlarmKind.KEPT, held.c.site_id, Sample.id, since),
            mg=held.c.mg,
            sample=Sample.id,
        )
        .join_from(Sample, held, held.c.sample_id == Sample.id)
        .where(Sample.state.in_(CONCLUDED), since < long_ago),
        _row(AlarmKind.UNWEIGHED, where, Sample.id, Sample.recorded_at, sample=Sample.id).where(
            Sample.state.in_((*CONCLUDED, *AT_A_SITE)), since < long_ago, ~weighed
        ),
    ]


def _of_counts() -> list[Select[Any]]:
    return [
        _row(
            *(AlarmKind.STOCK, StoragePlace.site_id, StockLine.id, StockLine.at),
            sample=StockLine.sample_id,
        )
        .join_from(StockLine, Stocktaking, Stocktaking.id == StockLine.stocktaking_id)
        .join(StoragePlace, StoragePlace.id == Stocktaking.place_id)
        .where(StockLine.result == "missing")
    ]


def _standing(actor: Actor, agreed: Conventions) -> Subquery:
    """Select every alarm of the actor's sites that nobody answered."""
    rows = [
        *_of_parcels(agreed),
        *_of_lines(agreed),
        *_of_ledger(agreed),
        *_of_samples(agreed),
        *_of_counts(),
    ]
    every = union_all(*rows).subquery()
    settled = exists().where(
        SettledAlarm.kind == every.c.kind, SettledAlarm.subject_id == every.c.subject_id
    )
    query = select(every).where(~settled)
    sites = actor.sites_for(Permission.FOLLOW_SAMPLES)
    if sites is not None:
        query = query.where(every.c.site_id.in_(sites))
    return query.subquery()


def alarms(
    session: Session,
    actor: Actor,
    agreed: Conventions,
    page: int = 1,
    size: int = 50,
    *,
    kind: str = "",
) -> tuple[list[Alarm], int]:
    """Return one page of the alarms of the actor's sites, oldest first, and how many there are."""
    actor.must(Permission.FOLLOW_SAMPLES)
    standing = _standing(actor, agreed)
    chosen = [standing.c.kind == kind] if kind else []
    total = session.scalar(select(func.count()).select_from(standing).where(*chosen)) or 0
    rows = session.execute(
        select(standing, Site.name, Sample.code, Parcel.number)
        .join(Site, Site.id == standing.c.site_id)
        .outerjoin(Sample, Sample.id == standing.c.sample_id)
        .outerjoin(Parcel, Parcel.id == standing.c.parcel_id)
        .where(*chosen)
        .order_by(standing.c.since, standing.c.kind, standing.c.subject_id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return [_alarm(row) for row in rows], total


def _alarm(found: Any) -> Alarm:
    row = found._mapping
    return Alarm(
        kind=AlarmKind(row["kind"]),
        subject_id=row["subject_id"],
        site_id=row["site_id"],
        site_name=row["name"],
        since=row["since"],
        mg=row["mg"],
        sample_id=row["sample_id"],
        code=row["code"] or "",
        parcel_id=row["parcel_id"],
        number=row["number"] or "",
    )


def find_alarm(
    session: Session, actor: Actor, agreed: Conventions, kind: str, subject_id: uuid.UUID
) -> Alarm | None:
    """Return one standing alarm of the actor's sites, or None."""
    standing = _standing(actor, agreed)
    row = session.execute(
        select(standing, Site.name, literal("").label("code"), literal("").label("number"))
        .join(Site, Site.id == standing.c.site_id)
        .where(standing.c.kind == kind, standing.c.subject_id == subject_id)
    ).first()
    return _alarm(row) if row is not None else None


def count(session: Session, actor: Actor, agreed: Conventions) -> int:
    """Return how many alarms stand at the actor's sites."""
    actor.must(Permission.FOLLOW_SAMPLES)
    standing = _standing(actor, agreed)
    return session.scalar(select(func.count()).select_from(standing)) or 0


def settled(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[tuple[SettledAlarm, str]], int]:
    """Return one page of the alarms that were answered, newest first, with their sites."""
    actor.must(Permission.FOLLOW_SAMPLES)
    sites = actor.sites_for(Permission.FOLLOW_SAMPLES)
    mine = or_(SettledAlarm.site_id.in_(sites)) if sites is not None else literal(True)
    total = session.scalar(select(func.count()).select_from(SettledAlarm).where(mine)) or 0
    rows = session.execute(
        select(SettledAlarm, Site.name)
        .join(Site, Site.id == SettledAlarm.site_id)
        .where(mine)
        .order_by(SettledAlarm.at.desc(), SettledAlarm.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return [(one, name) for one, name in rows], total
