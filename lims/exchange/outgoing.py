"""Reading what leaves in rows: samples that may leave, with their findings, streamed in batches.

Left out always: samples that were withdrawn, and those whose person has not agreed to the reuse of
data or has taken that back. Talks, tickets, devices and photographs are never read here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, select
from sqlalchemy.orm import Session

from lims.alerts.records import Alert, AlertVersion
from lims.exchange.column_sets import ColumnSet, Period
from lims.exchange.outgoing_alerts import alert_rows, alerts
from lims.exchange.outgoing_answers import answers, named, technique
from lims.exchange.outgoing_facts import Unit
from lims.exchange.regions import region_of
from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState
from lims.intake.records import Sample, Visit
from lims.intake.rules import SampleState
from lims.library.records import Substance, VocabularyTerm
from lims.network.records import Site
from lims.products.records import ProductSample

BATCH = 1_000
Facts = dict[str, Any]
FOUND = ("measured", "found", "below-loq")
"""Answers that say that a substance is there."""
FIRST_DIGIT = {"template": 5, "bewsd": 9, "tedi": 21}
"""From which digit of the random identifiers a format is ordered; those of one name share it."""
AS_IT_STANDS = (
    *("form", "colour", "logo", "shape", "score_line", "length_mm", "width_mm", "thickness_mm"),
    *("unit_mass_mg", "price", "price_per", "obtained_from", "route", "effects"),
    *("already_taken", "not_analysed_reason"),
)
TOLD = (
    *(getattr(Sample, name) for name in AS_IT_STANDS),
    *(Sample.id.label("sample_id"), Sample.colour_2, Visit.id.label("visit_id"), Visit.day),
    *(Visit.gender, Visit.age_band, Site.area, Site.service_type),
    Substance.name_en.label("sold_as_name"),
    *(Finding.id.label("finding_id"), Finding.released_at, Finding.match, Finding.danger),
    Finding.confidence,
)
"""What the one question of rows reads: columns, not records, and no words that people typed."""


def may_leave() -> ColumnElement[bool]:
    """Return the condition under which anything of a sample may leave or be counted for others."""
    return and_(Sample.state != SampleState.WITHDRAWN, Sample.consent_data.is_(True))


def how_many(session: Session, chosen: ColumnSet, period: Period) -> int:
    """Return how many samples or alerts a format would tell of."""
    asked = alerts(period) if chosen.unit is Unit.ALERT else _samples(chosen, period)
    bare = asked.order_by(None).with_only_columns(func.count())
    return session.scalar(bare) or 0


def held_back(session: Session, period: Period) -> int:
    """Return how many samples of a period stay inside: withdrawn, or without the agreement."""
    asked = select(func.count()).select_from(Sample).join(Visit, Visit.id == Sample.visit_id)
    return session.scalar(asked.where(_within(period), ~may_leave())) or 0


def rows(
    session: Session, chosen: ColumnSet, period: Period, network: str, most: int | None = None
) -> Iterator[Facts]:
    """Yield the facts of each row of a format, in an order that is the same every time."""
    if chosen.unit is Unit.ALERT:
        yield from alert_rows(session, period, most)
        return
    yield from islice(_sample_rows(session, chosen, period, network, most), most)


def labels(session: Session, lists: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the English labels of controlled lists, which formats of other countries take."""
    found: dict[str, dict[str, str]] = {name: {} for name in lists}
    asked = select(VocabularyTerm).where(VocabularyTerm.list_name.in_(lists))
    for term in session.scalars(asked):
        found[term.list_name][term.code] = str(term.labels.get("en", term.code))
    return found


def _within(period: Period) -> ColumnElement[bool]:
    return Visit.day.between(period.since, period.until)


def in_order(chosen: str) -> Any:
    """Return what the rows of a format stand in the order of: other random digits for each.

    Samples are known by random identifiers, whose order tells nothing. In one order for all
    formats, the first row of one file would be the first row of the other: joined by place.
    """
    digits = func.replace(cast(Sample.id, String), "-", "")
    return func.substr(digits, FIRST_DIGIT.get(chosen, 1))


def _samples(chosen: ColumnSet, period: Period) -> Select[Any]:
    asked = (
        select(*TOLD)
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .outerjoin(Substance, Substance.id == Sample.sold_as_id)
        .outerjoin(
            Finding,
            and_(Finding.sample_id == Sample.id, Finding.state == FindingState.RELEASED),
        )
        .where(_within(period), may_leave())
        .order_by(in_order(chosen.key))
    )
    return asked.where(Finding.id.is_not(None)) if chosen.released_only else asked


def _sample_rows(
    session: Session, chosen: ColumnSet, period: Period, network: str, most: int | None
) -> Iterator[Facts]:
    """Yield the facts of a format from one streamed question, and few more for each batch of it."""
    asked = _samples(chosen, period).limit(most).execution_options(yield_per=BATCH)
    last: uuid.UUID | None = None
    with session.execute(asked) as found:
        for batch in found.partitions():
            about = _Batch(session, chosen, batch)
            for row in batch:
                if row.sample_id != last:
                    yield from about.rows(row, network)
                last = row.sample_id


class _Batch:
    """What is told of some samples besides their own row: asked for all of them at once."""

    def __init__(self, session: Session, chosen: ColumnSet, batch: Sequence[Row[Any]]) -> None:
        self.chosen = chosen
        wanted = {column.fact for column in chosen.columns}
        findings = [row.finding_id for row in batch if row.finding_id]
        per_answer = chosen.unit is Unit.DETECTION
        self.detections: dict[uuid.UUID, list[Row[Any]]] = {}
        if per_answer or wanted & {"found_name", "found_amount", "found_unit"}:
            for one in session.execute(_detections(findings)):
                self.detections.setdefault(one.finding_id, []).append(one)
        self.work: dict[uuid.UUID, Any] = {}
        if per_answer or "method" in wanted:
            how = select(Finding.id, Finding.methods, Finding.scope)
            asked = how.where(Finding.id.in_(findings))
            self.work = {row[0]: row for row in session.execute(asked)}
        ids = [row.sample_id for row in batch]
        self.alerted = _alerted(session, ids) if "has_alert" in wanted else set()

    def rows(self, row: Row[Any], network: str) -> Iterator[Facts]:
        """Yield the facts of the rows that one sample has."""
        found = self.detections.get(row.finding_id, [])
        work = self.work.get(row.finding_id)
        facts = {
            **_about(row, self.chosen.key),
            **_concluded(row, found, work),
            "organisation": network,
            "has_alert": row.sample_id in self.alerted,
        }
        if self.chosen.unit is Unit.SAMPLE:
            yield facts
        else:
            yield from answers(facts, found, work, self.chosen)


def _detections(findings: Sequence[uuid.UUID]) -> Select[Any]:
    told = (
        *("kind", "label", "role", "abundance", "value", "uncertainty", "unit", "expressed_as"),
        *("lod", "loq"),
    )
    return (
        select(
            Detection.finding_id,
            *(getattr(Detection, name) for name in told),
            Substance.name_en,
            Substance.key,
        )
        .outerjoin(Substance, Substance.id == Detection.substance_id)
        .where(Detection.finding_id.in_(findings))
        .order_by(Detection.finding_id, Detection.position, Detection.id)
    )


def _alerted(session: Session, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    asked = (
        select(ProductSample.current_sample_id)
        .join(Alert, Alert.product_id == ProductSample.product_id)
        .join(AlertVersion, AlertVersion.alert_id == Alert.id)
        .where(ProductSample.current_sample_id.in_(ids), AlertVersion.published_at.is_not(None))
    )
    return {one for one in session.scalars(asked) if one is not None}


def reference(sample_id: uuid.UUID, chosen: str) -> str:
    """Return an identifier of a record for one format.

    It is UUID 5 of a word under the record's own random identifier (RFC 9562), which never leaves:
    two formats cannot be joined by it, and it cannot be turned back. Rows and findings of our own
    two formats share it.
    """
    word = "own" if chosen in ("samples", "findings") else chosen
    return str(uuid.uuid5(sample_id, word))


def _about(row: Row[Any], chosen: str) -> Facts:
    return {
        **dict(zip(AS_IT_STANDS, row, strict=False)),
        "reference": reference(row.sample_id, chosen),
        "visit_reference": reference(row.visit_id, chosen),
        "handed_in": row.day,
        "sold_as": row.sold_as_name or "",
        "region": region_of(row.area),
        "country": "Belgium",
        "service_type": row.service_type,
        "second_colour": row.colour_2,
        "colours": [colour for colour in (row.colour, row.colour_2) if colour],
        "currency": "EUR" if row.price is not None else "",
        "gender": row.gender,
        "age_band": row.age_band,
    }


def _concluded(row: Row[Any], told: Sequence[Row[Any]], work: Any) -> Facts:
    if row.finding_id is None:
        return {"analysed": False}
    found = [one for one in told if one.kind in FOUND]
    return {
        "analysed": True,
        "concluded_in": row.released_at.date() if row.released_at else None,
        "match": row.match,
        "danger": row.danger,
        "confidence": row.confidence,
        "method": technique(work) if work else "",
        "found_name": [named(one) for one in found],
        "found_amount": [one.value if one.kind == "measured" else None for one in found],
        "found_unit": [one.unit if one.kind == "measured" else "" for one in found],
    }
