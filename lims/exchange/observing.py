"""Partners' results as what arrives to be counted: only what has a day, coarse in place."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from lims.exchange.entries import PER_UNIT
from lims.exchange.records import PartnerDetection, PartnerImport, PartnerSample
from lims.exchange.sources.mapping import SourceMapping, mapping_of
from lims.surveillance.arrivals import ArrivedFound, ArrivedSample, delivered
from lims.surveillance.lots import ALONE, Came

BATCH = 2000
"""Samples that are read together."""
LONGEST_SERVICE = 80
"""Characters of a service's name that are counted by."""


def samples_of_import(session: Session, import_id: uuid.UUID) -> list[ArrivedSample]:
    """Return what one import brought; one that spans more than four weeks is a bulk import."""
    return _read(session, import_id)


def samples_again(session: Session, ids: Sequence[uuid.UUID]) -> list[ArrivedSample]:
    """Return samples that mean something else since a name was decided, by their imports."""
    query = select(PartnerSample.import_id).where(PartnerSample.id.in_(ids)).distinct()
    found = []
    for import_id in sorted(session.scalars(query), key=str):
        found += [one for one in _read(session, import_id) if one.origin_id in set(ids)]
    return found


def every_sample(session: Session) -> Iterator[list[ArrivedSample]]:
    """Give all that partners have brought, import by import."""
    query = select(PartnerImport.id).order_by(PartnerImport.at, PartnerImport.id)
    for import_id in session.scalars(query).all():
        yield _read(session, import_id)


def _read(session: Session, import_id: uuid.UUID) -> list[ArrivedSample]:
    arrived_on = session.get_one(PartnerImport, import_id).at.date()
    found: list[ArrivedSample] = []
    last: uuid.UUID | None = None
    while samples := session.scalars(_part(import_id, last)).all():
        found += [one for sample in samples if (one := _arrived(sample, arrived_on))]
        last = samples[-1].id
    return delivered(found)


def _part(import_id: uuid.UUID, last: uuid.UUID | None) -> Select[PartnerSample]:
    query = select(PartnerSample).where(PartnerSample.import_id == import_id)
    if last is not None:
        query = query.where(PartnerSample.id > last)
    loaded = query.options(selectinload(PartnerSample.detections))
    return loaded.order_by(PartnerSample.id).limit(BATCH)


def _arrived(sample: PartnerSample, arrived_on: date) -> ArrivedSample | None:
    """Return a sample to be counted, or None: not analysed, without a day, or from the future."""
    day = sample.received
    if not sample.analysed or day is None or day > arrived_on + timedelta(days=1):
        return None
    return ArrivedSample(
        origin=sample.source,
        origin_id=sample.id,
        arrived_on=arrived_on,
        analysed_on=min(day, arrived_on),
        region=sample.region or sample.country,
        service=_service(sample, mapping_of(sample.source)),
        form=sample.form,
        declared_id=sample.sold_as_id,
        came=_came(sample, mapping_of(sample.source)),
        found=tuple(_found(one, one.substance_id) for one in sample.detections if one.substance_id),
    )


def _came(sample: PartnerSample, mapping: SourceMapping) -> Came:
    """Return with whom a sample came and which product it is, where its source says both.

    A colour or a form alone is no product: white powders of one day are not one lot. Nor is a
    weight, which differs from tablet to tablet.
    """
    if mapping.is_blank(sample.name) or sample.received is None:
        return ALONE
    where = [str(sample.raw.get(one, "")) for one in mapping.place]
    party = (sample.received.isoformat(), sample.country, sample.region, *where)
    look = (sample.name, sample.sold_as, sample.form, *sorted(sample.colours))
    return Came((_service(sample, mapping), *party), look)


def _service(sample: PartnerSample, mapping: SourceMapping) -> str:
    """Return who tested a sample, where a source names it."""
    return (
        str(sample.raw.get(mapping.service, "")).strip()[:LONGEST_SERVICE]
        if mapping.service
        else ""
    )


def _found(one: PartnerDetection, substance_id: uuid.UUID) -> ArrivedFound:
    unit = PER_UNIT.get(one.amount_kind, "")
    return ArrivedFound(
        substance_id=substance_id,
        kind="measured" if unit and one.amount is not None else "found",
        amount=one.amount if unit else None,
        unit=unit if one.amount is not None else "",
    )
