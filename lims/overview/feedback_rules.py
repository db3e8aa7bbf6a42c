"""What an institution may see of all others together: never so little that one could be guessed.

A number of the others is shown when it is nothing or at least five, and comes from at least two
other institutions. Where one number of a column is kept back alone, the smallest shown beside it is
kept back too: the sum would give it away. Shares need the same of both their parts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from lims.foundation.shares import SMALLEST_TOLD

INSTITUTIONS = 2


@dataclass
class Cell:
    """So many samples of the others, and which institutions they come from."""

    count: int = 0
    institutions: set[object] = field(default_factory=set)

    def add(self, count: int, institution: object) -> None:
        """Count further samples of an institution; None is nobody's yet."""
        self.count += count
        if count and institution is not None:
            self.institutions.add(institution)


def may_be_shown(count: int, institutions: Collection[object]) -> bool:
    """Tell whether a number of the others names nobody."""
    return count == 0 or (count >= SMALLEST_TOLD and len(institutions) >= INSTITUTIONS)


def column(cells: Mapping[str, Cell]) -> dict[str, int | None]:
    """Return the numbers of a column that is shown with its sum; None where one is kept back."""
    shown = {
        name: one.count if may_be_shown(one.count, one.institutions) else None
        for name, one in cells.items()
    }
    hidden = [name for name, value in shown.items() if value is None]
    if len(hidden) == 1:
        left = [name for name, value in shown.items() if value]
        if left:
            shown[min(left, key=lambda name: (cells[name].count, name))] = None
    return shown


def share_may_be_shown(counts: Sequence[int], institutions: Collection[object]) -> bool:
    """Tell whether shares of one whole may be shown: no part of it is one to four."""
    whole = sum(counts)
    enough = whole >= SMALLEST_TOLD and len(institutions) >= INSTITUTIONS
    return enough and all(one == 0 or one >= SMALLEST_TOLD for one in counts)
