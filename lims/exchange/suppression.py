"""Which numbers of a release are withheld, so that no small one can be worked out from the others.

A number from 1 to 4 is sensitive. It stays hidden only if somebody who holds every published
number must allow that it is none at all (or what an alert has already said) and that it is 5 or
more. For both, another table of whole numbers is looked for that agrees with all that is
published; whatever would tell it from the true one is withheld too. Withholding more never
uncovers anything, so each such witness stays good. The question is the attacker's linear programme
of M. Fischetti and J. J. Salazar-González (Management Science 47, 2001), solved in integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, hstack, identity, vstack

from lims.foundation.errors import Refused
from lims.foundation.shares import SMALLEST_TOLD
from lims.foundation.words import _

SPREAD = 1.5
"""How far chance moves the cost of withholding a number, in powers of two."""

Counts = NDArray[np.int64]
Members = tuple[int, ...]


@dataclass(frozen=True)
class Bound:
    """What everybody knows besides: the numbers `few` together are at most those of `many`.

    With `few` empty: the numbers of `many` together are at least `least`.
    """

    few: Members
    many: Members
    least: int = 0


@dataclass(frozen=True)
class Table:
    """The cells of one period, and every number that could be said of them, by its key."""

    cells: Counts
    items: Mapping[tuple[str, ...], Members]
    bounds: tuple[Bound, ...] = ()

    def value(self, key: tuple[str, ...]) -> int:
        """Return the true number of an item."""
        return int(self.cells[list(self.items[key])].sum())


@dataclass
class Pattern:
    """What is withheld, and the witnesses that keep the small numbers hidden."""

    withheld: set[tuple[str, ...]] = field(default_factory=set)
    sensitive: tuple[tuple[str, ...], ...] = ()
    witnesses: list[Counts] = field(default_factory=list)


def is_sensitive(number: int) -> bool:
    """Tell whether a number is too small to be published; none at all is not."""
    return 0 < number < SMALLEST_TOLD


def protect(table: Table, seed: int | None = None) -> Pattern:
    """Return what to withhold. Which numbers go with the small ones is partly left to chance.

    Without chance, who knows this program could try every table and see which one it would have
    treated so. Tests give a seed; a release takes its chance from the system and keeps it nowhere.
    Raises Refused when no witness is found, in which case nothing may be published.
    """
    values = {key: table.value(key) for key in table.items}
    sensitive = tuple(key for key, number in values.items() if is_sensitive(number))
    pattern = Pattern(set(sensitive), sensitive)
    chance = np.random.default_rng(seed)
    search = _Search(table, chance)
    for at in chance.permutation(len(sensitive)):
        key = sensitive[at]
        for wanted in _wanted(table, key):
            if not any(wanted.holds(one) for one in pattern.witnesses):
                witness = search.witness(wanted, pattern.withheld)
                pattern.witnesses.append(witness)
                changed = search.items @ (witness - table.cells)
                pattern.withheld.update(search.keys[item] for item in np.flatnonzero(changed))
    return pattern


def holds(table: Table, pattern: Pattern) -> bool:
    """Tell whether every small number is hidden: both witnesses agree with all that is told."""
    keys = [key for key in table.items if key not in pattern.withheld]
    told = _rows([table.items[key] for key in keys], len(table.cells))
    for witness in pattern.witnesses:
        known = all(
            sum(witness[at] for at in bound.few) + bound.least
            <= sum(witness[at] for at in bound.many)
            for bound in table.bounds
        )
        if not known or np.any(witness < 0) or np.any(told @ (witness - table.cells)):
            return False
    wanted = [one for key in pattern.sensitive for one in _wanted(table, key)]
    hidden = set(pattern.sensitive) <= pattern.withheld
    return hidden and all(any(one.holds(w) for w in pattern.witnesses) for one in wanted)


@dataclass(frozen=True)
class _Wanted:
    """A number that a witness must show for an item: at most, or at least."""

    members: Members
    most: int | None = None
    least: int | None = None

    def holds(self, cells: Counts) -> bool:
        number = int(cells[list(self.members)].sum())
        low = self.least is None or number >= self.least
        return low and (self.most is None or number <= self.most)


def _wanted(table: Table, key: tuple[str, ...]) -> tuple[_Wanted, _Wanted]:
    members = table.items[key]
    known = [b.least for b in table.bounds if not b.few and set(b.many) <= set(members)]
    return _Wanted(members, most=max([0, *known])), _Wanted(members, least=SMALLEST_TOLD)


class _Search:
    """Looks for another table that agrees with what is published, at the least cost."""

    def __init__(self, table: Table, chance: np.random.Generator) -> None:
        self.table = table
        self.keys = tuple(table.items)
        cells = len(table.cells)
        self.items = _rows([table.items[key] for key in self.keys], cells)
        few = _rows([bound.few for bound in table.bounds], cells)
        many = _rows([bound.many for bound in table.bounds], cells)
        self.bounds = csr_matrix(many - few)
        least = np.array([bound.least for bound in table.bounds], dtype=float)
        self.slack = least - self.bounds @ table.cells
        self.costs = np.log2(2.0 + self.items @ table.cells)
        self.costs = self.costs * np.exp2(chance.uniform(-SPREAD, SPREAD, len(self.keys)))

    def witness(self, wanted: _Wanted, withheld: set[tuple[str, ...]]) -> Counts:
        """Return whole numbers that show what is wanted and change the least that is published."""
        shown = np.array([at for at, key in enumerate(self.keys) if key not in withheld], dtype=int)
        for whole in (0, 1):  # most answers are whole numbers by themselves
            found = self._solved(wanted, shown, whole)
            if found is not None and self._agrees(found, wanted):
                return found
        raise Refused(_("A small number of this period cannot be hidden. Nothing is released."))

    def _solved(self, wanted: _Wanted, shown: Counts, whole: int) -> Counts | None:
        cells, true = len(self.table.cells), self.table.cells.astype(float)
        highest = np.full(cells + len(shown), true.sum() + 4 * SMALLEST_TOLD)
        answer = milp(
            np.concatenate([np.zeros(cells), self.costs[shown]]),
            integrality=np.concatenate([np.full(cells, whole), np.zeros(len(shown))]),
            bounds=Bounds(np.concatenate([-true, np.zeros(len(shown))]), highest),
            constraints=self._constraints(wanted, self.items[shown]),
            options={"time_limit": 60.0, "mip_rel_gap": 0.2},
        )
        if answer.x is None:
            return None
        moved = np.rint(answer.x[:cells]).astype(np.int64)
        if not whole and self._changed(moved, shown) > self._changed(answer.x[:cells], shown) + 2:
            return None  # rounded, it would withhold more than it need
        found: Counts = self.table.cells + moved
        return found

    def _changed(self, moved: NDArray[np.generic], shown: Counts) -> int:
        """Return how many numbers that are shown a move changes."""
        return int(np.count_nonzero(np.abs(self.items[shown] @ moved) > 1e-6))

    def _agrees(self, found: Counts, wanted: _Wanted) -> bool:
        """Tell whether a table could be: no negative number, all that is known, what is wanted."""
        known = self.bounds @ (found - self.table.cells) >= self.slack
        return bool(np.all(found >= 0) and np.all(known) and wanted.holds(found))

    def _constraints(self, wanted: _Wanted, shown: csr_matrix) -> list[LinearConstraint]:
        """Return: each shown item's change is within its cost, what is known, what is wanted."""
        cells, items = len(self.table.cells), shown.shape[0]
        one = identity(items, format="csr")
        within = vstack([hstack([shown, -one]), hstack([-shown, -one])]).tocsr()
        target = hstack([_rows([wanted.members], cells), csr_matrix((1, items))]).tocsr()
        number = int(self.table.cells[list(wanted.members)].sum())
        low = -np.inf if wanted.least is None else wanted.least - number
        high = np.inf if wanted.most is None else wanted.most - number
        found = [LinearConstraint(within, -np.inf, 0), LinearConstraint(target, low, high)]
        if self.table.bounds:
            known = hstack([self.bounds, csr_matrix((len(self.table.bounds), items))]).tocsr()
            found.append(LinearConstraint(known, self.slack, np.inf))
        return found


def _rows(members: Sequence[Members], cells: int) -> csr_matrix:
    """Return a matrix with a row for each group of cells."""
    at = [(row, cell) for row, group in enumerate(members) for cell in group]
    rows, columns = ([one[side] for one in at] for side in (0, 1))
    return csr_matrix((np.ones(len(at)), (rows, columns)), shape=(len(members), cells))
