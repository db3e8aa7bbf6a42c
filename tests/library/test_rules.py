from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.library import rules

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("one", "other"),
    [("2C-B", "2cb"), ("Amphétamine", "amphetamine"), ("α-PVP", "alpha-pvp"), ("GHB ", "ghb")],
)
def test_names_that_differ_in_writing_only_are_one_name(one: str, other: str) -> None:
    assert rules.fold(one) == rules.fold(other)


def test_a_mark_between_digits_keeps_two_names_apart() -> None:
    assert rules.fold("2,5-DMA") != rules.fold("25-DMA")


@given(st.text())
def test_folding_any_text_twice_is_folding_it_once(text: str) -> None:
    folded = rules.fold(text)
    assert rules.fold(folded) == folded


def test_a_colour_sequence_reads_as_stages_with_alternatives() -> None:
    assert rules.stages("purple/brown>black") == (("purple", "brown"), ("black",))
    assert rules.stages("none") == (("none",),)


@pytest.mark.parametrize(
    ("expires", "expired", "words"),
    [
        (None, False, "No expiry date"),
        (date(2026, 11, 21), True, "Expired since 21 Nov 2026"),
        (DAY, False, "Usable until 22 Nov 2026"),
    ],
)
def test_a_lot_may_be_used_up_to_and_on_its_last_day(
    expires: date | None, expired: bool, words: str
) -> None:
    assert rules.has_expired(expires, DAY) is expired
    assert str(rules.expiry_words(expires, DAY)) == words


def test_a_spread_of_one_value_has_no_standard_deviation() -> None:
    assert (rules.mean(1, 33.0), rules.deviation(1, 33.0, 1089.0)) == (Decimal("33.0"), None)
    assert (rules.mean(3, 30.0), rules.deviation(3, 30.0, 302.0)) == (10, 1)


def test_a_lot_received_tomorrow_is_refused() -> None:
    (problem,) = rules.lot_problems(date(2026, 11, 23), None, None, None, DAY)
    assert problem.field == "received"
