from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.errors import Invalid
from lims.foundation.shares import wilson
from lims.overview import indicator_figures as figures
from lims.overview.indicator_figures import Figure, Indicator, Line, Split, Standing
from lims.overview.indicator_periods import (
    Period,
    between,
    chosen,
    half_of,
    monday,
    month_of,
    months,
    named,
    recent,
)

DAYS = st.dates(date(2001, 1, 1), date(2199, 12, 31))


def test_the_first_half_year_is_weeks_1_to_26() -> None:
    period = named("2026-1")
    # 1 January 2026 is a Thursday: week 1 begins on Monday 29 December 2025.
    assert (period.first, period.last) == (date(2025, 12, 29), date(2026, 6, 28))
    assert (named("2026-2").first, named("2026-2").last) == (date(2026, 6, 29), date(2027, 1, 3))
    assert named("2026").weeks == 53


def test_a_period_begins_and_ends_at_midnight_in_belgium() -> None:
    assert named("2026-1").begins == datetime(2025, 12, 28, 23, tzinfo=UTC)
    assert named("2026-1").ends == datetime(2026, 6, 28, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "before"),
    [("2026-2", "2026-1"), ("2026-1", "2025-2"), ("2026", "2025")],
)
def test_a_half_year_is_compared_with_the_one_before(name: str, before: str) -> None:
    assert named(name).before() == named(before)


@given(DAYS)
def test_half_years_follow_each_other_without_a_gap(day: date) -> None:
    period = half_of(day)
    assert period.first <= day <= period.last
    assert period.before().last == period.first - timedelta(days=1)


@given(DAYS)
def test_a_day_that_becomes_its_week_stays_in_its_half_year_and_month(day: date) -> None:
    assert half_of(monday(day)) == half_of(day)
    assert month_of(monday(day)) == month_of(day)
    assert month_of(day) in months(half_of(day), date.max)


def test_weeks_1_to_26_are_january_to_june() -> None:
    assert months(named("2026-1"), date.max) == [f"2026-{n:02d}" for n in range(1, 7)]
    assert months(named("2026-1"), date(2026, 2, 10)) == ["2026-01", "2026-02"]


@given(DAYS, st.integers(0, 700))
def test_a_free_period_is_made_of_whole_weeks(first: date, days: int) -> None:
    last = min(first + timedelta(days=days), date(2199, 12, 31))
    period = between(first, last)
    assert period.first.weekday() == 0 and period.last.weekday() == 6
    assert period.first <= first and last <= period.last
    assert period.before().weeks == period.weeks
    assert period.before().last == period.first - timedelta(days=1)


@pytest.mark.parametrize("name", ["2026-3", "26-1", "2026-", "-1", "0001-1", "9999", "x", "٢٠٢٦"])
def test_a_name_that_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        named(name)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 2, 1), date(2026, 1, 1)),
        (date(2010, 1, 1), date(2026, 1, 1)),
        (date(1, 1, 1), date(1, 2, 1)),
        (date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_days_that_are_no_period_are_refused(first: date, last: date) -> None:
    with pytest.raises(Invalid):
        between(first, last)


def test_one_day_alone_is_its_week_until_today_and_nothing_is_this_half_year() -> None:
    today = date(2026, 11, 22)
    assert chosen("", None, None, today) == named("2026-2")
    assert chosen("", date(2026, 11, 10), None, today) == Period(
        date(2026, 11, 9), date(2026, 11, 22)
    )
    assert recent(today, 2) == ["2026-2", "2026", "2026-1"]


# ------------------------------------------------------------------------------------------------
# Figures.
# ------------------------------------------------------------------------------------------------


def test_the_interval_of_a_share_is_that_of_wilson() -> None:
    # Newcombe 1998 (Stat. Med. 17, 857), Table I, method 3: 81/263 and 15/148, 0/20, 1/29.
    for counted, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(counted, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(pair: tuple[int, int]) -> None:
    low, high = wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] <= high <= 1


def test_no_data_is_not_nought() -> None:
    assert figures.share(0, 0).standing is Standing.NO_DATA
    assert figures.share(0, 7).value == 0.0
    assert figures.times({}).standing is Standing.NO_DATA
    assert figures.count(0).is_told and figures.count(0).value == 0
    assert figures.effective_kinds([]).standing is Standing.NO_DATA


@given(st.dictionaries(st.integers(0, 90).map(float), st.integers(0, 6), min_size=1))
def test_quartiles_of_counted_times_are_those_of_the_times_themselves(
    spent: dict[float, int],
) -> None:
    every = sorted(at for at, many in spent.items() for _each in range(many))
    figure = figures.times(spent)
    assert figure.n == len(every)
    if len(every) > 1:
        low, _middle, high = quantiles(every, n=4, method="inclusive")
        assert figure.value == pytest.approx(median(every))
        assert (figure.quarter, figure.three_quarters) == pytest.approx((low, high))


def test_equally_frequent_kinds_count_as_they_are() -> None:
    assert figures.effective_kinds([4, 4, 4]).value == pytest.approx(3)
    assert figures.effective_kinds([9]).value == 1
    # Of four samples two, one and one: 1 / (1/4 + 1/16 + 1/16) = 8/3.
    assert figures.effective_kinds([2, 1, 1]).value == pytest.approx(8 / 3)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20))
def test_the_number_of_kinds_lies_between_one_and_how_many_there_are(counts: list[int]) -> None:
    value = figures.effective_kinds(counts).value
    exact = Fraction(sum(counts)) ** 2 / sum(Fraction(n) ** 2 for n in counts)
    assert value == pytest.approx(float(exact))
    assert 1 - 1e-9 <= float(exact) <= len(counts) + 1e-9


# ------------------------------------------------------------------------------------------------
# Small numbers.
# ------------------------------------------------------------------------------------------------


def split_of(numbers: list[Figure]) -> Split:
    lines = [Line(f"part {n}", {"en": "x"}, figure) for n, figure in enumerate(numbers)]
    return Split("site", tuple(lines))


COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=9)
SHARES = st.lists(
    st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=9,
)


@given(COUNTS)
def test_no_count_of_one_to_four_is_told_nor_what_is_left_for_the_hidden(
    numbers: list[int],
) -> None:
    total = sum(numbers)
    found = figures.guarded(figures.count(total), split_of([figures.count(n) for n in numbers]))
    if not found.lines:
        assert total < 5
        return
    told = [line.figure.n for line in found.lines if line.figure.is_told]
    hidden = [n for n, line in zip(numbers, found.lines, strict=True) if not line.figure.is_told]
    assert not [n for n in told if 0 < n < 5]
    rest = total - sum(told)
    assert rest == sum(hidden)
    assert (
        not hidden
        or (len(hidden) > 1 and rest >= 5)
        or sum(n > 0 for n in numbers) == len([n for n in hidden if n > 0])
    )


@given(SHARES)
def test_no_share_tells_one_to_four_with_or_without_the_trait(
    pairs: list[tuple[int, int]],
) -> None:
    counted, n = sum(k for k, _n in pairs), sum(n for _k, n in pairs)
    parts = [figures.share(*pair) for pair in pairs]
    found = figures.guarded(figures.share(counted, n), split_of(parts))
    for line in found.lines:
        figure = line.figure
        if figure.is_told:
            assert figure.counted is not None
            assert not any(0 < one < 5 for one in (figure.counted, figure.n - figure.counted))


def test_a_whole_below_five_is_not_split() -> None:
    found = figures.guarded(figures.count(4), split_of([figures.count(4)]))
    assert (found.lines, found.kept_back) == ((), True)


def test_a_small_part_takes_the_next_smallest_with_it() -> None:
    numbers = [20, 3, 9, 30]
    found = figures.guarded(figures.count(62), split_of([figures.count(n) for n in numbers]))
    assert [line.figure.value for line in found.lines] == [20, None, None, 30]


def test_what_is_published_keeps_a_small_whole_back_too() -> None:
    told = figures.for_everybody(Indicator("visits", figures.count(3)))
    assert told.figure.standing is Standing.KEPT_BACK and told.figure.n == 0
    assert figures.for_everybody(Indicator("visits", figures.count(0))).figure.value == 0


@given(st.integers(0, 9), st.integers(0, 9))
def test_an_indicator_that_was_kept_is_read_as_it_was(counted: int, more: int) -> None:
    whole = figures.share(counted, counted + more, 2)
    made = Indicator("x", whole, (split_of([whole, figures.NOT_MEASURED]),))
    assert figures.read_kept(figures.kept(made)) == made
