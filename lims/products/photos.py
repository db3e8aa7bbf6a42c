"""Photos of products: the front and back of their samples, for everybody who consults products.

A photo of a packaging is never among them, nor one whose person does not agree to it: what stands
on a table or a bag may say more than a tablet does. The sample that it belongs to is not named.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake.photo_records import SamplePhoto
from lims.intake.records import Sample
from lims.network.rules import Permission
from lims.products.records import ProductSample

SIDES = ("front", "back")
MOST_EACH = 6


def _photos() -> Select[Any]:
    return (
        select(SamplePhoto)
        .join(Sample, Sample.id == SamplePhoto.sample_id)
        .join(ProductSample, ProductSample.current_sample_id == Sample.id)
        .where(
            SamplePhoto.side.in_(SIDES),
            Sample.consent_photo.is_(True),
            Sample.state != "withdrawn",
        )
    )


def photos_of(
    session: Session, product_ids: Sequence[uuid.UUID], most: int = MOST_EACH
) -> dict[uuid.UUID, list[SamplePhoto]]:
    """Return the newest photos of each product, fronts and backs in turn."""
    if not product_ids:
        return {}
    place = func.row_number().over(
        partition_by=(ProductSample.product_id, SamplePhoto.side),
        order_by=(SamplePhoto.kept_at.desc(), SamplePhoto.id),
    )
    ranked = (
        _photos()
        .with_only_columns(
            SamplePhoto.id, ProductSample.product_id, place.label("place"), SamplePhoto.side
        )
        .where(ProductSample.product_id.in_(product_ids))
        .subquery()
    )
    rows = session.execute(
        select(SamplePhoto, ranked.c.product_id)
        .join(ranked, ranked.c.id == SamplePhoto.id)
        .where(ranked.c.place * 2 <= most + 1)
        .order_by(ranked.c.place, ranked.c.side.desc())
    )
    held: dict[uuid.UUID, list[SamplePhoto]] = defaultdict(list)
    for photo, product_id in rows:
        held[product_id].append(photo)
    return {key: found[:most] for key, found in held.items()}


def photo(
    session: Session, actor: Actor, product_id: uuid.UUID, photo_id: uuid.UUID
) -> SamplePhoto:
    """Return a photo of a product; raises NotFound for any other photo."""
    actor.must(Permission.CONSULT)
    query = _photos().where(SamplePhoto.id == photo_id, ProductSample.product_id == product_id)
    found: SamplePhoto | None = session.scalar(query)
    if found is None:
        raise NotFound(_("There is no such photo."))
    return found
