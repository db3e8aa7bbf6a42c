"""What could be seen: the change that four weeks at this volume would show."""

from __future__ import annotations

from dataclasses import dataclass

from lims.surveillance.counting import Counts
from lims.surveillance.detectors import detectable_change
from lims.surveillance.methods import BETA_BINOMIAL, WINDOW

ALPHA: float = BETA_BINOMIAL.parameters["alpha"]
POWER = 0.8
"""Seen four times out of five: the usual power of a planned study."""
HISTORY = 52


@dataclass(frozen=True)
class Power:
    """Samples in four weeks, the usual share, and the smallest share that would be seen."""

    samples: int
    usual: float
    seen: float | None


def power_of(positives: Counts, totals: Counts, since: int) -> Power | None:
    """Return what would be seen at the volume of the last year; None without a sample in it."""
    begin = max(since, len(totals) - HISTORY)
    found, looked = positives[begin:], totals[begin:]
    if not looked.sum():
        return None
    change = detectable_change(found, looked, weeks=WINDOW, alpha=ALPHA, power=POWER)
    volume = round(looked.sum() * WINDOW / len(looked))
    return Power(int(volume), float(found.sum() / looked.sum()), change)
