"""Reading what an alert tells the focal points: the facts of that audience and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lims.alerts.audiences import Audience, Label, visible
from lims.alerts.records import Alert, AlertVersion
from lims.exchange.column_sets import Period

Facts = dict[str, Any]


def alerts(period: Period) -> Select[AlertVersion, Alert]:
    """Return the versions of alerts that were published in a period, in their order."""
    first = datetime.combine(period.since, time(), UTC)
    end = datetime.combine(period.until + timedelta(days=1), time(), UTC)
    return (
        select(AlertVersion, Alert)
        .join(Alert, Alert.id == AlertVersion.alert_id)
        .where(AlertVersion.published_at >= first, AlertVersion.published_at < end)
        .order_by(Alert.number, AlertVersion.version)
    )


def focal_points() -> Audience:
    """Return the audience of the focal points."""
    return next((one for one in Audience if one.value == "focal-point"), Audience.PUBLIC)


def alert_rows(session: Session, period: Period, most: int | None) -> Iterator[Facts]:
    """Yield the facts of each published version."""
    asked = alerts(period).limit(most) if most else alerts(period)
    for version, alert in session.execute(asked):
        told = visible(version.facts, focal_points())
        yield {
            "alert_number": alert.number,
            "alert_version": version.version,
            "alert_kind": version.kind,
            "level": version.level,
            "published_in": version.published_at.date() if version.published_at else None,
            "alert_substance": _label(told.get("substance")) or "not identified",
            "alert_product": _product(told),
            "alert_sold_as": _label(told.get("sold_as")),
            "alert_week": told.get("week", ""),
            "alert_region": told.get("region", ""),
            "alert_content": "; ".join(_content(one) for one in told.get("content", ())),
            "alert_method": told.get("method", ""),
            "alert_confidence": told.get("confidence", ""),
            "alert_dangers": list(told.get("dangers", ())),
            "alert_signs": [_label(one) for one in told.get("signs", ())],
            "alert_effects": [_label(one) for one in told.get("effects", ())],
            "alert_advice": list(told.get("advice", ())),
            "alert_replaces": told.get("replaces", ""),
        }


def _label(given: Label | None) -> str:
    return given.get("en", "") if given else ""


def _product(told: Mapping[str, Any]) -> str:
    parts = [_label(told.get("form")), _label(told.get("colour"))]
    parts += [str(told.get(name, "")) for name in ("logo", "shape")]
    measures = (("length_mm", "mm"), ("thickness_mm", "mm thick"), ("unit_mass_mg", "mg"))
    parts += [f"{told[name]} {unit}" for name, unit in measures if told.get(name)]
    return ", ".join(part for part in parts if part)


def _content(one: Mapping[str, Any]) -> str:
    spread = f"{one.get('low', '')}–{one.get('high', '')} {one.get('unit', '')}"
    as_what = one.get("expressed_as") or "base or salt not stated"
    return f"{_label(one.get('substance'))}: {spread} ({as_what}), n = {one.get('n', '')}"
