"""Counting a quarter for the open data: one aggregate question to the database for each cube.

Counted are samples that may leave and on which a finding stands. Partners' results are not ours to
publish and are not counted.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, String, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from lims.alerts.published import PublicAlert, public_alerts
from lims.exchange.cube_definitions import Definitions, DoseLine, Key, Quarter
from lims.exchange.outgoing import FOUND, may_leave
from lims.exchange.regions import COUNTRY, region_of
from lims.exchange.suppression import Bound, Table
from lims.findings.records import Detection, Finding
from lims.findings.rules import FindingState
from lims.intake.records import Sample, Visit
from lims.library.records import Substance
from lims.network.records import Site

UNKNOWN, OTHER = "unknown", "other"
MOST_ALERTS = 10_000


@dataclass(frozen=True)
class Counted:
    """A quarter as it is counted: the table to protect, and the alerts that the public has read."""

    table: Table
    alerts: tuple[PublicAlert, ...]


def count(session: Session, given: Definitions, asked: Quarter) -> Counted:
    """Count every cube of a quarter."""
    numbers = {
        "results": _results(session, given, asked),
        "substances": _substances(session, given, asked),
        "doses": _doses(session, given, asked),
    }
    firsts: dict[str, int] = {}
    cells: list[int] = []
    items: dict[Key, tuple[int, ...]] = {}
    for cube in given.cubes:
        firsts[cube.key] = len(cells)
        items |= cube.items(len(cells))
        cells += [numbers[cube.key][cell] for cell in cube.cells]
    alerts = _alerts(session, asked)
    bounds = known_of(given, items, alerts, cells)
    return Counted(Table(np.array(cells, dtype=np.int64), items, tuple(bounds)), alerts)


def known_of(
    given: Definitions,
    items: Mapping[Key, tuple[int, ...]],
    alerts: tuple[PublicAlert, ...],
    cells: list[int],
) -> list[Bound]:
    """Return what a reader knows across cubes, as far as it is true of the counts."""
    return [bound for bound in _known(given, items, alerts) if _is_true(bound, cells)]


def _standing(asked: Quarter) -> ColumnElement[bool]:
    return and_(
        Visit.day.between(asked.first, asked.last),
        may_leave(),
        Finding.state == FindingState.RELEASED,
    )


def _regions(session: Session) -> dict[uuid.UUID, str]:
    return {row[0]: region_of(row[1]) for row in session.execute(select(Site.id, Site.area))}


def _keys(session: Session) -> dict[uuid.UUID, str]:
    return {row[0]: row[1] for row in session.execute(select(Substance.id, Substance.key))}


def _results(session: Session, given: Definitions, asked: Quarter) -> Counter[Key]:
    regions, keys = _regions(session), _keys(session)
    grouped = (Sample.site_id, Sample.sold_as_id, Finding.match)
    found: Counter[Key] = Counter()
    counted = (
        select(*grouped, func.count())
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Finding, Finding.sample_id == Sample.id)
        .where(_standing(asked))
        .group_by(*grouped)
    )
    for site_id, declared_id, match, number in session.execute(counted):
        declared = keys.get(declared_id, UNKNOWN) if declared_id else UNKNOWN
        declared = declared if declared in given.declared else OTHER
        if match in given.results:
            found[regions.get(site_id, COUNTRY), declared, match] += number
    return found


def _substances(session: Session, given: Definitions, asked: Quarter) -> Counter[Key]:
    regions = _regions(session)
    found: Counter[Key] = Counter()
    counted = (
        select(Sample.site_id, Substance.key, func.count(func.distinct(Sample.id)))
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Finding, Finding.sample_id == Sample.id)
        .join(Detection, Detection.finding_id == Finding.id)
        .join(Substance, Substance.id == Detection.substance_id)
        .where(_standing(asked), Detection.kind.in_(FOUND), Substance.key.in_(given.substances))
        .group_by(Sample.site_id, Substance.key)
    )
    for site_id, key, number in session.execute(counted):
        found[regions.get(site_id, COUNTRY), key] += number
    return found


def _doses(session: Session, given: Definitions, asked: Quarter) -> Counter[Key]:
    of_a_line = or_(*(_is_of(line) for line in given.lines))
    line = case(*((_is_of(one), literal(one.key, String)) for one in given.lines)).label("line")
    band = case(*((_is_of(one), _band(one)) for one in given.lines)).label("band")
    sorted_out = (
        select(line, band)
        .select_from(Sample)
        .join(Visit, Visit.id == Sample.visit_id)
        .join(Finding, Finding.sample_id == Sample.id)
        .join(Detection, Detection.finding_id == Finding.id)
        .join(Substance, Substance.id == Detection.substance_id)
        .where(_standing(asked), Detection.kind == "measured", of_a_line)
        .subquery()
    )
    counted = select(sorted_out.c.line, sorted_out.c.band, func.count()).group_by(
        sorted_out.c.line, sorted_out.c.band
    )
    return Counter({(row[0], row[1]): int(row[2]) for row in session.execute(counted)})


def _is_of(line: DoseLine) -> ColumnElement[bool]:
    return and_(
        Substance.key == line.substance,
        Sample.form == line.form,
        Detection.unit == line.unit,
        Detection.expressed_as == line.expressed_as,
        Detection.value.is_not(None),
    )


def _band(line: DoseLine) -> ColumnElement[str]:
    """Return the band of an amount; an uncertainty wider than half a step gives none."""
    unsure = or_(Detection.uncertainty.is_(None), Detection.uncertainty > line.widest)
    steps = [
        (Detection.value < edge, literal(band, String))
        for edge, band in zip(line.edges, line.bands, strict=False)
    ]
    last, uncertain = line.bands[-2:]
    told = case(*steps, else_=literal(last, String))
    return case((unsure, literal(uncertain, String)), else_=told)


def _alerts(session: Session, asked: Quarter) -> tuple[PublicAlert, ...]:
    """Return the alerts that the public could read in a quarter, oldest first."""
    first = datetime.combine(asked.first, time(), UTC)
    end = datetime.combine(asked.last + timedelta(days=1), time(), UTC)
    told = public_alerts(session, "en", MOST_ALERTS)
    listed = [one for one in told if first <= one.published_at < end and one.kind != "withdrawal"]
    return tuple(sorted(listed, key=lambda one: one.number))


def _known(
    given: Definitions, items: Mapping[Key, tuple[int, ...]], alerts: tuple[PublicAlert, ...]
) -> list[Bound]:
    """Return: a part is not more than its whole, and what the public was warned of is there."""
    found = [
        Bound(items["substances", region, key], items["results", region, "all", "all"])
        for region in given.regions
        for key in given.substances
    ]
    for key in set(given.substances) & set(given.declared):
        for region in given.regions:
            there = items["substances", region, key]
            expected = [
                items["results", region, key, one] for one in ("as-expected", "expected-plus-other")
            ]
            found.append(Bound(tuple(at for part in expected for at in part), there))
    for line in given.lines:
        doses = tuple(at for band in line.bands for at in items["doses", line.key, band])
        found.append(Bound(doses, items["substances", "all", line.substance]))
    for alert in alerts:
        warned = ("substances", _region(alert.facts), _substance(alert.facts))
        if warned in items:
            found.append(Bound((), items[warned], least=1))
    return found


def _region(facts: Mapping[str, Any]) -> str:
    told = str(facts.get("region", COUNTRY))
    return "all" if told == COUNTRY else told


def _substance(facts: Mapping[str, Any]) -> str:
    return str((facts.get("substance") or {}).get("code", ""))


def _is_true(bound: Bound, cells: list[int]) -> bool:
    """Tell whether a bound holds for the counts; what does not hold is not known to anybody."""
    few, many = (sum(cells[at] for at in side) for side in (bound.few, bound.many))
    return few + bound.least <= many
