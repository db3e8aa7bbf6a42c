"""The columns of each format, as data files under reference_data/exchange/out/.

A column says its exact name, what it means, which fact it is made of, whether it is required and
where that is written. A column whose meaning or list of words nobody has published has no fact: it
stays empty and says so. Completing a set is editing its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from lims.exchange.outgoing_facts import Unit, known_to
from lims.exchange.tables_out import Cell
from lims.foundation.errors import refuse_field
from lims.foundation.shipped import shipped
from lims.foundation.words import Message, _

FORMATS = ("samples", "findings", "template", "bewsd", "tedi", "edas")
GRAINS = ("week", "monday", "month", "year")
"""How days leave: as an ISO week, as the Monday of it where a format demands a day, or coarser."""
DAY_FACTS = frozenset({"handed_in", "concluded_in", "published_in"})


@dataclass(frozen=True)
class OutColumn:
    """One column of a format."""

    name: str
    means: str
    fact: str
    nth: int
    grain: str
    days: str
    words: Mapping[str, str]
    vocabulary: str
    empty: str
    required: bool
    source: str

    @property
    def is_known(self) -> bool:
        """Tell whether it is known what to write here."""
        return bool(self.fact)


@dataclass(frozen=True)
class ColumnSet:
    """One format: its columns in order, and the facts that it refuses with the reason."""

    key: str
    title: str
    version: str
    unit: Unit
    released_only: bool
    kinds: tuple[str, ...]
    answers: tuple[str, ...]
    separator: str
    mark: bool
    source: str
    note: str
    columns: tuple[OutColumn, ...]
    refuses: Mapping[str, str]

    @property
    def head(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def unknown(self) -> list[str]:
        """Return the columns that stay empty because nothing is known of them."""
        return [column.name for column in self.columns if not column.is_known]


@lru_cache(maxsize=len(FORMATS))
def column_set(key: str) -> ColumnSet:
    """Return a format by its key; raises Invalid for another word."""
    if key not in FORMATS:
        raise refuse_field("format", _("Choose a format: %(names)s.", names=list(FORMATS)))
    path = shipped("reference_data") / "exchange" / "out" / f"{key}.yaml"
    return read_set(key, yaml.safe_load(path.read_text(encoding="utf-8")))


def read_set(key: str, given: Mapping[str, Any]) -> ColumnSet:
    """Return a column set from the contents of its file; ValueError says what is wrong in it."""
    unit = Unit(given["unit"])
    columns = tuple(
        made
        for one in given["columns"]
        for made in _columns(one, str(given.get("days", "%Y-%m-%d")))
    )
    refuses = {str(name): str(why) for name, why in (given.get("refuses") or {}).items()}
    for column in columns:
        _check(key, column, unit)
    return ColumnSet(
        key=key,
        title=given["title"],
        version=str(given["version"]),
        unit=unit,
        released_only=bool(given.get("released_only", True)),
        kinds=tuple(given.get("kinds", ("csv", "xlsx"))),
        answers=tuple(given.get("answers", ())),
        separator=given.get("separator", ","),
        mark=bool(given.get("mark", False)),
        source=given["source"],
        note=given.get("note", ""),
        columns=columns,
        refuses=refuses,
    )


def _columns(given: Mapping[str, Any], days: str) -> list[OutColumn]:
    """Return the column, or one for each place where it is repeated (`#` is the number)."""
    times = int(given.get("times", 0))
    if not times:
        return [_column(given, str(given["name"]), int(given.get("nth", 0)), days, True)]
    names = [str(given["name"]).replace("#", str(nth)) for nth in range(1, times + 1)]
    return [_column(given, name, nth, days, nth == 1) for nth, name in enumerate(names, start=1)]


def _column(
    given: Mapping[str, Any], name: str, nth: int, days: str, may_require: bool
) -> OutColumn:
    return OutColumn(
        name=name,
        means=str(given.get("means", "")),
        fact=str(given.get("from") or ""),
        nth=nth,
        grain=str(given.get("grain", "")),
        days=days,
        words={str(code): str(word) for code, word in (given.get("words") or {}).items()},
        vocabulary=str(given.get("vocabulary", "")),
        empty=str(given.get("empty", "")),
        required=bool(given.get("required", False)) and may_require,
        source=str(given.get("source", "")),
    )


def _check(key: str, column: OutColumn, unit: Unit) -> None:
    if column.fact and column.fact not in known_to(unit):
        raise ValueError(f"{key}: {column.name} is made of an unknown fact, {column.fact}")
    if column.fact in DAY_FACTS and column.grain not in GRAINS:
        raise ValueError(f"{key}: {column.name} is a day and must say its grain")


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with one cell: the row of the file, its column, the reason."""

    row: int
    column: str
    message: Message


@dataclass(frozen=True)
class Period:
    """Days from and to, both included."""

    since: date
    until: date


def cell_of(
    column: OutColumn, facts: Mapping[str, Any], labels: Mapping[str, Mapping[str, str]]
) -> tuple[Cell, Message | None]:
    """Return what stands in a cell, and what is wrong with it if anything is."""
    value = facts.get(column.fact) if column.fact else None
    if column.nth and isinstance(value, (list, tuple)):
        value = value[column.nth - 1] if len(value) >= column.nth else None
    if value is None and not column.required and not column.empty:
        return None, None  # most cells of a wide format
    problem = None
    if isinstance(value, date):
        value = coarse(value, column.grain, column.days)
    elif isinstance(value, (list, tuple)):
        value = "|".join(_worded(column, str(one), labels)[0] for one in value)
    elif isinstance(value, str) and value:
        value, problem = _worded(column, value, labels)
    if value in (None, "") and column.empty:
        return column.empty, None
    if column.required and value in (None, ""):
        return None, problem or _("This column is required, and nothing is known of it here.")
    kept: Cell = value if isinstance(value, (str, int, Decimal, bool)) else None
    return kept, problem


def _worded(
    column: OutColumn, code: str, labels: Mapping[str, Mapping[str, str]]
) -> tuple[str, Message | None]:
    if column.words:
        if code in column.words:
            return column.words[code], None
        return "", _("The format has no word for %(code)s.", code=code)
    if column.vocabulary:
        return labels.get(column.vocabulary, {}).get(code, code), None
    return code, None


def coarse(day: date, grain: str, days: str = "%Y-%m-%d") -> str:
    """Return a day as coarsely as its column says; a bare day never leaves."""
    year, week, _weekday = day.isocalendar()
    if grain == "monday":
        return (day - timedelta(days=day.weekday())).strftime(days)
    if grain == "month":
        return day.strftime("%Y-%m")
    return str(day.year) if grain == "year" else f"{year}-W{week:02d}"


def whole_weeks(period: Period) -> Period:
    """Widen a period to whole ISO weeks, so that two files cannot tell a day by what differs."""
    before, after = period.since.weekday(), 6 - period.until.weekday()
    return Period(period.since - timedelta(days=before), period.until + timedelta(days=after))
