from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from lims.alerts import rules
from lims.alerts.rules import AlertState, EventState
from lims.foundation.errors import Refused

TODAY = date(2026, 11, 2)
ALERT_MOVES = {
    ("draft", "review"),
    ("review", "draft"),
    ("review", "approved"),
    ("approved", "published"),
    ("published", "updated"),
    ("published", "withdrawn"),
    ("published", "expired"),
    ("published", "superseded"),
}
EVENT_MOVES = {
    ("pending", "confirmed"),
    ("pending", "refuted"),
    ("pending", "merged"),
    ("confirmed", "pending"),
    ("refuted", "pending"),
}
ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.mark.parametrize("present", list(AlertState))
@pytest.mark.parametrize("wanted", list(AlertState))
def test_an_alert_moves_only_as_the_table_says(present: AlertState, wanted: AlertState) -> None:
    if (str(present), str(wanted)) in ALERT_MOVES:
        rules.refuse_alert_move(present, wanted)
    else:
        with pytest.raises(Refused):
            rules.refuse_alert_move(present, wanted)


@pytest.mark.parametrize("present", list(EventState))
@pytest.mark.parametrize("wanted", list(EventState))
def test_an_event_moves_only_as_the_table_says(present: EventState, wanted: EventState) -> None:
    if (str(present), str(wanted)) in EVENT_MOVES:
        rules.refuse_event_move(present, wanted)
    else:
        with pytest.raises(Refused):
            rules.refuse_event_move(present, wanted)


@pytest.mark.parametrize("state", list(AlertState))
def test_only_a_draft_is_edited(state: AlertState) -> None:
    if state is AlertState.DRAFT:
        rules.refuse_editing(state)
    else:
        with pytest.raises(Refused):
            rules.refuse_editing(state)


@pytest.mark.parametrize(
    ("event", "signal", "graver", "taken"),
    [
        ((ONE, None), (ONE, None), False, True),
        ((ONE, ONE), (ONE, ONE), False, True),
        ((None, ONE), (None, ONE), False, True),
        ((None, ONE), (ONE, ONE), False, True),
        ((ONE, ONE), (ONE, OTHER), False, False),
        ((ONE, ONE), (OTHER, ONE), False, False),
        ((None, None), (None, None), False, False),
        ((ONE, None), (None, ONE), False, False),
        ((ONE, ONE), (ONE, ONE), True, False),
    ],
)
def test_an_event_takes_in_the_same_matter_and_never_something_new_or_graver(
    event: tuple[uuid.UUID | None, uuid.UUID | None],
    signal: tuple[uuid.UUID | None, uuid.UUID | None],
    graver: bool,
    taken: bool,
) -> None:
    assert rules.absorbs(event=event, signal=signal, is_graver=graver) is taken


@pytest.mark.parametrize(
    ("event", "signal", "taken"),
    [
        ("Bruxelles", "Bruxelles", True),
        (" bruxelles", "Bruxelles", True),
        ("", "Liège", True),
        ("Liège", "", True),
        ("Liège", "Bruxelles", False),
    ],
)
def test_an_event_takes_in_what_lies_in_its_region_or_where_nobody_knows(
    event: str, signal: str, taken: bool
) -> None:
    same = {"event": (ONE, ONE), "signal": (ONE, ONE), "is_graver": False}
    assert rules.absorbs(**same, areas=(event, signal)) is taken


@pytest.mark.parametrize(
    ("days", "wrong"), [(None, True), (-1, True), (0, True), (1, False), (365, False), (366, True)]
)
def test_an_alert_needs_a_review_date_within_a_year(days: int | None, wrong: bool) -> None:
    review_on = None if days is None else TODAY + timedelta(days=days)
    assert bool(rules.review_problems(review_on, TODAY)) is wrong


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_published_alert_asks_for_a_decision_from_its_review_date_on(days: int) -> None:
    review_on = TODAY + timedelta(days=days)
    assert rules.needs_decision("published", review_on, TODAY) is (days <= 0)
    assert not rules.needs_decision("withdrawn", review_on, TODAY)


def assessment(by: str, hazard: int = 3) -> rules.Assessment:
    return rules.Assessment(by=by, hazard=hazard, exposure=2, certainty=2, words="x", at="")


def test_two_people_assess_before_an_event_is_decided() -> None:
    with pytest.raises(Refused):
        rules.refuse_decision([assessment("a")])
    with pytest.raises(Refused):
        rules.refuse_decision([assessment("a"), assessment("a")])
    rules.refuse_decision([assessment("a"), assessment("b")])


def test_dissent_is_named_by_question() -> None:
    assert rules.dissent([assessment("a", 3), assessment("b", 1)]) == ["hazard"]
    assert rules.dissent([assessment("a"), assessment("b")]) == []


@pytest.mark.parametrize("grade", [0, 4, -1, 100])
def test_grades_go_from_one_to_three(grade: int) -> None:
    wrong = rules.graded_wrong({"hazard": grade, "exposure": 1, "certainty": 3})
    assert [problem.field for problem in wrong] == ["hazard"]
