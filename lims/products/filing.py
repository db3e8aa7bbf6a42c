"""What every act on filings shares: locked products, filings ended and begun, figures derived anew.

Nothing of a product is counted up or down: its dates, danger, size, usual measures and substances
are derived from the samples that are filed there, whenever one comes or goes.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from lims.findings.records import Detection, Finding
from lims.findings.rules import POSITIVE, FindingState, highest
from lims.foundation import clock
from lims.foundation.errors import NotFound, Refused, refuse_field
from lims.foundation.numbers import next_number
from lims.foundation.words import _
from lims.intake import screening
from lims.intake.logo_lists import same_words
from lims.intake.logo_words import fold_logo
from lims.intake.records import Sample, Visit
from lims.products import rules
from lims.products.records import LookAlike, Product, ProductSample, ProductSubstance

LONGEST_REASON = 400
MOST_LINKED = 20
"""Look-alikes that the program links to a new product; a person may link more."""
DAY = "a date of birth"
"""What free text is screened for and a reason may hold: the day of an analysis."""


def locked(session: Session, *product_ids: uuid.UUID) -> list[Product]:
    """Return products that nobody else changes until this act is done, in the order asked.

    Locked in one order, so that two acts never wait in a ring. Raises NotFound.
    """
    query = select(Product).where(Product.id.in_(product_ids)).order_by(Product.id)
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    by_id = {one.id: one for one in found}
    if not set(product_ids) <= set(by_id):
        raise NotFound(_("There is no such product."))
    return [by_id[one] for one in product_ids]


def refuse_taken_over(session: Session, product: Product) -> None:
    """Refuse to change a product that another one took over; raises Refused."""
    if product.standing_id is not None:
        number = session.get_one(Product, product.standing_id).number
        told = {"number": product.number, "other": number}
        raise Refused(_("%(number)s was taken over by %(other)s. Go there.", **told))


def reason_of(reason: str) -> str:
    """Return a reason in words; raises Invalid when it is missing, too long, or names somebody."""
    words = reason.strip()
    if not words:
        raise refuse_field("reason", _("Write why."))
    if len(words) > LONGEST_REASON:
        raise refuse_field("reason", _("At most %(n)s characters, please.", n=LONGEST_REASON))
    told = [one for one in screening.persons_in(words) if one.msgid != DAY]
    if told:
        raise refuse_field("reason", _("This looks like %(what)s. Take it out.", what=told))
    return words


def held_by(session: Session, product_id: uuid.UUID) -> Sequence[ProductSample]:
    """Return the filings that stand under a product."""
    query = select(ProductSample).where(
        ProductSample.product_id == product_id, ProductSample.current_sample_id.is_not(None)
    )
    return session.scalars(query.order_by(ProductSample.filed_at, ProductSample.id)).all()


def new_product(session: Session, sample: Sample) -> Product:
    """Make a product that looks like a sample; nothing is filed there yet."""
    day = session.scalars(select(Visit.day).where(Visit.id == sample.visit_id)).one()
    made = Product(
        id=uuid.uuid4(),
        number=next_number(session, Product.number, "P-"),
        form=sample.form,
        colour=sample.colour,
        logo=sample.logo,
        logo_folded=fold_logo(sample.logo),
        logo_back=sample.logo_back,
        logo_back_folded=fold_logo(sample.logo_back),
        shape=sample.shape,
        sold_as_id=sample.sold_as_id,
        first_seen=day,
        last_seen=day,
    )
    session.add(made)
    session.flush()
    return made


def link_same_looks(session: Session, product: Product) -> None:
    """Link a new product to those of the same look that it was not filed under."""
    if not product.logo_folded:
        return
    alike = select(Product).where(
        Product.id != product.id,
        Product.form == product.form,
        Product.colour == product.colour,
        Product.logo_folded.in_(same_words(session, product.logo)),
        Product.standing_id.is_(None),
    )
    newest = alike.order_by(Product.last_seen.desc(), Product.number).limit(MOST_LINKED)
    for other in session.scalars(newest).all():
        link(session, product, other, rules.PROGRAM, "")


def link(session: Session, one: Product, other: Product, by: str, why: str) -> LookAlike:
    """Return the link of two products, made when there is none; one that ended stays ended."""
    first, second = sorted((one.id, other.id), key=str)
    found = session.scalar(
        select(LookAlike).where(LookAlike.product_a_id == first, LookAlike.product_b_id == second)
    )
    if found is None:
        found = LookAlike(id=uuid.uuid4(), product_a_id=first, product_b_id=second, by=by, why=why)
        session.add(found)
        session.flush()
    return found


def file(
    session: Session, sample_id: uuid.UUID, product: Product, by: str, state: str, **more: Any
) -> ProductSample:
    """File a sample under a product; what the product says of itself is derived afterwards."""
    filing = ProductSample(
        id=uuid.uuid4(),
        product_id=product.id,
        sample_id=sample_id,
        current_sample_id=sample_id,
        state=state,
        by=by,
        **more,
    )
    session.add(filing)
    return filing


def end(session: Session, filings: Iterable[ProductSample]) -> None:
    """End filings; they stay readable."""
    for one in filings:
        one.current_sample_id, one.ended_at = None, clock.now()
    session.flush()


def bring_back(session: Session, before: ProductSample, product: Product, by: str) -> ProductSample:
    """File a sample as it was filed before, as if it had never left."""
    kept = {"change_id": before.change_id, "replaces_id": before.replaces_id}
    return file(session, before.sample_id, product, by, before.state, **kept)


def refresh(session: Session, *products: Product) -> None:
    """Derive what products say of themselves from the samples that are filed there now."""
    session.flush()
    for product in products:
        here = (
            ProductSample.product_id == product.id,
            ProductSample.current_sample_id.is_not(None),
        )
        _refresh_look(session, product, here)
        _refresh_danger(session, product, here)
        _refresh_substances(session, product, here)
        product.changed_at = clock.now()
    session.flush()


def _refresh_look(session: Session, product: Product, here: tuple[Any, ...]) -> None:
    measures = (Sample.length_mm, Sample.width_mm, Sample.thickness_mm, Sample.unit_mass_mg)
    rows = session.execute(
        select(Visit.day, Sample.shape, Sample.logo_back, Sample.score_line, *measures)
        .join(Sample, Sample.visit_id == Visit.id)
        .join(ProductSample, ProductSample.current_sample_id == Sample.id)
        .where(*here)
    ).all()
    product.samples = len(rows)
    if not rows:
        return
    days, shapes, backs, lines, lengths, widths, thicknesses, masses = zip(*rows, strict=True)
    product.first_seen, product.last_seen = min(days), max(days)
    product.shape = _commonest(shapes) or ""
    product.logo_back = _commonest(backs) or ""
    product.logo_back_folded = fold_logo(product.logo_back)
    product.score_line = _commonest(one for one in lines if one is not None)
    product.length_mm, product.width_mm = _usual(lengths), _usual(widths)
    product.thickness_mm, product.unit_mass_mg = _usual(thicknesses), _usual(masses)


def _commonest(values: Iterable[Any]) -> Any:
    """Return the most frequent value that says something, the first of equals; else None."""
    counted = Counter(one for one in values if one != "")
    return counted.most_common(1)[0][0] if counted else None


def _usual(values: Iterable[Decimal | None]) -> Decimal | None:
    given = [one for one in values if one is not None]
    return rules.median(given) if given else None


def _refresh_danger(session: Session, product: Product, here: tuple[Any, ...]) -> None:
    dangers = session.scalars(
        select(Finding.danger)
        .join(ProductSample, ProductSample.current_sample_id == Finding.sample_id)
        .where(*here, Finding.state == FindingState.RELEASED)
        .distinct()
    )
    product.danger = highest(dangers)


def _refresh_substances(session: Session, product: Product, here: tuple[Any, ...]) -> None:
    counted = session.execute(
        select(Detection.substance_id, func.count(Finding.sample_id.distinct()))
        .join(Finding, Finding.id == Detection.finding_id)
        .join(ProductSample, ProductSample.current_sample_id == Finding.sample_id)
        .where(
            *here,
            Finding.state == FindingState.RELEASED,
            Detection.kind.in_(POSITIVE),
            Detection.substance_id.is_not(None),
        )
        .group_by(Detection.substance_id)
    ).all()
    session.execute(delete(ProductSubstance).where(ProductSubstance.product_id == product.id))
    rows = [
        {"id": uuid.uuid4(), "product_id": product.id, "substance_id": key, "samples": count}
        for key, count in counted
    ]
    if rows:
        session.execute(insert(ProductSubstance), rows)
