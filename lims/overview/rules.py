"""Plain decisions of the overview: what is missing, how long things take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles

from lims.foundation.words import Message, _

# ------------------------------------------------------------------------------------------------
# What is still missing before a sample can be concluded on.
# ------------------------------------------------------------------------------------------------

STRUCTURAL = ("ftir", "raman", "gcms", "lcms")
"""Techniques that see the structure; a confirmed finding needs one, beside an uncorrelated one."""
SCREENING = ("tlc", "reagent", "strip")
QUANTIFYING = ("hplc_uv", "uv")
COUNTED_FORMS = ("tablet", "capsule", "blotter")
"""Dosage forms that come in units: the amount in one unit is what people ask."""


@dataclass(frozen=True)
class Done:
    """A run on a sample: its technique, whether it was verified, whether it waits for reading."""

    technique: str
    verified: bool
    unfinished: bool = False


def missing(form: str, runs: Iterable[Done], available: Iterable[str]) -> list[Message]:
    """Return, in words, what the protocols of this laboratory still ask for on a sample.

    Only techniques with a published protocol (`available`) are asked for.
    """
    started = {run.technique for run in runs}
    can = set(available)
    asked: list[tuple[tuple[str, ...], Message]] = [
        (("appearance",), _("appearance")),
        (("weighing",), _("weighing")),
        (SCREENING, _("a screening technique")),
        (STRUCTURAL, _("a structural technique")),
    ]
    if form in COUNTED_FORMS:
        asked.append((QUANTIFYING, _("the amount in one unit")))
    return [
        words for techniques, words in asked if can & {*techniques} and not started & {*techniques}
    ]


SILENT = ("weighing", "appearance", "guideline")
"""Techniques that say nothing of a substance."""


def is_ready_to_conclude(runs: Iterable[Done]) -> bool:
    """Tell whether a verified run says something of a sample, and none still waits to be read."""
    listed = list(runs)
    return any(run.verified and run.technique not in SILENT for run in listed) and not any(
        run.unfinished for run in listed
    )


# ------------------------------------------------------------------------------------------------
# How long things take.
# ------------------------------------------------------------------------------------------------

SECONDS_PER_DAY = 86_400
WEEKS = 12


@dataclass(frozen=True)
class Spread:
    """Times in days: how many, least, quarter, middle, three quarters, most, and each one."""

    n: int
    least: float
    quarter: float
    median: float
    three_quarters: float
    most: float
    days: tuple[float, ...]


def days_between(begin: datetime, end: datetime) -> float:
    """Return the time between two moments in days; a clock that was set back counts as none."""
    return max(0.0, (end - begin).total_seconds() / SECONDS_PER_DAY)


def spread(days: Sequence[float]) -> Spread | None:
    """Return the spread of some times in days, or None when there are none.

    Quartiles by linear interpolation between the closest ranks (Hyndman and Fan, type 7).
    """
    if not days:
        return None
    kept = tuple(sorted(days))
    if len(kept) == 1:
        return Spread(1, kept[0], kept[0], kept[0], kept[0], kept[0], kept)
    low, middle, high = quantiles(kept, n=4, method="inclusive")
    return Spread(len(kept), kept[0], low, middle, high, kept[-1], kept)


def scale_end(most: float) -> int:
    """Return the end of a day scale that holds `most`: 1, 2, 5, 10, 20, 50 … days."""
    end = 1
    while end < most:
        end = end * 5 // 2 if str(end).startswith("2") else end * 2
    return end
