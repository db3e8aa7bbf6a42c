"""Reading the product database: lists, one product with its spread, look-alikes, search by look."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, load_only

from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake.logo_lists import same_words
from lims.intake.logo_words import fold_logo
from lims.intake.records import Sample, Visit
from lims.library.records import Substance
from lims.network.records import Site
from lims.network.rules import Permission
from lims.products.appearance import colour_hexes, find_by_look, search
from lims.products.contents import Point, Spread, found_days, spread
from lims.products.histories import (
    ChangeRow,
    by_number,
    change,
    changes_of,
    family,
    known_as,
    links_between,
    look_alikes_of,
    numbers_of,
    standing,
)
from lims.products.listing import SIZE, ProductRow, rows_of
from lims.products.looks import Tolerance
from lims.products.records import Product, ProductSample, ProductSubstance

__all__ = [
    "SIZE",
    "ChangeRow",
    "FiledSample",
    "Point",
    "ProductFilters",
    "ProductRow",
    "Spread",
    "Tolerance",
    "by_number",
    "change",
    "changes_of",
    "colour_hexes",
    "family",
    "filing_of",
    "find_by_look",
    "found_days",
    "history",
    "known_as",
    "links_between",
    "look_alikes",
    "numbers_of",
    "product",
    "product_of",
    "products",
    "samples_of",
    "search",
    "spread",
    "standing",
]


LISTED = (
    *(Sample.id, Sample.code, Sample.form, Sample.site_id, Sample.laboratory_id, Sample.state),
    *(Sample.length_mm, Sample.width_mm, Sample.thickness_mm, Sample.unit_mass_mg),
)
"""What a list of samples says of each."""


@dataclass(frozen=True)
class ProductFilters:
    """Which products to list."""

    form: str = ""
    colour: str = ""
    logo: str = ""
    substance: str = ""
    danger: str = ""
    number: str = ""


@dataclass(frozen=True)
class FiledSample:
    """A sample filed under a product, with the finding that stands on it."""

    filing: ProductSample
    sample: Sample
    day: date
    area: str
    finding: Finding | None
    detections: tuple[Detection, ...]


def _current(product_id: uuid.UUID) -> Any:
    return (ProductSample.product_id == product_id, ProductSample.current_sample_id.is_not(None))


def products(
    session: Session, actor: Actor, filters: ProductFilters, page: int = 1, size: int = SIZE
) -> tuple[list[ProductRow], int]:
    """Return one page of the products that fit, last seen first, and how many there are."""
    actor.must(Permission.CONSULT)
    if filters.number:
        named = by_number(session, actor, filters.number)
        return (rows_of(session, [standing(session, named)]), 1) if named else ([], 0)
    query = select(Product).where(Product.samples > 0)
    for name in ("form", "colour", "danger"):
        if wanted := getattr(filters, name):
            query = query.where(getattr(Product, name) == wanted)
    if logo := fold_logo(filters.logo):
        alike = Product.logo_folded.in_(same_words(session, filters.logo))
        query = query.where(or_(alike, Product.logo_folded.contains(logo, autoescape=True)))
    if filters.substance:
        known = session.scalar(select(Substance.id).where(Substance.key == filters.substance))
        holding = ProductSubstance.substance_id == known
        query = query.where(Product.id.in_(select(ProductSubstance.product_id).where(holding)))
    counted = query.with_only_columns(func.count(Product.id), maintain_column_froms=True)
    total = session.scalar(counted) or 0
    ordered = query.order_by(Product.last_seen.desc(), Product.number.desc())
    found = session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return rows_of(session, found), total


def product(session: Session, actor: Actor, product_id: uuid.UUID) -> Product:
    """Return a product; raises NotFound."""
    actor.must(Permission.CONSULT)
    found = session.get(Product, product_id)
    if found is None:
        raise NotFound(_("There is no such product."))
    return found


def product_of(session: Session, sample_id: uuid.UUID) -> Product | None:
    """Return the product under which a sample is filed, or None."""
    query = select(Product).join(ProductSample, ProductSample.product_id == Product.id)
    return session.scalar(query.where(ProductSample.current_sample_id == sample_id))


def filing_of(session: Session, sample_id: uuid.UUID) -> ProductSample | None:
    """Return the filing that stands for a sample, or None."""
    query = select(ProductSample).where(ProductSample.current_sample_id == sample_id)
    return session.scalar(query)


def history(session: Session, sample_id: uuid.UUID) -> Sequence[ProductSample]:
    """Return every filing of a sample, newest first."""
    query = select(ProductSample).where(ProductSample.sample_id == sample_id)
    return session.scalars(query.order_by(ProductSample.filed_at.desc())).all()


def samples_of(
    session: Session, product_id: uuid.UUID, page: int = 1, size: int = SIZE
) -> tuple[list[FiledSample], int]:
    """Return one page of the samples of a product, last handed in first, and how many."""
    total = session.scalar(select(func.count(ProductSample.id)).where(*_current(product_id))) or 0
    # Kept apart on purpose: asked in one breath, PostgreSQL walks every visit by day instead.
    held_here = (
        select(ProductSample.id.label("id"))
        .where(*_current(product_id))
        .cte("held_here")
        .prefix_with("MATERIALIZED")
    )
    rows = session.execute(
        select(ProductSample, Sample, Visit.day, Site.area)
        .join(held_here, held_here.c.id == ProductSample.id)
        .join(Sample, Sample.id == ProductSample.current_sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .options(load_only(*LISTED))
        .order_by(Visit.day.desc(), Sample.code)
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    standing, held = _standing(session, [sample.id for _filing, sample, _day, _area in rows])
    return [
        FiledSample(filing, sample, day, area, standing.get(sample.id), tuple(held[sample.id]))
        for filing, sample, day, area in rows
    ], total


def _standing(
    session: Session, sample_ids: Sequence[uuid.UUID]
) -> tuple[dict[uuid.UUID, Finding], dict[uuid.UUID, list[Detection]]]:
    found = session.scalars(
        select(Finding)
        .where(Finding.sample_id.in_(sample_ids), Finding.state == FindingState.RELEASED)
        .options(load_only(Finding.sample_id, Finding.confidence, Finding.danger))
    ).all()
    by_sample = {one.sample_id: one for one in found}
    of_finding = {one.id: one.sample_id for one in found}
    detections = session.scalars(
        select(Detection)
        .where(Detection.finding_id.in_(of_finding))
        .options(joinedload(Detection.substance))
        .order_by(Detection.position)
    )
    held: dict[uuid.UUID, list[Detection]] = defaultdict(list)
    for one in detections:
        held[of_finding[one.finding_id]].append(one)
    return by_sample, held


def look_alikes(session: Session, product_id: uuid.UUID) -> list[ProductRow]:
    """Return the products that are linked as look-alikes and are not of this series."""
    return rows_of(session, look_alikes_of(session, product_id))
