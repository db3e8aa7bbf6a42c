from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest

from lims.foundation.errors import Refused
from lims.intake import rules, screening
from lims.intake.rules import MOVES, STATE_WORDS, SampleState

MIDNIGHT = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # half past midnight in Brussels


@pytest.mark.parametrize(("present", "wanted"), list(product(SampleState, SampleState)))
def test_a_sample_moves_as_the_table_says_and_not_otherwise(
    present: SampleState, wanted: SampleState
) -> None:
    if wanted in MOVES[present]:
        rules.refuse_move(present, wanted)
    else:
        with pytest.raises(Refused):
            rules.refuse_move(present, wanted)


def test_every_state_can_be_reached_and_has_words() -> None:
    reached = {SampleState.REGISTERED}.union(*MOVES.values())
    assert reached == set(SampleState) == set(MOVES) == set(STATE_WORDS)


def test_a_withdrawn_sample_never_comes_back() -> None:
    assert not MOVES[SampleState.WITHDRAWN]


def test_a_released_finding_is_amended_but_never_unsaid() -> None:
    assert MOVES[SampleState.RELEASED] == {SampleState.AMENDED}


def test_a_visit_after_midnight_belongs_to_the_new_day_of_the_people_at_the_table() -> None:
    assert rules.wrong_day(date(2026, 7, 1), MIDNIGHT) == []
    assert rules.wrong_day(date(2026, 7, 2), MIDNIGHT)


def test_a_visit_of_long_ago_is_refused() -> None:
    assert rules.wrong_day(date(2025, 7, 2), MIDNIGHT) == []
    assert rules.wrong_day(date(2025, 6, 29), MIDNIGHT)


def test_the_laboratory_cannot_start_without_form_product_and_agreement() -> None:
    told = [problem.field for problem in rules.missing("", "", False)]
    assert told == ["form", "sold_as", "consent_destroy"]
    assert not rules.missing("tablet", rules.UNKNOWN, True)


@pytest.mark.parametrize("amount", ["-0.1", "NaN", "Infinity", "1000000"])
def test_an_amount_that_cannot_be_is_refused(amount: str) -> None:
    assert rules.wrong_amount("mass_mg", Decimal(amount), rules.AMOUNTS["mass_mg"])


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "\ud800", "a\nb", "x" * 81])
def test_a_text_that_cannot_be_shown_on_one_line_is_refused(text: str) -> None:
    assert rules.wrong_text("street_name", text, 80)


@pytest.mark.parametrize(
    "text",
    [
        "bel 0475 12 34 56",
        "+32 (0)2 555 12 34",
        "tel: 0475/12.34.56",
        "rrn 85.07.30-033.28",
        "jan@example.org",
        "jan (at) example.org",
        "voir @petitloup sur insta",
        "né le 15/06/1985",
        "plate 1-ABC-234",
        "voiture 1ABC234",
        "AB-123-CD",
    ],
)
def test_what_leads_to_a_person_is_noticed_anywhere(text: str) -> None:
    assert screening.persons_in(text)


@pytest.mark.parametrize(
    "text", ["Mme Dupont", "dhr. Peeters", "Jan De Smet", "il s'appelle Luc", "vriend heet Tom"]
)
def test_a_personal_name_is_noticed_in_a_note(text: str) -> None:
    assert screening.persons_in(text, names=True)


@pytest.mark.parametrize(
    "text",
    [
        "comprimé rose, 204,5 mg",
        "GC-MS asked",
        "MDMA 120 mg, 5 x 8 mm",
        "pris avec 2 bières",
        "CAS 42542-10-9",
        "half a tablet left",
    ],
)
def test_words_about_a_product_are_left_in_peace(text: str) -> None:
    assert not screening.persons_in(text, names=True)


def test_the_name_of_a_product_may_have_capitals() -> None:
    assert not screening.persons_in("Blue Punisher")
    assert screening.warnings({"logo": "Blue Punisher"}, frozenset({"note"})) == {}
