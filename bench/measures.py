"""Timing in turns, so that a busy machine slows both sides alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


class NotMeasured(Exception):
    """A measurement that could not be made, with the reason."""


@dataclass(frozen=True)
class Outcome:
    """What one measurement found, and whether it keeps its promise."""

    name: str
    unit: str
    ours: float | None
    bare: float | None = None
    promise: str = ""
    kept: bool | None = None
    reason: str = ""

    @property
    def ratio(self) -> float | None:
        """Return ours divided by bare."""
        return self.ours / self.bare if self.ours is not None and self.bare else None

    def as_dict(self) -> dict[str, Any]:
        """Return every number with its name."""
        return {**asdict(self), "ratio": self.ratio}


def seconds(act: Callable[[], object]) -> float:
    """Return how long one act takes, in seconds."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def in_turns(
    ours: Callable[[], float], bare: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """Measure ours, bare, ours, bare ... and return both medians; the first round warms up."""
    found: list[tuple[float, float]] = []
    for turn in range(rounds + 1):
        # The one that goes first changes every round: neither has the warmer machine.
        if turn % 2:
            second, first = bare(), ours()
        else:
            first, second = ours(), bare()
        if turn:
            found.append((first, second))
    return statistics.median(a for a, _ in found), statistics.median(b for _, b in found)


def median_of(act: Callable[[], float], rounds: int) -> float:
    """Measure the same act several times and return the median; the first time warms up."""
    act()
    return statistics.median(act() for _ in range(rounds))
