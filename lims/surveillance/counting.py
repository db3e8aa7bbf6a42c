"""Weekly series from counted cells: substance × region × product line, with what was analysed.

A cell is what the database counts: origin, substance (none: analysed), region, product line, week,
how many lots (see `lots`), how many of them in time, and the same in samples. Series of all regions
and of all lines are sums of cells, so that every margin adds up. Weeks without a sample are zero.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lims.surveillance.weeks import mondays, week_name

Counts = NDArray[np.int64]
NAMESPACE = uuid.UUID("7f0b8a52-6a0f-4d5e-9f7c-3d1f2a0c9be1")
LEAST_POSITIVES = 2
"""A substance that was found once is a first sighting, not a series."""


class Cell(NamedTuple):
    """One group of the aggregate."""

    origin: str
    substance: uuid.UUID | None
    region: str
    declared: uuid.UUID | None
    week: date
    number: int
    in_time: int
    samples: int
    samples_in_time: int


class Key(NamedTuple):
    """What a series counts; an empty region is all regions, no line all product lines."""

    origin: str
    substance: uuid.UUID
    region: str
    declared: uuid.UUID | None

    @property
    def id(self) -> uuid.UUID:
        """Return the identifier of the series: the same in every run."""
        parts = (self.origin, self.substance, self.region, self.declared or "")
        return uuid.uuid5(NAMESPACE, "\n".join(map(str, parts)))


@dataclass(frozen=True)
class Series:
    """One number a week, in lots: positives and totals, and of both those that came in time.

    `samples` holds the same four in samples, shown beside and never judged; None where they were
    not kept apart.
    """

    key: Key
    first: date
    positives: Counts
    totals: Counts
    timely: Counts
    timely_totals: Counts
    samples: Counts | None = None

    @property
    def weeks(self) -> int:
        return len(self.positives)

    def mixed(self, week: int, fresh: int) -> tuple[Counts, Counts]:
        """Return positives and totals up to a week: of the last `fresh` only what came in time."""
        begin = max(week + 1 - fresh, 0)
        positives, totals = self.positives[: week + 1].copy(), self.totals[: week + 1].copy()
        positives[begin:] = self.timely[begin : week + 1]
        totals[begin:] = self.timely_totals[begin : week + 1]
        return positives, totals

    @property
    def in_samples(self) -> Series:
        """Return the same series in samples."""
        if self.samples is None:
            return self
        return Series(self.key, self.first, *self.samples)

    def since(self) -> int:
        """Return the place of the first week in which anything was analysed."""
        looked = np.flatnonzero(self.totals)
        return int(looked[0]) if looked.size else self.weeks

    def recent(self, weeks: int = 4) -> int:
        return int(self.positives[-weeks:].sum())

    def numbers(self) -> dict[str, Any]:
        """Return the weeks as plain values that JSON can hold."""
        return {
            "positives": self.positives.tolist(),
            "totals": self.totals.tolist(),
            "late": (self.positives - self.timely).tolist(),
            "late_totals": (self.totals - self.timely_totals).tolist(),
            **({} if self.samples is None else {"samples": self.in_samples.numbers()}),
        }


def series_of(key: Key, first: date, numbers: Mapping[str, Any]) -> Series:
    """Return the series that was kept as plain values."""
    positives, totals = (np.asarray(numbers[name], np.int64) for name in ("positives", "totals"))
    late, late_totals = (np.asarray(numbers[name], np.int64) for name in ("late", "late_totals"))
    timely, samples = (positives - late, totals - late_totals), None
    if "samples" in numbers:
        apart = series_of(key, first, numbers["samples"])
        samples = np.stack([apart.positives, apart.totals, apart.timely, apart.timely_totals])
    return Series(key, first, positives, totals, *timely, samples)


def build(cells: Iterable[Cell], first: date, weeks: int) -> list[Series]:
    """Return every series with at least two positive lots, in the order of its key."""
    tables = _tables(cells, first, weeks)
    wholes = _margins(tables, with_substance=False)
    nothing = np.zeros((len(MEASURES), weeks), np.int64)
    found = []
    for place, table in _margins(tables, with_substance=True).items():
        origin, substance, region, declared = place
        if substance is None or table[0].sum() < LEAST_POSITIVES:
            continue
        whole = wholes.get((origin, None, region, declared), nothing)
        key = Key(origin, substance, region, declared)
        samples = np.stack([table[2], whole[2], table[3], whole[3]])
        found.append(Series(key, first, table[0], whole[0], table[1], whole[1], samples))
    return sorted(found, key=lambda one: tuple(map(str, one.key)))


_Place = tuple[str, uuid.UUID | None, str, uuid.UUID | None]
MEASURES = Cell._fields[5:]
"""What a cell counts: lots, lots in time, samples, samples in time."""


def _tables(cells: Iterable[Cell], first: date, weeks: int) -> dict[_Place, Counts]:
    """Return a table measures × weeks for each cell's place."""
    places: dict[_Place, int] = {}
    columns: dict[date, int] = {day: n for n, day in enumerate(mondays(first, weeks))}
    rows: list[tuple[int, ...]] = []
    for cell in cells:
        column = columns.get(cell.week)
        if column is not None:
            place = places.setdefault(cell[:4], len(places))
            rows.append((place, column, *cell[5:]))
    table = np.zeros((len(places), len(MEASURES), weeks), np.int64)
    if rows:
        listed = np.asarray(rows, np.int64)
        for part in range(len(MEASURES)):
            np.add.at(table[:, part, :], (listed[:, 0], listed[:, 1]), listed[:, part + 2])
    return {place: table[number] for place, number in places.items()}


def _margins(tables: Mapping[_Place, Counts], *, with_substance: bool) -> dict[_Place, Counts]:
    """Sum the tables over regions, over product lines, and over both."""
    found: dict[_Place, Counts] = {}
    for (origin, substance, region, declared), table in tables.items():
        if (substance is not None) != with_substance:
            continue
        for one in dict.fromkeys(((region, declared), (region, None), ("", declared), ("", None))):
            place = (origin, substance, *one)
            found[place] = found[place] + table if place in found else table
    return found


def names_of_weeks(first: date, weeks: int) -> list[str]:
    """Return the names of a run of weeks."""
    return [week_name(day) for day in mondays(first, weeks)]
