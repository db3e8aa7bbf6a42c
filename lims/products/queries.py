"""Reading the product database: lists, one product with its spread, look-alikes, search by look."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from lims.findings.records import Detection, Finding
from lims.findings.rules import POSITIVE, FindingState
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake.logo_lists import same_words
from lims.intake.logo_words import fold_logo
from lims.intake.records import Sample, Visit
from lims.library.queries import terms
from lims.library.records import Substance
from lims.network.records import Site
from lims.network.rules import Permission
from lims.products import rules
from lims.products.contents import Point, Spread, found_days, spread
from lims.products.records import LookAlike, Product, ProductSample
from lims.products.rules import Likeness, Look

__all__ = [
    "FiledSample",
    "Point",
    "ProductFilters",
    "ProductRow",
    "Spread",
    "colour_hexes",
    "filing_of",
    "find_by_look",
    "found_days",
    "history",
    "look_alikes",
    "product",
    "product_of",
    "products",
    "samples_of",
    "spread",
]

SIZE = 25
MOST_COMPARED = 2000
"""Products whose look is compared one by one; the latest seen go first."""


@dataclass(frozen=True)
class ProductFilters:
    """Which products to list."""

    form: str = ""
    colour: str = ""
    logo: str = ""
    substance: str = ""
    danger: str = ""


@dataclass(frozen=True)
class ProductRow:
    """A product in a list: how many samples, and what was found in them."""

    product: Product
    samples: int
    found: tuple[Substance, ...] = ()
    likeness: Likeness | None = None


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


def _listed() -> Select[Product]:
    """Select products that hold at least one sample."""
    held = select(ProductSample.product_id).where(ProductSample.current_sample_id.is_not(None))
    return select(Product).where(Product.id.in_(held))


def products(
    session: Session, actor: Actor, filters: ProductFilters, page: int = 1, size: int = SIZE
) -> tuple[list[ProductRow], int]:
    """Return one page of the products that fit, last seen first, and how many there are."""
    actor.must(Permission.CONSULT)
    query = _listed()
    for name in ("form", "colour", "danger"):
        if wanted := getattr(filters, name):
            query = query.where(getattr(Product, name) == wanted)
    if logo := fold_logo(filters.logo):
        alike = Product.logo_folded.in_(same_words(session, filters.logo))
        query = query.where(or_(alike, Product.logo_folded.contains(logo, autoescape=True)))
    if filters.substance:
        query = query.where(Product.id.in_(_holding(filters.substance)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(Product.last_seen.desc(), Product.number.desc())
    found = session.scalars(ordered.offset((page - 1) * size).limit(size)).all()
    return _rows(session, found), total


def _holding(key: str) -> Select[uuid.UUID]:
    return (
        select(ProductSample.product_id)
        .join(Finding, Finding.sample_id == ProductSample.current_sample_id)
        .join(Detection, Detection.finding_id == Finding.id)
        .join(Substance, Substance.id == Detection.substance_id)
        .where(Finding.state == FindingState.RELEASED, Substance.key == key)
    )


def _rows(
    session: Session,
    found: Sequence[Product],
    fits: dict[uuid.UUID, Likeness] | None = None,
) -> list[ProductRow]:
    wanted = [one.id for one in found]
    here = ProductSample.product_id.in_(wanted), ProductSample.current_sample_id.is_not(None)
    counting = select(ProductSample.product_id, func.count()).where(*here)
    grouped = session.execute(counting.group_by(ProductSample.product_id))
    counts: dict[uuid.UUID, int] = {product_id: n for product_id, n in grouped}
    held = _substances_in(session, wanted)
    fits = fits or {}
    return [
        ProductRow(one, counts.get(one.id, 0), tuple(held[one.id]), fits.get(one.id))
        for one in found
    ]


def _substances_in(
    session: Session, product_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Substance]]:
    rows = session.execute(
        select(ProductSample.product_id, Substance)
        .join(Finding, Finding.sample_id == ProductSample.current_sample_id)
        .join(Detection, Detection.finding_id == Finding.id)
        .join(Substance, Substance.id == Detection.substance_id)
        .where(
            ProductSample.product_id.in_(product_ids),
            Finding.state == FindingState.RELEASED,
            Detection.kind.in_(POSITIVE),
        )
        .order_by(Substance.key)
    )
    held: dict[uuid.UUID, list[Substance]] = defaultdict(list)
    for product_id, substance in rows.unique():
        if substance not in held[product_id]:
            held[product_id].append(substance)
    return held


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
    rows = session.execute(
        select(ProductSample, Sample, Visit.day, Site.area)
        .join(Sample, Sample.id == ProductSample.current_sample_id)
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .where(*_current(product_id))
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
        select(Finding).where(
            Finding.sample_id.in_(sample_ids), Finding.state == FindingState.RELEASED
        )
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
    links = session.scalars(
        select(LookAlike).where(
            or_(LookAlike.product_a_id == product_id, LookAlike.product_b_id == product_id)
        )
    ).all()
    others = [
        one.product_b_id if one.product_a_id == product_id else one.product_a_id for one in links
    ]
    query = select(Product).where(Product.id.in_(others)).order_by(Product.number)
    return _rows(session, session.scalars(query).all())


def find_by_look(
    session: Session,
    actor: Actor,
    form: str = "",
    colour: str = "",
    logo: str = "",
    shape: str = "",
    page: int = 1,
    size: int = SIZE,
) -> tuple[list[ProductRow], int]:
    """Return one page of the products that look like what is described, best first, and how many.

    The form must be equal; colour counts by distance, logo and shape by likeness of words. Words
    that the list of logos knows for the same mark are the same logo.
    """
    actor.must(Permission.CONSULT)
    wanted = Look(form, colour, logo, shape)
    query = select(Product.id, Product.form, Product.colour, Product.logo_folded, Product.shape)
    if form:
        query = query.where(Product.form == form)
    latest = query.order_by(Product.last_seen.desc()).limit(MOST_COMPARED)
    hexes, meant = colour_hexes(session), same_words(session, logo)
    fits: dict[uuid.UUID, Likeness] = {}
    for product_id, its_form, its_colour, mark, its_shape in session.execute(latest):
        seen = Look(its_form, its_colour, logo if mark in meant else mark, its_shape)
        fit = rules.likeness(wanted, seen, hexes)
        if fit is not None:
            fits[product_id] = fit
    best = sorted(fits, key=lambda one: -fits[one].score)
    shown = best[(page - 1) * size : page * size]
    found = {one.id: one for one in session.scalars(select(Product).where(Product.id.in_(shown)))}
    return _rows(session, [found[one] for one in shown], fits), len(best)


def colour_hexes(session: Session) -> dict[str, str]:
    """Return the sRGB value of every colour of the list."""
    return {one.code: str(one.extra.get("hex", "")) for one in terms(session, "colour")}
