from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from lims.foundation import clock, happenings
from lims.foundation.database import open_session
from lims.foundation.errors import NotPermitted
from lims.foundation.settings import Settings
from lims.journal.records import JournalEntry
from lims.surveillance import operations, queries, rules, schemas
from lims.surveillance.acts import SignalEscalated
from lims.surveillance.escalating import escalate_late_signals
from lims.surveillance.operations import LookAtSignal
from lims.surveillance.queries import SignalFilters
from lims.surveillance.report_records import SignalEscalation
from lims.surveillance.rules import Target
from lims.wiring import connect
from tests.makers import Network, log_in_client
from tests.surveillance.raising import discard, report

BEGUN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def heard() -> Iterator[list[SignalEscalated]]:
    told: list[SignalEscalated] = []
    happenings.connect({SignalEscalated: (lambda _s, _a, happening: told.append(happening),)})
    yield told
    connect()


def opened(session: Session, network: Network, level: str, hours_ago: float = 0) -> Any:
    with clock.stopped_at(BEGUN - timedelta(hours=hours_ago)):
        signal = report(session, network.worker, level=level)
        session.flush()
    return signal


def after(hours: float) -> datetime:
    return BEGUN + timedelta(hours=hours)


def test_a_red_signal_that_nobody_looked_at_is_told_once(
    session: Session, network: Network, heard: list[SignalEscalated]
) -> None:
    signal = opened(session, network, "red")
    assert escalate_late_signals(session, after(3.9)) == []
    first = escalate_late_signals(session, after(4.1))
    again = escalate_late_signals(session, after(5))
    assert first == [SignalEscalated(signal.id, "look")] == heard
    assert again == []


def test_what_was_looked_at_and_not_decided_is_told_as_such(
    session: Session, network: Network, heard: list[SignalEscalated]
) -> None:
    signal = opened(session, network, "red")
    with clock.stopped_at(after(1)):
        operations.look_at_signal(session, network.coordinator, LookAtSignal(signal.id))
    assert escalate_late_signals(session, after(23)) == []
    assert escalate_late_signals(session, after(25)) == [SignalEscalated(signal.id, "decide")]


def test_a_signal_that_nobody_touched_is_told_for_each_step(
    session: Session, network: Network, heard: list[SignalEscalated]
) -> None:
    opened(session, network, "red")
    assert [one.step for one in escalate_late_signals(session, after(30))] == ["look", "decide"]


def test_a_level_that_became_graver_is_told_again(
    session: Session, network: Network, heard: list[SignalEscalated]
) -> None:
    signal = opened(session, network, "warning")
    assert len(escalate_late_signals(session, after(25))) == 1
    signal.level = "red"
    session.flush()
    assert {one.step for one in escalate_late_signals(session, after(25))} == {"look", "decide"}


def test_a_decided_signal_is_not_told(
    session: Session, network: Network, heard: list[SignalEscalated]
) -> None:
    signal = opened(session, network, "red")
    discard(session, network, signal)
    session.flush()
    assert escalate_late_signals(session, after(100)) == []


def test_an_escalation_stands_in_the_journal_under_the_clock(
    session: Session, network: Network
) -> None:
    signal = opened(session, network, "red")
    escalate_late_signals(session, after(5))
    query = select(JournalEntry.actor).where(JournalEntry.act == "escalate signal")
    assert session.scalars(query).all() == ["clock"]
    assert [one.step for one in queries.escalations(session, signal.id)] == ["look"]


def escalate_in_a_thread(engine: Engine, at: Barrier) -> int:
    with open_session(engine) as own:
        at.wait()
        told = len(escalate_late_signals(own, after(5)))
        own.commit()
        return told


def test_two_workers_that_look_at_the_same_moment_tell_once(
    engine: Engine, session: Session, network: Network
) -> None:
    opened(session, network, "red")
    session.commit()
    at = Barrier(3)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(escalate_in_a_thread, engine, at) for _n in range(3)]
        assert sum(one.result() for one in waiting) == 1
    assert session.scalar(select(func.count()).select_from(SignalEscalation)) == 1


def test_the_settings_set_the_targets() -> None:
    targets = schemas.targets_of(Settings(signal_red_look_hours=1, signal_other_decide_hours=9))
    assert targets["red"] == Target(1, 24) and targets["caution"] == Target(72, 9)
    assert schemas.targets_of(Settings()) == dict(rules.TARGETS)


def test_other_targets_move_the_clock_the_queue_and_the_escalation(
    session: Session, network: Network, heard: list[SignalEscalated]
) -> None:
    signal = opened(session, network, "caution")
    quick = {level: Target(1, 2) for level in rules.TARGETS}
    late = SignalFilters(late=True)
    with clock.stopped_at(after(1.5)):
        assert queries.signals(session, network.coordinator, late)[1] == 0
        listed, total = queries.signals(session, network.coordinator, late, targets=quick)
        assert queries.queue_count(session, network.coordinator, quick).late == 1
    assert (listed, total) == ([signal], 1)
    assert len(escalate_late_signals(session, after(1.5), quick)) == 1


def test_the_queue_begins_with_what_is_late_then_the_gravest_then_what_is_due(
    session: Session, network: Network
) -> None:
    late_caution = opened(session, network, "caution", 100)
    fresh_red = opened(session, network, "red", 1)
    later_caution = opened(session, network, "caution", 90)
    older_warning = opened(session, network, "warning", 20)
    newer_warning = opened(session, network, "warning", 10)
    with clock.stopped_at(BEGUN):
        listed, _n = queries.signals(session, network.coordinator, SignalFilters())
    order = [late_caution, later_caution, fresh_red, older_warning, newer_warning]
    assert [one.number for one in listed] == [one.number for one in order]


def test_looking_moves_a_signal_to_its_next_deadline(session: Session, network: Network) -> None:
    first, second = opened(session, network, "red", 2), opened(session, network, "red", 1)
    with clock.stopped_at(BEGUN):
        operations.look_at_signal(session, network.coordinator, LookAtSignal(first.id))
        session.flush()
        listed, _n = queries.signals(session, network.coordinator, SignalFilters())
    assert listed == [second, first]


@pytest.mark.parametrize("who", ["coordinator", "approver"])
def test_the_start_page_of_everybody_in_charge_names_what_is_late(
    session: Session, network: Network, app: Any, who: str
) -> None:
    with clock.stopped_at(clock.now() - timedelta(hours=9)):
        signal = report(session, network.worker, level="red")
    session.commit()
    page = log_in_client(app, session, who).get("/start?lang=en").text
    assert "Signals past their time: 1" in page and signal.number in page


@pytest.mark.parametrize("who", ["worker", "chemist", "auditor", "administrator"])
def test_nobody_else_is_shown_the_late_signals(
    session: Session, network: Network, app: Any, who: str
) -> None:
    with clock.stopped_at(clock.now() - timedelta(hours=9)):
        report(session, network.worker, level="red")
    session.commit()
    page = log_in_client(app, session, who).get("/start?lang=en").text
    assert "past their time" not in page
    with pytest.raises(NotPermitted):
        queries.escalated(session, getattr(network, who))
