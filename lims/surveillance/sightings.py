"""Reading what was seen before: of a substance, of a scope, of a look, and who reported what."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from lims.foundation import clock
from lims.intake.logo_words import fold_logo
from lims.intake.records import Sample
from lims.library.records import Substance, VocabularyTerm
from lims.products.records import LookAlike, Product, ProductSample
from lims.surveillance.arrivals import ACTIVE
from lims.surveillance.effects import Look, is_bad, look_of
from lims.surveillance.first_seen import Looked
from lims.surveillance.observed import Observation as O
from lims.surveillance.records import Signal
from lims.surveillance.report_records import HumanReport
from lims.surveillance.rules import SignalSource, SignalState


@dataclass(frozen=True)
class Seen:
    """When a substance was last seen in one region and one product line."""

    substance: uuid.UUID
    region: str
    declared: uuid.UUID | None
    last: date


def seen_before(session: Session, origin: str, substances: Collection[uuid.UUID]) -> list[Seen]:
    """Return when each substance was last seen, by region and product line."""
    groups = (O.counted_as_id, O.region, O.declared_id)
    query = (
        select(*groups, func.max(O.analysed_on))
        .where(O.counts, O.origin == origin, O.counted_as_id.in_(substances))
        .group_by(*groups)
    )
    return [
        Seen(row[0], row[1], row[2], row[3]) for row in session.execute(query) if row[0] is not None
    ]


def isomers_of(
    session: Session, substances: Collection[uuid.UUID]
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return for each substance the others of the same formula and class."""
    rows = session.execute(select(Substance.id, Substance.formula, Substance.chemical_class)).all()
    kind = {row[0]: (row[1], row[2]) for row in rows if row[1]}
    alike: dict[tuple[str, str], set[uuid.UUID]] = {}
    for one, same in kind.items():
        alike.setdefault(same, set()).add(one)
    return {one: alike.get(kind.get(one, ("", "")), set()) - {one} for one in substances}


NOTABLE = ("psychoactive", "adulterant")
"""Usual roles of substances whose first sighting is news; a new sugar is not."""


def notable(session: Session, substances: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of some substances that act on people."""
    query = select(Substance.id).where(Substance.id.in_(substances), Substance.role.in_(NOTABLE))
    return set(session.scalars(query))


def looked_at(
    session: Session, origin: str, region: str | None, declared: uuid.UUID | None, enough: int
) -> Looked:
    """Return since when a scope is counted, and how many samples it holds, up to enough."""
    scope = [O.counts, O.counted_as_id.is_(None), O.origin == origin]
    scope += [O.region == region] if region is not None else []
    scope += [O.declared_id == declared] if declared is not None else []
    part = select(O.id).where(*scope).limit(enough).subquery()
    number = session.scalar(select(func.count()).select_from(part)) or 0
    first = session.scalar(select(func.min(O.week)).where(*scope)) if number else None
    return Looked(first, number)


def contents_of_look(
    session: Session, product_id: uuid.UUID, other_than: uuid.UUID, since: date
) -> list[list[str]]:
    """Return the active substances (keys) of earlier samples of a product and its look-alikes."""
    pairs = session.execute(
        select(LookAlike.product_a_id, LookAlike.product_b_id).where(
            or_(LookAlike.product_a_id == product_id, LookAlike.product_b_id == product_id)
        )
    )
    alike = {product_id, *(one for pair in pairs for one in pair)}
    query = (
        select(O.sample_id, Substance.key)
        .join(ProductSample, ProductSample.current_sample_id == O.sample_id)
        .join(Substance, Substance.id == O.counted_as_id)
        .where(
            ProductSample.product_id.in_(alike),
            O.sample_id != other_than,
            O.counts,
            O.role.in_(ACTIVE),
            O.analysed_on >= since,
        )
        .order_by(O.analysed_on, O.sample_id, Substance.key)
    )
    found: dict[uuid.UUID, list[str]] = {}
    for sample_id, key in session.execute(query):
        if sample_id is not None:
            found.setdefault(sample_id, []).append(key)
    return list(found.values())


def keys_of(session: Session, ids: Sequence[uuid.UUID]) -> list[str]:
    """Return the keys of substances, in order."""
    query = select(Substance.key).where(Substance.id.in_(ids))
    return list(session.scalars(query.order_by(Substance.key)))


def adverse_effects(session: Session) -> frozenset[str]:
    """Return the codes of the vocabulary of effects that are bad ones."""
    terms = session.scalars(select(VocabularyTerm).where(VocabularyTerm.list_name == "effect"))
    return frozenset(one.code for one in terms if one.extra.get("group") == "adverse")


def look_of_sample(sample: Sample) -> Look:
    """Return what ties a sample to others before it has a product."""
    return look_of(sample.form, sample.colour, fold_logo(sample.logo), sample.sold_as)


def look_of_product(session: Session, product: Product) -> Look:
    """Return the look of a product, as that of its samples."""
    sold = session.get(Substance, product.sold_as_id) if product.sold_as_id else None
    return look_of(product.form, product.colour, product.logo_folded, sold.name_en if sold else "")


@dataclass(frozen=True)
class Report:
    """A bad effect that somebody told: a signal by hand, or an answer at the table."""

    day: date
    what: str
    sample_id: uuid.UUID | None
    product_id: uuid.UUID | None


def reports_of_look(session: Session, look: Look, days: int) -> list[Report]:
    """Return the bad effects that were reported of a look within some days, oldest first."""
    since = clock.now() - timedelta(days=days)
    recent = (Signal.opened_at > since, Signal.state != SignalState.DISCARDED)
    told = [
        Report(signal.opened_at.date(), signal.number, signal.sample_id, signal.product_id)
        for signal, report in _told_by_hand(session, *recent)
        if _look_told(session, (signal, report)) == look
    ]
    adverse = adverse_effects(session)
    query = select(Sample).where(
        Sample.form == look.form, Sample.colour == look.colour, Sample.recorded_at > since
    )
    named = {one.sample_id for one in told}
    told += [
        Report(sample.recorded_at.date(), "sample", sample.id, None)
        for sample in session.scalars(query)
        if sample.id not in named
        and look_of_sample(sample) == look
        and is_bad(sample.effects or (), sample.incident_link, adverse)
    ]
    return sorted(told, key=lambda one: (one.day, one.what))


Told = tuple[Signal, HumanReport | None]


def _told_by_hand(session: Session, *where: ColumnElement[bool]) -> list[Told]:
    """Return reports by people with what they describe."""
    query = (
        select(Signal, HumanReport)
        .outerjoin(HumanReport, HumanReport.signal_id == Signal.id)
        .where(Signal.source == SignalSource.HUMAN_REPORT, *where)
        .options(joinedload(Signal.sample), joinedload(Signal.product))
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _look_told(session: Session, told: Told) -> Look | None:
    """Return the look that a report is about; without sample, product or logo it names none."""
    signal, report = told
    if signal.sample is not None:
        return look_of_sample(signal.sample)
    if signal.product is not None:
        return look_of_product(session, signal.product)
    logo = fold_logo(report.logo) if report is not None else ""
    return look_of(report.form, report.colour, logo, "") if report is not None and logo else None


def look_of_signal(session: Session, signal_id: uuid.UUID) -> Look | None:
    """Return the look that a report by hand is about, or None when it names nothing."""
    found = _told_by_hand(session, Signal.id == signal_id)
    return _look_told(session, found[0]) if found else None
