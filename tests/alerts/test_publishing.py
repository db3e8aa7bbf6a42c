from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from lims.alerts import operations, queries
from lims.alerts.operations import (
    ApproveAlert,
)
from lims.alerts.queries import AlertFilters
from lims.alerts.records import AlertMessage, AlertVersion
from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotPermitted, Refusal, Refused
from lims.journal.records import JournalEntry
from tests.alerts.alerting import (
    UNIDENTIFIED,
    approve,
    decide,
    edit_facts,
    edit_text,
    expire,
    make_draft,
    make_published,
    send_back,
    submit,
    update,
    withdraw,
)
from tests.makers import PASSWORD, Network


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


def test_an_alert_whose_event_is_refuted_later_waits_for_a_decision(
    session: Session, network: Network
) -> None:
    version = make_published(session, network)
    assert queries.decisions_needed(session) == 0
    decide(session, network, version.alert.event, confirmed=False)
    assert queries.decisions_needed(session) == 1
    waiting = queries.AlertFilters("decision")
    ((listed,), total) = queries.alerts(session, network.coordinator, waiting)
    assert (listed.version.id, total) == (version.id, 1)
