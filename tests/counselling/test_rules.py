from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.counselling import rules
from lims.counselling.budgets import Allowance, Budgets
from lims.counselling.cards import read_cards, shipped_cards
from lims.counselling.rules import Conditions, Facts, Standing
from lims.foundation.shipped import shipped
from lims.foundation.words import LANGUAGES, say

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def keys(**facts: object) -> list[str]:
    return [card.key for card in rules.choose_cards(shipped_cards(), Facts(**facts))]  # type: ignore[arg-type]


def test_mixing_company_and_the_emergency_number_are_always_told() -> None:
    for level in ("neutral", "information", "caution", "warning", "red"):
        assert {"do-not-mix", "not-alone", "emergency"} <= set(keys(level=level))


@pytest.mark.parametrize("level", ["warning", "red"])
def test_what_is_dangerous_is_better_not_taken_and_no_way_of_taking_is_advised(level: str) -> None:
    told = keys(level=level, active=True)
    assert told[0] == "do-not-take" and "start-low" not in told


def test_nobody_is_told_to_leave_what_met_no_rule() -> None:
    told = keys(level="neutral", active=True, match="as-expected")
    assert "do-not-take" not in told and "start-low" in told


def test_late_onset_brings_the_advice_not_to_take_more() -> None:
    assert "wait" in keys(late_onset=True) and "wait" not in keys(late_onset=False)


@pytest.mark.parametrize("found", ["opioid", "opioid-nitazene", "opioid-fentanyl"])
def test_naloxone_is_for_opioids(found: str) -> None:
    assert "naloxone" in keys(classes=frozenset({found}))
    assert "naloxone" not in keys(classes=frozenset({"phenethylamine"}))


@pytest.mark.parametrize("found", ["xylazine", "medetomidine"])
def test_the_limits_of_naloxone_are_told_where_the_danger_rules_say_so(found: str) -> None:
    assert "naloxone-limits" in keys(substances=frozenset({found}))


def test_a_condition_on_class_and_substance_is_met_by_either() -> None:
    both = Conditions(classes=frozenset({"a"}), substances=frozenset({"b"}))
    card = rules.Card("k", "stop", {}, {}, "s", both)
    assert rules.choose_cards([card], Facts(classes=frozenset({"a"})))
    assert rules.choose_cards([card], Facts(substances=frozenset({"b"})))
    assert not rules.choose_cards([card], Facts())


def test_every_shipped_card_speaks_three_languages_names_its_source_and_gives_no_dose() -> None:
    for card in shipped_cards():
        assert card.source
        for language in LANGUAGES:
            words = f"{card.title[language]} {card.text[language]}"
            digits = {word.strip(".,:") for word in words.split() if any(map(str.isdigit, word))}
            assert digits <= {"112"}, card.key


def test_a_card_without_a_language_or_source_is_refused() -> None:
    whole = (
        "cards: [{key: k, pictogram: stop, title: {en: a, fr: b, nl: c}, "
        "text: {en: a, fr: b%s}, source: '%s'}]"
    )
    with pytest.raises(ValueError, match="not in"):
        read_cards(whole % ("", "own"))
    with pytest.raises(ValueError, match="no source"):
        read_cards(whole % (", nl: c", ""))
    assert read_cards(whole % (", nl: c", "own"))[0].key == "k"


def test_only_a_released_finding_is_a_result() -> None:
    assert rules.standing("to verify", has_finding=False) is Standing.NOT_READY
    assert rules.standing("released", has_finding=False) is Standing.NOT_READY
    assert rules.standing("released", has_finding=True) is Standing.RESULT
    assert rules.standing("not analysed", has_finding=False) is Standing.NOT_ANALYSED
    assert rules.standing("withdrawn", has_finding=True) is Standing.WITHDRAWN


def test_the_first_sentence_is_read_large_and_nothing_is_lost() -> None:
    assert rules.headline("It is PMMA.\n\nMore.") == ("It is PMMA.", "More.")
    long = "a" * 200
    assert rules.headline(long) == ("", long)
    assert rules.headline(f"Short one. {long}") == ("Short one.", long)


@given(st.text(max_size=400))
def test_no_word_of_a_finding_is_lost_by_parting_it(text: str) -> None:
    first, rest = rules.headline(text)
    assert "".join(f"{first} {rest}".split()) == "".join(text.replace("\r\n", "\n").split())


def test_a_ticket_ends_some_days_after_the_last_result() -> None:
    made = NOW - timedelta(days=80)
    for age, ended in ((29, False), (31, True)):
        times = [NOW - timedelta(days=age), NOW - timedelta(days=60)]
        said = rules.ticket_has_expired(released=times, made=made, at=NOW, days=30)
        assert said is ended


def test_a_ticket_that_was_never_answered_ends_too() -> None:
    for age, ended in ((89, False), (91, True)):
        made = NOW - timedelta(days=age)
        assert rules.ticket_has_expired(released=[], made=made, at=NOW, days=30) is ended


@pytest.mark.parametrize(
    ("moment", "kept"),
    [
        (datetime(2026, 11, 20, 9, 31, tzinfo=UTC), datetime(2026, 11, 20, 9, 31, tzinfo=UTC)),
        (datetime(2026, 11, 11, 9, 31, tzinfo=UTC), datetime(2026, 11, 11, tzinfo=UTC)),
        (datetime(2026, 8, 6, 9, 31, tzinfo=UTC), datetime(2026, 8, 3, tzinfo=UTC)),
    ],
)
def test_a_minute_becomes_a_day_and_a_day_a_week(moment: datetime, kept: datetime) -> None:
    assert rules.coarse_moment(moment, NOW) == kept


@given(st.integers(0, 3_000_000))
def test_making_coarser_twice_changes_nothing(minutes: int) -> None:
    moment = NOW - timedelta(minutes=minutes)
    once = rules.coarse_moment(moment, NOW)
    assert rules.coarse_moment(once, NOW) == once
    day = rules.coarse_day(moment.date(), NOW.date())
    assert rules.coarse_day(day, NOW.date()) == day


def test_a_week_begins_on_monday() -> None:
    assert rules.coarse_day(date(2026, 5, 3), NOW.date()) == date(2026, 4, 27)


def test_a_selector_is_tried_so_often_and_others_are_not_hindered() -> None:
    budgets = Budgets(Allowance(2, 600), Allowance(100, 60))
    for _try in range(2):
        assert budgets.may_try("AAAAA", NOW)
        budgets.count_failure("AAAAA", NOW)
    assert not budgets.may_try("AAAAA", NOW)
    assert budgets.may_try("BBBBB", NOW)
    assert budgets.may_try("AAAAA", NOW + timedelta(seconds=301))


def test_what_opens_is_not_counted_against_its_selector() -> None:
    budgets = Budgets(Allowance(1, 600), Allowance(100, 60))
    assert all(budgets.may_try("AAAAA", NOW) for _try in range(20))


def test_all_tickets_together_have_a_budget() -> None:
    budgets = Budgets(Allowance(10, 600), Allowance(3, 60))
    assert [budgets.may_try(f"S{n}", NOW) for n in range(4)] == [True, True, True, False]
    assert budgets.may_try("S9", NOW + timedelta(seconds=21))


def test_every_reason_for_not_analysing_is_told_in_a_sentence_of_its_own() -> None:
    lines = (shipped("reference_data") / "vocabularies" / "not_analysed_reason.csv").read_text()
    codes = {line.split(",")[1] for line in lines.splitlines()[1:]}
    assert codes == set(rules.BECAUSE)
    for language in LANGUAGES:
        told = [say(rules.because(code), language) for code in sorted(codes)]
        assert len(set(told)) == len(codes) and all(text.endswith(".") for text in told)
    assert rules.because("") == rules.because("other")
