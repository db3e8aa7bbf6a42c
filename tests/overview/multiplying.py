"""Multiplies the rows of a database: whatever a table holds is there several times afterwards.

A copy is a row like its original with an identifier of its own; what pointed to a copied row points
to the copy. Each round keeps some tables as they are, so that what belongs to one record grows too:
where runs are kept, a run has more samples; where samples are kept, a sample has more runs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Integer, String, Table, UniqueConstraint, select

from lims.foundation import codes
from lims.foundation.database import Base, UtcTime

NEVER_COPIED = {
    "installation": "what is true of the whole installation",
    "journal_head": "one row, the end of the chain",
    "vocabulary_term": "lists of words, read whole and kept in memory",
}
PLACES = {"organisation", "site", "member", "member_duty", "competence", "staff_session"}
REFERENCES = {"substance", "protocol_version"}
LISTED_BY = {"reference_spectrum": "identity"}
"""What a page lists each value of once, though a table may hold it often."""
CONTAINERS = ("visit", "sample", "run", "product", "parcel", "event", "spectrum_library")

Row = dict[str, Any]


def rounds() -> Iterator[set[str]]:
    """Give what each round keeps: nothing, then the places, then one kind of container each."""
    yield set()
    yield PLACES | REFERENCES
    for container in CONTAINERS:
        yield PLACES | REFERENCES | {container}


def multiply(connection: Connection) -> None:
    """Copy every row of every table once for each round."""
    tables = [one for one in Base.metadata.sorted_tables if one.name not in NEVER_COPIED]
    originals = {
        one: [dict(row._mapping) for row in connection.execute(select(one))] for one in tables
    }
    for number, chosen in enumerate(rounds(), start=1):
        copying, kept = Copying(number), with_what_stands_once(chosen, tables)
        for table in tables:
            if table.name not in kept:
                copying.prepare(table, originals[table], kept)
        for table in tables:
            if table.name not in kept:
                copies = [row for one in originals[table] if (row := copying.copy(table, one))]
                if copies:
                    connection.execute(table.insert(), copies)


@dataclass
class Copying:
    """One round: what each identifier, number or name of an original is in its copy."""

    number: int
    anew: dict[Any, Any] = field(default_factory=dict)
    keys: dict[Column[Any], dict[Any, Any]] = field(default_factory=dict)

    def prepare(self, table: Table, rows: Iterable[Row], kept: set[str]) -> None:
        """Choose what is different in the copies of a table before anything points to them."""
        for one in changed(table, kept):
            self.keys[one] = {row[one.name]: self._other(one, row[one.name]) for row in rows}
            if one.primary_key or isinstance(one.type, String):
                self.anew |= self.keys[one]

    def copy(self, table: Table, row: Row) -> Row | None:
        """Return the copy of a row, or None where only one such row may stand."""
        made = {one.name: self._moved(one, row[one.name]) for one in table.columns}
        for names in uniques(table):
            if all(made[name] == row[name] for name in names):
                loose = [name for name in names if table.columns[name].nullable]
                if not loose:
                    return None
                made[loose[0]] = None
        return made

    def _other(self, column: Column[Any], value: Any) -> Any:
        if isinstance(value, uuid.UUID):
            other = None if column.nullable else uuid.uuid4()
            return uuid.uuid4() if column.primary_key else self.anew.get(value, other)
        if isinstance(value, datetime):
            return value + timedelta(microseconds=self.number)
        if isinstance(value, int):
            return value + self.number * (1_000_000 if column.primary_key else 50)
        if column.name == "code":
            return self.anew.get(value) or codes.new_code()
        return f"{value}9{self.number}" if value is not None else None

    def _moved(self, column: Column[Any], value: Any) -> Any:
        while column.foreign_keys:
            column = next(iter(column.foreign_keys)).column
        if column in self.keys:
            return self.keys[column].get(value, value)
        return self._inside(value)

    def _inside(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._inside(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._inside(one) for one in value]
        if isinstance(value, uuid.UUID) or (isinstance(value, str) and value):
            return self.anew.get(value, value)
        return value


def with_what_stands_once(kept: set[str], tables: Iterable[Table]) -> set[str]:
    """Return what is kept, with the tables that hold one row for each kept row, such as plates."""
    found = set(kept)
    for table in tables:
        for names in uniques(table):
            columns = [table.columns[name] for name in names]
            keys = [key.column.table.name for one in columns for key in one.foreign_keys]
            if len(keys) == len(names) and found.issuperset(keys):
                found |= set() if any(one.nullable for one in columns) else {table.name}
    return found


def uniques(table: Table) -> list[list[str]]:
    """Return the sets of columns of which a table holds each value once."""
    named = [table.primary_key, *table.indexes, *table.constraints]
    found = [
        [one.name for one in each.columns]
        for each in named
        if each is table.primary_key
        or isinstance(each, UniqueConstraint)
        or getattr(each, "unique", False)
    ]
    return found + [[one.name] for one in table.columns if one.unique]


def changed(table: Table, kept: set[str]) -> list[Column[Any]]:
    """Return the columns that make a copy another row: identifiers, numbers, names."""
    found = [one for one in table.columns if one.name == LISTED_BY.get(table.name)]
    for names in uniques(table):
        columns = [table.columns[name] for name in names]
        pointed = {key.column.table.name for one in columns for key in one.foreign_keys}
        if pointed - kept:  # it is of another copy, and so another row
            continue
        own = [one for one in columns if not one.foreign_keys]
        for kind in (uuid.UUID, UtcTime, String, Integer):
            fitting = [one for one in own if _is(one, kind)]
            if fitting and fitting[-1] not in found:
                found.append(fitting[-1])
            if fitting:
                break
    return found


def _is(column: Column[Any], kind: type) -> bool:
    if kind is uuid.UUID:
        return column.type.python_type is uuid.UUID
    return isinstance(column.type, kind)
