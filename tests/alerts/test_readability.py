from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.alerts.readability import GRADES, STEPS, reading


def test_the_measure_is_words_in_a_sentence_plus_long_words_in_a_hundred() -> None:
    found = reading("Do not take it. Dangerous substance found here today.")
    assert (found.words, found.sentences) == (9, 2)
    assert found.lix == pytest.approx(9 / 2 + 100 * 2 / 9)


def test_a_decimal_number_does_not_end_a_sentence_and_an_empty_line_does() -> None:
    assert reading("It holds 42.5 mg of it").sentences == 1
    assert reading("Look here\n\nLook there").sentences == 2


def test_the_longest_sentence_is_shown_when_it_is_too_long() -> None:
    long = " ".join(["word"] * 25) + "."
    found = reading(f"Short. {long} Short again.")
    assert found.longest == long
    assert found.is_too_long
    assert not reading("Short. Short again.").is_too_long


def test_the_longest_words_come_first_and_once() -> None:
    found = reading("pneumonia pneumonia intoxication the")
    assert found.long_words == ("intoxication", "pneumonia")


def test_an_elided_word_is_one_word() -> None:
    assert reading("Il n'en prend pas d’autre").words == 5


def test_a_text_without_a_word_has_no_measure() -> None:
    found = reading("… — !")
    assert (found.lix, found.grade, found.sentences) == (None, None, 0)


@pytest.mark.parametrize(("sentence", "grade"), [("Do not take it. " * 3, 0), ("y" * 9, 4)])
def test_the_grade_follows_the_measure(sentence: str, grade: int) -> None:
    assert reading(sentence).grade == grade


@given(st.text(max_size=300))
def test_any_text_has_a_reading(text: str) -> None:
    found = reading(text)
    assert (found.lix is None) == (found.words == 0)
    assert found.longest_words <= found.words
    assert found.grade is None or 0 <= found.grade < len(GRADES) == len(STEPS) + 1
