"""Filing samples under products. The program proposes by look; a coordinator confirms or moves.

A filing is never overwritten: moving ends one row and begins another, so that the way of every
sample stays readable and can be undone.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import journal
from lims.findings.operations import FindingReleased
from lims.findings.records import Finding
from lims.findings.rules import FindingState, highest
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field, refuse_stale
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.intake.logo_lists import same_words
from lims.intake.logo_words import fold_logo
from lims.intake.records import Sample, Visit
from lims.network.rules import Permission
from lims.products import queries, rules
from lims.products.records import LookAlike, Product, ProductSample

PROGRAM = "program"
"""Who files when nobody has: shown as such until a person confirms."""


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


@dataclass(frozen=True)
class LinkLookAlikes:
    """Two products that look alike and are not of one series."""

    product_id: uuid.UUID
    other_id: uuid.UUID
    why: str = ""


def file_under_product(session: Session, actor: Actor, happening: FindingReleased) -> None:
    """File a released sample under the product of its look, or under a new one."""
    actor.must(Permission.VERIFY)
    sample = session.get_one(Sample, happening.sample_id)
    standing = queries.filing_of(session, sample.id)
    if standing is not None:
        _refresh(session, session.get_one(Product, standing.product_id))
        return
    product = _of_same_look(session, sample) or _new_product(session, sample)
    filing = _file(session, sample, product, PROGRAM, rules.PROPOSED)
    _note(session, actor, "file under product", filing, product)


def confirm_filing(session: Session, actor: Actor, command: ConfirmFiling) -> ProductSample:
    """Confirm where a sample is filed; raises Refused when it is confirmed already."""
    actor.must(Permission.EDIT_PRODUCTS)
    filing = _standing(session, command.sample_id)
    if filing.state == rules.CONFIRMED:
        raise Refused(_("This filing is confirmed already."))
    filing.state, filing.by = rules.CONFIRMED, actor.account
    product = session.get_one(Product, filing.product_id)
    _note(session, actor, "confirm filing", filing, product)
    return filing


def move_sample(session: Session, actor: Actor, command: MoveSample) -> ProductSample:
    """Move a sample under another product, or under a new one; the old filing stays readable."""
    actor.must(Permission.EDIT_PRODUCTS)
    filing = _standing(session, command.sample_id)
    sample = session.get_one(Sample, command.sample_id)
    old = session.get_one(Product, filing.product_id)
    refuse_stale(old, command.row_version)
    if command.product_id is None:
        product = _new_product(session, sample)
    else:
        product = queries.product(session, actor, command.product_id)
    if product.id == old.id:
        raise refuse_field("product_id", _("The sample is filed there already."))
    moved = _move(session, actor, sample, filing, product)
    _note(session, actor, "move sample", moved, product, away_from=old.number)
    return moved


def undo_move(session: Session, actor: Actor, command: UndoMove) -> ProductSample:
    """Put a sample back where it was filed before; raises Refused when it never moved."""
    actor.must(Permission.EDIT_PRODUCTS)
    filing = _standing(session, command.sample_id)
    ended = [one for one in queries.history(session, command.sample_id) if one.ended_at is not None]
    if not ended:
        raise Refused(_("This sample has not been moved."))
    last = max(ended, key=lambda one: (one.ended_at or one.filed_at, one.filed_at))
    product = session.get_one(Product, last.product_id)
    sample = session.get_one(Sample, command.sample_id)
    moved = _move(session, actor, sample, filing, product)
    _note(session, actor, "undo move", moved, product)
    return moved


def link_look_alikes(session: Session, actor: Actor, command: LinkLookAlikes) -> LookAlike:
    """Link two products that look alike; twice is once."""
    actor.must(Permission.EDIT_PRODUCTS)
    one = queries.product(session, actor, command.product_id)
    other = queries.product(session, actor, command.other_id)
    if one.id == other.id:
        raise refuse_field("other_id", _("Choose another product."))
    link = _link(session, one, other, actor.account, command.why)
    subjects = [("product", one.id), ("product", other.id)]
    journal.record(session, actor, "link look-alikes", subjects, numbers=[one.number, other.number])
    return link


def _of_same_look(session: Session, sample: Sample) -> Product | None:
    """Return the product of the same form, colour, logo and declared substance, last seen first.

    Words that the list of logos knows for the same mark are the same logo. Without a logo nothing
    ties two samples to one series.
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
    return session.scalar(query.order_by(Product.last_seen.desc(), Product.number).limit(1))


def _new_product(session: Session, sample: Sample) -> Product:
    day = _day(session, sample)
    product = Product(
        id=uuid.uuid4(),
        number=next_number(session, Product.number, "P-"),
        form=sample.form,
        colour=sample.colour,
        logo=sample.logo,
        logo_folded=fold_logo(sample.logo),
        shape=sample.shape,
        length_mm=sample.length_mm,
        sold_as_id=sample.sold_as_id,
        first_seen=day,
        last_seen=day,
    )
    session.add(product)
    session.flush()
    _link_same_looks(session, product)
    return product


def _link_same_looks(session: Session, product: Product) -> None:
    """Link a new product to those of the same look that it was not filed under."""
    if not product.logo_folded:
        return
    alike = select(Product).where(
        Product.id != product.id,
        Product.form == product.form,
        Product.colour == product.colour,
        Product.logo_folded.in_(same_words(session, product.logo)),
    )
    for other in session.scalars(alike.limit(20)).all():
        _link(session, product, other, PROGRAM, "")


def _link(session: Session, one: Product, other: Product, by: str, why: str) -> LookAlike:
    first, second = sorted((one.id, other.id), key=str)
    query = select(LookAlike).where(
        LookAlike.product_a_id == first, LookAlike.product_b_id == second
    )
    link = session.scalar(query)
    if link is None:
        link = LookAlike(id=uuid.uuid4(), product_a_id=first, product_b_id=second, by=by, why=why)
        session.add(link)
        session.flush()
    return link


def _day(session: Session, sample: Sample) -> object:
    return session.scalar(select(Visit.day).where(Visit.id == sample.visit_id))


def _standing(session: Session, sample_id: uuid.UUID) -> ProductSample:
    filing = queries.filing_of(session, sample_id)
    if filing is None:
        raise NotFound(_("This sample is not filed under a product."))
    return filing


def _move(
    session: Session, actor: Actor, sample: Sample, filing: ProductSample, product: Product
) -> ProductSample:
    old = session.get_one(Product, filing.product_id)
    filing.current_sample_id, filing.ended_at = None, clock.now()
    session.flush()
    moved = _file(session, sample, product, actor.account, rules.CONFIRMED)
    _refresh(session, old)
    return moved


def _file(session: Session, sample: Sample, product: Product, by: str, state: str) -> ProductSample:
    filing = ProductSample(
        id=uuid.uuid4(),
        product_id=product.id,
        sample_id=sample.id,
        current_sample_id=sample.id,
        state=state,
        by=by,
    )
    session.add(filing)
    session.flush()
    _refresh(session, product)
    return filing


def _refresh(session: Session, product: Product) -> None:
    """Derive first and last hand-in and the highest danger from the samples filed there."""
    here = (
        ProductSample.product_id == product.id,
        ProductSample.current_sample_id.is_not(None),
    )
    days = (
        select(func.min(Visit.day), func.max(Visit.day))
        .join(Sample, Sample.visit_id == Visit.id)
        .join(ProductSample, ProductSample.current_sample_id == Sample.id)
        .where(*here)
    )
    first, last = session.execute(days).one()
    if first is not None:
        product.first_seen, product.last_seen = first, last
    dangers = session.scalars(
        select(Finding.danger)
        .join(ProductSample, ProductSample.current_sample_id == Finding.sample_id)
        .where(*here, Finding.state == FindingState.RELEASED)
        .distinct()
    )
    product.danger = highest(dangers)


def _note(
    session: Session, actor: Actor, act: str, filing: ProductSample, product: Product, **facts: str
) -> None:
    subjects = [("sample", filing.sample_id), ("product", product.id)]
    journal.record(session, actor, act, subjects, product=product.number, **facts)
