from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.alerts import checking, checks, rules, verification
from lims.alerts.checks import TickStep
from lims.alerts.event_records import EventCheck
from lims.alerts.records import Event
from lims.analysis.records import Run
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from tests.alerts.alerting import decide, make_event
from tests.findings.makers import run as make_run
from tests.makers import Network, api_headers, log_in_client, make_sample


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
    assert 'value="14"' in client.get("/events/after-closing?lang=en").text
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
