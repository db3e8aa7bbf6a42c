from __future__ import annotations

from decimal import Decimal
from math import isclose, log2

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lims.identification.likelihood import ColourKnowledge, ColourModel, Parameters
from lims.identification.next_test import (
    BenchTest,
    advise,
    colour_table,
    entropy,
    expected_bits,
    hrf_table,
    naming_table,
)
from tests.identification.known import PALETTE

SEPARATES = np.eye(2)
TELLS_NOTHING = np.full((2, 2), 0.5)


def test_a_test_that_separates_two_equal_candidates_brings_one_bit() -> None:
    assert isclose(expected_bits([0.5, 0.5], SEPARATES), 1.0)


def test_a_test_whose_outcome_is_the_same_for_both_brings_nothing() -> None:
    assert isclose(expected_bits([0.5, 0.5], TELLS_NOTHING), 0.0, abs_tol=1e-12)


def test_a_likelihood_ratio_of_five_brings_a_third_of_a_bit() -> None:
    lost = -(5 / 6) * log2(5 / 6) - (1 / 6) * log2(1 / 6)
    assert isclose(expected_bits([0.5, 0.5], naming_table(2, 5)), 1 - lost)


def test_nothing_can_be_learned_of_what_is_known_already() -> None:
    assert isclose(expected_bits([1.0, 0.0], SEPARATES), 0.0, abs_tol=1e-12)


def test_the_short_test_comes_before_the_telling_one_that_takes_an_hour() -> None:
    short = BenchTest("colour", "reagent", "colour-reagents", naming_table(2, 5), Decimal(5))
    long = BenchTest("gcms", "gcms", "gc-ms", SEPARATES, Decimal(60))
    found = advise([0.5, 0.5], [long, short])
    assert [one.test.key for one in found] == ["colour", "gcms"]
    assert isclose(found[1].bits_per_minute or 0, 1 / 60)


def test_a_test_without_a_stated_time_follows_and_has_no_rate() -> None:
    timed = BenchTest("a", "ftir", "ftir", naming_table(2, 1.5), Decimal(10))
    untimed = BenchTest("b", "gcms", "gc-ms", SEPARATES)
    found = advise([0.5, 0.5], [untimed, timed])
    assert [one.test.key for one in found] == ["a", "b"]
    assert found[1].bits_per_minute is None


def test_a_test_that_tells_nothing_is_not_advised() -> None:
    assert not advise([0.5, 0.5], [BenchTest("a", "uv", "uv", TELLS_NOTHING, Decimal(1))])


def test_plates_separate_what_runs_far_apart_and_not_what_runs_together() -> None:
    apart = expected_bits([0.5, 0.5], hrf_table([(10.0, 4.0), (80.0, 4.0)]))
    together = expected_bits([0.5, 0.5], hrf_table([(40.0, 4.0), (41.0, 4.0)]))
    assert apart > 0.99 and together < 0.05


def test_a_substance_without_a_reference_still_lets_a_plate_tell_something() -> None:
    assert 0.1 < expected_bits([0.5, 0.5], hrf_table([(10.0, 4.0), None])) < 1.0


def test_reagents_separate_purple_from_orange_and_not_purple_from_purple() -> None:
    model = ColourModel(PALETTE, Parameters())
    purple = (ColourKnowledge("mdma", "marquis", (("purple",), ("black",))),)
    orange = (ColourKnowledge("amphetamine", "marquis", (("orange",),)),)
    table = colour_table([purple, orange], model)
    assert np.allclose(table.sum(axis=1), 1.0)
    assert expected_bits([0.5, 0.5], table) > 0.5
    same = colour_table([purple, purple], model)
    assert isclose(expected_bits([0.5, 0.5], same), 0.0, abs_tol=1e-9)


@given(
    st.lists(st.floats(0.001, 1), min_size=2, max_size=6),
    st.floats(1, 1000),
)
def test_information_is_between_nothing_and_what_is_not_known(
    chances: list[float], ratio: float
) -> None:
    bits = expected_bits(chances, naming_table(len(chances), ratio))
    whole = np.asarray(chances) / sum(chances)
    assert -1e-9 <= bits <= entropy(whole) + 1e-9
