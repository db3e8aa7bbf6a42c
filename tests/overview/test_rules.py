from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.overview import charts, rules
from lims.overview.rules import Done

DAY = datetime(2026, 11, 2, tzinfo=UTC)
EVERYTHING = ("appearance", "weighing", "tlc", "reagent", "strip", "ftir", "gcms", "hplc_uv")


def test_a_new_tablet_misses_everything_that_the_protocols_ask_for() -> None:
    words = [str(one) for one in rules.missing("tablet", [], EVERYTHING)]
    assert words == [
        *("appearance", "weighing", "a screening technique", "a structural technique"),
        "the amount in one unit",
    ]


def test_an_amount_is_asked_only_of_what_comes_in_units() -> None:
    runs = [Done(one, True) for one in ("appearance", "weighing", "tlc", "ftir")]
    assert rules.missing("powder", runs, EVERYTHING) == []
    assert [str(one) for one in rules.missing("tablet", runs, EVERYTHING)] == [
        "the amount in one unit"
    ]


def test_a_technique_without_a_published_protocol_is_not_asked_for() -> None:
    assert [str(one) for one in rules.missing("powder", [], ("tlc",))] == ["a screening technique"]


@pytest.mark.parametrize(
    ("runs", "ready"),
    [
        ([], False),
        ([Done("weighing", True)], False),
        ([Done("gcms", False)], False),
        ([Done("gcms", True)], True),
        ([Done("gcms", True), Done("tlc", False, unfinished=True)], False),
    ],
)
def test_a_sample_is_concluded_on_when_a_verified_run_says_something(
    runs: list[Done], ready: bool
) -> None:
    assert rules.is_ready_to_conclude(runs) is ready


def test_no_time_has_no_spread() -> None:
    assert rules.spread([]) is None


def test_a_median_stands_on_its_number() -> None:
    found = rules.spread([4.0, 1.0, 2.0, 3.0, 10.0])
    assert found is not None
    assert (found.n, found.least, found.median, found.most) == (5, 1.0, 3.0, 10.0)
    assert (found.quarter, found.three_quarters) == (2.0, 4.0)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=60))
def test_a_spread_is_in_order_and_within_what_was_seen(days: list[float]) -> None:
    found = rules.spread(days)
    assert found is not None and found.n == len(days)
    # Interpolating between two equal floats may be off in the last digit.
    order = [found.least, found.quarter, found.median, found.three_quarters, found.most]
    assert all(low <= high + 1e-9 for low, high in itertools.pairwise(order))


def test_a_clock_that_was_set_back_gives_no_negative_time() -> None:
    assert rules.days_between(DAY, DAY - timedelta(hours=3)) == 0
    assert rules.days_between(DAY, DAY + timedelta(days=2, hours=12)) == 2.5


@pytest.mark.parametrize(
    ("most", "end"), [(0, 1), (1, 1), (1.5, 2), (3, 5), (7, 10), (11, 20), (33, 50), (60, 100)]
)
def test_a_scale_ends_at_a_round_number_of_days(most: float, end: int) -> None:
    assert rules.scale_end(most) == end


@dataclass(frozen=True)
class Timed:
    place: str
    spread: rules.Spread | None


def test_every_time_is_a_dot_inside_the_chart() -> None:
    chart = charts.strips([Timed("", rules.spread([0.5, 2, 4])), Timed("A", rules.spread([1.0]))])
    assert chart is not None and [len(one.dots) for one in chart.strips] == [3, 1]
    assert all(chart.left <= x <= chart.right for one in chart.strips for x, _y in one.dots)
    assert [days for _x, days in chart.ticks] == [0, 1, 2, 3, 4, 5]


def test_nothing_to_draw_is_no_chart() -> None:
    assert charts.strips([Timed("A", None)]) is None
