from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.findings import ruling
from lims.findings.ruling import RuleDraftState, RuleText
from lims.foundation.errors import Refused
from tests.findings.drafting_rules import RULE

MOVES = {
    ("draft", "review"),
    ("draft", "withdrawn"),
    ("review", "draft"),
    ("review", "published"),
    ("review", "withdrawn"),
}


@pytest.mark.parametrize("present", list(RuleDraftState))
@pytest.mark.parametrize("wanted", list(RuleDraftState))
def test_a_draft_of_a_rule_moves_only_as_the_table_says(
    present: RuleDraftState, wanted: RuleDraftState
) -> None:
    if (str(present), str(wanted)) in MOVES:
        ruling.refuse_move(present, wanted)
    else:
        with pytest.raises(Refused):
            ruling.refuse_move(present, wanted)


def test_the_table_of_drafts_names_every_state() -> None:
    assert set(ruling.MOVES) == set(RuleDraftState)


@pytest.mark.parametrize("state", list(RuleDraftState))
def test_only_a_draft_is_written_anew(state: RuleDraftState) -> None:
    if state is RuleDraftState.DRAFT:
        ruling.refuse_editing(state)
    else:
        with pytest.raises(Refused):
            ruling.refuse_editing(state)


def test_the_difference_names_each_part_that_changes_and_no_other() -> None:
    after = replace(RULE, limit_value=Decimal(140), valid_from=date(2026, 1, 1))
    found = ruling.differences(RULE, after)
    assert [(one.part, one.before, one.after) for one in found] == [
        ("limit_value", Decimal(150), Decimal(140)),
        ("valid_from", None, date(2026, 1, 1)),
    ]
    assert ruling.differences(RULE, RULE) == []


def test_a_new_rule_differs_in_all_that_it_says() -> None:
    parts = {one.part for one in ruling.differences(None, RULE)}
    assert {"target", "limit_value", "level", "source", "in_force"} <= parts
    assert "note" not in parts and "valid_until" not in parts


TEXTS = st.builds(
    RuleText,
    *[st.text(max_size=20)] * 7,
    operator=st.sampled_from(["", ">", ">="]),
    limit_value=st.none() | st.decimals(0, 1000, places=3),
    in_force=st.booleans(),
    valid_from=st.none() | st.dates(),
    valid_until=st.none() | st.dates(),
)


@given(text=TEXTS)
def test_what_a_draft_says_is_read_back_as_it_was_written(text: RuleText) -> None:
    assert ruling.read(ruling.kept(text)) == text


@given(before=TEXTS, after=TEXTS)
def test_two_rules_without_a_difference_say_the_same(before: RuleText, after: RuleText) -> None:
    same = replace(after, rule_key=before.rule_key)
    assert (ruling.differences(before, same) == []) == (before == same)
