"""The cubes of the open data, as their data file defines them: closed lists, never a free query."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise, product
from typing import Any

import yaml

from lims.exchange.suppression import Members
from lims.foundation.errors import refuse_field
from lims.foundation.shipped import shipped
from lims.foundation.words import _

ALL = "all"
UNCERTAIN = "uncertain"
Key = tuple[str, ...]
_QUARTER = re.compile(r"(20\d\d)-Q([1-4])", re.ASCII)


@dataclass(frozen=True)
class DoseLine:
    """A product line whose doses are counted in bands between edges, the lower edge included."""

    key: str
    substance: str
    form: str
    unit: str
    expressed_as: str
    edges: tuple[Decimal, ...]

    @property
    def bands(self) -> tuple[str, ...]:
        """Return the bands in order, the last being that of amounts too uncertain for one."""
        edges = [format(edge, "f") for edge in self.edges]
        between = [f"{low}–<{high}" for low, high in pairwise(edges)]
        return (f"<{edges[0]}", *between, f"≥{edges[-1]}", UNCERTAIN)

    @property
    def widest(self) -> Decimal:
        """Return the largest uncertainty (k = 2) with which an amount still has a band."""
        steps = pairwise(self.edges)
        return min(high - low for low, high in steps) / 2


@dataclass(frozen=True)
class Cube:
    """One cube: what it counts, its dimensions with their closed lists, and the totals it has."""

    key: str
    counts: str
    dimensions: tuple[tuple[str, tuple[str, ...]], ...]
    totals: frozenset[str]
    cells: tuple[Key, ...]

    def items(self, first: int) -> dict[Key, Members]:
        """Return every number that the cube tells, with the cells that it sums, from `first` on."""
        with_totals = [
            (*values, ALL) if name in self.totals else values for name, values in self.dimensions
        ]
        return {
            (self.key, *told): tuple(
                first + at for at, cell in enumerate(self.cells) if _is_of(cell, told)
            )
            for told in product(*with_totals)
            if any(_is_of(cell, told) for cell in self.cells)
        }


def _is_of(cell: Key, told: Key) -> bool:
    return all(wanted in (ALL, part) for wanted, part in zip(told, cell, strict=True))


@dataclass(frozen=True)
class Definitions:
    """All cubes, with the hash of their file."""

    version: str
    sha256: str
    regions: tuple[str, ...]
    declared: tuple[str, ...]
    results: tuple[str, ...]
    substances: tuple[str, ...]
    lines: tuple[DoseLine, ...]
    cubes: tuple[Cube, ...]


@lru_cache(maxsize=1)
def definitions() -> Definitions:
    """Return the cubes of the shipped data file."""
    path = shipped("reference_data") / "exchange" / "cubes.yaml"
    return read_definitions(yaml.safe_load(path.read_text(encoding="utf-8")))


def read_definitions(given: Mapping[str, Any]) -> Definitions:
    """Return cubes from the contents of a data file."""
    lines = tuple(_line(one) for one in given["lines"])
    lists = {
        "region": tuple(given["regions"]),
        "declared": tuple(given["declared"]),
        "result": tuple(given["results"]),
        "substance": tuple(given["substances"]),
        "line": tuple(line.key for line in lines),
        "band": tuple(dict.fromkeys(band for line in lines for band in line.bands)),
    }
    body = json.dumps(given, sort_keys=True, ensure_ascii=False, default=str)
    return Definitions(
        version=str(given["version"]),
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        regions=lists["region"],
        declared=lists["declared"],
        results=lists["result"],
        substances=lists["substance"],
        lines=lines,
        cubes=tuple(_cube(key, one, lists, lines) for key, one in given["cubes"].items()),
    )


def _line(given: Mapping[str, Any]) -> DoseLine:
    edges = tuple(Decimal(str(edge)) for edge in given["edges"])
    names = ("key", "substance", "form", "unit", "expressed_as")
    return DoseLine(**{name: str(given[name]) for name in names}, edges=edges)


def _cube(
    key: str,
    given: Mapping[str, Any],
    lists: Mapping[str, tuple[str, ...]],
    lines: tuple[DoseLine, ...],
) -> Cube:
    dimensions = tuple((str(name), lists[name]) for name in given["dimensions"])
    cells = tuple(product(*(values for _name, values in dimensions)))
    if key == "doses":
        bands = {line.key: line.bands for line in lines}
        cells = tuple(cell for cell in cells if cell[1] in bands[cell[0]])
    return Cube(key, str(given["counts"]), dimensions, frozenset(given["totals"]), cells)


@dataclass(frozen=True)
class Quarter:
    """A quarter of ISO weeks: 1 to 13, 14 to 26, 27 to 39, and the rest of the ISO year."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def first(self) -> date:
        return date.fromisocalendar(self.year, (self.number - 1) * 13 + 1, 1)

    @property
    def last(self) -> date:
        after = (
            Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)
        )
        return after.first - timedelta(days=1)


def quarter(text: str) -> Quarter:
    """Return the quarter that is written such as 2026-Q3; raises Invalid."""
    found = _QUARTER.fullmatch(text.strip().upper())
    if found is None:
        raise refuse_field("period", _("Write the quarter as year-Q and a figure: 2026-Q3."))
    return Quarter(int(found[1]), int(found[2]))


def quarter_of(day: date) -> Quarter:
    """Return the quarter in which a day lies."""
    year, week, _weekday = day.isocalendar()
    return Quarter(year, min(4, (week - 1) // 13 + 1))
