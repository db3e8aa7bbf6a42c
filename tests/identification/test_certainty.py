from __future__ import annotations

import pytest

from lims.foundation.words import LANGUAGES, say
from lims.identification.certainty import CATEGORIES, Word, certainty, least


@pytest.mark.parametrize(
    ("techniques", "word"),
    [
        ((), Word.PRESUMPTIVE),
        (("reagent",), Word.PRESUMPTIVE),
        (("tlc",), Word.PRESUMPTIVE),
        (("tlc", "reagent"), Word.PRESUMPTIVE),
        (("tlc", "hplc_uv"), Word.PRESUMPTIVE),
        (("ftir",), Word.IDENTIFIED),
        (("ftir", "ftir"), Word.IDENTIFIED),
        (("lcms", "hplc_uv"), Word.IDENTIFIED),
        (("ftir", "reagent"), Word.IDENTIFIED),
        (("ftir", "strip"), Word.IDENTIFIED),
        (("ftir", "tlc"), Word.CONFIRMED),
        (("gcms", "ftir"), Word.CONFIRMED),
        (("lcms", "gcms"), Word.CONFIRMED),
        (("gcms", "weighing"), Word.IDENTIFIED),
    ],
)
def test_the_word_follows_from_the_techniques(techniques: tuple[str, ...], word: Word) -> None:
    assert certainty("MDMA", techniques).word is word


def test_confirmed_has_nothing_to_lift_it_and_the_others_say_what_would() -> None:
    assert certainty("MDMA", ["gcms", "tlc"]).lift is None
    assert "confirmed" in str(certainty("MDMA", ["tlc"]).lift)
    assert "identified" in str(certainty("MDMA", ["reagent"]).lift)
    lift = str(certainty("MDMA", ["lcms"]).lift)
    assert "infrared" in lift and "HPLC" not in lift and "reagents" not in lift


def test_the_whole_reason_names_techniques_and_categories_in_three_languages() -> None:
    whole = certainty("MDMA", ["ftir", "tlc"]).whole
    for language in LANGUAGES:
        said = say(whole, language)
        assert "MDMA" in said and "SWGDRUG" in said and "%(" not in said
    assert "infrared (FTIR) A" in say(whole, "en")


def test_the_least_certain_decides() -> None:
    one, other = certainty("MDMA", ["gcms", "tlc"]), certainty("PMA", ["tlc"])
    assert least([one, other]) is other and least([other, one]) is other


def test_every_technique_that_says_something_of_substances_has_a_category() -> None:
    assert set(CATEGORIES.values()) == {"A", "B", "C"}
