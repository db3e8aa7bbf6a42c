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


@dataclass
class Tally:
    """Counts by name, own and of the others."""

    own: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    others: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))

    def add(self, name: str, count: int, mine: bool, institution: object) -> None:
        if mine:
            self.own[name] += count
        else:
            self.others[name].add(count, institution)

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
    others: Cell = field(default_factory=Cell)
    others_held: int = 0

    def add(self, match: str | None, count: int, mine: bool, institution: object) -> None:
        says = match is not None and match != NO_EXPECTATION
        held = count if match == EXPECTED else 0
        if mine:
            self.own += count
            self.counted += count if says else 0
            self.held += held
        elif says:
            self.others.add(count, institution)
            self.others_held += held

    def others_share(self) -> Share | None:
        parts = (self.others_held, self.others.count - self.others_held)
        if not feedback_rules.share_may_be_shown(parts, self.others.institutions):
            return None
        return share_of(self.others_held, self.others.count)
