from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lims.alerts import checks, merging, operations, rules, verification
from lims.alerts.checks import TickStep
from lims.alerts.merging import ChoosePolicy, MergeEvents, ReopenEvent
from lims.alerts.records import Event
from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotPermitted, Refusal, Refused, Stale
from lims.journal.records import JournalEntry
from lims.surveillance.operations import SignalRaised
from lims.surveillance.queries import signals_of_event
from tests.alerts.alerting import (
    approve,
    assess,
    decide,
    make_draft,
    make_event,
    make_signal,
    submit,
)
from tests.makers import Network, make_substance

BEGUN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def on(session: Session, network: Network, substance: Any, area: str = "", **given: Any) -> Any:
    signal = make_signal(session, network, given.pop("level", "warning"))
    signal.substance_id, signal.area = substance.id, area
    session.flush()
    return signal


def absorbed(session: Session, network: Network, signal: Any) -> Any:
    operations.absorb_signal(session, network.verifier, SignalRaised(signal.id))
    session.flush()
    return signal


def merge(session: Session, network: Network, event: Event, into: Event, **given: Any) -> Event:
    values: dict[str, Any] = {"reason": "the same batch", "row_version": event.row_version} | given
    command = MergeEvents(event.id, into.id, **values)
    found = merging.merge_events(session, network.coordinator, command)
    session.flush()
    return found


def reopen(session: Session, network: Network, event: Event, reason: str = "seen again") -> None:
    command = ReopenEvent(event.id, reason, event.row_version)
    merging.reopen_event(session, network.coordinator, command)
    session.flush()


def test_an_event_takes_in_what_is_raised_in_its_region_and_no_other(
    session: Session, network: Network
) -> None:
    pmma = make_substance(session, "pmma")
    event = make_event(session, network, on(session, network, pmma, "Liège"))
    assert event.area == "Liège"
    here = absorbed(session, network, on(session, network, pmma, "liège "))
    elsewhere = absorbed(session, network, on(session, network, pmma, "Gent"))
    unknown = absorbed(session, network, on(session, network, pmma))
    assert (here.event_id, unknown.event_id) == (event.id, event.id)
    assert (elsewhere.state, elsewhere.event_id) == ("open", None)


def test_an_event_of_two_regions_is_the_networks(session: Session, network: Network) -> None:
    pmma = make_substance(session, "pmma")
    signals = [on(session, network, pmma, area) for area in ("Liège", "Gent")]
    assert make_event(session, network, *signals).area == ""


def test_a_signal_added_from_elsewhere_widens_the_event(session: Session, network: Network) -> None:
    pmma = make_substance(session, "pmma")
    event = make_event(session, network, on(session, network, pmma, "Liège"))
    command = operations.AddToEvent(event.id, on(session, network, pmma, "Gent").id)
    operations.add_to_event(session, network.coordinator, command)
    assert event.area == ""


def test_merged_events_keep_their_history_and_their_signals_go_along(
    session: Session, network: Network
) -> None:
    first = make_event(session, network, make_signal(session, network, "red"))
    second = make_event(session, network)
    assess(session, first, network.coordinator)
    into = merge(session, network, first, second)
    assert into is second and (first.state, first.merged_into_id) == ("merged", second.id)
    assert len(signals_of_event(session, second.id)) == 2
    assert signals_of_event(session, first.id) == []
    assert second.level == "red"
    (told,) = second.history
    assert (told["act"], told["event"], told["reason"]) == ("took in", "E-0001", "the same batch")
    assert told["signals"] == ["S-0001"] and told["assessments"][0]["by"] == "coordinator"
    assert first.history[0]["event"] == "E-0002"
    assert [one.by for one in rules.assessments(first.assessments)] == ["coordinator"]


def test_only_pending_events_are_merged_and_never_into_themselves(
    session: Session, network: Network
) -> None:
    first, second = make_event(session, network), make_event(session, network)
    with pytest.raises(Refused):
        merge(session, network, first, first)
    decide(session, network, second)
    for one, other in ((first, second), (second, first)):
        with pytest.raises(Refused):
            merge(session, network, one, other)


def test_merging_asks_for_a_reason_and_the_present_state(
    session: Session, network: Network
) -> None:
    first, second = make_event(session, network), make_event(session, network)
    with pytest.raises(Invalid):
        merge(session, network, first, second, reason=" ")
    with pytest.raises(Stale):
        merge(session, network, first, second, row_version=99)


def test_nobody_warns_of_an_event_that_went_into_a_refuted_one(
    session: Session, network: Network
) -> None:
    event, into = make_event(session, network), make_event(session, network)
    version = submit(session, network, make_draft(session, network, event=event))
    decide(session, network, merge(session, network, event, into), confirmed=False)
    with pytest.raises(Refused, match="refuted"):
        approve(session, network, version)
    assert version.published_at is None


def test_a_merged_event_goes_nowhere_any_more(session: Session, network: Network) -> None:
    first, second = make_event(session, network), make_event(session, network)
    merge(session, network, first, second)
    with pytest.raises(Refused):
        make_draft(session, network, event=first)
    with pytest.raises(Refused):
        reopen(session, network, first)
    with pytest.raises(Refused):
        assess(session, first, network.approver)
    with pytest.raises(Refused):
        add = operations.AddToEvent(first.id, make_signal(session, network).id)
        operations.add_to_event(session, network.coordinator, add)


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_decided_event_is_taken_up_again_and_assessed_anew(
    session: Session, network: Network, *, confirmed: bool
) -> None:
    event = make_event(session, network)
    decide(session, network, event, confirmed=confirmed)
    reopen(session, network, event)
    assert (event.state, event.assessments, event.decided_at) == ("pending", [], None)
    (told,) = event.history
    assert told["state"] == ("confirmed" if confirmed else "refuted")
    assert told["decision_reason"] == "two laboratories agree" and len(told["assessments"]) == 2
    with pytest.raises(Refused):
        command = operations.DecideEvent(event.id, True, "sure", event.row_version)
        operations.decide_event(session, network.coordinator, command)


def test_a_pending_event_is_not_opened_again(session: Session, network: Network) -> None:
    event = make_event(session, network)
    with pytest.raises(Refused):
        reopen(session, network, event)


def closed_on(session: Session, network: Network, substance: Any, at: datetime) -> Event:
    with clock.stopped_at(at):
        event = make_event(session, network, on(session, network, substance, "Liège"))
        decide(session, network, event)
    return event


@pytest.mark.parametrize(
    ("after", "days", "outcome"),
    [
        ("queue", 10, "open"),
        ("reopen", 10, "reopened"),
        ("reopen", 50, "open"),
        ("create", 10, "created"),
        ("create", 50, "open"),
    ],
)
def test_what_follows_a_closed_event_is_what_the_coordination_chose(
    session: Session, network: Network, after: str, days: int, outcome: str
) -> None:
    pmma = make_substance(session, "pmma")
    merging.choose_policy(session, network.coordinator, ChoosePolicy(after, 30))
    event = closed_on(session, network, pmma, BEGUN)
    with clock.stopped_at(BEGUN + timedelta(days=days)):
        signal = absorbed(session, network, on(session, network, pmma, "Liège", level="red"))
    if outcome == "open":
        assert (signal.state, event.state) == ("open", "confirmed")
    elif outcome == "reopened":
        assert (signal.state, signal.event_id) == ("merged", event.id)
        assert (event.state, event.level, len(event.history)) == ("pending", "red", 1)
    else:
        made = session.get_one(Event, signal.event_id)
        assert made.id != event.id and made.follows_id == event.id and made.state == "pending"
        assert event.state == "confirmed" and made.title == event.title


def test_a_closed_event_of_another_region_or_substance_is_left_alone(
    session: Session, network: Network
) -> None:
    pmma, mdma = make_substance(session, "pmma"), make_substance(session, "mdma")
    merging.choose_policy(session, network.coordinator, ChoosePolicy("reopen", 30))
    event = closed_on(session, network, pmma, BEGUN)
    with clock.stopped_at(BEGUN + timedelta(days=1)):
        absorbed(session, network, on(session, network, pmma, "Gent"))
        absorbed(session, network, on(session, network, mdma, "Liège"))
    assert event.state == "confirmed"


def test_signals_wait_for_a_person_unless_the_coordination_chose_otherwise(
    session: Session, network: Network
) -> None:
    assert verification.policy(session) == rules.Policy(rules.AfterClosing.QUEUE, 90)
    for wrong in (ChoosePolicy("shrug", 30), ChoosePolicy("queue", 0), ChoosePolicy("queue", 731)):
        with pytest.raises(Invalid):
            merging.choose_policy(session, network.coordinator, wrong)
    with pytest.raises(NotPermitted):
        merging.choose_policy(session, network.approver, ChoosePolicy("queue", 30))


def merge_in_a_thread(engine: Engine, actor: Any, command: MergeEvents, at: Barrier) -> str:
    with open_session(engine) as own:
        at.wait()
        try:
            merging.merge_events(own, actor, command)
            own.commit()
        except Refusal:
            own.rollback()
            return "refused"
    return "merged"


def test_two_events_merged_into_each_other_at_once_leave_one(
    engine: Engine, session: Session, network: Network
) -> None:
    first, second = make_event(session, network), make_event(session, network)
    commands = [
        MergeEvents(first.id, second.id, "same", first.row_version),
        MergeEvents(second.id, first.id, "same", second.row_version),
    ]
    session.commit()
    at = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        waiting = [
            pool.submit(merge_in_a_thread, engine, network.coordinator, one, at) for one in commands
        ]
        answers = sorted(one.result() for one in waiting)
    assert answers == ["merged", "refused"]
    session.expire_all()
    states = session.scalars(select(Event.state).order_by(Event.state)).all()
    assert states == ["merged", "pending"]


def test_every_act_on_an_event_stands_in_the_journal(session: Session, network: Network) -> None:
    first, second = make_event(session, network), make_event(session, network)
    checks.tick_step(session, network.coordinator, TickStep(first.id, "replicate", "asked"))
    session.flush()
    merge(session, network, first, second)
    decide(session, network, second)
    reopen(session, network, second)
    acts = set(session.scalars(select(JournalEntry.act)))
    wanted = {"tick verification step", "merge events", "move signal to event", "reopen event"}
    assert wanted <= acts
