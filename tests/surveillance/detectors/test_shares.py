from itertools import pairwise
from math import log, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from lims.surveillance.detectors import beta_binomial, binomial_cusum, detectable_change
from tests.surveillance.detectors.r_oracle import number, rows

weekly = st.lists(
    st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=20,
)


def test_the_path_adds_the_log_likelihood_ratio_of_each_week():
    p0, p1 = 0.1, 0.15 / (0.9 + 0.15)
    found = binomial_cusum([1, 6, 5], [10, 20, 10], [0, 1, 2], p0=p0)
    value = 0.0
    for place, (y, n) in enumerate([(1, 10), (6, 20), (5, 10)]):
        value = max(0.0, value + y * log(p1 / p0) + (n - y) * log((1 - p1) / (1 - p0)))
        assert found.statistic[place] == pytest.approx(value)
    assert list(found.expected) == pytest.approx([1, 2, 1])


def test_the_path_begins_again_after_an_alarm():
    found = binomial_cusum([30, 0, 30], [30, 30, 30], range(3), p0=0.1)
    assert list(found.alarm) == [1, 0, 1]
    assert found.statistic[0] == found.statistic[2] > 5
    assert found.statistic[1] == 0


def test_the_weeks_between_the_asked_ones_count():
    y, n = [0, 3, 3, 3], [0, 10, 10, 10]
    every = binomial_cusum(y, n, range(4), p0=0.1)
    some = binomial_cusum(y, n, [0, 3], p0=0.1)
    assert some.statistic[1] == every.statistic[3]


def test_each_series_can_have_its_own_proportion_in_control():
    y, n = np.array([[2, 3], [2, 3]]), np.full((2, 2), 10)
    both = binomial_cusum(y, n, [0, 1], p0=[0.1, 0.3])
    assert both.statistic[1, 1] < both.statistic[0, 1]
    np.testing.assert_array_equal(
        both.statistic[1], binomial_cusum(y[1], n[1], [0, 1], p0=0.3).statistic
    )


@pytest.mark.parametrize("wrong", [{"p0": 0}, {"p0": nan}, {"odds_ratio": 1}, {"limit": 0}])
def test_a_cusum_without_a_rise_to_look_for_is_refused(wrong):
    with pytest.raises(ValueError):
        binomial_cusum([1], [2], [0], **{"p0": 0.1, **wrong})


@pytest.mark.parametrize("judge", [binomial_cusum, beta_binomial])
@pytest.mark.parametrize("y, n", [([3], [2]), ([nan], [2]), ([1, 1], [2]), ([-1], [2])])
def test_positives_that_are_no_part_of_their_total_are_refused(judge, y, n):
    more = {"p0": 0.1} if judge is binomial_cusum else {}
    with pytest.raises(ValueError):
        judge(y, n, [0], **more)


@pytest.mark.data
def test_the_path_equals_that_of_r():
    told = rows("r_oracle", "out_abattoir_binomialCUSUM_OR1.5_h5.csv")
    every = rows("r_oracle", "data_abattoir.csv")
    at = [int(row["idx"]) - 1 for row in told]
    y, n = ([number(row[name]) for row in every] for name in ("y", "n"))
    found = binomial_cusum(y, n, at, p0=number(told[0]["p0"]))
    np.testing.assert_allclose(
        found.statistic, [number(row["cusum"]) for row in told], rtol=0, atol=1e-9
    )
    assert [str(one) for one in found.alarm] == [row["alarm"] for row in told]


def test_the_share_of_four_weeks_is_weighed_against_what_came_before():
    y = [1, 0, 2, 0, 1, 0, 0, 1, 2, 2, 1, 2]
    n = [10, 12, 9, 8, 11, 10, 10, 10, 9, 9, 10, 8]
    found = beta_binomial(y, n, [11], history=6)
    a, b = 0.5 + sum(y[2:8]), 0.5 + sum(n[2:8]) - sum(y[2:8])
    assert found.statistic[0] == pytest.approx(7 / 36)
    assert found.expected[0] == pytest.approx(a / (a + b))
    assert found.p_value[0] == pytest.approx(betabinom.sf(6, 36, a, b))


@given(weekly, st.integers(1, 5), st.sampled_from([0.001, 0.01, 0.2]))
def test_any_shares_are_judged_and_the_bound_parts_alarms_from_the_rest(weeks, window, alpha):
    y, n = zip(*weeks, strict=True)
    found = beta_binomial(y, n, range(len(y)), window=window, alpha=alpha)
    known = found.alarm >= 0
    above = found.statistic[known] > found.upper[known] + 1e-12
    assert (above == (found.alarm[known] == 1)).all()
    assert ((found.p_value[known] <= alpha) == (found.alarm[known] == 1)).all()
    assert (found.alarm[:window] == -1).all()


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 300))
def test_the_probability_equals_that_of_scipy(y, n, before):
    y, first = min(y, n), min(3, before)
    found = beta_binomial([first, y], [before, n], [1], window=1)
    if before and n:
        expected = betabinom.sf(y - 1, n, 0.5 + first, 0.5 + before - first)
        assert found.p_value[0] == pytest.approx(expected, abs=1e-9)
    else:
        assert found.alarm[0] == -1


def test_more_positives_never_make_it_less_striking():
    p = [beta_binomial([2, y], [50, 20], [1], window=1).p_value[0] for y in range(21)]
    assert all(one > other for one, other in pairwise(p))


def test_shares_of_several_series_are_judged_as_each_alone():
    random = np.random.default_rng(2)
    n = random.poisson(8, (4, 60))
    y = random.binomial(n, 0.2)
    both = beta_binomial(y, n, range(60))
    for place in range(4):
        alone = beta_binomial(y[place], n[place], range(60))
        np.testing.assert_array_equal(both.of_series(place).alarm, alone.alarm)
        np.testing.assert_allclose(both.upper[place], alone.upper)


def test_the_detectable_share_alarms_with_the_power_that_was_asked():
    share = detectable_change(5, 520, weeks=4, alpha=0.01, power=0.8)
    a, b, size = 5.5, 515.5, 40
    needed = next(k for k in range(size + 2) if betabinom.sf(k - 1, size, a, b) <= 0.01)
    assert binom.sf(needed - 1, size, share) == pytest.approx(0.8)


def test_a_greater_volume_shows_a_smaller_change_and_none_shows_nothing():
    small, large = (detectable_change(n // 20, n) for n in (200, 2000))
    assert small > large > 0.05
    assert detectable_change(0, 0) is None
    assert detectable_change([0], [0]) is None


def test_weeks_and_their_sum_say_the_same():
    assert detectable_change([1, 0] * 26, [10, 10] * 26) == detectable_change(26, 520)
