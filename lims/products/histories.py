"""Reading what became of products: who took over whom, what was split off, what looks alike."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.products.records import LookAlike, Product, ProductChange

MOST_SHOWN = 50


@dataclass(frozen=True)
class ChangeRow:
    """A merging or splitting with the numbers of its two products."""

    change: ProductChange
    product: str
    other: str


def standing(session: Session, product: Product) -> Product:
    """Return the product that stands for one now: itself, or the last that took it over."""
    if product.standing_id is None:
        return product
    return session.get_one(Product, product.standing_id)


def family(session: Session, product_id: uuid.UUID | None) -> Sequence[Product]:
    """Return the products that one stands for, without itself."""
    if product_id is None:
        return ()
    return session.scalars(select(Product).where(Product.standing_id == product_id)).all()


def numbers_of(session: Session, product_id: uuid.UUID) -> list[str]:
    """Return the numbers that a product took over, in their order."""
    query = select(Product.number).where(Product.standing_id == product_id)
    return list(session.scalars(query.order_by(Product.number)))


def known_as(product_id: uuid.UUID) -> Select[uuid.UUID]:
    """Select every product that is the same series now as one: what it took over, or was.

    For whatever was written about a product under a number that has been taken over since.
    """
    stands = func.coalesce(Product.standing_id, Product.id)
    mine = select(stands).where(Product.id == product_id).scalar_subquery()
    return select(Product.id).where(or_(Product.id == mine, Product.standing_id == mine))


def change(session: Session, actor: Actor, change_id: uuid.UUID) -> ProductChange:
    """Return a merging or splitting; raises NotFound."""
    actor.must(Permission.CONSULT)
    found = session.get(ProductChange, change_id)
    if found is None:
        raise NotFound(_("There is no such change of products."))
    return found


def changes_of(session: Session, product_id: uuid.UUID, limit: int = MOST_SHOWN) -> list[ChangeRow]:
    """Return the mergings and splittings of a product and of those it took over, newest first."""
    mine = select(Product.id).where(
        or_(Product.id == product_id, Product.standing_id == product_id)
    )
    one, other = aliased(Product), aliased(Product)
    query = (
        select(ProductChange, one.number, other.number)
        .join(one, one.id == ProductChange.product_id)
        .join(other, other.id == ProductChange.other_id)
        .where(or_(ProductChange.product_id.in_(mine), ProductChange.other_id.in_(mine)))
        .order_by(ProductChange.at.desc(), ProductChange.id)
        .limit(limit)
    )
    return [ChangeRow(*row) for row in session.execute(query)]


def by_number(session: Session, actor: Actor, number: str) -> Product | None:
    """Return the product of a number as people write it, such as p-12 for P-0012, or None."""
    actor.must(Permission.CONSULT)
    letters, _dash, digits = number.strip().upper().rpartition("-")
    if letters not in ("", "P") or not digits.isascii() or not digits.isdigit():
        return None
    written = f"P-{int(digits[:18]):04d}"
    return session.scalar(select(Product).where(Product.number == written))


def look_alikes_of(session: Session, product_id: uuid.UUID) -> list[Product]:
    """Return the products linked as look-alikes to one or to what it took over, by number.

    A link to a product that was taken over leads to the one that stands for it.
    """
    mine = select(Product.id).where(
        or_(Product.id == product_id, Product.standing_id == product_id)
    )
    linked = LookAlike.ended_at.is_(None)
    ends = (
        select(LookAlike.product_b_id)
        .where(LookAlike.product_a_id.in_(mine), linked)
        .union(select(LookAlike.product_a_id).where(LookAlike.product_b_id.in_(mine), linked))
    )
    stands = select(func.coalesce(Product.standing_id, Product.id)).where(Product.id.in_(ends))
    query = select(Product).where(Product.id.in_(stands), Product.id != product_id)
    return list(session.scalars(query.order_by(Product.number)))


def links_between(session: Session, one_id: uuid.UUID, other_id: uuid.UUID) -> Sequence[LookAlike]:
    """Return the links that stand between two products, or between what they took over."""

    def family_of(product_id: uuid.UUID) -> Select[uuid.UUID]:
        return select(Product.id).where(
            or_(Product.id == product_id, Product.standing_id == product_id)
        )

    a, b = LookAlike.product_a_id, LookAlike.product_b_id
    between = or_(
        and_(a.in_(family_of(one_id)), b.in_(family_of(other_id))),
        and_(b.in_(family_of(one_id)), a.in_(family_of(other_id))),
    )
    query = select(LookAlike).where(between, LookAlike.ended_at.is_(None))
    return session.scalars(query.order_by(LookAlike.at)).all()
