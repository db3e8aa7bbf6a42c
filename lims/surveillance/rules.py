"""Signals: their states, when a danger judgement raises one, and the clocks that run on them.

Levels are those of the danger rules. Information is told with the result and raises no signal:
a queue that fills with harmless remarks is a queue that nobody reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from lims.foundation.errors import Refused
from lims.foundation.words import Message, _


class SignalState(StrEnum):
    """Where a signal stands."""

    OPEN = "open"
    MERGED = "merged"
    DISCARDED = "discarded"
    EVENT = "event"


class SignalSource(StrEnum):
    """What raised a signal."""

    RULE = "rule"
    FIRST_SEEN = "first-seen"
    STATISTIC = "statistic"
    HUMAN_REPORT = "human-report"
    PARTNER = "partner"
    SAME_LOOK = "same-look"
    EFFECTS = "effects"


S = SignalState
MOVES: Mapping[SignalState, frozenset[SignalState]] = {
    S.OPEN: frozenset({S.MERGED, S.DISCARDED, S.EVENT}),
    S.MERGED: frozenset(),
    S.DISCARDED: frozenset(),
    S.EVENT: frozenset(),
}
"""Which state may follow which; the three ends are ends."""

LEVELS = ("neutral", "information", "caution", "warning", "red")
"""From the least to the gravest."""
REPORT_LEVELS = ("information", "caution", "warning", "red")
LEAST_LEVEL = "caution"
"""A danger judgement below this raises no signal."""


@dataclass(frozen=True)
class Target:
    """Within how many hours a signal must be looked at, and decided."""

    look: int
    decide: int


TARGETS: Mapping[str, Target] = {
    "red": Target(look=4, decide=24),
    "warning": Target(look=24, decide=72),
    "caution": Target(look=72, decide=72),
    "information": Target(look=72, decide=72),
}
"""The coordination's usual targets by level, in hours; the settings may say others."""


def refuse_move(present: str, wanted: SignalState) -> None:
    """Refuse a move that the table does not hold (Refused)."""
    if wanted not in MOVES[SignalState(present)]:
        raise Refused(_("This signal is already decided. Reload the page to see how."))


def rank(level: str) -> int:
    """Return how grave a level is; an unknown word counts as neutral."""
    return LEVELS.index(level) if level in LEVELS else 0


def raises_signal(level: str) -> bool:
    """Tell whether a danger judgement of this level raises a signal."""
    return rank(level) >= rank(LEAST_LEVEL)


def judgements(outcomes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the danger judgements that raise a signal, one per rule, the gravest level first.

    A rule that holds for two substances gives one signal whose reason names both.
    """
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    for outcome in outcomes:
        if outcome.get("raises") and raises_signal(str(outcome.get("level", ""))):
            by_rule.setdefault(str(outcome["rule"]), []).append(outcome)
    found = [_judgement(key, same) for key, same in by_rule.items()]
    return sorted(found, key=lambda one: -rank(one["level"]))


def _judgement(key: str, outcomes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    words = [outcome.get("words") or {} for outcome in outcomes]
    together = {"id": "%(all)s", "params": {"all": {"list": words}}}
    return {
        "rule": key,
        "version": int(outcomes[0].get("version") or 0),
        "level": max((str(outcome["level"]) for outcome in outcomes), key=rank),
        "substance": str(outcomes[0].get("substance") or ""),
        "words": words[0] if len(words) == 1 else together,
        "seen": [
            {part: outcome.get(part) for part in ("verdict", "substance", "inputs")}
            for outcome in outcomes
        ],
    }


def data_hash(facts: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a signal was computed from, keys in order."""
    body = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(body.encode()).hexdigest()


class Again(StrEnum):
    """What becomes of a judgement that an earlier version of the finding already raised."""

    MERGE = "merge into the earlier signal"
    RAISE = "raise it anew"
    NOTHING = "nothing: it was looked at with the same data"


def judged_again(*, earlier_state: str, same_data: bool, graver: bool) -> Again:
    """Say what an amended finding does with a rule that already raised a signal.

    An open signal takes the new one in. A decided one is raised anew only when its data changed,
    or the level is graver than the one that was decided.
    """
    if earlier_state == SignalState.OPEN:
        return Again.MERGE
    return Again.NOTHING if same_data and not graver else Again.RAISE


@dataclass(frozen=True)
class Clock:
    """How long a signal has waited for its next step, against the target. Hours."""

    waits_for: str
    hours: float
    target: int

    @property
    def is_late(self) -> bool:
        return self.hours > self.target

    @property
    def is_escalated(self) -> bool:
        """Tell whether nobody looked in time: then it goes to every coordinator."""
        return self.is_late and self.waits_for == "look"

    @property
    def share(self) -> int:
        """Return how far the bar is filled, in percent; the target stands at 75."""
        return min(100, round(75 * self.hours / self.target))


def clock(
    *,
    level: str,
    opened_at: datetime,
    looked_at: datetime | None,
    decided_at: datetime | None,
    at: datetime,
    targets: Mapping[str, Target] = TARGETS,
) -> Clock | None:
    """Return the clock that runs on a signal, or None when it is decided."""
    if decided_at is not None:
        return None
    target = targets.get(level, targets["information"])
    hours = max(0.0, (at - opened_at) / timedelta(hours=1))
    if looked_at is None:
        return Clock("look", hours, target.look)
    return Clock("decide", hours, target.decide)


class Timed(Protocol):
    """What the clocks need to know of a signal."""

    @property
    def level(self) -> str: ...
    @property
    def opened_at(self) -> datetime: ...
    @property
    def looked_at(self) -> datetime | None: ...


def late_steps(
    signal: Timed, at: datetime, targets: Mapping[str, Target] = TARGETS
) -> tuple[str, ...]:
    """Return what nobody did in time on an open signal: look, decide, or both."""
    target = targets.get(signal.level, targets["information"])
    hours = (at - signal.opened_at) / timedelta(hours=1)
    looked = signal.looked_at is not None
    steps = (("look", not looked and hours > target.look), ("decide", hours > target.decide))
    return tuple(step for step, is_late in steps if is_late)


def source_words(source: str) -> Message:
    """Return the words for what raised a signal."""
    words = {
        SignalSource.RULE: _("danger rule"),
        SignalSource.FIRST_SEEN: _("first seen"),
        SignalSource.STATISTIC: _("statistics"),
        SignalSource.HUMAN_REPORT: _("report by a person"),
        SignalSource.PARTNER: _("partner"),
        SignalSource.SAME_LOOK: _("same look, different content"),
        SignalSource.EFFECTS: _("reported effects"),
    }
    return words[SignalSource(source)]
