from __future__ import annotations

import pytest

from tests.architecture import house
from tests.architecture.sentences import (
    chosen_at_run_time,
    naked_words,
    placeholders,
    sentences,
    templates,
    translations,
)

OTHER_LANGUAGES = ("fr", "nl")


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_sentence_is_said_in_every_language(language: str) -> None:
    said = {entry.msgid for entry in translations(language) if entry.text.strip()}
    unsaid = [f"{place}: {text!r}" for text, place in sentences().items() if text not in said]
    assert not unsaid, f"not said in {language}:\n" + "\n".join(unsaid)


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_a_translation_takes_the_same_values_as_its_sentence(language: str) -> None:
    wrong = [
        entry
        for entry in translations(language)
        if entry.text and placeholders(entry.msgid) != placeholders(entry.text)
    ]
    assert not wrong


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_a_sentence_with_values_can_be_said(language: str) -> None:
    wrong = []
    for entry in translations(language):
        for text in (entry.msgid, entry.text):
            values = dict.fromkeys(placeholders(text), "x")
            try:
                if values:
                    assert text % values
            except (ValueError, TypeError, KeyError) as reason:
                wrong.append((entry.file, text, str(reason)))
    assert not wrong


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_a_sentence_has_one_translation(language: str) -> None:
    first: dict[str, str] = {}
    wrong = [
        (entry.file, entry.msgid, first[entry.msgid], entry.text)
        for entry in translations(language)
        if first.setdefault(entry.msgid, entry.text) != entry.text
    ]
    assert not wrong


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_no_translation_waits_for_a_decision(language: str) -> None:
    assert not [entry for entry in translations(language) if entry.fuzzy]


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_both_languages_hold_the_same_sentences(language: str) -> None:
    mine = {entry.msgid for entry in translations(language)}
    others = {entry.msgid for other in OTHER_LANGUAGES for entry in translations(other)}
    assert not others - mine


def test_a_sentence_is_written_out_where_it_is_said() -> None:
    chosen = {
        f"{path.relative_to(house.CHECKOUT)}": lines
        for path in house.python_files("lims")
        if str(path.relative_to(house.LIMS)) not in house.SAYS_CHOSEN_WORDS
        and (lines := chosen_at_run_time(path))
    }
    assert not chosen, "the words of _() must be a plain string, or the file be in house.py"


def test_no_page_has_words_that_nobody_translates() -> None:
    naked = {
        str(path.relative_to(house.CHECKOUT)): words
        for path in templates()
        if path.suffix == ".html" and (words := list(naked_words(path.read_text(encoding="utf-8"))))
    }
    assert not naked


def test_the_check_sees_naked_words() -> None:
    page = "<p title='Close it'>{{ _('Save') }} 5 mg <b>Dose</b> {% if a > b %}{% endif %}</p>"
    assert list(naked_words(page)) == ["Close", "it", "Dose"]


def test_no_page_has_an_inline_script_or_style() -> None:
    wrong = [
        f"{path.relative_to(house.CHECKOUT)}: {mark}"
        for path in templates()
        for mark in ("<style", " style=", " onclick=", " onchange=", " onsubmit=", "javascript:")
        if mark in path.read_text(encoding="utf-8").lower()
    ]
    assert not wrong
