from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lims.findings import danger, queries, rule_drafts, rule_review
from lims.findings.records import DangerRule
from lims.findings.rule_records import RuleDraft
from lims.findings.rule_review import DraftRule, EditRule, MoveRule
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refusal, Refused, Stale
from lims.journal.records import JournalEntry
from tests.findings import makers
from tests.findings.drafting_rules import RULE, drafted, ended, in_review, published
from tests.findings.test_rulebook import Measured, Tablet


@pytest.fixture(autouse=True)
def lists(session: Session) -> None:
    makers.vocabularies(session)
    makers.mdma(session)


def moved(made: RuleDraft) -> MoveRule:
    return MoveRule(made.id, made.row_version)


def test_a_draft_judges_nothing_before_a_second_person_publishes_it(
    session: Session, network: Any
) -> None:
    made = in_review(session, network)
    assert queries.current_rules(session) == []
    rule_review.approve_rule(session, network.approver, moved(made))
    (rule,) = queries.current_rules(session)
    assert (rule.version, rule.limit_value) == (1, Decimal(150))
    assert (rule.drafted_by, rule.published_by) == ("coordinator", "approver")
    assert (made.state, made.published_version) == ("published", 1)


def test_nobody_publishes_what_they_wrote_or_changed(session: Session, network: Any) -> None:
    made = drafted(session, network)
    other = replace(network.coordinator, account="second coordinator")
    edited = EditRule(made.id, replace(RULE, limit_value=Decimal(140)), "lower", made.row_version)
    rule_review.edit_rule(session, other, edited)
    session.flush()
    rule_review.submit_rule(session, network.coordinator, moved(made))
    session.flush()
    for author in (network.coordinator, other):
        with pytest.raises(Refused):
            rule_review.approve_rule(session, author, moved(made))
    third = replace(network.coordinator, account="third coordinator")
    rule_review.approve_rule(session, third, moved(made))
    assert made.state == "published" and made.editors == ["second coordinator"]


@pytest.mark.parametrize("who", ["chemist", "worker", "auditor", "administrator", "counsellor"])
def test_who_has_no_duty_for_rules_neither_reads_nor_moves_a_draft(
    session: Session, network: Any, who: str
) -> None:
    made, actor = in_review(session, network), getattr(network, who)
    acts: tuple[Callable[[], Any], ...] = (
        lambda: rule_drafts.drafts(session, actor),
        lambda: rule_drafts.draft(session, actor, made.id),
        lambda: rule_drafts.trial(session, actor, RULE, 6),
        lambda: rule_drafts.places(session, actor, 6),
        lambda: rule_review.draft_rule(session, actor, DraftRule(RULE, "why")),
        lambda: rule_review.approve_rule(session, actor, moved(made)),
        lambda: rule_review.send_back_rule(session, actor, ended(made)),
        lambda: rule_review.withdraw_rule(session, actor, ended(made)),
    )
    for act in acts:
        with pytest.raises(NotPermitted):
            act()


def test_an_approver_reads_and_sends_back_but_does_not_write(
    session: Session, network: Any
) -> None:
    made = in_review(session, network)
    rule_review.send_back_rule(session, network.approver, ended(made, "which salt?"))
    session.flush()
    assert (made.state, made.reason, made.submitted_at) == ("draft", "which salt?", None)
    with pytest.raises(NotPermitted):
        command = EditRule(made.id, RULE, "why", made.row_version)
        rule_review.edit_rule(session, network.approver, command)


def test_a_draft_in_review_is_not_changed_and_a_withdrawn_one_never_again(
    session: Session, network: Any
) -> None:
    made = in_review(session, network)
    with pytest.raises(Refused):
        command = EditRule(made.id, RULE, "why", made.row_version)
        rule_review.edit_rule(session, network.coordinator, command)
    rule_review.withdraw_rule(session, network.coordinator, ended(made))
    session.flush()
    for act in (rule_review.submit_rule, rule_review.approve_rule):
        with pytest.raises(Refused):
            act(session, replace(network.coordinator, account="other"), moved(made))
    assert made.state == "withdrawn" and queries.current_rules(session) == []


@pytest.mark.parametrize("reason", ["", "   "])
def test_sending_back_and_withdrawing_ask_for_a_reason(
    session: Session, network: Any, reason: str
) -> None:
    made = in_review(session, network)
    for act in (rule_review.send_back_rule, rule_review.withdraw_rule):
        with pytest.raises(Invalid):
            act(session, network.coordinator, ended(made, reason))


def test_a_reason_that_names_a_person_is_refused(session: Session, network: Any) -> None:
    made = in_review(session, network)
    with pytest.raises(Invalid):
        rule_review.send_back_rule(session, network.approver, ended(made, "ask Jan Peeters"))


def test_a_draft_that_somebody_changed_meanwhile_is_not_published_unread(
    session: Session, network: Any
) -> None:
    made = drafted(session, network)
    read = made.row_version
    rule_review.submit_rule(session, network.coordinator, moved(made))
    session.flush()
    with pytest.raises(Stale):
        rule_review.approve_rule(session, network.approver, MoveRule(made.id, read))


def test_a_draft_that_a_newer_version_has_overtaken_is_read_again_first(
    session: Session, network: Any
) -> None:
    late = in_review(session, network, limit_value=Decimal(130))
    published(session, network, limit_value=Decimal(140))
    with pytest.raises(Refused):
        rule_review.approve_rule(session, network.approver, moved(late))
    rule_review.send_back_rule(session, network.approver, ended(late))
    session.flush()
    text = replace(RULE, limit_value=Decimal(130))
    command = EditRule(late.id, text, "still lower", late.row_version)
    rule_review.edit_rule(session, network.coordinator, command)
    session.flush()
    rule_review.submit_rule(session, network.coordinator, moved(late))
    session.flush()
    rule_review.approve_rule(session, network.approver, moved(late))
    assert late.published_version == 2


def test_a_draft_keeps_the_name_of_its_rule_and_the_same_draft_is_made_once(
    session: Session, network: Any
) -> None:
    made = drafted(session, network)
    again = DraftRule(RULE, "why", made.id)
    assert rule_review.draft_rule(session, network.coordinator, again) is made
    with pytest.raises(Invalid) as refusal:
        other = EditRule(made.id, replace(RULE, rule_key="other"), "why", made.row_version)
        rule_review.edit_rule(session, network.coordinator, other)
    assert [wrong.field for wrong in refusal.value.problems] == ["rule_key"]
    with pytest.raises(NotFound):
        rule_drafts.draft(session, network.coordinator, network.counter.id)


def test_a_rule_says_why_it_is_wanted(session: Session, network: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        rule_review.draft_rule(session, network.coordinator, DraftRule(RULE, " "))
    assert [wrong.field for wrong in refusal.value.problems] == ["why"]


def test_what_the_library_lost_meanwhile_is_found_at_publication(
    session: Session, network: Any
) -> None:
    made = in_review(session, network)
    made.content = {**made.content, "target": "gone"}
    session.flush()
    with pytest.raises(Invalid):
        rule_review.approve_rule(session, network.approver, moved(made))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dosage_form", "cheese"),
        ("expressed_as", "salt; of something else"),
        ("expressed_as", "hcl"),
        ("expressed_as", "Base"),
        ("expressed_as", "phosphate"),
        ("valid_until", date(2020, 1, 1)),
        ("limit_value", Decimal("0.0000001")),
        ("limit_value", Decimal(10_000_000)),
        ("target", "mdma|unknown-thing"),
        ("source", "a bell\x07"),
    ],
)
def test_a_part_that_cannot_be_judged_is_named(
    session: Session, network: Any, field: str, value: Any
) -> None:
    with pytest.raises(Invalid) as refusal:
        drafted(session, network, **{"valid_from": date(2026, 1, 1), field: value})
    assert field in {wrong.field for wrong in refusal.value.problems}


def test_a_limit_belongs_to_a_content_rule_alone(session: Session, network: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        drafted(session, network, condition="any-detection")
    assert [wrong.field for wrong in refusal.value.problems] == ["limit_value"]


def test_a_version_of_a_later_day_leaves_the_one_before_in_its_place_until_then(
    session: Session, network: Any
) -> None:
    mdma = makers.mdma(session)
    published(session, network, limit_value=Decimal(100))
    published(session, network, limit_value=Decimal(200), valid_from=date(2026, 7, 1))
    levels = [
        danger.weigh(session, Tablet(mdma), [Measured(mdma)], day).level
        for day in (date(2026, 6, 30), date(2026, 7, 1))
    ]
    assert levels == ["caution", "neutral"]


def test_every_step_of_a_rule_stands_in_the_journal(session: Session, network: Any) -> None:
    made = in_review(session, network)
    rule_review.send_back_rule(session, network.approver, ended(made))
    session.flush()
    rule_review.submit_rule(session, network.coordinator, moved(made))
    session.flush()
    rule_review.approve_rule(session, network.approver, moved(made))
    acts = list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))
    assert acts == [
        "draft danger rule",
        "submit danger rule",
        "send back danger rule",
        "submit danger rule",
        "publish danger rule",
    ]


def approve_in_a_thread(engine: Engine, actor: Any, command: MoveRule, at: Barrier) -> str:
    with open_session(engine) as own:
        at.wait()
        try:
            rule_review.approve_rule(own, actor, command)
            own.commit()
        except Refusal as refusal:
            own.rollback()
            return type(refusal).__name__
    return "published"


def test_two_people_who_approve_at_the_same_moment_make_one_version(
    engine: Engine, session: Session, network: Any
) -> None:
    made = in_review(session, network)
    command = moved(made)
    session.commit()
    people = [
        network.approver,
        *(replace(network.coordinator, account=f"second {n}") for n in range(3)),
    ]
    at = Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(approve_in_a_thread, engine, who, command, at) for who in people]
        answers = [one.result() for one in waiting]
    assert answers.count("published") == 1, answers
    assert session.scalar(select(func.count()).select_from(DangerRule)) == 1
