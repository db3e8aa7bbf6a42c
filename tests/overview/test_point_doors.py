from __future__ import annotations

from datetime import date, time
from typing import Any

from sqlalchemy.orm import Session

from lims.network.opening import Session as Night
from lims.network.opening import Timetable
from lims.overview import point_schemas
from tests.makers import Network, api_headers, log_in_client
from tests.overview.points_and_queues import DRAFT, lists, published, results

MONDAY = date(2026, 11, 23)


def test_a_point_is_described_previewed_and_published_through_the_pages(
    app: Any, public_app: Any, session: Session, network: Network
) -> None:
    lists(session)
    session.commit()
    worker = log_in_client(app, session, "worker")
    at = f"/points/{network.counter.id}"
    assert worker.get(at).status_code == 404
    typed = {"slug": "synthetic-point", "forms[]": ["tablet"], "languages[]": ["fr"]}
    typed |= {"weekly-0-weekday": "0", "weekly-0-opens": "18:00", "weekly-0-closes": "09:00"}
    typed |= {"weekly-1-weekday": "2", "weekly-1-opens": "", "weekly-1-closes": ""}
    wrong = worker.post(f"{at}/edit?lang=en", data=typed)
    assert wrong.status_code == 422 and "until the next day" in wrong.text
    assert 'value="18:00"' in wrong.text, "nothing typed is lost"
    typed["weekly-0-closes"] = "21:00"
    assert worker.post(f"{at}/edit", data=typed).status_code == 303
    for language in ("fr", "nl", "en"):
        assert worker.get(f"{at}?lang={language}").status_code == 200
    assert worker.get(f"{at}/a5-nl.pdf").mimetype == "application/pdf"
    assert worker.get(f"{at}/a3-nl.pdf").status_code == 404
    assert worker.post(f"{at}/publish").status_code == 403
    public = public_app.test_client()
    assert public.get("/points/synthetic-point").status_code == 404
    coordinator = log_in_client(app, session, "local_coordinator")
    assert coordinator.post(f"{at}/publish").status_code == 303
    assert public.get("/points/synthetic-point").status_code == 200
    assert coordinator.post(f"{at}/unpublish").status_code == 303
    assert public.get("/points/synthetic-point").status_code == 404


def test_a_point_through_the_machine_door(app: Any, session: Session, network: Network) -> None:
    lists(session)
    session.commit()
    client, worker = app.test_client(), api_headers(session, "worker")
    at = f"/api/overview/points/{network.counter.id}"
    assert client.get(at, headers=worker).status_code == 404
    bad = {**DRAFT, "weekly": [{"weekday": 0, "opens": "25:00", "closes": "21:00"}]}
    refused = client.put(at, json=bad, headers=worker)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "weekly.0.opens"
    written = client.put(at, json=DRAFT, headers=worker)
    assert written.status_code == 200 and written.json["published"] == {}
    stale = client.put(at, json={**DRAFT, "row_version": 99}, headers=worker)
    assert stale.status_code == 409
    assert client.post(f"{at}/publish", json={}, headers=worker).status_code == 403
    coordinator = api_headers(session, "local_coordinator")
    told = client.post(f"{at}/publish", json={}, headers=coordinator)
    assert told.status_code == 200 and told.json["published"]["forms"] == ["tablet", "powder"]
    assert client.post(f"{at}/unpublish", json={}, headers=coordinator).status_code == 200
    assert client.post(f"{at}/unpublish", json={}, headers=coordinator).status_code == 409
    stranger = api_headers(session, "festival_worker")
    assert client.get(at, headers=stranger).status_code == 404


def test_the_public_face_keeps_nothing_of_a_visitor(
    public_app: Any, session: Session, network: Network
) -> None:
    results(session, network, 15, 3.0)
    published(
        session, network, timetable=Timetable(sessions=(Night(MONDAY, time(20), time(4), True),))
    )
    session.commit()
    client = public_app.test_client()
    for path in (
        "/points",
        "/points/synthetic-point",
        "/points/synthetic-point.ics",
        "/points.json",
    ):
        for language in ("fr", "nl", "en"):
            answer = client.get(f"{path}?lang={language}")
            assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = client.get("/points/synthetic-point?lang=en").text
    assert "Half of the results came within" in page and "This is no promise." in page
    assert "<title>Balise</title>" in page and "<script" not in page
    told = client.get("/points/synthetic-point.json?lang=en").json
    assert told["waiting"]["known"] is True and told["waiting"]["n"] == 15
    calendar = client.get("/points/synthetic-point.ics")
    assert calendar.mimetype == "text/calendar" and "max-age" in calendar.headers["Cache-Control"]
    for wrong in ("/points/nowhere", "/points/nowhere.ics", "/points/nowhere.json"):
        assert client.get(wrong).status_code == 404


def test_the_ticket_page_leads_to_the_points(public_app: Any, session: Session) -> None:
    page = public_app.test_client().get("/?lang=en").text
    assert 'href="/points?lang=en"' in page


def test_an_empty_row_of_the_form_is_left_out() -> None:
    rows = [{"weekday": "0", "opens": "18:00"}, {"weekday": "1", "opens": "", "closes": ""}]
    assert point_schemas.compact({"weekly": rows})["weekly"] == rows[:1]
    assert point_schemas.compact({"weekly": "x"}) == {"weekly": [], "closed": [], "sessions": []}
