from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.identification.likelihood import Parameters
from lims.library import discrimination as rules

FOUR = {"a": 10.0, "b": 14.0, "c": 40.0, "d": 80.0}


def test_four_substances_of_which_two_lie_together() -> None:
    found = rules.separation(FOUR, 5)
    # six pairs, one of them together: 5/6; lists of 2, 2, 1 and 1 substances: 6/4
    assert found.power == pytest.approx(5 / 6)
    assert found.mean_list == pytest.approx(1.5)
    assert found.together == (("a", "b", 4.0),)


def test_a_difference_of_just_the_window_does_not_separate() -> None:
    assert rules.separation({"a": 10, "b": 15}, 5).power == 0
    assert rules.separation({"a": 10, "b": 15.1}, 5).power == 1


def test_a_wide_window_separates_nothing_and_lists_everything() -> None:
    found = rules.separation(FOUR, 100)
    assert (found.power, found.mean_list) == (0, 4)


@pytest.mark.parametrize(("values", "n", "mean_list"), [({}, 0, None), ({"a": 3.0}, 1, 1)])
def test_nothing_is_claimed_where_there_is_nothing_to_compare(
    values: dict[str, float], n: int, mean_list: float | None
) -> None:
    found = rules.separation(values, 5)
    assert (found.n, found.power, found.mean_list) == (n, None, mean_list)


def test_a_second_system_separates_what_the_first_leaves_together() -> None:
    other = {"a": 50.0, "b": 20.0, "c": 21.0, "d": 22.0}
    alone, both = rules.separation(other, 5), rules.separation_together([FOUR, other], [5, 5])
    assert alone.power == pytest.approx(0.5)
    assert (both.power, both.mean_list, both.n) == (1, 1, 4)


def test_two_systems_are_compared_on_the_substances_that_both_know() -> None:
    found = rules.separation_together([FOUR, {"a": 1.0, "d": 2.0, "x": 3.0}], [5, 5])
    assert (found.n, found.power) == (2, 1)


def test_systems_that_order_alike_correlate_and_few_pairs_say_nothing() -> None:
    double = {name: 2 * value + 1 for name, value in FOUR.items()}
    assert rules.correlation(FOUR, double).r == pytest.approx(1)
    turned = {name: -value for name, value in FOUR.items()}
    assert rules.correlation(FOUR, turned).r == pytest.approx(-1)
    assert rules.correlation(FOUR, {"a": 1.0, "b": 2.0}) == rules.Correlation(2, None)
    assert rules.correlation(FOUR, dict.fromkeys(FOUR, 5.0)).r is None


def test_the_windows_are_those_of_the_ranking_of_spots() -> None:
    chosen = Parameters()
    assert chosen.window_sds == rules.WINDOW_SDS
    assert (chosen.cited_corrected_sd, chosen.laboratory_sd) == (rules.CITED_SD, rules.MEASURED_SD)


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.floats(0, 100), max_size=12))
def test_power_is_a_share_and_a_list_holds_at_least_the_substance(values: dict[str, float]) -> None:
    found = rules.separation(values, 5)
    assert found.power is None or 0 <= found.power <= 1
    assert found.mean_list is None or 1 <= found.mean_list <= len(values)
