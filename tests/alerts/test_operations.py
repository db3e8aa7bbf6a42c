from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from lims.alerts import operations, queries, verification
from lims.alerts.operations import (
    ApproveAlert,
    DecideEvent,
    EditAlert,
    EditMessage,
    ExpireAlert,
    OpenEvent,
    SendBackAlert,
    UpdateAlert,
    WithdrawAlert,
)
from lims.alerts.queries import AlertFilters
from lims.alerts.records import AlertMessage, AlertVersion
from lims.alerts.rules import Kind
from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refusal, Refused, Stale
from lims.journal.records import JournalEntry
from lims.library.records import VocabularyTerm
from lims.surveillance.operations import SignalRaised
from tests.alerts.alerting import (
    IN_A_MONTH,
    UNIDENTIFIED,
    approve,
    assess,
    make_draft,
    make_event,
    make_published,
    make_signal,
    submit,
)
from tests.makers import PASSWORD, Network, make_substance


def test_an_event_takes_its_level_from_the_gravest_signal_and_moves_its_signals(
    session: Session, network: Network
) -> None:
    signals = [make_signal(session, network, level) for level in ("caution", "red")]
    made = make_event(session, network, *signals)
    assert (made.number, made.state, made.level) == ("E-0001", "pending", "red")
    assert {one.state for one in signals} == {"event"}
    assert {one.event_id for one in signals} == {made.id}


def test_a_signal_is_the_origin_of_one_event_only(session: Session, network: Network) -> None:
    signal = make_signal(session, network)
    make_event(session, network, signal)
    with pytest.raises(Refused):
        make_event(session, network, signal)


@pytest.mark.parametrize("field", ["title", "signal_ids"])
def test_an_event_needs_a_title_and_a_signal(
    session: Session, network: Network, field: str
) -> None:
    signal = make_signal(session, network)
    values: dict[str, Any] = {"signal_ids": (signal.id,), "title": "Blue crystal"}
    values[field] = () if field == "signal_ids" else "  "
    with pytest.raises(Invalid) as refusal:
        operations.open_event(session, network.coordinator, OpenEvent(**values))
    assert [problem.field for problem in refusal.value.problems] == [field]


def on_a_substance(session: Session, network: Network, substance_id: Any, level: str) -> Any:
    signal = make_signal(session, network, level)
    signal.substance_id = substance_id
    session.flush()
    return signal


@pytest.mark.parametrize(
    ("level", "state"), [("caution", "merged"), ("warning", "merged"), ("red", "open")]
)
def test_a_pending_event_takes_in_the_same_substance_unless_it_is_graver(
    session: Session, network: Network, level: str, state: str
) -> None:
    pmma = make_substance(session, "pmma")
    made = make_event(session, network, on_a_substance(session, network, pmma.id, "warning"))
    signal = on_a_substance(session, network, pmma.id, level)
    operations.absorb_signal(session, network.verifier, SignalRaised(signal.id))
    assert signal.state == state
    assert signal.event_id == (made.id if state == "merged" else None)


def test_a_decided_event_takes_nothing_in(session: Session, network: Network) -> None:
    pmma = make_substance(session, "pmma")
    made = make_event(session, network, on_a_substance(session, network, pmma.id, "warning"))
    decide(session, network, made)
    signal = on_a_substance(session, network, pmma.id, "warning")
    operations.absorb_signal(session, network.verifier, SignalRaised(signal.id))
    assert signal.state == "open"


def decide(session: Session, network: Network, made: Any, *, confirmed: bool = True) -> None:
    for actor in (network.coordinator, network.approver):
        assess(session, made, actor)
    command = DecideEvent(made.id, confirmed, "two laboratories agree", made.row_version)
    operations.decide_event(session, network.coordinator, command)
    session.flush()


def test_dissent_between_assessors_is_kept(session: Session, network: Network) -> None:
    made = make_event(session, network)
    assess(session, made, network.coordinator, hazard=1)
    assess(session, made, network.approver, hazard=3)
    assess(session, made, network.coordinator, hazard=2)
    kept = {one["by"]: one["hazard"] for one in made.assessments}
    assert kept == {"coordinator": 2, "approver": 3}


def test_one_assessor_is_not_enough_to_decide(session: Session, network: Network) -> None:
    made = make_event(session, network)
    assess(session, made, network.coordinator)
    with pytest.raises(Refused):
        command = DecideEvent(made.id, True, "sure", made.row_version)
        operations.decide_event(session, network.coordinator, command)


def test_a_grade_that_does_not_exist_is_refused(session: Session, network: Network) -> None:
    made = make_event(session, network)
    with pytest.raises(Invalid):
        assess(session, made, network.coordinator, hazard=4)


def test_a_draft_holds_one_message_for_each_audience_and_language(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    assert version.alert.number == f"{clock.today().year}-0001"
    assert (version.state, version.kind, version.version) == ("draft", "alert", 1)
    assert len({(one.audience, one.language) for one in version.messages}) == 15
    assert {one.tlp for one in version.messages if one.audience == "public"} == {"TLP:CLEAR"}


def test_an_alert_can_warn_of_what_nobody_has_identified(
    session: Session, network: Network
) -> None:
    version = make_published(session, network)
    assert version.facts["substance"] is None and version.alert.substance_id is None
    assert version.state == "published"


def test_the_facts_keep_the_names_in_three_languages(session: Session, network: Network) -> None:
    make_substance(session, "pmma", name_fr="PMMA (fr)")
    labels = {"en": "tablet", "fr": "comprimé", "nl": "tablet"}
    session.add(VocabularyTerm(list_name="dosage_form", code="tablet", labels=labels))
    session.flush()
    facts = replace(UNIDENTIFIED, substance="pmma", unidentified=False, form="tablet")
    version = make_draft(session, network, facts=facts)
    assert version.facts["substance"]["fr"] == "PMMA (fr)"
    assert version.facts["form"] == {"code": "tablet", **labels}
    message = queries.message(session, version.id, "public", "fr")
    assert message.headline == "PMMA (fr) : comprimé, logo buoy"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"unidentified": False}, "facts.substance"),
        ({"unidentified": False, "substance": "no such thing"}, "facts.substance"),
        ({"sold_as": "no such thing"}, "facts.sold_as"),
        ({"form": "no such form"}, "facts.form"),
        ({"dangers": ("x",)}, "facts.dangers"),
        ({"advice": ("x",)}, "facts.advice"),
        ({"region": "BE100"}, "facts.region"),
        ({"week": "week 45"}, "facts.week"),
        ({"samples": 0}, "facts.samples"),
        ({"confidence": "sure"}, "facts.confidence"),
        ({"signs": ("x",)}, "facts.signs"),
        ({"replaces": "2020-0001"}, "facts.replaces"),
    ],
)
def test_a_fact_that_cannot_be_right_names_its_field(
    session: Session, network: Network, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        make_draft(session, network, facts=replace(UNIDENTIFIED, **facts))
    assert [problem.field for problem in refusal.value.problems] == [field]


@pytest.mark.parametrize(("days", "level"), [(None, "red"), (0, "red"), (400, "red"), (30, "blue")])
def test_an_alert_needs_a_level_and_an_end(
    session: Session, network: Network, days: int | None, level: str
) -> None:
    review_on = None if days is None else clock.today() + timedelta(days=days)
    with pytest.raises(Invalid):
        make_draft(session, network, review_on=review_on, level=level)


def test_nobody_warns_of_a_refuted_event(session: Session, network: Network) -> None:
    made = make_event(session, network)
    version = submit(session, network, make_draft(session, network, event=made))
    decide(session, network, made, confirmed=False)
    with pytest.raises(Refused):
        make_draft(session, network, event=made)
    with pytest.raises(Refused):
        approve(session, network, version)


def edit_text(session: Session, network: Network, version: AlertVersion, **given: Any) -> None:
    values = {"audience": "public", "language": "fr", "headline": "H", "body": "B"} | given
    command = EditMessage(version.id, version.row_version, **values)
    operations.edit_message(session, network.coordinator, command)
    session.flush()


def edit_facts(session: Session, network: Network, version: AlertVersion, **given: Any) -> None:
    values: dict[str, Any] = {"level": "warning", "review_on": clock.today() + IN_A_MONTH}
    command = EditAlert(version.id, version.row_version, **(values | given))
    operations.edit_alert(session, network.coordinator, command)
    session.flush()


def test_new_facts_rewrite_the_texts_except_those_that_a_person_wrote(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    edit_text(session, network, version)
    edit_facts(session, network, version, facts=replace(UNIDENTIFIED, logo="anchor"))
    written = queries.message(session, version.id, "public", "fr")
    composed = queries.message(session, version.id, "public", "en")
    assert (written.headline, written.body) == ("H", "B")
    assert "anchor" in composed.headline and "buoy" not in composed.headline


def test_an_emptied_text_is_composed_again(session: Session, network: Network) -> None:
    version = make_draft(session, network)
    edit_text(session, network, version)
    edit_text(session, network, version, headline="", body=" ")
    message = queries.message(session, version.id, "public", "fr")
    assert not queries.is_edited(version, message) and "buoy" in message.headline


def test_half_a_message_is_refused(session: Session, network: Network) -> None:
    version = make_draft(session, network)
    with pytest.raises(Invalid) as refusal:
        edit_text(session, network, version, headline="")
    assert refusal.value.problems[0].field == "headline"


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    before = version.row_version
    edit_text(session, network, version)
    with pytest.raises(Stale):
        command = EditMessage(version.id, before, "public", "nl", "x", "y")
        operations.edit_message(session, network.coordinator, command)


def test_an_approved_alert_is_published_with_who_and_when(
    session: Session, network: Network
) -> None:
    version = make_published(session, network)
    assert (version.author, version.approved_by) == ("coordinator", "approver")
    assert version.published_at is not None and version.ended_at is None
    assert queries.current_alerts(session)[0] == [version]


def test_a_wrong_password_publishes_nothing(session: Session, network: Network) -> None:
    version = submit(session, network, make_draft(session, network))
    with pytest.raises(Invalid) as refusal:
        approve(session, network, version, password="wrong")
    assert refusal.value.problems[0].field == "password" and version.state == "review"


@pytest.mark.parametrize("account", ["coordinator", "worker", "verifier", "administrator"])
def test_only_an_approver_approves(session: Session, network: Network, account: str) -> None:
    version = submit(session, network, make_draft(session, network))
    with pytest.raises(NotPermitted):
        approve(session, network, version, actor=getattr(network, account))


def test_who_drafted_or_edited_never_approves(session: Session, network: Network) -> None:
    both = replace(
        network.approver, grants={**network.approver.grants, **network.coordinator.grants}
    )
    own = make_draft(session, network)
    own.author = both.account
    edited = make_draft(session, network)
    edited.editors = [both.account]
    session.flush()
    for version in (own, edited):
        submit(session, network, version)
        with pytest.raises(Refused):
            approve(session, network, version, actor=both)


def test_a_draft_is_not_approved_and_a_published_alert_not_approved_again(
    session: Session, network: Network
) -> None:
    version = make_draft(session, network)
    with pytest.raises(Refused):
        approve(session, network, version)
    approve(session, network, submit(session, network, version))
    with pytest.raises(Refused):
        approve(session, network, version)


def test_an_alert_that_was_sent_back_is_a_draft_with_a_reason(
    session: Session, network: Network
) -> None:
    version = submit(session, network, make_draft(session, network))
    with pytest.raises(Invalid):
        send_back(session, network, version, " ")
    send_back(session, network, version, "say the colour")
    assert (version.state, version.reason) == ("draft", "say the colour")


def send_back(session: Session, network: Network, version: AlertVersion, reason: str) -> None:
    command = SendBackAlert(version.id, reason, version.row_version)
    operations.send_back_alert(session, network.approver, command)
    session.flush()


def update(session: Session, network: Network, version: AlertVersion) -> AlertVersion:
    command = UpdateAlert(version.alert_id, "seen again elsewhere")
    made = operations.update_alert(session, network.coordinator, command)
    session.flush()
    return made


def withdraw(session: Session, network: Network, version: AlertVersion) -> AlertVersion:
    command = WithdrawAlert(version.alert_id, "it was something else")
    made = operations.withdraw_alert(session, network.coordinator, command)
    session.flush()
    return made


def test_an_update_starts_from_the_published_facts_and_ends_the_version_before(
    session: Session, network: Network
) -> None:
    draft = make_draft(session, network)
    edit_text(session, network, draft)
    first = approve(session, network, submit(session, network, draft))
    second = update(session, network, first)
    assert (second.version, second.kind, second.state) == (2, "update", "draft")
    assert second.facts == first.facts and first.state == "published"
    assert queries.message(session, second.id, "public", "fr").headline == "H"
    approve(session, network, submit(session, network, second))
    assert (first.state, second.state) == ("updated", "published")
    assert first.ended_at is not None


def test_a_withdrawal_is_a_message_that_another_person_approves(
    session: Session, network: Network
) -> None:
    first = make_published(session, network)
    second = withdraw(session, network, first)
    assert first.state == "published" and second.reason == "it was something else"
    approve(session, network, submit(session, network, second))
    assert (first.state, second.kind) == ("withdrawn", "withdrawal")
    assert queries.current_alerts(session) == ([], 0)


def test_a_withdrawal_does_not_wait_for_an_update_in_work(
    session: Session, network: Network
) -> None:
    first = make_published(session, network)
    left_over = update(session, network, first)
    with pytest.raises(Refused):
        update(session, network, first)
    approve(session, network, submit(session, network, withdraw(session, network, first)))
    with pytest.raises(Refused):
        approve(session, network, submit(session, network, left_over))


@pytest.mark.parametrize("act", [update, withdraw])
def test_only_a_published_alert_is_updated_or_withdrawn(
    session: Session, network: Network, act: Callable[..., AlertVersion]
) -> None:
    with pytest.raises(Refused):
        act(session, network, make_draft(session, network))


def test_an_alert_that_replaces_another_ends_it_as_superseded(
    session: Session, network: Network
) -> None:
    old = make_published(session, network)
    facts = replace(UNIDENTIFIED, replaces=old.alert.number)
    new = make_published(session, network, facts=facts)
    assert (old.state, new.state) == ("superseded", "published")


def expire(session: Session, network: Network, version: AlertVersion) -> None:
    command = ExpireAlert(version.id, "not seen any more", version.row_version)
    operations.expire_alert(session, network.coordinator, command)
    session.flush()


def test_an_alert_past_its_review_date_waits_for_a_decision_and_can_expire(
    session: Session, network: Network
) -> None:
    version = make_published(session, network)
    with pytest.raises(Refused):
        expire(session, network, version)
    waiting = AlertFilters("decision")
    assert queries.alerts(session, network.coordinator, waiting)[1] == 0
    with clock.stopped_at(clock.now() + timedelta(days=31)):
        listed, total = queries.alerts(session, network.coordinator, waiting)
        assert (total, queries.decisions_needed(session)) == (1, 1)
        assert listed[0].needs_decision and listed[0].version.state == "published"
        expire(session, network, version)
        assert queries.decisions_needed(session) == 0
    assert version.state == "expired"


def test_a_published_message_never_changes(session: Session, network: Network) -> None:
    version = make_published(session, network)
    before = {(m.audience, m.language): (m.headline, m.body) for m in version.messages}
    acts: list[Callable[[], Any]] = [
        lambda: edit_text(session, network, version),
        lambda: edit_facts(session, network, version, facts=UNIDENTIFIED),
        lambda: submit(session, network, version),
        lambda: send_back(session, network, version, "again"),
        lambda: approve(session, network, version),
    ]
    for act in acts:
        with pytest.raises(Refused):
            act()
    approve(session, network, submit(session, network, update(session, network, version)))
    session.expire_all()
    kept = session.scalars(select(AlertMessage).where(AlertMessage.alert_version_id == version.id))
    assert {(m.audience, m.language): (m.headline, m.body) for m in kept} == before


def test_an_alert_in_review_is_sent_back_before_it_changes(
    session: Session, network: Network
) -> None:
    version = submit(session, network, make_draft(session, network))
    with pytest.raises(Refused):
        edit_text(session, network, version)


def approve_in_a_thread(
    engine: Engine, network: Network, command: ApproveAlert, at: Barrier
) -> str:
    with open_session(engine) as own:
        at.wait()
        try:
            operations.approve_alert(own, network.approver, command)
            own.commit()
        except (Refusal, StaleDataError) as refusal:
            own.rollback()
            return type(refusal).__name__
    return "published"


def test_two_approvals_at_the_same_moment_publish_once(
    engine: Engine, session: Session, network: Network
) -> None:
    version = submit(session, network, make_draft(session, network))
    command = ApproveAlert(version.id, PASSWORD, version.row_version)
    session.commit()
    at = Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        waiting = [
            pool.submit(approve_in_a_thread, engine, network, command, at) for _n in range(4)
        ]
        answers = [one.result() for one in waiting]
    assert answers.count("published") == 1, answers
    published = select(func.count()).where(JournalEntry.act == "approve and publish alert")
    assert session.scalar(published) == 1


def test_a_worker_reads_published_alerts_but_no_draft_and_no_other_audience(
    session: Session, network: Network
) -> None:
    draft = make_draft(session, network)
    published = make_published(session, network)
    listed, total = queries.alerts(session, network.worker, AlertFilters(""))
    assert (total, listed[0].version) == (1, published)
    with pytest.raises(NotFound):
        queries.version(session, network.worker, draft.id)
    queries.readable_message(session, network.worker, published.id, "rdr-network", "fr")
    for audience in ("health", "judicial-police", "socio-preventive"):
        with pytest.raises(NotPermitted):
            queries.readable_message(session, network.worker, published.id, audience, "fr")
        queries.readable_message(session, network.approver, published.id, audience, "fr")


@pytest.mark.parametrize("account", ["auditor", "administrator"])
def test_who_does_not_consult_reads_no_alert(
    session: Session, network: Network, account: str
) -> None:
    with pytest.raises(NotPermitted):
        queries.alerts(session, getattr(network, account), AlertFilters())


def test_events_are_for_the_coordination(session: Session, network: Network) -> None:
    made = make_event(session, network)
    for account in ("coordinator", "approver"):
        assert verification.event(session, getattr(network, account), made.id) is made
    with pytest.raises(NotPermitted):
        verification.events(session, network.worker)
    with pytest.raises(NotPermitted):
        operations.decide_event(
            session, network.approver, DecideEvent(made.id, True, "x", made.row_version)
        )


def test_the_public_reads_the_last_published_version_and_its_end(
    session: Session, network: Network
) -> None:
    first = make_published(session, network)
    make_draft(session, network)
    (current,) = queries.public_alerts(session, "en")
    assert (current.number, current.is_current) == (first.alert.number, True)
    approve(session, network, submit(session, network, withdraw(session, network, first)))
    (ended,) = queries.public_alerts(session, "en")
    assert not ended.is_current and ended.headline.startswith("Withdrawn: ")
    history = queries.public_history(session, first.alert.number, "en")
    assert [one.state for one in history] == ["published", "withdrawn"]
    with pytest.raises(NotFound):
        queries.public_history(session, "2020-0001", "en")


def test_current_alerts_are_found_by_substance(session: Session, network: Network) -> None:
    pmma, other = make_substance(session, "pmma"), make_substance(session, "other")
    facts = replace(UNIDENTIFIED, substance="pmma", unidentified=False)
    version = make_published(session, network, facts=facts)
    assert queries.current_alerts(session, substance_ids=[pmma.id])[0] == [version]
    assert queries.current_alerts(session, substance_ids=[other.id])[0] == []
    assert queries.current_alerts(session, product_id=uuid.uuid4())[0] == []


def test_the_list_asks_the_database_equally_often_for_one_alert_and_for_many(
    session: Session, network: Network
) -> None:
    def asked() -> int:
        statements: list[str] = []
        session.commit()
        session.expunge_all()

        def note(_c: Any, _u: Any, statement: str, *_more: Any) -> None:
            statements.append(statement)

        event.listen(session.get_bind(), "before_cursor_execute", note)
        listed, _total = queries.alerts(session, network.coordinator, AlertFilters(""))
        for one in listed:
            assert one.version.alert.number and one.headline
        rows, _n = queries.current_alerts(session)
        for version in rows:
            assert version.messages
        event.remove(session.get_bind(), "before_cursor_execute", note)
        return len(statements)

    make_published(session, network)
    few = asked()
    for _n in range(5):
        make_published(session, network)
    assert asked() == few


def test_every_act_on_an_alert_stands_in_the_journal(session: Session, network: Network) -> None:
    version = make_published(session, network)
    acts = list(session.scalars(select(JournalEntry.act).order_by(JournalEntry.seq)))
    assert acts[-4:] == [
        "add alert version",
        "draft alert",
        "submit alert",
        "approve and publish alert",
    ]
    assert version.alert.event_id is not None


NONSENSE = st.text(max_size=80)


@given(substance=NONSENSE, week=NONSENSE, replaces=NONSENSE, region=NONSENSE, form=NONSENSE)
def test_nonsense_in_the_facts_is_refused_in_words(
    session: Session, network: Network, substance: str, week: str, replaces: str, **more: str
) -> None:
    made = make_event(session, network)
    facts = replace(
        UNIDENTIFIED, unidentified=False, substance=substance.replace("\0", ""), week=week
    )
    facts = replace(facts, replaces=replaces.replace("\0", ""), **more)
    with pytest.raises(Invalid) as refusal:
        make_draft(session, network, event=made, facts=facts)
    assert all(problem.field.startswith("facts.") for problem in refusal.value.problems)


def test_a_version_says_what_kind_it_is(session: Session, network: Network) -> None:
    assert make_published(session, network).kind == Kind.ALERT
