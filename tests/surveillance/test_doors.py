from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.findings.acts import FindingReleased
from lims.foundation import happenings
from lims.surveillance.operations import ReportEffect, report_effect
from lims.surveillance.records import Signal
from tests.makers import (
    Network,
    api_headers,
    danger_outcome,
    log_in_client,
    make_released_finding,
    make_sample,
    make_substance,
)


@pytest.fixture
def signal(session: Session, network: Network) -> Signal:
    command = ReportEffect(words="blue <b>crystal</b>", level="red")
    made = report_effect(session, network.counsellor, command)
    session.commit()
    return made


def state_of(session: Session, signal: Signal) -> str:
    session.refresh(signal)
    session.commit()
    return signal.state


def test_a_released_finding_raises_its_signal_through_the_wiring(
    session: Session, network: Network, app: Any
) -> None:
    make_substance(session, "pmma")
    sample = make_sample(session, network)
    finding = make_released_finding(session, network, sample, danger_outcomes=[danger_outcome()])
    happenings.announce(session, network.verifier, FindingReleased(finding.id, sample.id, 1))
    session.commit()
    page = log_in_client(app, session, "coordinator").get("/signals?lang=en")
    assert page.status_code == 200 and "PMMA: found." in page.text and "any-pmma" in page.text


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_the_queue_shows_a_report_escaped_and_in_the_readers_language(
    session: Session, network: Network, app: Any, signal: Signal, language: str
) -> None:
    page = log_in_client(app, session, "coordinator").get(f"/signals?lang={language}")
    assert page.status_code == 200
    assert "blue &lt;b&gt;crystal&lt;/b&gt;" in page.text and signal.number in page.text


@pytest.mark.parametrize("query", ["?level=red&late=yes", "?state=nonsense&page=x", "?state="])
def test_the_queue_takes_any_filter(
    session: Session, network: Network, app: Any, signal: Signal, query: str
) -> None:
    assert log_in_client(app, session, "coordinator").get(f"/signals{query}").status_code == 200


def test_opening_a_signal_counts_as_looking(
    session: Session, network: Network, app: Any, signal: Signal
) -> None:
    client = log_in_client(app, session, "coordinator")
    assert "nobody yet" in client.get("/signals?lang=en").text
    assert client.get(f"/signals/{signal.id}").status_code == 200
    session.expire_all()
    assert signal.looked_by == "coordinator"


def test_a_signal_is_discarded_through_the_page_and_refused_without_a_reason(
    session: Session, network: Network, app: Any, signal: Signal
) -> None:
    client = log_in_client(app, session, "coordinator")
    typed = {"row_version": str(signal.row_version), "reason": ""}
    refused = client.post(f"/signals/{signal.id}/discard", data=typed)
    assert refused.status_code == 422 and state_of(session, signal) == "open"
    done = client.post(f"/signals/{signal.id}/discard", data={**typed, "reason": "known"})
    assert done.status_code == 303 and state_of(session, signal) == "discarded"


def test_signals_are_merged_through_the_page(
    session: Session, network: Network, app: Any, signal: Signal
) -> None:
    into = report_effect(session, network.worker, ReportEffect(words="the same"))
    session.commit()
    client = log_in_client(app, session, "coordinator")
    typed = {"row_version": str(signal.row_version), "into_id": str(into.id)}
    assert client.post(f"/signals/{signal.id}/merge", data=typed).status_code == 303
    assert state_of(session, signal) == "merged"


@pytest.mark.parametrize("account", ["worker", "counsellor", "coordinator"])
def test_a_report_takes_one_form(
    session: Session, network: Network, app: Any, account: str
) -> None:
    client = log_in_client(app, session, account)
    assert client.get("/signals/report").status_code == 200
    typed = {"words": "blue crystal, bad effects", "level": "warning", "id": str(uuid.uuid4())}
    assert client.post("/signals/report", data=typed).status_code == 303
    assert client.post("/signals/report", data=typed).status_code == 303
    assert len(session.scalars(select(Signal)).all()) == 1


def test_a_refused_report_keeps_what_was_typed(
    session: Session, network: Network, app: Any
) -> None:
    client = log_in_client(app, session, "worker")
    typed = {"words": "yellow powder", "level": "warning", "sample_code": "nonsense"}
    page = client.post("/signals/report", data=typed)
    assert page.status_code == 422 and "yellow powder" in page.text
    assert 'id="f-sample_code-e"' in page.text


@pytest.mark.parametrize("path", ["/signals", "/signals/report"])
def test_who_may_not_gets_a_refusal(
    session: Session, network: Network, app: Any, path: str
) -> None:
    assert log_in_client(app, session, "administrator").get(path).status_code == 403
    assert log_in_client(app, session, "chemist").get(path).status_code == 403


def test_the_machine_reports_reads_looks_and_discards(
    session: Session, network: Network, app: Any
) -> None:
    client, key = app.test_client(), api_headers(session, "coordinator")
    body = {"words": "blue crystal", "level": "red", "id": str(uuid.uuid4())}
    made = client.post("/api/signals/", json=body, headers=key)
    assert made.status_code == 201 and made.json["reason"] == "Reported: blue crystal"
    assert client.post("/api/signals/", json=body, headers=key).json["id"] == made.json["id"]
    listed = client.get("/api/signals/?level=red", headers=key).json
    assert listed["total"] == 1
    path = f"/api/signals/{made.json['id']}"
    assert client.post(f"{path}/look", headers=key).json["looked_at"]
    seen = client.get(path, headers=key).json
    discarded = client.post(
        f"{path}/discard", json={"reason": "x", "row_version": seen["row_version"]}, headers=key
    )
    assert discarded.json["state"] == "discarded"
    again = client.post(f"{path}/discard", json={"reason": "x", "row_version": 1}, headers=key)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "/api/signals/", {"words": "", "level": "red"}, 422),
        ("post", "/api/signals/", {"words": "x", "level": "blue"}, 422),
        ("post", "/api/signals/", {"words": "x", "level": "red", "sample_code": "??"}, 422),
        ("get", f"/api/signals/{uuid.UUID(int=7)}", None, 404),
        ("get", "/api/signals/?page=0", None, 422),
        ("post", f"/api/signals/{uuid.UUID(int=7)}/look", None, 404),
        ("post", f"/api/signals/{uuid.UUID(int=7)}/merge", {"into_id": "x", "row_version": 1}, 422),
    ],
)
def test_the_machine_is_refused_in_words(
    session: Session,
    network: Network,
    app: Any,
    method: str,
    path: str,
    body: Any,
    status: int,
) -> None:
    key = api_headers(session, "coordinator")
    answer = getattr(app.test_client(), method)(path, json=body, headers=key)
    assert answer.status_code == status and answer.mimetype == "application/problem+json"


def test_a_machine_without_the_duty_is_refused(
    session: Session, network: Network, app: Any
) -> None:
    key = api_headers(session, "worker")
    assert app.test_client().get("/api/signals/", headers=key).status_code == 403
    assert app.test_client().get("/api/signals/").status_code == 401
