"""Reading the flat table as weekly series: one aggregate for counts, one for amounts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Integer, and_, case, cast, func, select
from sqlalchemy.orm import Session

from lims.findings.statements import Names
from lims.library.records import Substance
from lims.surveillance.arrivals import GATE
from lims.surveillance.counting import Cell, Key, Series, build
from lims.surveillance.observed import Observation as O
from lims.surveillance.weeks import WEEK, weeks_between

REACH = 5 * 52 + 30
"""Weeks that are read: five years and what Farrington leaves out at both ends."""


@dataclass
class Doses:
    """Amounts of one substance in one product line, week by week, in one unit and expression."""

    key: Key
    unit: str
    expressed_as: str
    weeks: list[list[float]] = field(default_factory=list)

    def number(self) -> int:
        return sum(map(len, self.weeks))


def weekly(session: Session, last: date, reach: int = REACH) -> list[Series]:
    """Return every series up to a week (its Monday), all of one length, ready to be judged."""
    cells = [Cell(*row) for row in session.execute(_aggregate(last, reach))]
    if not cells:
        return []
    first = min(cell.week for cell in cells)
    return build(cells, first, weeks_between(first, last))


def _aggregate(last: date, reach: int) -> Any:
    """Count lots, lots in time, samples, and samples in time; the index holds all of it."""
    groups = (O.origin, O.counted_as_id, O.region, O.declared_id, O.week)
    lots, timely = func.count(O.lot.distinct()), case((O.in_time, O.lot)).distinct()
    return (
        select(*groups, lots, func.count(timely), func.count(), func.sum(cast(O.in_time, Integer)))
        .where(O.counts, O.week <= last, O.week > last - reach * WEEK)
        .group_by(*groups)
    )


def by_service(
    session: Session, key: Key, last: date, weeks: tuple[int, int]
) -> dict[str, list[int]]:
    """Return for each service of one series: found now, analysed now, and both before.

    In lots. Now is the last weeks (only what came in time), before the weeks before these.
    """
    begin = last - (weeks[0] - 1) * WEEK
    now, before = case((and_(O.week >= begin, O.in_time), O.lot)), case((O.week < begin, O.lot))
    scope = [O.counts, O.origin == key.origin, O.week <= last, O.week >= begin - weeks[1] * WEEK]
    scope += [O.region == key.region] if key.region else []
    scope += [O.declared_id == key.declared] if key.declared else []
    query = select(O.service, func.count(now.distinct()), func.count(before.distinct()))
    found: dict[str, list[int]] = {}
    for place, what in enumerate((O.counted_as_id == key.substance, O.counted_as_id.is_(None))):
        for row in session.execute(query.where(*scope, what).group_by(O.service)):
            table = found.setdefault(row[0], [0, 0, 0, 0])
            table[place], table[place + 2] = row[1], row[2]
    return {name: found[name] for name in sorted(found) if any(found[name])}


def doses(session: Session, last: date, reach: int) -> list[Doses]:
    """Return the amounts of each substance in each product line, back-dated ones not of late.

    In the last four weeks only what came in time counts, as in the other series.
    """
    first = last - (reach - 1) * WEEK
    columns = (O.origin, O.counted_as_id, O.declared_id, O.unit, O.expressed_as)
    query = (
        select(*columns, O.week, O.in_time, O.amount)
        .where(O.counts, O.amount.is_not(None), O.week <= last, O.week >= first)
        .order_by(*columns, O.week, O.amount)
    )
    found: dict[tuple[object, ...], Doses] = {}
    for row in session.execute(query):
        place = weeks_between(first, row.week) - 1
        if (place < reach - 4 or row.in_time) and row.counted_as_id and row.amount is not None:
            for line in {row.declared_id, None}:
                name = (row.origin, row.counted_as_id, line, row.unit, row.expressed_as)
                if name not in found:
                    key = Key(row.origin, row.counted_as_id, "", line)
                    empty: list[list[float]] = [[] for _week in range(reach)]
                    found[name] = Doses(key, row.unit, row.expressed_as, empty)
                found[name].weeks[place].append(float(row.amount))
    # All product lines first: what rises in all of them is not told line by line.
    return sorted(found.values(), key=lambda one: one.key.declared is not None)


def presumptive(session: Session, key: Key, last: date, weeks: int) -> int:
    """Count the samples in which a substance is presumed only, over the last weeks."""
    query = select(func.count(O.origin_id.distinct())).where(
        O.origin == key.origin,
        O.counted_as_id == key.substance,
        O.confidence.not_in(GATE),
        O.week > last - weeks * WEEK,
        O.week <= last,
    )
    return session.scalar(query) or 0


def names_of(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Names]:
    """Return the names of substances in three languages."""
    query = select(Substance.id, Substance.name_fr, Substance.name_nl, Substance.name_en)
    return {row[0]: Names(*row[1:]) for row in session.execute(query.where(Substance.id.in_(ids)))}
