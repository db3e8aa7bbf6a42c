import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from lims.surveillance.detectors import dose_drift

SMALL = [np.array([110.0, 120.0, 130.0]), np.array([115.0]), np.array([125.0, 118.0])]


def test_a_dose_that_rises_alarms_and_one_that_falls_does_not():
    high, low = np.array([200.0, 210.0, 190.0, 205.0]), np.array([20.0, 30.0, 25.0, 15.0])
    assert dose_drift([*SMALL, high], [3], window=1).alarm[0] == 1
    assert dose_drift([*SMALL, low], [3], window=1).alarm[0] == 0
    assert dose_drift([*SMALL, low], [3], window=1).p_value[0] > 0.9


def test_the_probability_of_all_higher_is_one_of_all_arrangements():
    found = dose_drift([*SMALL, np.array([200.0, 210.0])], [3], window=1)
    assert found.p_value[0] == pytest.approx(1 / 28)
    assert found.statistic[0] == 1
    assert found.expected[0] == np.median(np.concatenate(SMALL))


def test_ties_are_counted_half_and_widen_the_normal_approximation():
    before, new = np.repeat([100.0, 120.0], 10), np.repeat([100.0, 120.0], [3, 7])
    found = dose_drift([before, new], [1], window=1)
    u = 7 * 10 + 0.5 * (3 * 10 + 7 * 10)
    sizes = [13, 17]
    ties = sum(t**3 - t for t in sizes) / (30 * 29)
    spread = np.sqrt(20 * 10 / 12 * (31 - ties))
    assert found.statistic[0] == pytest.approx(u / 200)
    assert found.p_value[0] == pytest.approx(norm.sf((u - 100 - 0.5) / spread))


def test_an_anecdote_cannot_be_judged():
    assert dose_drift([*SMALL, np.array([500.0])], [3], window=1).alarm[0] == -1
    assert dose_drift([SMALL[0], np.array([500.0, 600.0])], [1], window=1).alarm[0] == -1


def test_only_weeks_of_the_history_count():
    old = np.full(50, 1000.0)
    found = dose_drift([old, *SMALL, np.array([200.0, 210.0, 220.0])], [4], window=1, history=3)
    assert found.statistic[0] == 1


def test_an_amount_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="values"):
        dose_drift([np.array([np.nan])], [0])


@given(
    st.lists(
        st.lists(st.floats(0, 1e6), max_size=8).map(lambda week: np.array(week, float)),
        min_size=1,
        max_size=12,
    )
)
def test_any_amounts_are_judged(values):
    found = dose_drift(values, range(len(values)), window=2, history=5)
    known = found.alarm >= 0
    assert ((found.p_value[known] >= 0) & (found.p_value[known] <= 1)).all()
    assert ((found.statistic[known] >= 0) & (found.statistic[known] <= 1)).all()
