from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.overview import indicator_tables
from lims.overview.indicator_periods import half_of
from lims.overview.indicator_tables import Sheet
from lims.overview.report_records import NetworkReport
from tests.makers import PASSWORD, Network, api_headers, log_in_client
from tests.overview.counted_network import NOW, counted_network

OVER = half_of(datetime.now(UTC).date()).before().name
"""The half-year before this one: doors read the real clock of a request."""
PAGES = {
    "/indicators": ("local_coordinator", "worker"),
    "/meetings": ("head", "counsellor"),
    "/reports": ("approver", "local_coordinator"),
}
ENDPOINTS = {
    "/api/overview/indicators": ("local_coordinator", "worker"),
    "/api/overview/meetings": ("auditor", "chemist"),
    "/api/overview/reports": ("auditor", "local_coordinator"),
}


@pytest.fixture
def counted(session: Session, network: Network) -> Iterator[None]:
    with clock.stopped_at(NOW):
        counted_network(session, network)
        session.commit()
    yield


@pytest.mark.parametrize(("path", "people"), PAGES.items())
def test_every_page_opens_for_its_duties_in_every_language_and_for_no_other(
    app: Any, session: Session, network: Network, path: str, people: tuple[str, str]
) -> None:
    client = log_in_client(app, session, people[0])
    for language in ("fr", "nl", "en"):
        assert client.get(f"{path}?lang={language}").status_code == 200
    assert log_in_client(app, session, people[1]).get(path).status_code == 403


@pytest.mark.parametrize(("path", "people"), ENDPOINTS.items())
def test_every_endpoint_answers_its_duties_and_refuses_others(
    app: Any, session: Session, network: Network, path: str, people: tuple[str, str]
) -> None:
    client = app.test_client()
    assert client.get(path).status_code == 401
    assert client.get(path, headers=api_headers(session, people[0])).status_code == 200
    assert client.get(path, headers=api_headers(session, people[1])).status_code == 403


def test_the_page_says_number_denominator_unit_definition_and_limits(
    app: Any, session: Session, network: Network, counted: None
) -> None:
    client = log_in_client(app, session, "coordinator")
    page = client.get("/indicators?period=2026-1").get_data(as_text=True)
    assert "4 of 5" in page and "95 % interval" in page
    assert "What it cannot say" in page and "Among what" in page
    assert "not measured yet" in page
    assert page.count("<article") == 40


@pytest.mark.parametrize(
    "asked", ["period=x", "from=2026-05-01&to=2026-01-01", "from=0001-01-01", "from=1&to=%00"]
)
def test_a_period_that_cannot_be_is_said_on_every_door(
    app: Any, session: Session, network: Network, asked: str
) -> None:
    client = log_in_client(app, session, "coordinator")
    assert client.get(f"/indicators?{asked}").status_code == 422
    headers = api_headers(session, "coordinator")
    answer = client.get(f"/api/overview/indicators?{asked}", headers=headers)
    assert answer.status_code == 422 and answer.json["errors"]
    assert client.get(f"/indicators.csv?{asked}").status_code == 422


def test_the_files_hold_what_the_endpoint_tells(
    app: Any, session: Session, network: Network, counted: None
) -> None:
    client = log_in_client(app, session, "coordinator")
    headers = api_headers(session, "coordinator")
    told = client.get("/api/overview/indicators?period=2026-1", headers=headers).json
    by_key = {one["key"]: one for one in told["indicators"]}
    assert by_key["talks"]["now"]["counted"] == 4 and by_key["talks"]["among"]
    text = client.get("/indicators.csv?period=2026-1&lang=fr").get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    now = {row[1]: row for row in rows if not row[4] and row[0].startswith("2026-1")}
    assert {key: float(row[6]) for key, row in now.items() if row[6]} == {
        key: pytest.approx(one["now"]["value"])
        for key, one in by_key.items()
        if one["now"]["standing"] == "measured"
    }
    body = client.get("/indicators.xlsx?period=2026-1&lang=en").get_data()
    assert openpyxl.load_workbook(io.BytesIO(body)).sheetnames == ["Numbers", "Definitions"]


def test_a_local_coordinator_sees_no_other_site_on_any_door(
    app: Any, session: Session, network: Network, counted: None
) -> None:
    client = log_in_client(app, session, "local_coordinator")
    headers = api_headers(session, "local_coordinator")
    asked = "?period=2026-1"
    for address in (f"/indicators{asked}", f"/indicators.csv{asked}"):
        assert "Festival" not in client.get(address).get_data(as_text=True)
    answer = client.get(f"/api/overview/indicators{asked}", headers=headers)
    assert "Festival" not in answer.get_data(as_text=True) and answer.json["sites"] == ["Counter"]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_no_cell_is_computed_by_whoever_opens_it(words: str) -> None:
    for risky in ("=", "+", "-", "@", "\t"):
        body = indicator_tables.csv_bytes(Sheet("x", [[f"{risky}{words}", -1.5]]))
        cells = next(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert cells[0].startswith("'") and cells[1] == "-1.5"


def test_a_meeting_is_written_corrected_and_withdrawn_at_the_page(
    app: Any, session: Session, network: Network
) -> None:
    client = log_in_client(app, session, "coordinator")
    day = (clock.now() - timedelta(days=3)).date().isoformat()
    typed = {"day": day, "partner": "health", "topic": "alerts"}
    assert client.post("/meetings", data=typed).status_code == 303
    refused = client.post("/meetings", data={**typed, "partner": "nobody"})
    assert refused.status_code == 422 and day in refused.get_data(as_text=True)
    headers = api_headers(session, "coordinator")
    (one,) = client.get("/api/overview/meetings", headers=headers).json["items"]
    page = client.get(f"/meetings/{one['id']}")
    assert "health focal point" in page.get_data(as_text=True)
    right = {**typed, "topic": "network", "row_version": one["row_version"]}
    assert client.post(f"/meetings/{one['id']}", data=right).status_code == 303
    assert client.post(f"/meetings/{one['id']}", data=right).status_code == 409
    assert client.post(f"/meetings/{one['id']}/withdraw").status_code == 303
    (one,) = client.get("/api/overview/meetings", headers=headers).json["items"]
    assert one["topic"] == "network" and one["withdrawn_at"]


def test_programs_write_correct_and_withdraw_a_meeting(
    app: Any, session: Session, network: Network
) -> None:
    client, headers = app.test_client(), api_headers(session, "coordinator")
    day = (clock.now() - timedelta(days=3)).date().isoformat()
    told = {"id": str(uuid.uuid4()), "day": day, "partner": "other", "topic": "other"}
    address = "/api/overview/meetings"
    for _again in range(2):
        assert client.post(address, json=told, headers=headers).status_code == 201
    assert client.get(address, headers=headers).json["total"] == 1
    wrong = {**told, "day": "2999-01-01", "id": str(uuid.uuid4())}
    assert client.post(address, json=wrong, headers=headers).status_code == 422
    facts = {"day": day, "partner": "health", "topic": "other"}
    one = client.put(f"{address}/{told['id']}", json=facts, headers=headers)
    assert one.json["partner"] == "health"
    assert client.delete(f"{address}/{told['id']}", headers=headers).status_code == 200
    assert client.delete(f"{address}/{told['id']}", headers=headers).status_code == 409
    others = api_headers(session, "auditor")
    assert client.post(address, json=told, headers=others).status_code == 403
    assert client.get(f"{address}/{uuid.uuid4()}", headers=headers).status_code == 404


def test_a_report_goes_from_draft_to_the_public_page(
    app: Any, public_app: Any, session: Session, network: Network
) -> None:
    client = log_in_client(app, session, "coordinator")
    made = client.post("/reports", data={"period": OVER})
    assert made.status_code == 303
    page = made.headers["Location"]
    preview = client.get(f"{page}/preview-public-nl.pdf")
    assert preview.data.startswith(b"%PDF") and preview.headers["Cache-Control"] == "no-store"
    words = {f"commentary-{code}": f"Words {code}." for code in ("fr", "nl", "en")}
    assert client.post(page, data=words).status_code == 303
    assert client.post(f"{page}/approval", data={"password": PASSWORD}).status_code == 409
    public = public_app.test_client()
    assert OVER not in public.get("/reports?lang=en").get_data(as_text=True)
    second = log_in_client(app, session, "approver")
    assert second.post(f"{page}/approval", data={"password": "wrong"}).status_code == 422
    assert second.post(f"{page}/approval", data={"password": PASSWORD}).status_code == 303
    assert OVER in public.get("/reports?lang=en").get_data(as_text=True)
    name = f"report-{OVER}-1-public-fr.pdf"
    kept = public.get(f"/reports/{name}")
    assert kept.data.startswith(b"%PDF") and "Set-Cookie" not in kept.headers
    assert second.get(f"{page}/files/{name}").data == kept.data
    assert public.get(f"/reports/report-{OVER}-1-fr.pdf").status_code == 404
    assert second.get(f"{page}/preview-public-nl.pdf").status_code == 409
    assert client.get(page).status_code == 200


def test_programs_draft_edit_and_approve_a_report(
    app: Any, session: Session, network: Network
) -> None:
    client, headers = app.test_client(), api_headers(session, "coordinator")
    address = "/api/overview/reports"
    made = client.post(address, json={"period": OVER}, headers=headers)
    assert made.status_code == 201 and made.json["files"] == []
    one = f"{address}/{made.json['id']}"
    assert client.post(address, json={"period": OVER}, headers=headers).status_code == 409
    words = {"commentary": {"fr": "A.", "nl": "B.", "en": "C."}}
    assert client.put(one, json=words, headers=headers).json["commentary"]["nl"] == "B."
    told = {"password": PASSWORD}
    assert client.post(f"{one}/approval", json=told, headers=headers).status_code == 409
    second = api_headers(session, "approver")
    done = client.post(f"{one}/approval", json=told, headers=second)
    assert done.status_code == 200 and len(done.json["files"]) == 14
    name = done.json["files"][0]["name"]
    assert client.get(f"{one}/files/{name}", headers=second).status_code == 200
    assert client.get(f"{one}/files/nothing", headers=second).status_code == 404


def test_a_wrong_password_is_counted_as_at_the_login(
    app: Any, session: Session, network: Network
) -> None:
    client = app.test_client()
    headers = api_headers(session, "coordinator")
    made = client.post("/api/overview/reports", json={"period": OVER}, headers=headers)
    one = f"/api/overview/reports/{made.json['id']}/approval"
    second = api_headers(session, "approver")
    for _try in range(12):
        client.post(one, json={"password": "wrong"}, headers=second)
    assert client.post(one, json={"password": PASSWORD}, headers=second).status_code == 422
    session.expire_all()
    report = session.get(NetworkReport, uuid.UUID(made.json["id"]))
    assert report is not None and report.state == "draft"


def test_the_start_page_leads_the_coordinator_to_indicators_and_reports(
    app: Any, session: Session, network: Network
) -> None:
    page = log_in_client(app, session, "coordinator").get("/start").get_data(as_text=True)
    main = page.split("<main")[1]
    assert 'href="/indicators"' in main and 'href="/reports"' in main
    other = log_in_client(app, session, "worker").get("/start").get_data(as_text=True)
    assert 'href="/indicators"' not in other
