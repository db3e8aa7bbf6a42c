"""Counts of a feedback: own ones, and of the others what names nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from lims.overview import feedback_rules
from lims.overview.feedback_rules import Cell
from lims.products.intervals import Share, share_of

EXPECTED = "as-expected"
NO_EXPECTATION = "no-expectation"


@dataclass(frozen=True)
class Line:
    """One row of a comparison: own number, the others' (None: kept back)."""

    name: str
    own: int
    others: int | None


@dataclass(frozen=True)
class Counted:
    """So many samples of one institution and stretch of time; `known` to the reader otherwise."""

    count: int
    mine: bool
    institution: object
    stretch: int = 0
    known: bool = False


@dataclass
class Tally:
    """Counts by name, own and of the others."""

    own: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    others: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))

    def add(self, name: str, row: Counted) -> None:
        if row.mine:
            self.own[name] += row.count
        else:
            self.others[name].add(row.count, row.institution, row.stretch, known=row.known)

    def lines(self, names: Iterable[str] = ()) -> tuple[Line, ...]:
        known = list(names) or sorted(
            {*self.own, *self.others},
            key=lambda one: (-self.own.get(one, 0), -self.others[one].count, one),
        )
        shown = feedback_rules.column({name: self.others[name] for name in known})
        return tuple(Line(name, self.own.get(name, 0), shown[name]) for name in known)


@dataclass
class DeclaredCount:
    """Samples sold as one substance: own in all, own and others' counted and as expected."""

    own: int = 0
    counted: int = 0
    held: int = 0
    others_held: Cell = field(default_factory=Cell)
    others_not: Cell = field(default_factory=Cell)

    def add(self, match: str | None, row: Counted) -> None:
        says = match is not None and match != NO_EXPECTATION
        if row.mine:
            self.own += row.count
            self.counted += row.count if says else 0
            self.held += row.count if match == EXPECTED else 0
        elif says:
            part = self.others_held if match == EXPECTED else self.others_not
            part.add(row.count, row.institution, row.stretch, known=row.known)

    def others_share(self) -> Share | None:
        if not feedback_rules.share_may_be_shown((self.others_held, self.others_not)):
            return None
        held = self.others_held.count
        return share_of(held, held + self.others_not.count)
