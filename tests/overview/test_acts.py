from __future__ import annotations

import pytest

from lims.foundation.words import LANGUAGES
from lims.overview import acts
from tests.overview.written_acts import written_acts


def test_every_act_of_the_journal_has_a_sentence() -> None:
    written, _unread = written_acts()
    untold = {verb: place for verb, place in written.items() if verb not in acts.WORDS}
    assert not untold, "not in lims/overview/act_words.py or act_words_later.py"


def test_every_verb_can_be_read_from_the_code() -> None:
    _written, unread = written_acts()
    assert not unread


def test_no_sentence_is_kept_for_an_act_that_nobody_does() -> None:
    written, _unread = written_acts()
    assert not set(acts.WORDS) - set(written)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_act_is_said_in_every_language(language: str) -> None:
    assert acts.said("seal parcel", language)
    assert (acts.said("seal parcel", language) == "Parcel sealed") is (language == "en")


def test_an_act_of_an_older_program_is_shown_as_written() -> None:
    assert acts.said("weigh elephant", "fr") == "weigh elephant"


def test_details_are_said_with_their_names_and_numbers_in_the_language() -> None:
    body = {"mg": "12.5", "seal": "A-1", "hidden": "x", "danger": "red"}
    assert acts.detail("seal parcel", body, "en") == (
        "seal: A-1, mass in mg: 12.5, danger: Red alert"
    )
    assert "12,5" in acts.detail("seal parcel", body, "fr")
    assert "\u00a0:" in acts.detail("seal parcel", body, "fr")


def test_a_coded_reason_is_left_to_the_vocabulary() -> None:
    assert acts.detail("mark not analysed", {"reason": "capacity"}, "en") == ""
