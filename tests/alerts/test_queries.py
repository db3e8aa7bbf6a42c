from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from lims.alerts import operations, queries, verification
from lims.alerts.operations import (
    DecideEvent,
)
from lims.alerts.queries import AlertFilters
from lims.alerts.rules import Kind
from lims.foundation.errors import NotFound, NotPermitted
from lims.journal.records import JournalEntry
from tests.alerts.alerting import (
    UNIDENTIFIED,
    approve,
    make_draft,
    make_event,
    make_published,
    submit,
    withdraw,
)
from tests.makers import Network, make_substance


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
    written = ["add alert version", "draft alert", "submit alert", "approve and publish alert"]
    query = select(JournalEntry.act).where(JournalEntry.act.in_(written))
    assert list(session.scalars(query.order_by(JournalEntry.seq))) == written
    assert version.alert.event_id is not None


def test_a_version_says_what_kind_it_is(session: Session, network: Network) -> None:
    assert make_published(session, network).kind == Kind.ALERT
