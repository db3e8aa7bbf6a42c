from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.words import LANGUAGES, LOCALES, _, number, say


def test_sentences_follow_each_other_and_words_are_parted_by_commas() -> None:
    found = _("%(what)s", what=[_("One is found."), _("Two is found.")])
    listed = _("%(what)s", what=["one", "two"])
    assert say(found, "en") == "One is found. Two is found."
    assert say(listed, "en") == "one, two"


NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=4),
    st.builds(Decimal.scaleb, st.decimals(-999, 999, places=0), st.integers(-12, 6)),
)


@pytest.mark.parametrize("language", LANGUAGES)
@given(value=NUMBERS)
def test_a_number_is_written_as_the_locale_says_with_the_digits_that_are_given(
    language: str, value: Decimal | int
) -> None:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    digits = min(max(-int(exponent), 0), 10)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    assert number(value, language) == format_decimal(value, pattern, LOCALES[language])


def test_the_signs_of_a_number_are_those_of_the_language() -> None:
    value = Decimal("-12345.50")
    said = {language: number(value, language) for language in LANGUAGES}
    assert said == {"fr": "-12\u202f345,50", "nl": "-12.345,50", "en": "-12,345.50"}
