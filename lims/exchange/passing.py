"""From facts to the rows of a format, with what is wrong said by row and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from lims.exchange import outgoing
from lims.exchange.column_sets import CellProblem, ColumnSet, Period, cell_of, whole_weeks
from lims.exchange.tables_out import Cell
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.network.rules import Permission

SHOWN = 20
LOOKED_AT = 2_000
"""Rows that a page looks at before it answers; the command looks at all of them."""
MOST_PROBLEMS = 200


@dataclass
class Passing:
    """Rows on their way out: those that lack something required are left out and named."""

    session: Session
    chosen: ColumnSet
    period: Period
    network: str
    most: int | None = None
    seen: int = 0
    left_out: int = 0
    problems: list[CellProblem] = field(default_factory=list)
    by_column: Counter[str] = field(default_factory=Counter)

    def rows(self) -> Iterator[list[Cell]]:
        """Yield the rows that may go."""
        lists = sorted({one.vocabulary for one in self.chosen.columns if one.vocabulary})
        labels = outgoing.labels(self.session, lists) if lists else {}
        given = outgoing.rows(self.session, self.chosen, self.period, self.network, self.most)
        for self.seen, facts in enumerate(given, start=1):
            row: list[Cell] = []
            lacking = False
            for column in self.chosen.columns:
                cell, problem = cell_of(column, facts, labels)
                row.append(cell)
                lacking |= column.required and cell is None
                if problem is not None:
                    self._note(CellProblem(self.seen, column.name, problem))
            if lacking:
                self.left_out += 1
            else:
                yield row

    def _note(self, problem: CellProblem) -> None:
        self.by_column[problem.column] += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


@dataclass(frozen=True)
class Look:
    """What a format would give of a period: its first rows, counts, and what is wrong."""

    chosen: ColumnSet
    period: Period
    records: int
    held_back: int
    looked_at: int
    left_out: int
    rows: list[list[Cell]]
    problems: list[CellProblem]
    by_column: dict[str, int]
    is_whole: bool


def look(
    session: Session,
    actor: Actor,
    chosen: ColumnSet,
    period: Period,
    network: str,
    most: int | None = LOOKED_AT,
) -> Look:
    """Return what an export would give, without giving it; raises NotPermitted, Invalid."""
    actor.must(Permission.EXPORT)
    wide = checked(period)
    passing = Passing(session, chosen, wide, network, most)
    first: list[list[Cell]] = []
    for row in passing.rows():
        if len(first) < SHOWN:
            first.append(row)
    return Look(
        chosen=chosen,
        period=wide,
        records=outgoing.how_many(session, chosen, wide),
        held_back=outgoing.held_back(session, wide),
        looked_at=passing.seen,
        left_out=passing.left_out,
        rows=first,
        problems=passing.problems,
        by_column=dict(passing.by_column),
        is_whole=most is None or passing.seen < most,
    )


def checked(period: Period) -> Period:
    """Return a period widened to whole weeks; raises Invalid when it ends before it begins."""
    if period.until < period.since:
        raise refuse_field("until", _("The period ends before it begins."))
    if period.since.year < 2000 or period.until.year > 2100:
        raise refuse_field("since", _("Choose days between 2000 and 2100."))
    return whole_weeks(period)
