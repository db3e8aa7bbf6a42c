"""Reading what was measured and found in the samples of one product."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lims.findings.records import Detection, Finding
from lims.findings.rules import POSITIVE, FindingState
from lims.intake.records import Sample, Visit
from lims.library.records import Substance
from lims.products import rules
from lims.products.records import ProductSample


@dataclass(frozen=True)
class Point:
    """One sample's content."""

    sample_id: uuid.UUID
    code: str
    day: date
    value: Decimal
    uncertainty: Decimal | None


@dataclass(frozen=True)
class Spread:
    """What was measured of one substance in a product, in one unit, expressed in one way."""

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


def spread(session: Session, product_id: uuid.UUID) -> list[Spread]:
    """Return the contents measured in a product, one entry per substance, unit and salt or base."""
    rows = session.execute(
        _detected(product_id)
        .where(Detection.kind == "measured", Detection.value.is_not(None))
        .order_by(Visit.day, Sample.code)
    ).all()
    groups: dict[tuple[str, str, str], list[tuple[Detection, Substance, Sample, date]]] = {}
    for detection, substance, sample, day in rows:
        key = (substance.key, detection.unit, detection.expressed_as)
        groups.setdefault(key, []).append((detection, substance, sample, day))
    found = [_spread(rows) for rows in groups.values()]
    return sorted(found, key=lambda one: (-one.n, one.substance.key, one.unit))


def _detected(product_id: uuid.UUID) -> Select[Detection, Substance, Sample, date]:
    return (
        select(Detection, Substance, Sample, Visit.day)
        .join(Substance, Substance.id == Detection.substance_id)
        .join(Finding, Finding.id == Detection.finding_id)
        .join(ProductSample, ProductSample.current_sample_id == Finding.sample_id)
        .join(Sample, Sample.id == Finding.sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .where(ProductSample.product_id == product_id, Finding.state == FindingState.RELEASED)
    )


def _spread(rows: Sequence[tuple[Detection, Substance, Sample, date]]) -> Spread:
    points = tuple(
        Point(sample.id, sample.code, day, one.value, one.uncertainty)
        for one, _substance, sample, day in rows
        if one.value is not None
    )
    values = [point.value for point in points]
    detection, substance = rows[0][0], rows[0][1]
    return Spread(
        substance=substance,
        unit=detection.unit,
        expressed_as=detection.expressed_as,
        n=len(points),
        low=min(values),
        median=rules.median(values),
        high=max(values),
        first_seen=points[0].day,
        last_seen=points[-1].day,
        points=points,
    )


def found_days(session: Session, product_id: uuid.UUID) -> dict[Substance, list[date]]:
    """Return every substance found in a product with the days of hand-in of its samples."""
    days: dict[Substance, list[date]] = defaultdict(list)
    rows = session.execute(
        _detected(product_id).where(Detection.kind.in_(POSITIVE)).order_by(Visit.day)
    )
    for _detection, substance, _sample, day in rows:
        days[substance].append(day)
    return dict(days)
