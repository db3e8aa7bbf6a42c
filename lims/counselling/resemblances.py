"""Products that look alike, with what was found in them: spread, count and dates, never one number.

It tells what others brought. It never tells what is in somebody's own: the page says so each time.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lims.findings.amounts import expressed, plain, unit_words
from lims.findings.danger import rules_on
from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.words import say
from lims.intake.records import Sample, Visit
from lims.library.queries import term_label
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.products.queries import ProductFilters, find_by_look, found_days, products, spread
from lims.products.records import Product, ProductSample
from lims.products.shown import drawn_content, others_beside

SIZE = 20
FOUND = ("measured", "found", "below-loq")
FEWEST_DOTS = 3
"""Fewer tablets are told in words: two dots look like a range."""


@dataclass(frozen=True)
class Look:
    """What one sees."""

    form: str = ""
    colour: str = ""
    logo: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Spread:
    """One substance over the samples of a product: in how many, and the measured amounts."""

    name: str
    found_in: int
    measured: int = 0
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    expressed_as: str = ""


@dataclass(frozen=True)
class LikeProduct:
    """A product as one sees it, with what was found in its samples."""

    id: uuid.UUID
    number: str
    form: str
    form_words: str
    colour: str
    colour_words: str
    logo: str
    shape: str
    danger: str
    samples: int
    first_seen: date
    last_seen: date
    spreads: tuple[Spread, ...] = ()
    plot: str = ""


@dataclass(frozen=True)
class LikeProducts:
    """One page of the products that look alike, last seen first."""

    rows: tuple[LikeProduct, ...]
    total: int
    page: int
    size: int = SIZE
    look: Look = field(default_factory=Look)


def products_like(
    session: Session, actor: Actor, look: Look, language: str, page: int = 1
) -> LikeProducts:
    """Return one page of the products that look like it, best first; nothing given lists all."""
    actor.must(Permission.CONSULT)
    seen = (look.form, look.colour, look.logo, look.shape)
    if any(seen):
        rows, total = find_by_look(session, actor, *seen, page=page, size=SIZE)
    else:
        rows, total = products(session, actor, ProductFilters(), page, SIZE)
    found = [row.product for row in rows]
    return LikeProducts(tuple(_described(session, found, language)), total, page, look=look)


def likeness(session: Session, product_id: uuid.UUID | None, language: str) -> LikeProduct | None:
    """Return the product under which a sample is filed, with all that was found, and its plot."""
    found = session.get(Product, product_id) if product_id is not None else None
    if found is None:
        return None
    told = _described(session, [found], language)[0]
    measured = spread(session, found.id)
    if not measured or measured[0].n < FEWEST_DOTS:
        return told
    others = others_beside(found_days(session, found.id), measured[0])
    judging = rules_on(session, clock.today())
    drawn = drawn_content(judging, found.form, measured[0], others, language)
    return replace(told, plot=str(drawn["narrow"]))


def _described(session: Session, products: Sequence[Product], language: str) -> list[LikeProduct]:
    ids = [product.id for product in products]
    counted = {row[0]: row[1:] for row in session.execute(counts_of(ids))}
    spreads: dict[uuid.UUID, list[Spread]] = {}
    for row in session.execute(contents_of(ids)):
        spreads.setdefault(row.product_id, []).append(_spread(row, language))
    told = []
    for one in products:
        count, first, last = counted.get(one.id, (0, one.first_seen, one.last_seen))
        told.append(
            LikeProduct(
                id=one.id,
                number=one.number,
                form=one.form,
                form_words=term_label(session, "dosage_form", one.form, language),
                colour=one.colour,
                colour_words=term_label(session, "colour", one.colour, language),
                logo=one.logo,
                shape=one.shape,
                danger=one.danger,
                samples=count,
                first_seen=first,
                last_seen=last,
                spreads=tuple(spreads.get(one.id, ())),
            )
        )
    return told


def counts_of(ids: Sequence[uuid.UUID]) -> Select[Any]:
    """Count the samples with a released finding under each product, with first and last day."""
    return (
        _released(
            select(
                ProductSample.product_id,
                func.count(Sample.id.distinct()),
                func.min(Visit.day),
                func.max(Visit.day),
            ),
            ids,
        )
        .join(Visit, Visit.id == Sample.visit_id)
        .group_by(ProductSample.product_id)
    )


def contents_of(ids: Sequence[uuid.UUID]) -> Select[Any]:
    """Give each substance of each product: in how many samples, lowest and highest measured."""
    which = (
        ProductSample.product_id,
        Substance.name_fr,
        Substance.name_nl,
        Substance.name_en,
        Detection.label,
        Detection.unit,
        Detection.expressed_as,
    )
    found_in = func.count(Sample.id.distinct())
    figures = (
        found_in.label("found_in"),
        func.count(Detection.value).label("measured"),
        func.min(Detection.value).label("low"),
        func.max(Detection.value).label("high"),
    )
    return (
        _released(select(*which, *figures), ids)
        .join(Detection, Detection.finding_id == Finding.id)
        .outerjoin(Substance, Substance.id == Detection.substance_id)
        .where(Detection.kind.in_(FOUND))
        .group_by(*which)
        .order_by(found_in.desc(), Substance.name_en, Detection.unit)
    )


def _released(query: Any, ids: Sequence[uuid.UUID]) -> Select[Any]:
    joined = (
        query.select_from(ProductSample)
        .join(Sample, Sample.id == ProductSample.current_sample_id)
        .join(Finding, Finding.sample_id == Sample.id)
        .where(ProductSample.product_id.in_(ids), Finding.state == FindingState.RELEASED)
    )
    return cast("Select[Any]", joined)


def _spread(row: Any, language: str) -> Spread:
    name = getattr(row, f"name_{language}", None) or row.label
    if not row.measured:
        return Spread(name, row.found_in)
    return Spread(
        name=name,
        found_in=row.found_in,
        measured=row.measured,
        low=plain(row.low),
        high=plain(row.high),
        unit=say(unit_words(row.unit), language),
        expressed_as=say(expressed(row.expressed_as or None), language),
    )
