"""What an institution may see of all others together: never so little that one could be guessed.

A number of the others is shown when it is nothing or at least five, and comes from at least two
other institutions. Periods overlap, so each stretch that lies in one of them and not in another
must hold that by itself: else the difference of two periods would tell it. Numbers kept back in a
column take the smallest beside them along until none of them can be worked out from the sum.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from lims.foundation.shares import SMALLEST_TOLD

INSTITUTIONS = 2


@dataclass
class Cell:
    """So many samples of the others, and which institutions they come from.

    `stretches` has the same for each stretch of time, without what the reader knows anyway.
    """

    count: int = 0
    institutions: set[object] = field(default_factory=set)
    stretches: dict[int, Cell] = field(default_factory=dict)

    def add(
        self, count: int, institution: object, stretch: int = 0, *, known: bool = False
    ) -> None:
        """Count further samples of an institution; None is nobody's yet."""
        self.count += count
        if count and institution is not None:
            self.institutions.add(institution)
        if not known:
            part = self.stretches.setdefault(stretch, Cell())
            part.count += count
            if count and institution is not None:
                part.institutions.add(institution)

    @property
    def is_shown(self) -> bool:
        """Tell whether the number names nobody, in no stretch of its time."""
        parts = self.stretches.values() if self.stretches or not self.institutions else [self]
        return all(may_be_shown(one.count, one.institutions) for one in parts)


def may_be_shown(count: int, institutions: Collection[object]) -> bool:
    """Tell whether a number of the others names nobody."""
    return count == 0 or (count >= SMALLEST_TOLD and len(institutions) >= INSTITUTIONS)


def column(cells: Mapping[str, Cell]) -> dict[str, int | None]:
    """Return the numbers of a column that is shown with its sum; None where one is kept back.

    What is kept back is at least two numbers, whose sum leaves open that any of them is five.
    """
    shown = {name: one.count if one.is_shown else None for name, one in cells.items()}
    while any(value is None for value in shown.values()):
        hidden = [cells[name].count for name, value in shown.items() if value is None]
        left = [name for name, value in shown.items() if value]
        enough = len(hidden) > 1 and sum(hidden) >= SMALLEST_TOLD + len(hidden) - 1
        if enough or not left:
            break
        shown[min(left, key=lambda name: (cells[name].count, name))] = None
    return shown


def share_may_be_shown(parts: Sequence[Cell]) -> bool:
    """Tell whether shares of one whole may be shown: each part of it may be, and it is no few."""
    return sum(one.count for one in parts) >= SMALLEST_TOLD and all(one.is_shown for one in parts)
