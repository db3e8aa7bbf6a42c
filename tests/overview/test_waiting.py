from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.overview import waiting
from lims.overview.waiting import FEWEST, Capacity, Estimate, Passage

NOW = 200.0


def results(*days: float, until: float = NOW - 0.5) -> list[Passage]:
    """Samples whose results came in the last days, after so many days each."""
    return [
        Passage(until - at * 0.01 - each, until - at * 0.01, True) for at, each in enumerate(days)
    ]


def found(passages: list[Passage], **more: object) -> Estimate:
    told = waiting.estimate(passages, NOW, **more)  # type: ignore[arg-type]
    assert told is not None
    return told


def test_with_too_few_results_nothing_is_said() -> None:
    assert waiting.estimate(results(*[3.0] * (FEWEST - 1)), NOW) is None
    assert waiting.estimate([], NOW) is None
    assert found(results(*[3.0] * FEWEST)).n == FEWEST


def test_half_and_eight_in_ten_are_counted_from_the_last_results() -> None:
    told = found(results(*(float(day) for day in range(1, 30))))
    assert (told.n, told.half) == (29, pytest.approx(15.0))
    assert (told.low, told.eight, told.high) == pytest.approx((3.0, 24.0, 27.0))
    assert not told.by_queue


def test_what_was_told_long_ago_and_what_got_no_result_is_not_counted() -> None:
    kept = results(*[2.0] * FEWEST)
    old = [Passage(10.0, 40.0, True)] * 30
    ended = [Passage(NOW - 80, NOW - 1, False)] * 30
    assert found([*kept, *old, *ended]).high == pytest.approx(2.0)


def test_only_the_newest_hundred_results_count() -> None:
    told = found(results(*[2.0] * waiting.MOST, *[9.0] * 50))
    assert (told.n, told.high) == (waiting.MOST, pytest.approx(2.0))


def test_times_of_other_places_do_not_count_but_their_samples_wait_in_the_queue() -> None:
    others = [Passage(NOW - 60, NOW - 1, True, own=False)] * 40
    theirs = [Passage(NOW - 0.1, None, False, own=False)] * 30
    told = found([*results(*[2.0] * FEWEST), *others, *theirs])
    assert told.high == pytest.approx(2.0) and told.queue == 30
    assert waiting.estimate(others, NOW) is None


def test_a_longer_queue_is_waited_for_where_capacity_is_stated() -> None:
    crowd = [Passage(NOW - 0.1, None, False)] * 40
    passages = [*results(*[2.0] * FEWEST), *crowd]
    assert found(passages).half == pytest.approx(2.0)
    told = found(passages, per_day=10.0)
    assert told.by_queue and told.half > 5.0


def test_nobody_is_told_a_time_that_is_quicker_than_any_that_was_seen() -> None:
    crowd = [Passage(NOW - 30, NOW - 3, False)] * 500
    told = found([*results(*[float(day) for day in range(5, 30)]), *crowd], per_day=1.0)
    assert told.low >= 5.0


def test_days_on_which_the_laboratory_is_closed_are_added() -> None:
    plain = found(results(*[2.5] * FEWEST))
    shut = found(results(*[2.5] * FEWEST), closed_days={0, 2, 30})
    assert (plain.half, shut.half) == (pytest.approx(2.5), pytest.approx(4.5))


@pytest.mark.parametrize(("days", "said"), [(0.0, 1), (0.2, 1), (1.0, 1), (1.01, 2), (6.5, 7)])
def test_days_are_said_rounded_up(days: float, said: int) -> None:
    assert waiting.whole_days(days) == said


def test_capacity_said_for_any_sample_counts_before_that_of_a_technique() -> None:
    any_sample = Capacity("", 14, "week", 5)
    slow, quick = Capacity("gcms", 2, "day", 5), Capacity("ftir", 20, "day", 5)
    assert waiting.samples_per_day([]) is None
    assert waiting.samples_per_day([any_sample, slow]) == 2.0
    assert waiting.samples_per_day([quick, slow]) == pytest.approx(10 / 7)


times = st.lists(st.floats(0, 80), min_size=FEWEST, max_size=60)


@given(times, st.integers(0, 60), st.one_of(st.none(), st.floats(0.1, 50)))
def test_an_estimate_is_always_in_order(days: list[float], queue: int, rate: float | None) -> None:
    told = found([*results(*days), *[Passage(NOW - 0.2, None, False)] * queue], per_day=rate)
    assert 0 <= told.low <= told.half <= told.eight <= told.high
    assert told.n == min(len(days), waiting.MOST)


@given(times, st.integers(0, 30), st.integers(1, 30), st.floats(0.1, 50))
def test_a_longer_queue_never_shortens_what_is_told(
    days: list[float], queue: int, more: int, rate: float
) -> None:
    def told(n: int) -> Estimate:
        return found([*results(*days), *[Passage(NOW - 0.001, None, False)] * n], per_day=rate)

    shorter, longer = told(queue), told(queue + more)
    assert longer.half >= shorter.half and longer.high >= shorter.high


@given(times, st.sets(st.integers(0, 90), max_size=20))
def test_a_closed_day_never_shortens_what_is_told(days: list[float], closed: set[int]) -> None:
    plain, shut = found(results(*days)), found(results(*days), closed_days=closed)
    assert shut.low >= plain.low and shut.high >= plain.high


# ------------------------------------------------------------------------------------------------
# How many of ten samples the range really held, on synthetic queues.
# ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Queue:
    """A synthetic laboratory: first come, first served, so many samples a day."""

    seed: int
    arrivals: float
    capacity: float
    growth: float = 0.0
    rush: bool = False
    days: int = 160

    def passages(self) -> list[tuple[float, float]]:
        """Return when each sample came and when its result came."""
        dice, free, made = random.Random(self.seed), 0.0, []
        for day in range(self.days):
            mean = self.arrivals + self.growth * day
            if self.rush and day % 45 == 30:
                mean *= 8
            for came in sorted(day + dice.random() for _each in range(_poisson(dice, mean))):
                free = max(free, came) + dice.expovariate(self.capacity)
                made.append((came, free + dice.lognormvariate(0.4, 0.4)))
        return made


def _poisson(dice: random.Random, mean: float) -> int:
    n, at = 0, dice.expovariate(mean)
    while at < 1:
        n, at = n + 1, at + dice.expovariate(mean)
    return n


def coverage(queue: Queue, stated: float | None) -> float:
    """Return the share of samples of the last weeks that the range told at hand-in held."""
    held, asked, everything = 0, 0, queue.passages()
    for came, left in everything:
        if not 95 < came < queue.days - 30:
            continue
        known = [
            Passage(one, end if end <= came else None, end <= came)
            for one, end in everything
            if one < came
        ]
        told = waiting.estimate(known, came, stated)
        if told is not None:
            asked += 1
            held += told.low <= left - came <= told.high
    assert asked > 100
    return held / asked


STEADY = Queue(seed=1, arrivals=3.0, capacity=4.0)
RUSH = Queue(seed=2, arrivals=3.0, capacity=4.5, rush=True)
GROWING = Queue(seed=3, arrivals=3.0, capacity=4.0, growth=0.015)


def test_on_a_steady_queue_the_range_holds_eight_in_ten_with_or_without_the_queue() -> None:
    assert 0.72 <= coverage(STEADY, None) <= 0.92
    assert 0.72 <= coverage(STEADY, STEADY.capacity) <= 0.92


def test_after_a_rush_the_range_holds_eight_in_ten_only_when_it_looks_at_the_queue() -> None:
    assert coverage(RUSH, None) < 0.75
    assert 0.75 <= coverage(RUSH, RUSH.capacity) <= 0.95


def test_on_a_queue_that_grows_without_end_the_range_is_too_short_and_less_so_with_the_queue() -> (
    None
):
    assert coverage(GROWING, None) < 0.4
    assert 0.5 <= coverage(GROWING, GROWING.capacity) < 0.8


def test_a_capacity_stated_too_high_makes_the_range_too_short() -> None:
    honest = coverage(GROWING, GROWING.capacity)
    assert coverage(GROWING, GROWING.capacity * 3) < honest


def test_the_queues_are_repeatable() -> None:
    assert STEADY.passages() == replace(STEADY).passages()
