from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lims.alerts import checking, checks, merging, operations, rules, verification
from lims.alerts.checks import TickStep
from lims.alerts.event_records import EventCheck
from lims.alerts.merging import ChoosePolicy, MergeEvents, ReopenEvent
from lims.alerts.records import Event
from lims.analysis.records import Run
from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refusal, Refused, Stale
from lims.journal.records import JournalEntry
from lims.surveillance.operations import SignalRaised
from lims.surveillance.queries import signals_of_event
from tests.alerts.alerting import assess, decide, make_draft, make_event, make_signal
from tests.findings.makers import run as make_run
from tests.makers import Network, api_headers, log_in_client, make_sample, make_substance

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


def tick(session: Session, actor: Any, event: Event, **given: Any) -> EventCheck:
    values: dict[str, Any] = {"step": "replicate", "answer": "asked"} | given
    made = checks.tick_step(session, actor, TickStep(event.id, **values))
    session.flush()
    return made


def test_each_step_of_verification_stands_under_a_name_with_its_record(
    session: Session, network: Network
) -> None:
    event, sample = make_event(session, network), make_sample(session, network)
    run: Run = make_run(session, network, sample, "gcms", [])
    tick(session, network.coordinator, event)
    by_run = tick(session, network.approver, event, answer="agrees", record=run.number.lower())
    by_code = tick(
        session,
        network.coordinator,
        event,
        step="standard",
        answer="disagrees",
        record=sample.code,
    )
    assert (by_run.run_id, by_run.by) == (run.id, "approver")
    assert (by_code.sample_id, by_code.by) == (sample.id, "coordinator")
    kept = [(one.step, one.answer) for one in verification.checks(session, event.id)]
    assert kept == [("replicate", "asked"), ("replicate", "agrees"), ("standard", "disagrees")]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"step": "guess"}, "step"),
        ({"answer": "perhaps"}, "answer"),
        ({"answer": "agrees"}, "record"),
        ({"answer": "agrees", "record": "R-9999"}, "record"),
        ({"answer": "disagrees", "record": "2222-2222"}, "record"),
        ({"answer": "not-possible"}, "words"),
        ({"words": "x" * 401}, "words"),
    ],
)
def test_a_step_that_shows_nothing_is_refused(
    session: Session, network: Network, given: dict[str, str], field: str
) -> None:
    event = make_event(session, network)
    with pytest.raises(Invalid) as refusal:
        tick(session, network.coordinator, event, **given)
    assert [one.field for one in refusal.value.problems] == [field]


def test_steps_are_ticked_by_those_who_verify_an_event_and_while_it_is_pending(
    session: Session, network: Network
) -> None:
    event = make_event(session, network)
    for actor in (network.chemist, network.worker, network.auditor):
        with pytest.raises(NotPermitted):
            tick(session, actor, event)
    same = uuid.uuid4()
    first = tick(session, network.coordinator, event, id=same)
    assert tick(session, network.coordinator, event, id=same) is first
    decide(session, network, event)
    with pytest.raises(Refused):
        tick(session, network.coordinator, event)
    with pytest.raises(NotFound):
        command = TickStep(uuid.uuid4(), "replicate", "asked")
        checks.tick_step(session, network.coordinator, command)


def test_every_step_and_answer_has_words() -> None:
    assert set(checking.STEP_WORDS) == set(checking.Step)
    assert set(checking.ANSWER_WORDS) == set(checking.Answer)
    assert set(rules.AFTER_CLOSING_WORDS) == set(rules.AfterClosing)


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
    tick(session, network.coordinator, first)
    merge(session, network, first, second)
    decide(session, network, second)
    reopen(session, network, second)
    acts = set(session.scalars(select(JournalEntry.act)))
    wanted = {"tick verification step", "merge events", "move signal to event", "reopen event"}
    assert wanted <= acts


def test_an_event_is_checked_merged_and_opened_again_through_its_page(
    session: Session, network: Network, app: Any
) -> None:
    first, second = make_event(session, network), make_event(session, network)
    third = make_event(session, network)
    decide(session, network, third)
    session.commit()
    client = log_in_client(app, session, "coordinator")
    ticked = {"step": "replicate", "answer": "asked", "words": "Gent"}
    assert client.post(f"/events/{first.id}/check", data=ticked).status_code == 303
    refused = client.post(f"/events/{first.id}/check", data={**ticked, "answer": "agrees"})
    assert refused.status_code == 422 and 'id="f-record-e"' in refused.text
    merge = {"into_id": str(second.id), "reason": "same", "row_version": str(first.row_version)}
    assert client.post(f"/events/{first.id}/merge", data=merge).status_code == 303
    again = {"reason": "new cases", "row_version": str(third.row_version)}
    assert client.post(f"/events/{third.id}/reopen", data=again).status_code == 303
    for language in ("en", "fr", "nl"):
        for one in (first, second, third):
            assert client.get(f"/events/{one.id}?lang={language}").status_code == 200
    page = client.get(f"/events/{second.id}?lang=en").text
    assert "Took in event E-0001" in page
    assert log_in_client(app, session, "worker").get(f"/events/{second.id}").status_code == 403


def test_the_policy_is_chosen_on_its_page(session: Session, network: Network, app: Any) -> None:
    client = log_in_client(app, session, "coordinator")
    assert client.get("/events/after-closing").status_code == 200
    chosen = client.post("/events/after-closing", data={"after": "reopen", "days": "14"})
    assert chosen.status_code == 303
    wrong = client.post("/events/after-closing", data={"after": "reopen", "days": "0"})
    assert wrong.status_code == 422
    assert verification.policy(session) == rules.Policy(rules.AfterClosing.REOPEN, 14)
    session.commit()
    assert log_in_client(app, session, "approver").get("/events/after-closing").status_code == 403


def test_the_machine_checks_merges_and_opens_again(
    session: Session, network: Network, app: Any
) -> None:
    first, second = make_event(session, network), make_event(session, network)
    session.commit()
    client, key = app.test_client(), api_headers(session, "coordinator")
    path = f"/api/events/{first.id}"
    ticked = {"step": "standard", "answer": "not-possible", "words": "no standard"}
    assert client.post(f"{path}/checks", json=ticked, headers=key).status_code == 201
    assert client.get(f"{path}/checks", headers=key).json[0]["by"] == "coordinator"
    body = {"into_id": str(second.id), "reason": "same", "row_version": first.row_version}
    assert client.post(f"{path}/merge", json=body, headers=key).json["id"] == str(second.id)
    assert client.post(f"{path}/merge", json=body, headers=key).status_code == 409
    again = {"reason": "x", "row_version": 1}
    assert client.post(f"{path}/reopen", json=again, headers=key).status_code == 409
    policy = {"after": "create", "days": 30}
    assert client.put("/api/events/after-closing", json=policy, headers=key).json == policy
    assert client.get("/api/events/after-closing", headers=key).json == policy
    other = api_headers(session, "worker")
    assert client.post(f"{path}/checks", json=ticked, headers=other).status_code == 403
