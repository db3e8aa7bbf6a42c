"""Two products that are one series, and one product that is two: merged, split off, and undone.

Samples move as they always do: a filing ends and another begins. What goes over with a merging or a
splitting remembers it, so that undoing brings back those samples and no other. A number that was
taken over stays, and leads to the product that has the samples now.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused, refuse_field, refuse_stale
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.network.rules import Permission
from lims.products import filing, queries, rules
from lims.products.records import Product, ProductChange, ProductSample


@dataclass(frozen=True)
class MergeProducts:
    """All samples of the first product go over to the second, which takes its place."""

    product_id: uuid.UUID
    into_id: uuid.UUID
    reason: str
    row_version: int | None = None


@dataclass(frozen=True)
class SplitProduct:
    """Chosen samples of a product become a product of their own."""

    product_id: uuid.UUID
    sample_ids: tuple[uuid.UUID, ...]
    reason: str
    row_version: int | None = None


@dataclass(frozen=True)
class UndoChange:
    """A merging or splitting was wrong: what went over goes back."""

    change_id: uuid.UUID
    reason: str


def merge_products(session: Session, actor: Actor, command: MergeProducts) -> ProductChange:
    """Let one product take over another: all its samples, and its number.

    Raises Invalid without a reason or for the same product twice, Refused when either was taken
    over already, Stale when the one that is taken over changed meanwhile.
    """
    actor.must(Permission.EDIT_PRODUCTS)
    reason = filing.reason_of(command.reason)
    if command.product_id == command.into_id:
        raise refuse_field("into_id", _("Choose another product."))
    gone, into = filing.locked(session, command.product_id, command.into_id)
    refuse_stale(gone, command.row_version)
    for each in (gone, into):
        filing.refuse_taken_over(session, each)
    if gone.form != into.form:
        raise refuse_field("into_id", _("Another form is never the same series."))
    moving = filing.held_by(session, gone.id)
    change = _begun(session, actor, rules.MERGE, gone, into, len(moving), reason)
    _carry(session, actor, moving, into, change)
    gone.merged_into_id = into.id
    for one in queries.family(session, gone.id):
        one.standing_id = into.id
    gone.standing_id = into.id
    filing.refresh(session, gone, into)
    _note(session, actor, "merge products", change, (gone, into))
    return change


def split_product(session: Session, actor: Actor, command: SplitProduct) -> ProductChange:
    """Take chosen samples out of a product and file them under a new one, linked as a look-alike.

    Raises Invalid without a reason, without a sample, for all samples or for one that is filed
    elsewhere; Refused for a product that was taken over, Stale when it changed meanwhile.
    """
    actor.must(Permission.EDIT_PRODUCTS)
    reason = filing.reason_of(command.reason)
    (old,) = filing.locked(session, command.product_id)
    refuse_stale(old, command.row_version)
    filing.refuse_taken_over(session, old)
    chosen = _chosen(filing.held_by(session, old.id), frozenset(command.sample_ids))
    new = filing.new_product(session, session.get_one(Sample, chosen[0].sample_id))
    change = _begun(session, actor, rules.SPLIT, old, new, len(chosen), reason)
    _carry(session, actor, chosen, new, change)
    filing.link(session, old, new, actor.account, reason[:200])
    filing.refresh(session, old, new)
    _note(session, actor, "split product", change, (old, new))
    return change


def undo_change(session: Session, actor: Actor, command: UndoChange) -> ProductChange:
    """Bring back what a merging or splitting took over and still stands there, and the number.

    Samples that went on elsewhere meanwhile stay where they are. Raises Refused when it is undone
    already, or when a product of it has been taken over since: the later change is undone first.
    """
    actor.must(Permission.EDIT_PRODUCTS)
    reason = filing.reason_of(command.reason)
    change = queries.change(session, actor, command.change_id)
    origin, there = filing.locked(session, change.product_id, change.other_id)
    session.refresh(change, with_for_update=True)
    _refuse_undoing(session, change, origin, there)
    back = [one for one in filing.held_by(session, there.id) if one.change_id == change.id]
    before = _replaced(session, back)
    filing.end(session, back)
    for one in before:
        filing.bring_back(session, one, origin, actor.account)
    change.undone_at, change.undone_by = clock.now(), actor.account
    change.undone_why = reason
    if change.kind == rules.MERGE:
        _stand_again(session, origin)
    filing.refresh(session, origin, there)
    if change.kind == rules.SPLIT and not there.samples:
        there.merged_into_id = there.standing_id = origin.id
        for over in queries.family(session, there.id):
            over.standing_id = origin.id
    _note(session, actor, "undo change of products", change, (origin, there))
    return change


def _begun(
    session: Session,
    actor: Actor,
    kind: str,
    product: Product,
    other: Product,
    samples: int,
    reason: str,
) -> ProductChange:
    change = ProductChange(
        id=uuid.uuid4(),
        kind=kind,
        product_id=product.id,
        other_id=other.id,
        samples=samples,
        reason=reason,
        by=actor.account,
    )
    session.add(change)
    session.flush()
    return change


def _carry(
    session: Session,
    actor: Actor,
    moving: Sequence[ProductSample],
    product: Product,
    change: ProductChange,
) -> None:
    """End filings and begin them under another product, confirmed: a person looked."""
    filing.end(session, moving)
    for one in moving:
        kept = {"change_id": change.id, "replaces_id": one.id}
        filing.file(session, one.sample_id, product, actor.account, rules.CONFIRMED, **kept)


def _chosen(
    held: Sequence[ProductSample], sample_ids: frozenset[uuid.UUID]
) -> Sequence[ProductSample]:
    if not sample_ids:
        raise refuse_field("sample_ids", _("Choose the samples that are another series."))
    found = [one for one in held if one.sample_id in sample_ids]
    if len(found) != len(sample_ids):
        raise refuse_field("sample_ids", _("A chosen sample is not filed here any more."))
    if len(found) == len(held):
        raise refuse_field("sample_ids", _("Leave at least one sample here."))
    return found


def _refuse_undoing(
    session: Session, change: ProductChange, origin: Product, there: Product
) -> None:
    if change.undone_at is not None:
        raise Refused(_("This is undone already."))
    if there.standing_id is not None:
        told = {"number": there.number, "other": queries.standing(session, there).number}
        raise Refused(_("%(number)s was taken over by %(other)s since. Undo that first.", **told))
    if change.kind == rules.SPLIT and origin.standing_id is not None:
        told = {"number": origin.number, "other": queries.standing(session, origin).number}
        raise Refused(_("%(number)s was taken over by %(other)s since. Undo that first.", **told))


def _replaced(session: Session, back: Sequence[ProductSample]) -> Sequence[ProductSample]:
    wanted = [one.replaces_id for one in back]
    found = session.scalars(select(ProductSample).where(ProductSample.id.in_(wanted))).all()
    if len(found) != len(back):
        raise NotFound(_("There is no such filing."))
    return found


def _stand_again(session: Session, product: Product) -> None:
    """Let a product stand for itself again, with all that it had taken over before."""
    family = {one.id: one for one in queries.family(session, product.standing_id)}
    product.merged_into_id = product.standing_id = None
    beneath = [product.id]
    for over in beneath:
        for one in family.values():
            if one.merged_into_id == over:
                one.standing_id = product.id
                beneath.append(one.id)
    session.flush()


def _note(
    session: Session,
    actor: Actor,
    act: str,
    change: ProductChange,
    products: tuple[Product, Product],
) -> None:
    subjects = [("product", one.id) for one in products]
    subjects.append(("product_change", change.id))
    went = select(ProductSample.sample_id).where(ProductSample.change_id == change.id)
    subjects += [("sample", one) for one in session.scalars(went.distinct())]
    numbers = [one.number for one in products]
    reason = change.undone_why or change.reason
    journal.record(session, actor, act, subjects, numbers=numbers, reason=reason)
