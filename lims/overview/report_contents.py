"""What a report holds, drawn up once and kept: indicators, alerts, substances by declared product.

Only public facts of alerts. Substances are counted among samples whose person agreed that the data
are used again, and no number from one to four is told, nor one that leaves one to four.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from lims.alerts.audiences import Audience
from lims.alerts.records import Alert, AlertMessage, AlertVersion
from lims.counselling.rules import FOUND
from lims.findings.records import Detection, Finding
from lims.foundation.actors import Actor
from lims.foundation.shares import SMALLEST_TOLD
from lims.foundation.words import LANGUAGES
from lims.intake.records import Sample
from lims.overview import indicators
from lims.overview.indicator_definitions import definitions
from lims.overview.indicator_figures import Indicator, kept, read_kept
from lims.overview.indicator_ground import Ground, stand_on
from lims.overview.indicator_periods import Period, named
from lims.overview.indicator_results import first_released, substance_words
from lims.overview.indicators import Board, Row
from lims.overview.report_disclosure import (
    overlap,
    read_published,
    substances_beside,
    told_beside,
)
from lims.overview.report_records import NetworkReport

NOT_FOR_EVERYBODY = ("site", "laboratory", "site without anything", "declared product")
"""Splits that a public report has not: places, and what its own table counts more narrowly."""
MOST_FOUND = 12
"""Substances that are named for one declared product; rarer ones are left out."""


def draw_up(session: Session, actor: Actor, period: Period) -> dict[str, Any]:
    """Return everything that a report of a period holds, as plain values without a language."""
    ground = replace(stand_on(session, actor, period), mine=None)
    before = replace(ground, period=period.before())
    return {
        "version": definitions().version,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "now": {key: kept(one) for key, one in indicators.found(ground).items()},
        "before": {key: kept(one) for key, one in indicators.found(before).items()},
        "alerts": _alerts(ground),
        "substances": _substances(ground),
        "published": _published(session, period),
        "published_before": _published(session, period.before()),
    }


def _published(session: Session, period: Period) -> list[dict[str, Any]]:
    """Return what everybody has read of a period, or of one that shares days with it."""
    approved = (
        select(NetworkReport)
        .where(NetworkReport.state != "draft")
        .order_by(NetworkReport.approved_at, NetworkReport.edition)
    )
    found = []
    for one in session.scalars(approved):
        other = named(one.period)
        if one.contents.get("now") and overlap(days_of(period), days_of(other)):
            board = board_of(one.contents, one.period, public=True)
            told = {row.definition.key: kept(row.now) for row in board.rows}
            days = {"first": other.first.isoformat(), "last": other.last.isoformat()}
            shown = public_substances(one.contents)
            found.append({**days, "now": told, "substances": shown})
    return found


def days_of(period: Period) -> tuple[date, date]:
    """Return the first and the last day of a period."""
    return period.first, period.last


def public_substances(contents: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of substances as everybody may read it."""
    days = date.fromisoformat(contents["first"]), date.fromisoformat(contents["last"])
    beside = read_published(contents.get("published", ()))
    return substances_beside(contents["substances"], days, beside)


def board_of(contents: Mapping[str, Any], name: str, *, public: bool) -> Board:
    """Return the indicators of a report; for everybody without places and small numbers."""
    period = Period(
        date.fromisoformat(contents["first"]), date.fromisoformat(contents["last"]), name
    )
    past = period.before()
    beside = {
        key: read_published(contents.get(key, ())) for key in ("published", "published_before")
    }
    rows = []
    for one in definitions().indicators:
        if one.key not in contents["now"]:
            continue  # defined after the figures were drawn up
        now, before = (read_kept(contents[when][one.key]) for when in ("now", "before"))
        if public and one.about != "network":
            now = told_beside(now, days_of(period), beside["published"], of_kinds=one.of_kinds)
            earlier = beside["published_before"]
            before = told_beside(before, days_of(past), earlier, of_kinds=one.of_kinds)
        rows.append(Row(one, _without_places(now) if public else now, before))
    return Board(period, past, tuple(rows), None)


def _without_places(indicator: Indicator) -> Indicator:
    splits = tuple(one for one in indicator.splits if one.by not in NOT_FOR_EVERYBODY)
    return replace(indicator, splits=splits)


def _alerts(ground: Ground) -> list[dict[str, Any]]:
    """Return the public messages published in the period, oldest first."""
    rows = ground.session.execute(
        select(
            *(AlertVersion.id, Alert.number, AlertVersion.kind, AlertVersion.level),
            *(AlertVersion.published_at, AlertMessage.language, AlertMessage.headline),
        )
        .join(Alert, Alert.id == AlertVersion.alert_id)
        .join(AlertMessage, AlertMessage.alert_version_id == AlertVersion.id)
        .where(
            AlertVersion.published_at >= ground.period.begins,
            AlertVersion.published_at < ground.period.ends,
            AlertMessage.audience == Audience.PUBLIC,
        )
        .order_by(AlertVersion.published_at, Alert.number)
    )
    found: dict[Any, dict[str, Any]] = {}
    for key, number, kind, level, at, language, headline in rows:
        if at is None:
            continue
        told = {"number": number, "kind": kind, "level": level, "day": at.date().isoformat()}
        found.setdefault(key, {**told, "headline": {}})["headline"][language] = headline
    return [{**one, "headline": _in_each(one["headline"])} for one in found.values()]


def _in_each(told: Mapping[str, str]) -> dict[str, str]:
    """Return a headline in each language; one that was not written is told in another."""
    spare = next(iter(told.values()), "")
    return {code: told.get(code, spare) for code in LANGUAGES}


# ------------------------------------------------------------------------------------------------
# Substances found by declared product.
# ------------------------------------------------------------------------------------------------


def _substances(ground: Ground) -> dict[str, Any]:
    """Return each declared product: how many were analysed, in how many what was found."""
    analysed = ground.session.execute(
        select(Sample.sold_as_id, Sample.consent_data, func.count())
        .join(Finding, Finding.sample_id == Sample.id)
        .where(*first_released(ground))
        .group_by(Sample.sold_as_id, Sample.consent_data)
    ).all()
    n_of = {sold: n for sold, agreed, n in analysed if agreed}
    names = substance_words(ground)
    found: dict[Any, dict[Any, int]] = {}
    for sold, substance, n in _detected(ground):
        found.setdefault(sold, {})[substance] = n
    known = _large_enough(n_of)
    order = sorted(known, key=lambda one: (-known[one], names[one]["en"]))
    products = [
        {
            "label": names[sold],
            "n": known[sold],
            "found": [_line(names[one], n, known[sold]) for one, n in _often(found.get(sold, {}))],
        }
        for sold in order
    ]
    return {
        "products": products,
        "others": sum(n_of.values()) - sum(known.values()),
        "n": sum(n_of.values()),
        "without_agreement": sum(n for _sold, agreed, n in analysed if not agreed),
    }


def _large_enough(n_of: Mapping[Any, int]) -> dict[Any, int]:
    """Return the products that are told; what is left is none, or no small number either."""
    known = {sold: n for sold, n in n_of.items() if sold is not None and n >= SMALLEST_TOLD}
    while known and 0 < sum(n_of.values()) - sum(known.values()) < SMALLEST_TOLD:
        del known[min(known, key=lambda one: (known[one], str(one)))]
    return known


def _detected(ground: Ground) -> Any:
    """Return declared substance, substance found in the latest finding, number of samples."""
    latest = aliased(Finding)
    return ground.session.execute(
        select(Sample.sold_as_id, Detection.substance_id, func.count(Sample.id.distinct()))
        .join(Finding, Finding.sample_id == Sample.id)
        .join(latest, (latest.sample_id == Sample.id) & (latest.state == "released"))
        .join(Detection, Detection.finding_id == latest.id)
        .where(
            *first_released(ground),
            Sample.consent_data.is_(True),
            Sample.sold_as_id.is_not(None),
            Detection.substance_id.is_not(None),
            Detection.kind.in_(sorted(FOUND)),
        )
        .group_by(Sample.sold_as_id, Detection.substance_id)
    )


def _often(found: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(found.items(), key=lambda one: (-one[1], str(one[0])))[:MOST_FOUND]


def _line(label: Mapping[str, str], counted: int, n: int) -> dict[str, Any]:
    """Return in how many a substance was found; next to none and nearly all without the number."""
    low, high = counted, counted
    if 0 < counted < SMALLEST_TOLD:
        low, high = 1, min(SMALLEST_TOLD - 1, n)
    elif 0 < n - counted < SMALLEST_TOLD:
        low, high = n - SMALLEST_TOLD + 1, n - 1
    return {"label": dict(label), "low": low, "high": high}
