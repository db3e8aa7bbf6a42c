"""Filing samples under products. The program proposes by look; a coordinator confirms or moves.

A filing is never overwritten: moving ends one row and begins another, so that the way of every
sample stays readable and can be undone.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.findings.operations import FindingReleased
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.intake.logo_lists import same_words
from lims.intake.records import Sample
from lims.network.rules import Permission
from lims.products import filing, queries, rules
from lims.products.linking import LinkLookAlikes, link_look_alikes
from lims.products.records import Product, ProductSample

__all__ = [
    "ConfirmFiling",
    "LinkLookAlikes",
    "MoveSample",
    "UndoMove",
    "confirm_filing",
    "file_under_product",
    "link_look_alikes",
    "move_sample",
    "undo_move",
]

PROGRAM = rules.PROGRAM


@dataclass(frozen=True)
class ConfirmFiling:
    """A person agrees with where a sample is filed."""

    sample_id: uuid.UUID


@dataclass(frozen=True)
class MoveSample:
    """A sample goes under another product; without one, under a new product of its own."""

    sample_id: uuid.UUID
    product_id: uuid.UUID | None = None
    row_version: int | None = None


@dataclass(frozen=True)
class UndoMove:
    """A sample goes back to the product under which it was before."""

    sample_id: uuid.UUID


def file_under_product(session: Session, actor: Actor, happening: FindingReleased) -> None:
    """File a released sample under the product of its look, or under a new one."""
    actor.must(Permission.VERIFY)
    sample = session.get_one(Sample, happening.sample_id)
    standing = queries.filing_of(session, sample.id)
    if standing is not None:
        filing.refresh(session, session.get_one(Product, standing.product_id))
        return
    product = _of_same_look(session, sample)
    if product is None:
        product = filing.new_product(session, sample)
        filing.link_same_looks(session, product)
    filed = filing.file(session, sample.id, product, PROGRAM, rules.PROPOSED)
    filing.refresh(session, product)
    _note(session, actor, "file under product", filed, product)


def confirm_filing(session: Session, actor: Actor, command: ConfirmFiling) -> ProductSample:
    """Confirm where a sample is filed; raises Refused when it is confirmed already."""
    actor.must(Permission.EDIT_PRODUCTS)
    found = _standing(session, command.sample_id)
    if found.state == rules.CONFIRMED:
        raise Refused(_("This filing is confirmed already."))
    found.state, found.by = rules.CONFIRMED, actor.account
    product = session.get_one(Product, found.product_id)
    _note(session, actor, "confirm filing", found, product)
    return found


def move_sample(session: Session, actor: Actor, command: MoveSample) -> ProductSample:
    """Move a sample under another product, or under a new one; the old filing stays readable."""
    actor.must(Permission.EDIT_PRODUCTS)
    found = _standing(session, command.sample_id)
    if command.product_id is None:
        (old,) = filing.locked(session, found.product_id)
        refuse_stale(old, command.row_version)
        product = filing.new_product(session, session.get_one(Sample, command.sample_id))
        filing.link_same_looks(session, product)
    else:
        old, product = filing.locked(session, found.product_id, command.product_id)
        refuse_stale(old, command.row_version)
        filing.refuse_taken_over(session, product)
    if product.id == old.id:
        raise refuse_field("product_id", _("The sample is filed there already."))
    filing.end(session, [found])
    more = {"replaces_id": found.id}
    moved = filing.file(session, found.sample_id, product, actor.account, rules.CONFIRMED, **more)
    filing.refresh(session, old, product)
    _note(session, actor, "move sample", moved, product, away_from=old.number)
    return moved


def undo_move(session: Session, actor: Actor, command: UndoMove) -> ProductSample:
    """Put a sample back where it was filed before; raises Refused when it never moved."""
    actor.must(Permission.EDIT_PRODUCTS)
    found = _standing(session, command.sample_id)
    ended = [one for one in queries.history(session, command.sample_id) if one.ended_at is not None]
    if not ended:
        raise Refused(_("This sample has not been moved."))
    last = max(ended, key=lambda one: (one.ended_at or one.filed_at, one.filed_at))
    left, before = filing.locked(session, found.product_id, last.product_id)
    product = queries.standing(session, before)
    if product.id == left.id:
        raise Refused(_("The sample is filed there already."))
    filing.end(session, [found])
    if product.id == before.id:
        moved = filing.bring_back(session, last, product, actor.account)
        moved.state = rules.CONFIRMED
    else:
        moved = filing.file(session, found.sample_id, product, actor.account, rules.CONFIRMED)
    filing.refresh(session, left, product)
    _note(session, actor, "undo move", moved, product)
    return moved


def _of_same_look(session: Session, sample: Sample) -> Product | None:
    """Return the product of the same form, colour, logo and declared substance, last seen first.

    Words that the list of logos knows for the same mark are the same logo. Without a logo nothing
    ties two samples to one series. A product that was taken over leads to the one that did.
    """
    meant = same_words(session, sample.logo, sample.logo_id)
    if not meant:
        return None
    query = select(Product).where(
        Product.form == sample.form,
        Product.colour == sample.colour,
        Product.logo_folded.in_(meant),
        Product.sold_as_id == sample.sold_as_id
        if sample.sold_as_id
        else Product.sold_as_id.is_(None),
    )
    found = session.scalar(query.order_by(Product.last_seen.desc(), Product.number).limit(1))
    return None if found is None else queries.standing(session, found)


def _standing(session: Session, sample_id: uuid.UUID) -> ProductSample:
    filing = queries.filing_of(session, sample_id)
    if filing is None:
        raise NotFound(_("This sample is not filed under a product."))
    return filing


def _note(
    session: Session, actor: Actor, act: str, filing: ProductSample, product: Product, **facts: str
) -> None:
    subjects = [("sample", filing.sample_id), ("product", product.id)]
    journal.record(session, actor, act, subjects, product=product.number, **facts)
