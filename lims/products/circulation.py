"""Products in circulation now: what was handed in during the last weeks, the most dangerous first.

Seen lately means handed in lately. A product that nobody handed in may be sold all the same.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Subquery, case, exists, func, select
from sqlalchemy.orm import Session

from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState, Level
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.intake.records import Sample, Visit
from lims.library.records import Substance
from lims.network.records import Site
from lims.network.rules import Permission
from lims.products.listing import SIZE, ProductRow, rows_of
from lims.products.records import Product, ProductSample

WEEKS = (4, 8, 12, 26, 52)
USUAL_WEEKS = 8


@dataclass(frozen=True)
class Circulating:
    """Which products: seen in so many weeks, of a level, a region, a form."""

    weeks: int = USUAL_WEEKS
    danger: str = ""
    area: str = ""
    form: str = ""

    @property
    def since(self) -> date:
        """Return the first day that counts."""
        return clock.today() - timedelta(weeks=self.weeks)


@dataclass(frozen=True)
class Content:
    """The newest amount of one substance in a product."""

    substance: Substance
    value: Decimal
    unit: str
    expressed_as: str
    day: date


@dataclass(frozen=True)
class Seen:
    """A product with what was handed in of it in these weeks, by region, and newest contents."""

    row: ProductRow
    samples: int
    last_seen: date
    areas: tuple[tuple[str, int], ...]
    contents: tuple[Content, ...]


def circulating(
    session: Session,
    actor: Actor,
    chosen: Circulating,
    page: int = 1,
    size: int = SIZE,
    *,
    shared: bool = False,
) -> tuple[list[Seen], int]:
    """Return one page of the products seen in these weeks, most dangerous and newest first.

    `shared`: only samples count whose person agrees that the data are used again.
    """
    actor.must(Permission.CONSULT)
    query = select(Product).where(Product.samples > 0, Product.last_seen >= chosen.since)
    if chosen.danger:
        query = query.where(Product.danger == chosen.danger)
    if chosen.form:
        query = query.where(Product.form == chosen.form)
    if chosen.area or shared:
        query = query.where(exists(_handed_in(chosen, shared).correlate(Product)))
    counted = query.with_only_columns(func.count(Product.id), maintain_column_froms=True)
    total = session.scalar(counted) or 0
    rank = case({level: place for place, level in enumerate(Level)}, value=Product.danger, else_=0)
    ordered = query.order_by(rank.desc(), Product.last_seen.desc(), Product.number.desc())
    found = session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return _seen(session, found, chosen, shared), total


def regions(session: Session, actor: Actor) -> list[str]:
    """Return the regions of the testing points."""
    actor.must(Permission.CONSULT)
    query = select(Site.area).where(Site.area != "").distinct().order_by(Site.area)
    return list(session.scalars(query))


def _handed_in(chosen: Circulating, shared: bool) -> Select[Any]:
    query = (
        select(ProductSample.id)
        .join(Sample, Sample.id == ProductSample.current_sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .where(ProductSample.product_id == Product.id, *_counting(chosen, shared))
    )
    return query


def _counting(chosen: Circulating, shared: bool) -> list[Any]:
    found: list[Any] = [Visit.day >= chosen.since, Sample.state != "withdrawn"]
    if chosen.area:
        found.append(Site.area == chosen.area)
    if shared:
        found.append(Sample.consent_data.is_(True))
    return found


def _seen(
    session: Session, found: Sequence[Product], chosen: Circulating, shared: bool
) -> list[Seen]:
    ids = [one.id for one in found]
    areas: dict[uuid.UUID, list[tuple[str, int]]] = defaultdict(list)
    last: dict[uuid.UUID, date] = {}
    count = func.count(Sample.id)
    rows = session.execute(
        select(ProductSample.product_id, Site.area, count, func.max(Visit.day))
        .join(Sample, Sample.id == ProductSample.current_sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .where(ProductSample.product_id.in_(ids), *_counting(chosen, shared))
        .group_by(ProductSample.product_id, Site.area)
        .order_by(count.desc(), Site.area)
    )
    for product_id, area, number, day in rows:
        areas[product_id].append((area, number))
        last[product_id] = max(day, last.get(product_id, day))
    contents = _newest(session, ids, chosen, shared)
    return [
        Seen(
            row=row,
            samples=sum(number for _area, number in areas[row.product.id]),
            last_seen=last.get(row.product.id, row.product.last_seen),
            areas=tuple(areas[row.product.id]),
            contents=tuple(contents[row.product.id]),
        )
        for row in rows_of(session, found)
    ]


def _newest(
    session: Session, ids: Sequence[uuid.UUID], chosen: Circulating, shared: bool
) -> dict[uuid.UUID, list[Content]]:
    """Return the newest measured amount of each substance, unit and salt or base, by product."""
    ranked = _ranked(ids, chosen, shared)
    rows = session.execute(
        select(ranked)
        .where(ranked.c.place == 1, ranked.c.substance_id.is_not(None))
        .order_by(ranked.c.day.desc(), ranked.c.substance_id)
    ).all()
    known = _substances(session, {row.substance_id for row in rows})
    held: dict[uuid.UUID, list[Content]] = defaultdict(list)
    for row in rows:
        told = Content(known[row.substance_id], row.value, row.unit, row.expressed_as, row.day)
        held[row.product_id].append(told)
    return held


def _substances(session: Session, wanted: set[uuid.UUID]) -> dict[uuid.UUID, Substance]:
    found = session.scalars(select(Substance).where(Substance.id.in_(wanted)))
    return {one.id: one for one in found}


def _ranked(ids: Sequence[uuid.UUID], chosen: Circulating, shared: bool) -> Subquery:
    what = (Detection.substance_id, Detection.unit, Detection.expressed_as)
    place = func.row_number().over(
        partition_by=(ProductSample.product_id, *what), order_by=(Visit.day.desc(), Sample.code)
    )
    return (
        select(ProductSample.product_id, *what, Detection.value, Visit.day, place.label("place"))
        .join(Finding, Finding.sample_id == ProductSample.current_sample_id)
        .join(Detection, Detection.finding_id == Finding.id)
        .join(Sample, Sample.id == Finding.sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .where(
            ProductSample.product_id.in_(ids),
            Finding.state == FindingState.RELEASED,
            Detection.kind == "measured",
            Detection.value.is_not(None),
            *_counting(chosen, shared),
        )
        .subquery()
    )
