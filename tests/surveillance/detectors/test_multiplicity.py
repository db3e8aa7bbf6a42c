import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from lims.surveillance.detectors import benjamini_hochberg

chances = st.lists(st.floats(0, 1), max_size=40)


def test_a_probability_can_be_kept_because_of_the_larger_ones_behind_it():
    kept = benjamini_hochberg([0.01, 0.04, 0.03, 0.9], 0.06)
    assert list(kept) == [True, True, True, False]


def test_a_smallest_probability_that_alone_would_fall_is_kept_by_the_next():
    assert list(benjamini_hochberg([0.016, 0.029, 0.9, 0.9], 0.06)) == [True, True, False, False]


@given(chances, st.floats(0.001, 0.5))
def test_it_keeps_what_the_adjusted_probabilities_of_scipy_keep(p, q):
    kept = benjamini_hochberg(p, q)
    if p:
        adjusted = false_discovery_control(p)
        clear = ~np.isclose(adjusted, q, rtol=1e-9)
        assert (kept == (adjusted <= q))[clear].all()


@given(chances)
def test_what_was_not_asked_neither_counts_nor_is_kept(p):
    with_gaps = [value for one in p for value in (one, np.nan)]
    kept = benjamini_hochberg(with_gaps, 0.1)
    assert not kept[1::2].any()
    np.testing.assert_array_equal(kept[::2], benjamini_hochberg(p, 0.1))


def test_several_weeks_of_several_series_are_one_family():
    assert benjamini_hochberg([[0.001, 0.9], [0.9, 0.02]], 0.05).tolist() == [
        [True, False],
        [False, True],
    ]


@pytest.mark.parametrize("p", [[1.1], [-0.1]])
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(ValueError):
        benjamini_hochberg(p)
