from __future__ import annotations

import re
from pathlib import Path

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
# A term of the field → how every translation of a sentence with it says it, as the glossary does.
TERMS: dict[str, dict[str, str]] = {
    "testing points?": {"fr": "points? de testing", "nl": "testpunt"},
    "samples?": {"fr": "échantillon", "nl": "sta(al|len)"},
    "parcels?": {"fr": "colis", "nl": "pakket"},
    "findings?": {"fr": "conclusion", "nl": "bevinding"},
    "alerts?": {"fr": "alerte", "nl": "waarschuwing|rode alert|alarmvlag"},
    "recipients?": {"fr": "destinataire", "nl": "bestemmeling"},
    "danger rules?": {"fr": "règle", "nl": "regel"},
    "plates?": {"fr": "plaque", "nl": "pla(at|ten)"},
    "journal": {"fr": "journal", "nl": "logboek"},
    "destruction": {"fr": "destruction", "nl": "vernietiging"},
    "purity": {"fr": "pureté", "nl": "zuiverheid"},
}
# Names of values and of files, which stay as they are.
NOT_WORDS = re.compile(r"%\(\w+\)[a-z]|\w+\.csv")


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
@pytest.mark.parametrize("term", TERMS)
def test_a_term_of_the_field_has_one_translation(term: str, language: str) -> None:
    said, meant = re.compile(rf"\b{term}\b", re.IGNORECASE), TERMS[term][language]
    wrong = [
        (entry.file, entry.msgid, entry.text)
        for entry in translations(language)
        if said.search(NOT_WORDS.sub("", entry.msgid))
        and not re.search(meant, entry.text, re.IGNORECASE)
    ]
    assert not wrong, f"not “{meant}” in {language}"


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_nothing_is_translated_that_nobody_says(language: str) -> None:
    told = "\n".join(path.read_text(encoding="utf-8") for path in reference_texts())
    unsaid = {entry.msgid for entry in translations(language)} - set(sentences())
    assert not {text for text in unsaid if text not in told}


def reference_texts() -> list[Path]:
    """Return the shipped lists whose words are translated as sentences."""
    folder = house.CHECKOUT / "reference_data"
    return [path for path in folder.rglob("*") if path.suffix in (".csv", ".yaml")]


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
