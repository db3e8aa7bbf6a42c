import statistics
from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from lims.surveillance.detectors import ears
from tests.surveillance.detectors.r_oracle import answers

COUNTS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 30, 3, 2]
Z = norm.ppf(0.999)


def test_c1_compares_a_week_with_the_seven_before_it():
    found = ears(COUNTS, [14], method="C1")
    before = COUNTS[7:14]
    mean, spread = statistics.mean(before), statistics.stdev(before)
    assert found.expected[0] == pytest.approx(mean)
    assert found.upper[0] == pytest.approx(mean + Z * spread)
    assert found.alarm[0] == 1
    assert found.p_value[0] == pytest.approx(norm.sf((30 - mean) / spread))


def test_c2_leaves_two_weeks_between_so_that_an_outbreak_does_not_hide_itself():
    found = ears(COUNTS, [14], method="C2")
    before = COUNTS[5:12]
    assert found.upper[0] == pytest.approx(statistics.mean(before) + Z * statistics.stdev(before))


def test_c3_adds_what_the_two_weeks_before_exceeded():
    found = ears(COUNTS, [15], method="C3")
    excess = 0.0
    for week in (14, 13):
        before = COUNTS[week - 9 : week - 2]
        score = (COUNTS[week] - statistics.mean(before)) / statistics.stdev(before)
        excess += max(0.0, score - 1)
    spread = statistics.stdev(COUNTS[6:13])
    assert found.statistic[0] == pytest.approx(excess)
    assert found.upper[0] == pytest.approx(max(0.0, 3 + spread * (Z - excess)))
    assert found.alarm[0] == 1


@pytest.mark.parametrize(("method", "first"), [("C1", 7), ("C2", 9), ("C3", 11)])
def test_the_first_weeks_cannot_be_judged(method, first):
    found = ears(COUNTS, range(len(COUNTS)), method=method)
    assert (found.alarm[:first] == -1).all()
    assert np.isnan(found.upper[:first]).all()
    assert (found.alarm[first:] >= 0).all()


def test_a_series_without_spread_alarms_at_one_case_unless_a_least_spread_is_set():
    one_case = [0] * 10 + [1]
    assert ears(one_case, [10], method="C1").alarm[0] == 1
    assert ears(one_case, [10], method="C1", min_sigma=0.5).alarm[0] == 0


def test_c3_cannot_be_said_after_weeks_without_spread():
    found = ears([2] * 14, [13], method="C3")
    assert found.alarm[0] == -1
    assert np.isnan(found.upper[0])


def test_several_series_are_judged_as_each_alone():
    random = np.random.default_rng(1)
    many = random.poisson(2, (5, 40))
    together = ears(many, range(12, 40), method="C3")
    for place, one in enumerate(many):
        alone = ears(one, range(12, 40), method="C3")
        np.testing.assert_array_equal(together.upper[place], alone.upper)
        np.testing.assert_array_equal(together.of_series(place).alarm, alone.alarm)


@pytest.mark.parametrize(
    ("counts", "at"), [([1.0, nan, 2], [2]), ([1, -1, 2], [2]), ([1, 2], [2]), ([1, 2], [0.5])]
)
def test_what_is_no_series_or_no_week_of_it_is_refused(counts, at):
    with pytest.raises(ValueError, match=r"counts|at"):
        ears(counts, at, method="C1")


@pytest.mark.parametrize("wrong", [{"alpha": 0}, {"alpha": 1}, {"baseline": 1}, {"method": "C4"}])
def test_parameters_without_a_meaning_are_refused(wrong):
    with pytest.raises(ValueError):
        ears(COUNTS, [10], **{"method": "C1", **wrong})


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=30),
    st.sampled_from(["C1", "C2", "C3"]),
)
def test_any_counts_are_judged_and_an_alarm_is_above_its_bound(counts, method):
    found = ears(counts, range(len(counts)), method=method)
    known = found.alarm >= 0
    assert (known == ~np.isnan(found.upper)).all()
    assert ((np.array(counts) > found.upper)[known] == (found.alarm == 1)[known]).all()


@pytest.mark.data
def test_bounds_and_alarms_equal_those_of_r():
    compared = 0
    for one in answers("EARS_"):
        _, method, alpha, baseline = one.method.split("_")
        found = ears(
            one.counts,
            one.at,
            method=method,
            alpha=float(alpha.removeprefix("alpha")),
            baseline=int(baseline.removeprefix("b")),
        )
        np.testing.assert_allclose(found.upper, one.upper, rtol=0, atol=1e-9)
        np.testing.assert_array_equal(found.alarm, one.alarm)
        compared += len(one.at)
    assert compared > 5000
