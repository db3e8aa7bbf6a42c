"""Reading what leaves in rows: samples that may leave, with their findings, batch after batch.

Left out always: samples that were withdrawn, and those whose person has not agreed to the reuse of
data or has taken that back. Talks, tickets, devices and photographs are never read here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import Session, selectinload

from lims.alerts.records import Alert, AlertVersion
from lims.exchange.column_sets import ColumnSet, Period
from lims.exchange.outgoing_alerts import alert_rows, alerts
from lims.exchange.outgoing_facts import Unit
from lims.exchange.regions import region_of
from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState
from lims.intake.records import Sample, Visit
from lims.intake.rules import SampleState
from lims.library.records import Substance, VocabularyTerm
from lims.network.records import Site
from lims.products.records import ProductSample

BATCH = 500
Facts = dict[str, Any]
FOUND = ("measured", "found", "below-loq")
"""Answers that say that a substance is there."""
SOPHISTICATION = (*("strip", "reagent", "tlc", "uv", "ftir", "raman", "hplc_uv", "lcms", "gcms"),)
"""Techniques from the least to the most discriminating, in the order of TEDI's list of methods."""
PLAIN_UNITS = {"mg/unit": "mg", "µg/unit": "ug", "%": "%"}
"""What our own table for other services writes for a unit; other units have no place in it."""


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
    told = 0
    for batch in _batches(session, chosen, period, most):
        for facts in _batch_rows(session, chosen, batch, network):
            yield facts
            told += 1
            if told == most:
                return


def labels(session: Session, lists: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the English labels of controlled lists, which formats of other countries take."""
    found: dict[str, dict[str, str]] = {name: {} for name in lists}
    asked = select(VocabularyTerm).where(VocabularyTerm.list_name.in_(lists))
    for term in session.scalars(asked):
        found[term.list_name][term.code] = str(term.labels.get("en", term.code))
    return found


def _within(period: Period) -> ColumnElement[bool]:
    return Visit.day.between(period.since, period.until)


def _samples(chosen: ColumnSet, period: Period) -> Select[Sample, Visit, Site, str | None]:
    """Return the samples in the order of their random identifiers, which tells nothing."""
    asked = (
        select(Sample, Visit, Site, Substance.name_en)
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Site, Site.id == Sample.site_id)
        .outerjoin(Substance, Substance.id == Sample.sold_as_id)
        .where(_within(period), may_leave())
        .order_by(Sample.id)
    )
    if chosen.released_only:
        asked = asked.where(
            exists().where(Finding.sample_id == Sample.id, Finding.state == FindingState.RELEASED)
        )
    return asked


def _batches(
    session: Session, chosen: ColumnSet, period: Period, most: int | None
) -> Iterator[list[tuple[Sample, Visit, Site, str | None]]]:
    size = min(BATCH, most or BATCH)
    asked = _samples(chosen, period).limit(size)
    last: uuid.UUID | None = None
    while True:
        part = asked if last is None else asked.where(Sample.id > last)
        found = [(one[0], one[1], one[2], one[3]) for one in session.execute(part)]
        if found:
            yield found
        if len(found) < size:
            return
        last = found[-1][0].id


def _batch_rows(
    session: Session,
    chosen: ColumnSet,
    batch: Sequence[tuple[Sample, Visit, Site, str | None]],
    network: str,
) -> Iterator[Facts]:
    ids = [sample.id for sample, *_rest in batch]
    standing = _findings(session, ids)
    alerted = _alerted(session, ids)
    for sample, visit, site, sold_as in batch:
        finding = standing.get(sample.id)
        facts = {
            **_about(sample, visit, site, chosen.key),
            **_concluded(finding),
            "organisation": network,
            "sold_as": sold_as or "",
            "has_alert": sample.id in alerted,
        }
        if chosen.unit is Unit.SAMPLE:
            yield facts
        else:
            yield from _answers(facts, finding, chosen)


def _findings(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Finding]:
    asked = (
        select(Finding)
        .where(Finding.sample_id.in_(ids), Finding.state == FindingState.RELEASED)
        .options(selectinload(Finding.detections).joinedload(Detection.substance))
        .order_by(Finding.version)
    )
    return {one.sample_id: one for one in session.scalars(asked)}


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


def _about(sample: Sample, visit: Visit, site: Site, chosen: str) -> Facts:
    as_it_stands = (
        *("form", "logo", "shape", "score_line", "length_mm", "width_mm", "thickness_mm"),
        *("unit_mass_mg", "price", "price_per", "obtained_from", "route", "effects"),
        *("already_taken", "not_analysed_reason"),
    )
    return {
        **{name: getattr(sample, name) for name in as_it_stands},
        "reference": reference(sample.id, chosen),
        "visit_reference": reference(visit.id, chosen),
        "handed_in": visit.day,
        "region": region_of(site.area),
        "country": "Belgium",
        "service_type": site.service_type,
        "colour": sample.colour,
        "second_colour": sample.colour_2,
        "colours": [colour for colour in (sample.colour, sample.colour_2) if colour],
        "currency": "EUR" if sample.price is not None else "",
        "gender": visit.gender,
        "age_band": visit.age_band,
    }


def _concluded(finding: Finding | None) -> Facts:
    if finding is None:
        return {"analysed": False}
    found = [one for one in finding.detections if one.kind in FOUND]
    return {
        "analysed": True,
        "concluded_in": finding.released_at.date() if finding.released_at else None,
        "match": finding.match,
        "danger": finding.danger,
        "confidence": finding.confidence,
        "method": _technique(finding),
        "found_name": [_named(one) for one in found],
        "found_amount": [one.value if one.kind == "measured" else None for one in found],
        "found_unit": [one.unit if one.kind == "measured" else "" for one in found],
    }


def _technique(finding: Finding) -> str:
    used = {cell.get("technique") for row in finding.methods for cell in row.get("cells", ())}
    used |= {run.get("technique") for run in finding.scope}
    return next((one for one in reversed(SOPHISTICATION) if one in used), "")


def _named(one: Detection) -> str:
    return one.substance.name_en if one.substance else one.label


def _answers(facts: Facts, finding: Finding | None, chosen: ColumnSet) -> Iterator[Facts]:
    """Yield a row for each answer; a sample without any keeps one row, so that none disappears."""
    told = [_answer(one) for one in finding.detections] if finding else []
    told += _not_detected(finding) if finding else []
    if chosen.answers:
        told = [one for one in told if one["answer"] in chosen.answers]
    for one in told or [{}]:
        yield facts | one


def _answer(one: Detection) -> Facts:
    measured = one.kind == "measured"
    plain = PLAIN_UNITS.get(one.unit, "") if measured else ""
    return {
        "substance": _named(one),
        "substance_key": one.substance.key if one.substance else "",
        "answer": one.kind,
        "role": one.role,
        "abundance": one.abundance,
        "major_or_minor": one.abundance if one.abundance in ("major", "minor") else "",
        "amount": one.value if measured else None,
        "uncertainty": one.uncertainty if measured else None,
        "unit": one.unit,
        "plain_amount": one.value if plain else None,
        "plain_unit": plain,
        "expressed_as": one.expressed_as,
        "lod": one.lod,
        "loq": one.loq,
    }


def _not_detected(finding: Finding) -> list[Facts]:
    """Return what was looked for by name and not found, once each, with its best limit."""
    found: dict[str, Facts] = {}
    there = {one.substance.key for one in finding.detections if one.substance}
    for run in finding.scope:
        for one in run.get("not_detected", ()):
            key, lod = str(one.get("key", "")), one.get("lod")
            if key in there or key in found:
                continue
            names = one.get("names") or {}
            told = names.get("names") if isinstance(names, Mapping) else names
            found[key] = {
                "substance": str(told[2]) if told and len(told) > 2 else key,
                "substance_key": key,
                "answer": "not-detected",
                "lod": Decimal(lod) if lod else None,
                "unit": str(one.get("unit") or ""),
            }
    return list(found.values())
