"""What a site held at the end of any past day, for an inspection.

Drawn from the mass ledger and the history of places alone: nothing that is overwritten is read.
Hand-ins older than the retention rules allow are dated by day or week, as the ledger keeps them.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Select,
    Subquery,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from lims.custody import authorisations, rules
from lims.custody.records import MassEntry
from lims.custody.rules import MassMove
from lims.custody.stores import Placement, StoragePlace
from lims.foundation.actors import Actor
from lims.foundation.codes import shown
from lims.foundation.database import ExactDecimal
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.intake.rules import BELGIUM
from lims.journal.records import JournalHead
from lims.network.rules import Permission

ZERO = Decimal(0)
USUAL_DAYS = 30
EARLIEST = 2000


@dataclass(frozen=True)
class Held:
    """What was held of one sample: mg (None: never weighed), and where it stood."""

    sample_id: uuid.UUID
    code: str
    mg: Decimal | None
    place_number: str
    place_name: str


@dataclass(frozen=True)
class PlaceSum:
    """What stood in one place; without a name, what stood in none."""

    number: str
    name: str
    samples: int
    mg: Decimal


@dataclass(frozen=True)
class Account:
    """The two sides of a site's account over a time: what was there, what came, what went."""

    opening: Decimal
    moves: dict[MassMove, Decimal]
    closing: Decimal

    @property
    def is_even(self) -> bool:
        came = sum((self.moves[kind] for kind in rules.INTO), self.opening)
        return came == self.closing + sum((self.moves[kind] for kind in rules.OUT_OF), ZERO)


def end_of(day: date) -> datetime:
    """Return the moment at which a Belgian day is over."""
    return datetime.combine(day + timedelta(days=1), time(), BELGIUM).astimezone(UTC)


def days_of(since: date | None, day: date | None) -> tuple[date, date]:
    """Return first and last day of a report; raises Invalid for one to come or a wrong order."""
    today = authorisations.today()
    last = day or today
    if last > today:
        raise refuse_field("day", _("This day is still to come."))
    if last.year < EARLIEST:
        raise refuse_field("day", _("Nothing was written down so long ago."))
    first = since or last - timedelta(days=USUAL_DAYS)
    if first > last or first.year < EARLIEST:
        raise refuse_field("since", _("The end comes before the beginning."))
    return first, last


def _lines(site_id: uuid.UUID, moment: datetime) -> Subquery:
    """Select sample, mg and place of all that a site held at a moment."""
    mass = func.sum(MassEntry.mg)
    held = (
        select(MassEntry.sample_id, mass.label("mg"))
        .where(MassEntry.site_id == site_id, MassEntry.at < moment)
        .group_by(MassEntry.sample_id)
        .having(mass > literal(ZERO, ExactDecimal()))
        .subquery()
    )
    stood = (
        select(Placement.sample_id, Placement.place_id)
        .join(StoragePlace, StoragePlace.id == Placement.place_id)
        .where(
            StoragePlace.site_id == site_id,
            Placement.since < moment,
            or_(Placement.until.is_(None), Placement.until >= moment),
        )
        .subquery()
    )
    weighed = exists().where(
        MassEntry.sample_id == stood.c.sample_id, MassEntry.at < moment, MassEntry.mg != ZERO
    )
    with_mass = select(held.c.sample_id, held.c.mg, stood.c.place_id).outerjoin(
        stood, stood.c.sample_id == held.c.sample_id
    )
    without = select(
        stood.c.sample_id, cast(null(), ExactDecimal()).label("mg"), stood.c.place_id
    ).where(~weighed)
    return union_all(with_mass, without).subquery()


def _ordered(lines: Subquery) -> Select[Any]:
    return (
        select(Sample.id, Sample.code, lines.c.mg, StoragePlace.number, StoragePlace.name)
        .join(Sample, Sample.id == lines.c.sample_id)
        .outerjoin(StoragePlace, StoragePlace.id == lines.c.place_id)
        .order_by(func.coalesce(StoragePlace.name, ""), StoragePlace.number, Sample.code)
    )


def _line(row: Any) -> Held:
    return Held(row[0], row[1], row[2], row[3] or "", row[4] or "")


def held_on(
    session: Session, actor: Actor, site_id: uuid.UUID, day: date, page: int = 1, size: int = 50
) -> tuple[list[Held], int, Decimal]:
    """Return one page of what a site held at the end of a day, how many samples, and the sum."""
    actor.must(Permission.FOLLOW_SAMPLES, site_id)
    lines = _lines(site_id, end_of(day))
    total, mg = session.execute(select(func.count(), func.sum(lines.c.mg))).one()
    rows = session.execute(_ordered(lines).offset((page - 1) * size).limit(size))
    return [_line(row) for row in rows], total, mg or ZERO


def all_held_on(session: Session, actor: Actor, site_id: uuid.UUID, day: date) -> list[Held]:
    """Return everything that a site held at the end of a day, by place and code."""
    actor.must(Permission.FOLLOW_SAMPLES, site_id)
    return [_line(row) for row in session.execute(_ordered(_lines(site_id, end_of(day))))]


def by_place(session: Session, actor: Actor, site_id: uuid.UUID, day: date) -> list[PlaceSum]:
    """Return the sums of each place at the end of a day; what stood in none comes last."""
    actor.must(Permission.FOLLOW_SAMPLES, site_id)
    lines = _lines(site_id, end_of(day))
    rows = session.execute(
        select(StoragePlace.number, StoragePlace.name, func.count(), func.sum(lines.c.mg))
        .select_from(lines)
        .outerjoin(StoragePlace, StoragePlace.id == lines.c.place_id)
        .group_by(StoragePlace.number, StoragePlace.name)
        .order_by(StoragePlace.number.is_(None), StoragePlace.name)
    )
    return [PlaceSum(number or "", name or "", n, mg or ZERO) for number, name, n, mg in rows]


def account(
    session: Session, actor: Actor, site_id: uuid.UUID, since: date, until: date
) -> Account:
    """Return a site's account from the beginning of one day to the end of another."""
    actor.must(Permission.FOLLOW_SAMPLES, site_id)
    first, last = end_of(since - timedelta(days=1)), end_of(until)
    here = MassEntry.site_id == site_id
    opening = session.scalar(select(func.sum(MassEntry.mg)).where(here, MassEntry.at < first))
    rows = session.execute(
        select(MassEntry.kind, func.sum(MassEntry.mg))
        .where(here, MassEntry.at >= first, MassEntry.at < last)
        .group_by(MassEntry.kind)
    )
    moved = [(kind, mg) for kind, mg in rows]
    before = opening or ZERO
    closing = sum((mg for _kind, mg in moved), before)
    return Account(before, rules.totals(moved), closing)


def fingerprint(site_id: uuid.UUID, day: date, lines: Sequence[Held]) -> str:
    """Return the SHA-256 of a report: who asks again for the same day must get the same."""

    def plain(mg: Decimal | None) -> str:
        return "" if mg is None else format(mg.normalize(), "f")

    told = [[shown(one.code), plain(one.mg), one.place_number] for one in lines]
    text = json.dumps([str(site_id), day.isoformat(), sorted(told)], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def journal_head(session: Session) -> tuple[int, str]:
    """Return the place and the hash of the journal's last entry."""
    head = session.get(JournalHead, 1, populate_existing=True)
    return (head.seq, head.hash) if head is not None else (0, "")
