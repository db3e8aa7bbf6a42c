from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from lims.findings import judging, rule_drafts, rulebook
from lims.findings.judging import JudgeAgain, LeaveAsItIs
from lims.findings.records import Detection, Finding
from lims.findings.rule_records import JudgedAgain, RuleJudgement
from lims.findings.rulebook import ChooseJurisdictions
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.surveillance.records import Signal
from lims.wiring import connect
from tests.findings import makers
from tests.findings.drafting_rules import RULE, in_review, published


@pytest.fixture(autouse=True)
def lists(session: Session) -> None:
    connect()
    makers.vocabularies(session)
    makers.mdma(session)


def tablet(session: Session, network: Any, mg: str, **more: Any) -> Finding:
    """Return a released finding on a tablet, as the product releases it."""
    sample = makers.analysed_tablet(session, network, mg, more.pop("spread", "2"), **more)
    return makers.released(session, network, sample)


def tried(session: Session, network: Any, **more: Any) -> Any:
    return rule_drafts.trial(session, network.coordinator, replace(RULE, **more), 12)


def test_a_trial_tells_how_often_a_rule_would_have_fired_and_what_already_did(
    session: Session, network: Any
) -> None:
    published(session, network, limit_value=Decimal(200))
    for mg in ("100", "160", "170", "230"):
        tablet(session, network, mg)
    found = tried(session, network)
    assert (found.times, found.fires, found.already) == (3, 3, 1)
    assert (found.figures["new"], found.figures["gone"], found.figures["graver"]) == (2, 0, 2)


def test_a_higher_limit_shows_what_would_no_longer_fire(session: Session, network: Any) -> None:
    published(session, network)
    kept = tablet(session, network, "300")
    lost = tablet(session, network, "160")
    found = tried(session, network, limit_value=Decimal(200))
    assert [one.past.finding_id for one in found.which("gone")] == [lost.id]
    assert [one.past.finding_id for one in found.which("fires")] == [kept.id]


def test_a_trial_counts_what_cannot_be_excluded_as_the_judge_does(
    session: Session, network: Any
) -> None:
    tablet(session, network, "145", spread="10")
    found = tried(session, network)
    assert found.fires == 1 and found.lines[0].outcome["verdict"] == "cannot-be-excluded"
    assert tried(session, network, limit_value=Decimal(156)).fires == 0


def test_a_trial_takes_the_salt_into_account(session: Session, network: Any) -> None:
    tablet(session, network, "160")
    assert tried(session, network).fires == 1
    assert tried(session, network, expressed_as="base").fires == 0


def test_a_trial_looks_only_at_what_stands_in_its_months(session: Session, network: Any) -> None:
    old = tablet(session, network, "300")
    old.released_at = clock.now() - timedelta(days=200)
    gone = tablet(session, network, "300")
    gone.state = "superseded"
    session.flush()
    assert tried(session, network).fires == 1
    assert rule_drafts.trial(session, network.coordinator, RULE, 3).fires == 0


def test_a_trial_stops_at_its_limit_and_says_so(session: Session, network: Any) -> None:
    for _n in range(3):
        tablet(session, network, "300")
    found = rule_drafts.trial(session, network.coordinator, RULE, 12, most=2)
    assert (found.looked.findings, found.looked.aimed, found.looked.is_cut) == (2, 3, True)
    assert found.fires == 2


def test_a_trial_is_an_answer_and_changes_nothing(session: Session, network: Any) -> None:
    before = tablet(session, network, "300")
    level, outcomes = before.danger, list(before.danger_outcomes)
    made = in_review(session, network)
    assert made.trial["samples"] == 1
    assert (before.danger, before.danger_outcomes) == (level, outcomes)
    assert session.scalars(select(Signal)).all() == []


def test_a_rule_that_nothing_met_asks_little_of_the_database(
    session: Session, network: Any
) -> None:
    assert tried(session, network).figures["aimed"] == 0


def test_a_trial_asks_the_database_equally_often_for_one_finding_and_for_many(
    session: Session, network: Any
) -> None:
    def asked() -> int:
        statements: list[str] = []

        def note(_c: Any, _u: Any, statement: str, *_more: Any) -> None:
            statements.append(statement)

        session.flush()
        event.listen(session.get_bind(), "before_cursor_execute", note)
        tried(session, network)
        event.remove(session.get_bind(), "before_cursor_execute", note)
        return len(statements)

    tablet(session, network, "300")
    few = asked()
    for _n in range(5):
        tablet(session, network, "300")
    assert asked() == few


def test_a_group_that_a_strip_names_is_tried_by_its_name(session: Session, network: Any) -> None:
    found = tablet(session, network, "100")
    session.add(Detection(finding_id=found.id, position=9, label="nitazene", **BARE))
    session.flush()
    group = replace(RULE, condition="any-detection", limit_value=None, operator="", unit="")
    group = replace(group, target_type="structural group", target="nitazenes", dosage_form="")
    assert rule_drafts.trial(session, network.coordinator, group, 6).fires == 1


BARE = {"role": "adulterant", "abundance": "present", "kind": "found"}


def test_each_place_says_what_choosing_it_would_change(session: Session, network: Any) -> None:
    published(session, network, in_force=False)
    french = replace(RULE, rule_key="fr-mdma", jurisdiction="FR (synthetic)", in_force=False)
    published(session, network, french, limit_value=Decimal(400))
    tablet(session, network, "200")
    _looked, listed = rule_drafts.places(session, network.coordinator, 12)
    by_code = {one.code: (one.samples, one.graver, one.computed) for one in listed}
    assert by_code == {"BE": (1, 1, 1), "FR": (0, 0, 1)}


def test_the_version_that_judged_is_kept_when_a_newer_one_is_published(
    session: Session, network: Any
) -> None:
    published(session, network)
    first = tablet(session, network, "160")
    published(session, network, limit_value=Decimal(200))
    second = tablet(session, network, "160")
    query = select(RuleJudgement.finding_id, RuleJudgement.version, RuleJudgement.raises)
    kept = {row.finding_id: (row.version, row.raises) for row in session.execute(query)}
    assert kept == {first.id: (1, True), second.id: (2, False)}
    counts = rule_drafts.judged_by_version(session, network.chemist, RULE.rule_key)
    assert counts == {1: (1, 1), 2: (1, 0)}
    listed, total = rule_drafts.judged(session, network.coordinator, RULE.rule_key, 1)
    assert total == 1 and listed[0].finding_id == first.id


def test_judging_again_makes_a_list_and_neither_changes_a_finding_nor_raises_a_signal(
    session: Session, network: Any
) -> None:
    published(session, network, limit_value=Decimal(200))
    old = tablet(session, network, "160")
    same = tablet(session, network, "250")
    signals = len(session.scalars(select(Signal)).all())
    published(session, network)
    again = JudgeAgain(RULE.rule_key, 12)
    (line,) = judging.judge_again(session, network.coordinator, again)
    assert (line.finding_id, line.before_version, line.version) == (old.id, 1, 2)
    assert (line.raised, line.raises, old.danger) == (False, True, "neutral")
    assert same.danger == "caution"
    assert len(session.scalars(select(Signal)).all()) == signals
    assert judging.judge_again(session, network.coordinator, again) == []


def test_judging_again_names_what_a_narrower_rule_no_longer_looks_at(
    session: Session, network: Any
) -> None:
    published(session, network)
    old = tablet(session, network, "160")
    makers.pmma(session)
    published(session, network, target="pmma")
    (line,) = judging.judge_again(session, network.coordinator, JudgeAgain(RULE.rule_key, 6))
    assert (line.finding_id, line.raised, line.raises) == (old.id, True, False)


def test_a_finding_leaves_the_list_with_a_reason_or_with_a_new_version(
    session: Session, network: Any
) -> None:
    published(session, network, limit_value=Decimal(200))
    first, second = (tablet(session, network, "160") for _n in range(2))
    published(session, network)
    lines = judging.judge_again(session, network.coordinator, JudgeAgain(RULE.rule_key, 6))
    by_finding = {one.finding_id: one for one in lines}
    leave = LeaveAsItIs(by_finding[first.id].id, "known batch")
    judging.leave_as_it_is(session, network.coordinator, leave)
    with pytest.raises(Refused):
        judging.leave_as_it_is(session, network.coordinator, leave)
    second.state = "superseded"
    session.flush()
    assert rule_drafts.judged_again(session, network.coordinator, "") == ([], 0)
    assert len(session.scalars(select(JudgedAgain)).all()) == 2


def test_only_who_writes_rules_judges_again(session: Session, network: Any) -> None:
    published(session, network)
    for actor in (network.chemist, network.approver):
        with pytest.raises(NotPermitted):
            judging.judge_again(session, actor, JudgeAgain(RULE.rule_key, 6))
    with pytest.raises(NotFound):
        judging.judge_again(session, network.coordinator, JudgeAgain("nothing", 6))
    with pytest.raises(Invalid):
        judging.judge_again(session, network.coordinator, JudgeAgain(RULE.rule_key, 7))


def test_a_context_rule_of_a_chosen_place_is_what_stands_in_a_trial(
    session: Session, network: Any
) -> None:
    published(session, network, in_force=False)
    tablet(session, network, "200")
    assert tried(session, network).already == 0
    rulebook.choose_jurisdictions(session, network.coordinator, ChooseJurisdictions(("BE",)))
    assert tried(session, network).already == 1
