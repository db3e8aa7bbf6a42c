"""How long a result may take: one rule, from the last results, the queue now and stated capacity.

It estimates and never promises. With too few results it says nothing at all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

import numpy as np

WEEKS = 12
"""Results of so many weeks are looked at: long enough for a small service, short enough to be now.
Hand-ins of these weeks are kept to the day at least (after 90 days only the week is known)."""
MOST = 100
"""The newest results count, so that a change shows; a choice of this program."""
FEWEST = 12
"""With fewer results nothing is said. The formula needs nine; twelve is a choice of this program,
so that a small service can say something and one odd result is not yet the end of the range."""


@dataclass(frozen=True)
class Passage:
    """A sample on its way: moments in days from any fixed point.

    `left` is when it ended (result, not analysed, withdrawn), None while it waits; `told` whether
    it ended with a result; `own` whether it is of the place that the estimate is for. Samples of
    others share the queue.
    """

    came: float
    left: float | None
    told: bool
    own: bool = True


@dataclass(frozen=True)
class Estimate:
    """Days from hand-in to result: half within `half`, eight in ten within `eight`.

    `low` to `high` is meant to hold eight in ten. `queue` waits now; where `by_queue`, the days
    are those expected with this queue, otherwise those of the last results.
    """

    n: int
    weeks: int
    half: float
    eight: float
    low: float
    high: float
    queue: int
    by_queue: bool


def estimate(
    passages: Sequence[Passage],
    now: float,
    per_day: float | None = None,
    closed_days: Collection[int] = (),
) -> Estimate | None:
    """Return how long a sample handed in now may take, or None with fewer than FEWEST results.

    Formula. Of the last results t₁ … tₙ (days from hand-in to result; at most MOST, of the last
    WEEKS weeks) each is moved by how much longer or shorter the queue is now than when that
    sample came: tᵢ + (Q(now) − Q(cameᵢ)) / c, where Q counts the samples without an end at that
    moment and c is the stated capacity in samples per day; never below the quickest result seen.
    Where the queue is longer now, the moved times are spread about their median by
    √((1 + Q(now)) / (1 + median Q(cameᵢ))): behind q samples one waits a sum of q times, whose
    variance grows with q. Without stated capacity nothing is moved. Of the n sorted values v the
    range is v[⌊0.1(n+1)⌋] to v[⌈0.9(n+1)⌉], "eight in ten" is v[⌈0.8(n+1)⌉], "half" the median.
    Were the next sample like the last ones (exchangeable), a range between the order statistics
    l and u would hold it with probability (u − l)/(n + 1): here at least 0.8.
    Days on which the laboratory says it is closed (`closed_days`, counted from now: 0 is the
    coming day) push each figure on by a day.

    Limits. Samples are seldom alike: urgent ones overtake, forms and techniques differ, and a
    laboratory may slow down without saying so. Samples that still wait are in the queue and not
    among the results, so while a queue grows fast the range is too short: much too short without
    stated capacity or with a capacity that is stated too high. Samples that were not
    analysed count in the queue and have no time. Hand-ins older than a week are known to the day,
    which makes a time up to one day too long. tests/overview/test_waiting.py measures on
    synthetic queues how many of ten samples the range held: about eight and a half on a steady
    queue and after a rush, about six on one that grows without end (two without capacity).
    """
    told = _last(passages, now)
    if len(told) < FEWEST:
        return None
    queue = _queue_at(passages, [now])[0]
    times = np.array([(one.left or now) - one.came for one in told]).clip(min=0.0)
    by_queue = bool(per_day and per_day > 0)
    if by_queue and per_day:
        then = _queue_at(passages, [one.came for one in told])
        times = _moved(times, then, float(queue), per_day)
    days = sorted(float(one) for one in times)
    n = len(days)

    def at(place: int) -> float:
        return _pushed(days[min(max(place, 1), n) - 1], closed_days)

    return Estimate(
        n=n,
        weeks=WEEKS,
        half=_pushed(median(days), closed_days),
        eight=at(-(-8 * (n + 1) // 10)),
        low=at((n + 1) // 10),
        high=at(-(-9 * (n + 1) // 10)),
        queue=int(queue),
        by_queue=by_queue,
    )


def _moved(times: np.ndarray, then: np.ndarray, queue: float, per_day: float) -> np.ndarray:
    """Return n times as they would be behind the queue of now; see estimate."""
    moved = times + (queue - then) / per_day
    middle = float(np.median(moved))
    wider = max(1.0, (1 + queue) / (1 + float(np.median(then)))) ** 0.5
    there: np.ndarray = np.maximum(middle + (moved - middle) * wider, times.min())
    return there


def _last(passages: Sequence[Passage], now: float) -> list[Passage]:
    """Return the newest results of the place itself, the oldest first."""
    since = now - 7 * WEEKS
    told = [
        one
        for one in passages
        if one.own and one.told and one.left is not None and since <= one.left <= now
    ]
    return sorted(told, key=lambda one: (one.left or 0.0, one.came))[-MOST:]


def _queue_at(passages: Sequence[Passage], moments: Sequence[float]) -> np.ndarray:
    """Return how many samples were there at some moments without an end: n values."""
    came = np.sort([one.came for one in passages])
    left = np.sort([one.left for one in passages if one.left is not None])
    at = np.asarray(moments, dtype=np.float64)
    there = np.searchsorted(came, at, "left") - np.searchsorted(left, at, "right")
    counted: np.ndarray = np.maximum(there, 0)
    return counted


def _pushed(days: float, closed_days: Collection[int]) -> float:
    """Return some days from now, moved on by each closed day that lies before their end."""
    end = days
    for closed in sorted(set(closed_days)):
        if closed < end:
            end += 1
    return end


def whole_days(days: float) -> int:
    """Return days as people say them: rounded up, at least one."""
    return max(1, ceil(round(days, 6)))


@dataclass(frozen=True)
class Capacity:
    """What a laboratory said that it can do: so many samples, each opening day or each week.

    `technique` is empty where it is said for any sample; `days` are the opening days of a week.
    """

    technique: str
    samples: int
    per: str
    days: int


def samples_per_day(stated: Collection[Capacity]) -> float | None:
    """Return what a laboratory can do per day of the calendar, None when nothing is stated.

    What is said for any sample counts; otherwise the smallest of its techniques, since a sample
    may need that one: what is really done may be more.
    """
    if not stated:
        return None
    whole = [one for one in stated if not one.technique] or list(stated)
    return min(one.samples * (one.days if one.per == "day" else 1) / 7 for one in whole)
