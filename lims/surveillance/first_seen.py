"""A substance that is new, or was not seen for two years, in the network, a region, a product line.

Being new means something only where enough was looked at before: the scope must have been counted
for twelve weeks and hold a hundred analysed samples. With none seen in n samples the share lies
below 3/n at 95 % (Hanley and Lippman-Hand, JAMA 1983;249:1743), so that a hundred say "under 3 %".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ALGORITHM, VERSION = "first-seen", 1


class Scope(StrEnum):
    """Where a substance is new, the widest first."""

    NETWORK = "network"
    LINE = "line"
    REGION = "region"


LEVELS: Mapping[Scope, str] = {
    Scope.NETWORK: "caution",
    Scope.LINE: "caution",
    Scope.REGION: "information",
}
"""New in the network, or in what people take for something else, is graver than new in a region."""


@dataclass(frozen=True)
class Parameters:
    """After how many days a substance is new again, and how much must have been looked at."""

    unseen_days: int = 730
    least_weeks: int = 12
    least_samples: int = 100


@dataclass(frozen=True)
class Looked:
    """How long a scope has been counted and how many samples it holds (at least that many)."""

    since: date | None
    samples: int


@dataclass(frozen=True)
class Sighting:
    """A substance in one sample: when, how sure, and when before, itself and its isomers."""

    seen_on: date
    confidence: str
    last_seen: date | None
    isomer_seen: date | None
    looked: Looked


class Answer(StrEnum):
    """What is said of a sighting."""

    NEW = "new"
    KNOWN = "known"
    UNSURE = "an isomer is known and nothing tells them apart"
    TOO_EARLY = "too little was looked at before"


def judge(sighting: Sighting, parameters: Parameters) -> Answer:
    """Say whether a sighting is a first one.

    A positional isomer (same formula, same class) that was seen before is the likelier answer of
    most methods: then only a confirmed identification is called new.
    """
    if _recent(sighting.last_seen, sighting.seen_on, parameters):
        return Answer.KNOWN
    looked = sighting.looked
    if looked.since is None or looked.samples < parameters.least_samples:
        return Answer.TOO_EARLY
    if sighting.seen_on - looked.since < timedelta(weeks=parameters.least_weeks):
        return Answer.TOO_EARLY
    isomer = _recent(sighting.isomer_seen, sighting.seen_on, parameters)
    if isomer and sighting.confidence != "confirmed":
        return Answer.UNSURE
    return Answer.NEW


def _recent(last: date | None, day: date, parameters: Parameters) -> bool:
    return last is not None and day - last < timedelta(days=parameters.unseen_days)


def inputs_of(sighting: Sighting) -> dict[str, object]:
    """Return a sighting as plain values that JSON can hold."""
    return {
        "seen_on": sighting.seen_on.isoformat(),
        "confidence": sighting.confidence,
        "last_seen": _iso(sighting.last_seen),
        "isomer_seen": _iso(sighting.isomer_seen),
        "looked_since": _iso(sighting.looked.since),
        "looked_samples": sighting.looked.samples,
    }


def sighting_of(inputs: Mapping[str, object]) -> Sighting:
    """Return the sighting that was kept as plain values."""
    since, samples = _day(inputs["looked_since"]), inputs["looked_samples"]
    return Sighting(
        seen_on=date.fromisoformat(str(inputs["seen_on"])),
        confidence=str(inputs["confidence"]),
        last_seen=_day(inputs["last_seen"]),
        isomer_seen=_day(inputs["isomer_seen"]),
        looked=Looked(since, int(str(samples))),
    )


def latest(days: Iterable[date | None]) -> date | None:
    """Return the latest of some days, or None."""
    return max((day for day in days if day is not None), default=None)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None
