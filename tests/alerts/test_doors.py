from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.records import AlertVersion, Event
from lims.foundation import clock
from tests.alerts.alerting import (
    IN_A_MONTH,
    make_draft,
    make_event,
    make_published,
    make_signal,
    submit,
)
from tests.makers import PASSWORD, Network, api_headers, log_in_client


def only(session: Session, record: type[Any]) -> Any:
    session.expire_all()
    found = session.scalars(select(record)).one()
    session.commit()
    return found


def facts_form(**given: Any) -> dict[str, Any]:
    typed = {
        "level": "red",
        "review_on": (clock.today() + IN_A_MONTH).isoformat(),
        "facts-unidentified": "yes",
        "facts-logo": "buoy",
        "facts-region": "BE",
        "facts-length_mm": "9,1",
        "facts-dangers[]": ["reports", "unknown"],
        "facts-advice[]": ["not-take"],
    }
    return typed | given


def test_the_whole_way_from_a_signal_to_the_public_through_the_pages(
    session: Session, network: Network, app: Any, public_app: Any
) -> None:
    signal = make_signal(session, network)
    session.commit()
    coordinator = log_in_client(app, session, "coordinator")
    approver = log_in_client(app, session, "approver")
    assert coordinator.get(f"/events/new?signal={signal.id}").status_code == 200
    typed: dict[str, Any] = {"title": "Blue crystal", "signal_ids[]": [str(signal.id)]}
    assert coordinator.post("/events/new", data=typed).status_code == 303
    event = only(session, Event)
    for client in (coordinator, approver):
        assert client.get(f"/events/{event.id}").status_code == 200
        typed = {"hazard": "3", "exposure": "2", "certainty": "1", "words": "as told"}
        typed["row_version"] = only(session, Event).row_version
        assert client.post(f"/events/{event.id}/assess", data=typed).status_code == 303
    typed = {"confirmed": "true", "reason": "two reports", "row_version": event.row_version}
    typed["row_version"] = only(session, Event).row_version
    assert coordinator.post(f"/events/{event.id}/decide", data=typed).status_code == 303
    assert coordinator.get(f"/events/{event.id}/alert").status_code == 200
    made = coordinator.post(f"/events/{event.id}/alert", data=facts_form())
    assert made.status_code == 303
    version = only(session, AlertVersion)
    assert version.facts["length_mm"] == "9.1" and version.facts["dangers"] == [
        "unknown",
        "reports",
    ]
    address = f"/alerts/{version.id}"
    message = {"audience": "public", "row_version": str(version.row_version)}
    message |= {f"texts-fr-{part}": "À lire" for part in ("headline", "body")}
    assert coordinator.post(f"{address}/texts", data=message).status_code == 303
    typed = {"row_version": only(session, AlertVersion).row_version}
    assert coordinator.post(f"{address}/submit", data=typed).status_code == 303
    typed = {"row_version": only(session, AlertVersion).row_version, "password": PASSWORD}
    assert approver.post(f"{address}/approve", data=typed).status_code == 303
    assert only(session, AlertVersion).state == "published"
    assert "À lire" in public_app.test_client().get("/alerts?lang=fr").text


def test_the_form_of_a_new_alert_begins_with_a_review_date_in_thirty_days(
    session: Session, network: Network, app: Any
) -> None:
    event = make_event(session, network)
    session.commit()
    page = log_in_client(app, session, "coordinator").get(f"/events/{event.id}/alert")
    assert (clock.today() + IN_A_MONTH).isoformat() in page.text


def test_a_refused_alert_keeps_what_was_typed(session: Session, network: Network, app: Any) -> None:
    event = make_event(session, network)
    session.commit()
    client = log_in_client(app, session, "coordinator")
    typed = facts_form(**{"review_on": "", "facts-shape": "hexagon", "facts-week": "soon"})
    page = client.post(f"/events/{event.id}/alert", data=typed)
    assert page.status_code == 422 and "hexagon" in page.text
    assert 'id="f-review_on-e"' in page.text and 'id="f-facts-week-e"' in page.text


@pytest.mark.parametrize("audience", ["public", "health", "judicial-police"])
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_the_preview_shows_each_audience_in_each_language(
    session: Session, network: Network, app: Any, audience: str, language: str
) -> None:
    version = make_draft(session, network)
    session.commit()
    client = log_in_client(app, session, "coordinator")
    page = client.get(f"/alerts/{version.id}?audience={audience}&lang={language}")
    message = next(
        one for one in version.messages if (one.audience, one.language) == (audience, language)
    )
    assert page.status_code == 200 and message.headline.split(":")[0].strip() in page.text
    assert f'id="m-{language}"' in page.text
    assert message.tlp in page.text


def test_a_worker_reads_the_network_message_and_no_other(
    session: Session, network: Network, app: Any
) -> None:
    draft, published = make_draft(session, network), make_published(session, network)
    session.commit()
    client = log_in_client(app, session, "worker")
    page = client.get(f"/alerts/{published.id}?audience=judicial-police")
    assert page.status_code == 200 and "TLP:AMBER" not in page.text
    assert client.get(f"/alerts/{draft.id}").status_code == 404
    assert client.get("/alerts?which=work").status_code == 200
    assert client.get("/events").status_code == 403


def test_a_wrong_password_is_told_beside_the_field(
    session: Session, network: Network, app: Any
) -> None:
    version = submit(session, network, make_draft(session, network))
    session.commit()
    client = log_in_client(app, session, "approver")
    typed = {"row_version": version.row_version, "password": "wrong"}
    page = client.post(f"/alerts/{version.id}/approve", data=typed)
    assert page.status_code == 422 and 'id="f-password-e"' in page.text
    assert only(session, AlertVersion).state == "review"


def test_who_drafted_is_refused_through_the_page(
    session: Session, network: Network, app: Any
) -> None:
    version = submit(session, network, make_draft(session, network))
    version.author = "approver"
    session.commit()
    client = log_in_client(app, session, "approver")
    typed = {"row_version": version.row_version, "password": PASSWORD}
    assert client.post(f"/alerts/{version.id}/approve", data=typed).status_code == 409
    typed = {"row_version": version.row_version, "password": PASSWORD}
    key = api_headers(session, "approver")
    path = f"/api/alert-versions/{version.id}/approve"
    assert app.test_client().post(path, json=typed, headers=key).status_code == 409


def test_updating_withdrawing_and_expiring_go_through_the_page(
    session: Session, network: Network, app: Any
) -> None:
    version = make_published(session, network)
    session.commit()
    client, address = log_in_client(app, session, "coordinator"), f"/alerts/{version.id}"
    assert client.post(f"{address}/update", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/update", data={"reason": "more"}).status_code == 303
    assert client.post(f"{address}/withdraw", data={"reason": "error"}).status_code == 303
    typed: dict[str, Any] = {"reason": "old", "row_version": version.row_version}
    assert client.post(f"{address}/expire", data=typed).status_code == 409
    session.refresh(version)
    version.review_on = clock.today()
    session.commit()
    assert "decision needed" in client.get("/alerts?lang=en").text
    typed["row_version"] = version.row_version
    assert client.post(f"{address}/expire", data=typed).status_code == 303


def test_a_published_message_is_refused_through_both_doors(
    session: Session, network: Network, app: Any
) -> None:
    version = make_published(session, network)
    session.commit()
    body: dict[str, Any] = {"audience": "public", "language": "fr", "headline": "x", "body": "y"}
    body["row_version"] = version.row_version
    client = log_in_client(app, session, "coordinator")
    typed = {"audience": "public", "row_version": version.row_version, "texts-fr-headline": "x"}
    assert client.post(f"/alerts/{version.id}/texts", data=typed).status_code == 409
    key = api_headers(session, "coordinator")
    path = f"/api/alert-versions/{version.id}/message"
    assert app.test_client().put(path, json=body, headers=key).status_code == 409


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_the_pages_speak_every_language(
    session: Session, network: Network, app: Any, language: str
) -> None:
    version = make_published(session, network)
    draft = make_draft(session, network)
    session.commit()
    client = log_in_client(app, session, "coordinator")
    paths = ["/alerts", "/alerts?which=all", "/events", "/events/new", f"/alerts/{version.id}"]
    paths += [f"/alerts/{version.id}/poster", f"/alerts/{draft.id}/edit", f"/alerts/{draft.id}"]
    for path in [*paths, f"/events/{version.alert.event_id}"]:
        sign = "&" if "?" in path else "?"
        assert client.get(f"{path}{sign}lang={language}").status_code == 200, path


def test_the_whole_way_through_the_machine_door(
    session: Session, network: Network, app: Any
) -> None:
    client = app.test_client()
    key, other = api_headers(session, "coordinator"), api_headers(session, "approver")
    signal = client.post("/api/signals/", json={"words": "x", "level": "red"}, headers=key).json
    body = {"title": "X", "signal_ids": [signal["id"]], "id": str(uuid.UUID(int=7))}
    event = client.post("/api/events/", json=body, headers=key)
    assert event.status_code == 201
    assert client.post("/api/events/", json=body, headers=key).json["id"] == event.json["id"]
    path, version = f"/api/events/{event.json['id']}", event.json["row_version"]
    grades = {"hazard": 1, "exposure": 1, "certainty": 1, "words": "w"}
    for who in (key, other):
        sent = {**grades, "row_version": version}
        answer = client.post(f"{path}/assessments", json=sent, headers=who)
        version = answer.json["row_version"]
    sent = {"confirmed": True, "reason": "sure", "row_version": version}
    assert client.post(f"{path}/decision", json=sent, headers=key).json["state"] == "confirmed"
    review_on = (clock.today() + timedelta(days=9)).isoformat()
    draft: dict[str, Any] = {"event_id": event.json["id"], "level": "red"}
    draft["review_on"] = review_on
    draft["facts"] = {"unidentified": True, "logo": "buoy"}
    made = client.post("/api/alerts/", json=draft, headers=key)
    assert made.status_code == 201, made.json
    path, version = f"/api/alert-versions/{made.json['id']}", made.json["row_version"]
    edit = {**draft, "row_version": version}
    del edit["event_id"]
    version = client.put(path, json=edit, headers=key).json["row_version"]
    sent = {"row_version": version}
    version = client.post(f"{path}/submit", json=sent, headers=key).json["row_version"]
    sent = {"row_version": version, "reason": "shorter"}
    version = client.post(f"{path}/send-back", json=sent, headers=other).json["row_version"]
    sent = {"row_version": version}
    version = client.post(f"{path}/submit", json=sent, headers=key).json["row_version"]
    sent = {"row_version": version, "password": PASSWORD}
    published = client.post(f"{path}/approve", json=sent, headers=other)
    assert published.json["state"] == "published"
    listed = client.get("/api/alerts/", headers=key).json
    assert listed["total"] == 1 and listed["alerts"][0]["headline"]
    text = client.get(f"{path}/message?audience=health&language=nl", headers=key).json
    assert text["audience"] == "health" and text["headline"]
    alert = published.json["alert_id"]
    for act in ("update", "withdraw"):
        answer = client.post(f"/api/alerts/{alert}/{act}", json={"reason": "r"}, headers=key)
        assert answer.status_code == 201


NOBODY = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "/api/events/", {"title": "", "signal_ids": []}, 422),
        ("post", "/api/events/", {"title": "x", "signal_ids": [str(NOBODY)]}, 404),
        ("get", f"/api/events/{NOBODY}", None, 404),
        ("post", f"/api/events/{NOBODY}/assessments", {"hazard": 9}, 422),
        ("post", "/api/alerts/", {"event_id": "x", "level": "blue"}, 422),
        ("post", f"/api/alerts/{NOBODY}/update", {"reason": "r"}, 404),
        ("post", f"/api/alerts/{NOBODY}/withdraw", {"reason": ""}, 422),
        ("get", f"/api/alert-versions/{NOBODY}", None, 404),
        ("post", f"/api/alert-versions/{NOBODY}/submit", {"row_version": 1}, 404),
        ("post", f"/api/alert-versions/{NOBODY}/expire", {"row_version": 1, "reason": "r"}, 404),
        ("get", "/api/alerts/?which=nonsense", None, 422),
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
    client, key = app.test_client(), api_headers(session, "coordinator")
    answer = getattr(client, method)(path, json=body, headers=key)
    assert answer.status_code == status and answer.mimetype == "application/problem+json"
