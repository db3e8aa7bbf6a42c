"""Products as they are listed: each with how many samples it holds and what was found in them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.library.records import Substance
from lims.products.looks import Likeness
from lims.products.records import Product, ProductSubstance

SIZE = 25


@dataclass(frozen=True)
class ProductRow:
    """A product in a list: how many samples, and what was found in them."""

    product: Product
    samples: int
    found: tuple[Substance, ...] = ()
    likeness: Likeness | None = None


def rows_of(
    session: Session,
    found: Sequence[Product],
    fits: Mapping[uuid.UUID, Likeness] | None = None,
) -> list[ProductRow]:
    """Return products as they are listed, what was found most often first."""
    held = _substances_in(session, [one.id for one in found])
    fits = fits or {}
    return [ProductRow(one, one.samples, tuple(held[one.id]), fits.get(one.id)) for one in found]


def _substances_in(
    session: Session, product_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[Substance]]:
    rows = session.execute(
        select(ProductSubstance.product_id, ProductSubstance.substance_id)
        .where(ProductSubstance.product_id.in_(product_ids))
        .order_by(ProductSubstance.samples.desc(), ProductSubstance.substance_id)
    ).all()
    wanted = {substance_id for _product_id, substance_id in rows}
    known = {
        one.id: one for one in session.scalars(select(Substance).where(Substance.id.in_(wanted)))
    }
    held: dict[uuid.UUID, list[Substance]] = defaultdict(list)
    for product_id, substance_id in rows:
        held[product_id].append(known[substance_id])
    return held
