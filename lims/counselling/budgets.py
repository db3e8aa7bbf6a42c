"""How often tickets may be tried: a budget for each selector and one for all together.

Kept in memory only and by selector, never by address: nothing of a visitor is written anywhere.
Each web process has its own budgets. At 50 bits of secret they are the second fence, not the first.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

MOST_SELECTORS = 20_000


@dataclass(frozen=True)
class Allowance:
    """So many tries at once, which come back evenly over so many seconds."""

    tries: int
    seconds: int


PER_SELECTOR = Allowance(10, 600)
IN_ALL = Allowance(240, 60)


@dataclass
class Bucket:
    """What is left of an allowance."""

    allowance: Allowance
    left: float
    since: datetime

    def refill(self, at: datetime) -> None:
        """Give back what came back since the last look."""
        seconds = max(0.0, (at - self.since).total_seconds())
        rate = self.allowance.tries / self.allowance.seconds
        self.left = min(float(self.allowance.tries), self.left + seconds * rate)
        self.since = at


@dataclass
class Budgets:
    """The budgets of one web process."""

    per_selector: Allowance = PER_SELECTOR
    in_all: Allowance = IN_ALL
    _all: Bucket | None = None
    _each: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    def may_try(self, selector: str, at: datetime) -> bool:
        """Tell whether one more try is within both budgets, and count it against the whole."""
        if self._all is None:
            self._all = Bucket(self.in_all, self.in_all.tries, at)
        self._all.refill(at)
        if self._all.left < 1:
            return False
        self._all.left -= 1
        known = self._each.get(selector)
        if known is None:
            return True
        known.refill(at)
        return known.left >= 1

    def count_failure(self, selector: str, at: datetime) -> None:
        """Count a try that showed nothing against its selector; the oldest are forgotten."""
        bucket = self._each.pop(selector, None) or Bucket(
            self.per_selector, self.per_selector.tries, at
        )
        bucket.refill(at)
        bucket.left -= 1
        self._each[selector] = bucket
        while len(self._each) > MOST_SELECTORS:
            self._each.popitem(last=False)
