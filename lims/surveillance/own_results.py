"""The network's own released findings, as what arrives to be counted: no code, no site, no hour."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState
from lims.intake.records import Sample
from lims.intake.rules import SampleState
from lims.library.records import Substance
from lims.products.records import ProductSample
from lims.surveillance.arrivals import OWN, ArrivedFound, ArrivedSample
from lims.surveillance.lots import Came
from lims.surveillance.observed import Observation

BATCH = 500
"""Samples that are read together."""
STOOD = (FindingState.RELEASED, FindingState.SUPERSEDED)


def arrived(session: Session, sample_ids: Sequence[uuid.UUID]) -> list[ArrivedSample]:
    """Return what stands on these samples now; withdrawn ones are left out."""
    query = (
        select(Finding)
        .where(
            Finding.sample_id.in_(sample_ids),
            Finding.state.in_(STOOD),
            Finding.released_at.is_not(None),
        )
        .options(
            selectinload(Finding.detections),
            joinedload(Finding.sample).joinedload(Sample.visit),
            joinedload(Finding.sample).joinedload(Sample.site),
        )
        .order_by(Finding.sample_id, Finding.version)
    )
    versions: dict[uuid.UUID, list[Finding]] = {}
    for finding in session.scalars(query):
        if finding.sample.state != SampleState.WITHDRAWN:
            versions.setdefault(finding.sample_id, []).append(finding)
    products = _products(session, list(versions))
    standing = [one for one in versions.values() if one[-1].state == FindingState.RELEASED]
    return [_arrived(one, products.get(one[-1].sample_id)) for one in standing]


Outside = Callable[[Session], Iterator[list[ArrivedSample]]]
_outside: list[Outside] = []


def connect(*outside: Outside) -> None:
    """Make known who gives what partners have brought; called by `wiring`."""
    _outside[:] = outside


def everything(session: Session) -> Iterator[list[ArrivedSample]]:
    """Give all that stands, our own and what partners have brought, in parts."""
    for gives in (every_sample, *_outside):
        yield from gives(session)


def are_behind(session: Session) -> bool:
    """Tell whether something stands and nothing was counted yet: a database from before."""
    if session.scalar(select(Observation.id).limit(1)) is not None:
        return False
    return any(part for part in everything(session))


def every_sample(session: Session) -> Iterator[list[ArrivedSample]]:
    """Give all that stands, in parts."""
    query = select(Finding.sample_id).where(Finding.state.in_(STOOD)).distinct()
    samples = sorted(session.scalars(query), key=str)
    for start in range(0, len(samples), BATCH):
        yield arrived(session, samples[start : start + BATCH])


def _products(session: Session, sample_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    query = select(ProductSample.current_sample_id, ProductSample.product_id)
    rows = session.execute(query.where(ProductSample.current_sample_id.in_(sample_ids)))
    return {row[0]: row[1] for row in rows if row[0] is not None}


def _arrived(versions: Sequence[Finding], product_id: uuid.UUID | None) -> ArrivedSample:
    """Return a sample as its last version says; what an earlier one said arrived with that one."""
    last, sample = versions[-1], versions[-1].sample
    found = tuple(
        ArrivedFound(
            substance_id=one.substance_id,
            kind=one.kind,
            amount=one.value,
            unit=one.unit,
            expressed_as=one.expressed_as,
            confidence=last.confidence,
            role=one.role,
            arrived_on=_first_said(versions, one, last.confidence),
        )
        for one in last.detections
        if one.substance_id is not None
    )
    return ArrivedSample(
        origin=OWN,
        origin_id=last.id,
        sample_id=sample.id,
        product_id=product_id,
        arrived_on=_day(versions[0]),
        analysed_on=min(versions[0].made_at.date(), _day(versions[0])),
        handed_in_on=sample.visit.day,
        region=sample.site.area,
        form=sample.form,
        declared_id=sample.sold_as_id,
        came=Came((str(sample.visit_id),), (str(product_id or ""),)),
        found=found,
    )


def _day(finding: Finding) -> date:
    return (finding.released_at or finding.made_at).date()


def _first_said(versions: Sequence[Finding], wanted: Detection, confidence: str) -> date:
    """Return the day of the first version that says the same as surely."""
    for finding in versions:
        same = (one.substance_id == wanted.substance_id for one in finding.detections)
        if finding.confidence == confidence and any(same):
            return _day(finding)
    return _day(versions[-1])


def counted_as(session: Session) -> Mapping[uuid.UUID, uuid.UUID]:
    """Return for each substance the one under which it is counted with its stereoisomers.

    Two substances whose InChIKeys share the first block (14 letters: the skeleton) are one to most
    methods; the first by key stands for all.
    """
    rows = session.execute(select(Substance.id, Substance.inchikey).order_by(Substance.key))
    first: dict[str, uuid.UUID] = {}
    return {
        row[0]: first.setdefault(row[1][:14], row[0]) if len(row[1]) >= 14 else row[0]
        for row in rows
    }
