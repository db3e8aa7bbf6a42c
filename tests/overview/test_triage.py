from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.words import LANGUAGES, say
from lims.overview import ordering, triage
from lims.overview.triage import Fact, Group, Line, Place, RuleState, Told

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
RULE = (
    Line(Fact.INCIDENT, ("overdose", "emergency")),
    Line(Fact.TAKEN, ("seizure", "stronger")),
    Line(Fact.NEW_LOGO),
)


def test_the_first_line_that_a_sample_meets_decides() -> None:
    both = Told(incident="overdose", taken=True, effects=("seizure",))
    assert triage.place(RULE, both) == Place(Group.BY_RULE, 0, Fact.INCIDENT, "overdose")
    taken = Told(incident="none", taken=True, effects=("nausea", "stronger"))
    assert triage.place(RULE, taken) == Place(Group.BY_RULE, 1, Fact.TAKEN, "stronger")


@pytest.mark.parametrize(
    "told",
    [
        Told(),
        Told(incident="unknown"),
        Told(taken=False, effects=("seizure",)),
        Told(taken=None, effects=("seizure",)),
        Told(taken=True, effects=("as-expected",)),
        Told(logo="buoy", new_logo=False),
        Told(new_logo=True),
    ],
    ids=["nothing", "unknown", "not-taken", "not-said", "as-expected", "seen-logo", "no-logo"],
)
def test_what_no_line_names_goes_in_order_of_arrival(told: Told) -> None:
    assert triage.place(RULE, told) == Place(Group.BY_RULE)


@pytest.mark.parametrize(
    ("line", "told", "met"),
    [
        (Line(Fact.SOLD_AS, ("heroin",)), Told(sold_as="heroin"), "heroin"),
        (Line(Fact.FORM, ("blotter",)), Told(form="blotter"), "blotter"),
        (Line(Fact.NEW_LOGO), Told(logo="buoy", new_logo=True), "buoy"),
        (Line(Fact.ALERT_LOOK), Told(alert="2026-0001"), "2026-0001"),
        (Line(Fact.DANGER_LOOK), Told(product="P-0001"), "P-0001"),
    ],
    ids=["sold-as", "form", "logo", "alert", "product"],
)
def test_every_fact_can_decide(line: Line, told: Told, met: str) -> None:
    assert triage.place((line,), told) == Place(Group.BY_RULE, 0, line.fact, met)
    assert triage.place((line,), Told()).line is None


def test_a_person_moves_a_sample_before_or_after_all_others() -> None:
    grave = Told(incident="overdose")
    placed = [
        triage.place(RULE, Told(), "forward", "the family waits"),
        triage.place(RULE, grave),
        triage.place(RULE, Told()),
        triage.place(RULE, grave, "back", "its standard is missing"),
    ]
    keys = [triage.order(one, NOON, "2222-2222") for one in placed]
    assert keys == sorted(keys)


def test_the_reason_is_told_in_words() -> None:
    first = triage.place(RULE, Told(incident="emergency"))
    assert str(triage.because(first, "hospital admission")) == (
        "first, because: incident: hospital admission"
    )
    second = triage.place(RULE, Told(taken=True, effects=("seizure",)))
    assert "before others" in str(triage.because(second, "seizure"))
    assert str(triage.because(Place(Group.BY_RULE))) == "in order of arrival"
    moved = triage.place(RULE, Told(), "back", "its standard is missing")
    assert str(triage.because(moved)).endswith("its standard is missing")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_and_state_has_words(language: str) -> None:
    for words in (*triage.FACT_WORDS.values(), *triage.STATE_WORDS.values()):
        assert say(words, language)
    assert set(triage.FACT_WORDS) == set(Fact)
    assert set(triage.STATE_WORDS) == set(RuleState) == set(triage.MOVES)


def test_no_version_that_has_ended_moves_again() -> None:
    assert {state for state, after in triage.MOVES.items() if not after} == {
        *(RuleState.REPLACED, RuleState.REFUSED, RuleState.ENDED)
    }


def test_the_example_orders_by_incident_then_by_what_was_taken_and_says_what_it_is() -> None:
    shipped = ordering.shipped_rule()
    assert [line.fact for line in shipped.lines] == [
        Fact.INCIDENT,
        Fact.TAKEN,
        Fact.ALERT_LOOK,
        Fact.DANGER_LOOK,
    ]
    assert shipped.rule is None
    assert "house convention" in shipped.source and "no evidence" in shipped.source
    assert not any(character.isdigit() for character in shipped.source)


KNOWN = {Fact.INCIDENT: ("overdose",), Fact.TAKEN: ("seizure",)}


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ([], "lines"),
        ([Line(Fact.INCIDENT)], "lines.0.values"),
        ([Line(Fact.INCIDENT, ("elephant",))], "lines.0.values"),
        ([Line(Fact.NEW_LOGO, ("buoy",))], "lines.0.values"),
        ([Line(Fact.NEW_LOGO), Line(Fact.NEW_LOGO)], "lines.1.fact"),
        ([Line(Fact.FORM, (str(n),)) for n in range(30)], "lines"),
    ],
    ids=["empty", "no-code", "unknown", "needless", "twice", "many"],
)
def test_a_rule_that_cannot_be_is_refused_beside_its_line(lines: list[Line], field: str) -> None:
    assert field in [one.field for one in triage.problems(lines, KNOWN)]


def test_a_good_rule_has_no_problem() -> None:
    assert triage.problems([Line(Fact.INCIDENT, ("overdose",)), Line(Fact.ALERT_LOOK)], KNOWN) == []


tolds = st.builds(
    Told,
    incident=st.sampled_from(["", "none", "overdose", "emergency"]),
    taken=st.sampled_from([None, True, False]),
    effects=st.lists(st.sampled_from(["seizure", "stronger", "as-expected"])).map(tuple),
    logo=st.sampled_from(["", "buoy"]),
    new_logo=st.booleans(),
)
samples = st.lists(st.tuples(tolds, st.integers(0, 500), st.integers(0, 9)), max_size=20)


@given(samples)
def test_the_order_is_by_line_then_by_arrival(
    waiting: list[tuple[Told, int, int]],
) -> None:
    rows = [
        (triage.place(RULE, told), NOON + timedelta(minutes=minute), str(code))
        for told, minute, code in waiting
    ]
    rows.sort(key=lambda row: triage.order(*row))
    for (one, early, _a), (other, late, _b) in itertools.pairwise(rows):
        first = triage.MOST_LINES if one.line is None else one.line
        second = triage.MOST_LINES if other.line is None else other.line
        assert first < second or (first == second and early <= late)


@given(st.lists(st.builds(Line, st.sampled_from(Fact), st.lists(st.text()).map(tuple))))
def test_lines_are_read_as_they_were_kept(lines: list[Line]) -> None:
    assert triage.read(triage.kept(lines)) == tuple(lines)
