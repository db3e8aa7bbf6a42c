"""Reading what was measured and found: in the samples of one product, or of all sold as one thing.

Amounts of another unit, or expressed as another salt or as base, are another spread: they are never
put into one row, nor one picture. Rows come as plain columns: a product may hold thousands.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lims.findings.records import Detection, Finding
from lims.findings.rules import POSITIVE, FindingState
from lims.foundation.actors import Actor
from lims.intake.records import Sample, Visit
from lims.library.records import Substance
from lims.network.records import Site
from lims.network.rules import Permission
from lims.products.intervals import Middle, middle
from lims.products.records import ProductSample


@dataclass(frozen=True)
class Point:
    """One sample's content."""

    sample_id: uuid.UUID
    code: str
    day: date
    value: Decimal
    uncertainty: Decimal | None
    area: str = ""

    @property
    def week(self) -> str:
        """Return the ISO week of hand-in, such as 2026-W47."""
        year, week, _day = self.day.isocalendar()
        return f"{year}-W{week:02d}"


@dataclass(frozen=True)
class Part:
    """The samples of one week or one region: how many, from where to where, and the middle."""

    name: str
    low: Decimal
    high: Decimal
    middle: Middle


@dataclass(frozen=True)
class Spread:
    """What was measured of one substance, in one unit, expressed in one way."""

    substance: Substance
    unit: str
    expressed_as: str
    n: int
    low: Decimal
    median: Decimal
    high: Decimal
    first_seen: date
    last_seen: date
    points: tuple[Point, ...]
    middle: Middle

    def by_week(self) -> list[Part]:
        """Return the weeks in which samples were handed in, the newest first."""
        return sorted(_parts(self.points, "week"), key=lambda one: one.name, reverse=True)

    def by_region(self) -> list[Part]:
        """Return the regions of the testing points, most samples first."""
        return sorted(_parts(self.points, "area"), key=lambda one: (-one.middle.n, one.name))


def _parts(points: Sequence[Point], by: str) -> list[Part]:
    held: dict[str, list[Decimal]] = defaultdict(list)
    for point in points:
        held[getattr(point, by)].append(point.value)
    return [Part(name, min(values), max(values), middle(values)) for name, values in held.items()]


@dataclass(frozen=True)
class Declared:
    """Samples sold as one substance: in which form, since and until when, from which region."""

    substance_id: uuid.UUID
    since: date
    until: date
    form: str = ""
    area: str = ""

    def chosen(self) -> tuple[Any, ...]:
        """Return the conditions on Sample, Visit and Site."""
        found: list[Any] = [
            Sample.sold_as_id == self.substance_id,
            Sample.state != "withdrawn",
            Visit.day.between(self.since, self.until),
        ]
        if self.form:
            found.append(Sample.form == self.form)
        if self.area:
            found.append(Site.area == self.area)
        return tuple(found)


def spread(session: Session, product_id: uuid.UUID) -> list[Spread]:
    """Return the contents measured in a product, one entry per substance, unit and salt or base."""
    query = (
        _measured()
        .join(ProductSample, ProductSample.current_sample_id == Sample.id)
        .where(ProductSample.product_id == product_id)
    )
    return _spreads(session, query)


def declared_spread(session: Session, actor: Actor, declared: Declared) -> list[Spread]:
    """Return the contents measured in samples sold as one substance, split as for a product."""
    actor.must(Permission.CONSULT)
    return _spreads(session, _measured().where(*declared.chosen()))


def _measured() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Detection.substance_id,
            Detection.unit,
            Detection.expressed_as,
            Sample.id,
            Sample.code,
            Visit.day,
            Detection.value,
            Detection.uncertainty,
            Site.area,
        )
        .join(Finding, Finding.id == Detection.finding_id)
        .join(Sample, Sample.id == Finding.sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .where(
            Finding.state == FindingState.RELEASED,
            Detection.kind == "measured",
            Detection.value.is_not(None),
            Detection.substance_id.is_not(None),
        )
        .order_by(Visit.day, Sample.code)
    )


def _spreads(session: Session, query: Select[*tuple[Any, ...]]) -> list[Spread]:
    groups: dict[tuple[uuid.UUID, str, str], list[Point]] = defaultdict(list)
    for substance_id, unit, expressed_as, *point in session.execute(query):
        groups[substance_id, unit, expressed_as].append(Point(*point))
    wanted = {key[0] for key in groups}
    known = {
        one.id: one for one in session.scalars(select(Substance).where(Substance.id.in_(wanted)))
    }
    found = [
        _spread(known[substance_id], unit, expressed_as, points)
        for (substance_id, unit, expressed_as), points in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.n, one.substance.key, one.unit, one.expressed_as))


def _spread(substance: Substance, unit: str, expressed_as: str, points: Sequence[Point]) -> Spread:
    values = sorted(point.value for point in points)
    told = middle(values)
    return Spread(
        substance=substance,
        unit=unit,
        expressed_as=expressed_as,
        n=len(points),
        low=values[0],
        median=told.median,
        high=values[-1],
        first_seen=points[0].day,
        last_seen=points[-1].day,
        points=tuple(points),
        middle=told,
    )


def found_days(session: Session, product_id: uuid.UUID) -> dict[Substance, list[date]]:
    """Return every substance found in a product with the days of hand-in of its samples."""
    rows: Iterable[Any] = session.execute(
        select(Detection.substance_id, Visit.day)
        .join(Finding, Finding.id == Detection.finding_id)
        .join(ProductSample, ProductSample.current_sample_id == Finding.sample_id)
        .join(Sample, Sample.id == Finding.sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .where(
            ProductSample.product_id == product_id,
            Finding.state == FindingState.RELEASED,
            Detection.kind.in_(POSITIVE),
            Detection.substance_id.is_not(None),
        )
        .order_by(Visit.day)
    )
    days: dict[uuid.UUID, list[date]] = defaultdict(list)
    for substance_id, day in rows:
        days[substance_id].append(day)
    known = session.scalars(select(Substance).where(Substance.id.in_(days)).order_by(Substance.key))
    return {one: days[one.id] for one in known}
