from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.errors import Refused
from lims.surveillance import rules
from lims.surveillance.rules import Again, SignalState
from tests.makers import danger_outcome

OPENED = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
ENDS = {SignalState.MERGED, SignalState.DISCARDED, SignalState.EVENT}


@pytest.mark.parametrize("present", list(SignalState))
@pytest.mark.parametrize("wanted", list(SignalState))
def test_only_an_open_signal_moves_and_only_to_an_end(
    present: SignalState, wanted: SignalState
) -> None:
    if present is SignalState.OPEN and wanted in ENDS:
        rules.refuse_move(present, wanted)
    else:
        with pytest.raises(Refused):
            rules.refuse_move(present, wanted)


def test_the_table_of_moves_names_every_state() -> None:
    assert set(rules.MOVES) == set(SignalState)


@pytest.mark.parametrize(
    ("level", "raised"),
    [("neutral", 0), ("information", 0), ("caution", 1), ("warning", 1), ("red", 1)],
)
def test_information_raises_no_signal_and_caution_does(level: str, raised: int) -> None:
    assert len(rules.judgements([danger_outcome(level=level)])) == raised


def test_a_rule_that_does_not_hold_raises_no_signal() -> None:
    assert rules.judgements([danger_outcome(raises=False, verdict="below")]) == []


def test_a_rule_that_holds_for_two_substances_raises_one_signal_that_names_both() -> None:
    both = [danger_outcome(substance="pmma"), danger_outcome(substance="pma")]
    (judged,) = rules.judgements(both)
    assert [seen["substance"] for seen in judged["seen"]] == ["pmma", "pma"]
    assert len(judged["words"]["params"]["all"]["list"]) == 2


def test_the_gravest_judgement_comes_first() -> None:
    listed = rules.judgements(
        [danger_outcome("a", "caution"), danger_outcome("b", "red"), danger_outcome("c", "warning")]
    )
    assert [one["rule"] for one in listed] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("state", "same_data", "graver", "expected"),
    [
        ("open", True, False, Again.MERGE),
        ("open", False, True, Again.MERGE),
        ("discarded", True, False, Again.NOTHING),
        ("discarded", False, False, Again.RAISE),
        ("discarded", True, True, Again.RAISE),
        ("event", True, False, Again.NOTHING),
        ("event", False, False, Again.RAISE),
    ],
)
def test_an_amended_finding_merges_into_what_is_open_and_raises_what_changed(
    state: str, same_data: bool, graver: bool, expected: Again
) -> None:
    again = rules.judged_again(earlier_state=state, same_data=same_data, graver=graver)
    assert again is expected


def clock_after(hours: float, level: str, *, looked: bool = False) -> rules.Clock:
    found = rules.clock(
        level=level,
        opened_at=OPENED,
        looked_at=OPENED + timedelta(hours=1) if looked else None,
        decided_at=None,
        at=OPENED + timedelta(hours=hours),
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("level", "hours", "late"),
    [("red", 3.9, False), ("red", 4.1, True), ("warning", 23, False), ("warning", 25, True)],
)
def test_nobody_looking_in_time_escalates_by_level(level: str, hours: float, late: bool) -> None:
    found = clock_after(hours, level)
    assert (found.is_late, found.is_escalated, found.waits_for) == (late, late, "look")


def test_a_red_signal_that_was_looked_at_must_be_decided_within_a_day() -> None:
    assert not clock_after(23, "red", looked=True).is_late
    late = clock_after(25, "red", looked=True)
    assert late.is_late and not late.is_escalated and late.waits_for == "decide"


def test_no_clock_runs_on_a_decided_signal() -> None:
    assert (
        rules.clock(level="red", opened_at=OPENED, looked_at=None, decided_at=OPENED, at=OPENED)
        is None
    )


def test_every_level_that_can_be_reported_has_targets() -> None:
    assert set(rules.REPORT_LEVELS) == set(rules.TARGETS)


@given(st.floats(min_value=0, max_value=1e6), st.sampled_from(rules.REPORT_LEVELS))
def test_the_bar_of_a_clock_never_leaves_its_frame(hours: float, level: str) -> None:
    assert 0 <= clock_after(hours, level).share <= 100


@given(st.dictionaries(st.text(), st.integers() | st.text()))
def test_the_hash_of_the_data_does_not_depend_on_the_order(facts: dict[str, object]) -> None:
    turned = dict(reversed(list(facts.items())))
    assert rules.data_hash(facts) == rules.data_hash(turned)
    assert rules.data_hash({**facts, "one more": 1}) != rules.data_hash(facts)
