from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.quality import queries
from tests.makers import Network, api_headers, log_in_client

LOT = {"reagent": "Marquis", "lot": "M-1", "expires": "2031-01-31"}


@pytest.fixture
def head(app: Any, session: Session, network: Network) -> Any:
    return log_in_client(app, session, "head")


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_the_laboratory_opens_in_every_language(head: Any, language: str) -> None:
    head.post("/laboratory/reagent-lots", data=LOT)
    head.post("/laboratory/instruments", data={"name": "Infrared 1", "technique": "ftir"})
    page = head.get(f"/laboratory?lang={language}")
    assert page.status_code == 200
    assert "M-1" in page.text and "Infrared 1" in page.text


def test_a_lot_is_added_checked_and_barred_by_a_failed_check(
    head: Any, session: Session, network: Network
) -> None:
    assert head.post("/laboratory/reagent-lots", data=LOT).status_code == 303
    assert "Not checked yet with a positive and a negative" in head.get("/laboratory").text
    (lot,) = queries.reagent_lots(session, network.laboratory.id)
    session.expunge_all()
    session.rollback()
    address = f"/laboratory/reagent-lots/{lot.id}/check"
    good = {"positive_as_expected": "true", "negative_as_expected": "true"}
    assert head.post(address, data=good).status_code == 303
    assert "Not checked yet" not in head.get("/laboratory").text
    head.post(address, data={**good, "negative_as_expected": "false"})
    assert "The last check failed" in head.get("/laboratory").text
    head.post(address, data={"positive_as_expected": "true"})
    assert "This answer is needed." in head.get("/laboratory").text


@pytest.mark.parametrize(
    ("path", "typed", "words"),
    [
        ("reagent-lots", {**LOT, "expires": ""}, "This answer is needed."),
        ("reagent-lots", {**LOT, "expires": "31/01/2031"}, "year-month-day"),
        ("reagent-lots", {**LOT, "reagent": "''"}, "This answer is needed."),
        ("instruments", {"name": "Infrared 1", "technique": "magic"}, "Choose one of the list."),
    ],
)
def test_what_is_refused_loses_nothing_typed(
    head: Any, path: str, typed: dict[str, str], words: str
) -> None:
    answer = head.post(f"/laboratory/{path}", data=typed)
    assert answer.status_code == 422
    kept = typed.get("lot") or typed["name"]
    assert words in answer.text and f'value="{kept}"' in answer.text


def test_an_instrument_is_taken_out_of_service_and_back(
    head: Any, session: Session, network: Network
) -> None:
    head.post("/laboratory/instruments", data={"name": "Infrared 1", "technique": "ftir"})
    (made,) = queries.instruments(session, network.laboratory.id)
    session.expunge_all()
    session.rollback()
    address = f"/laboratory/instruments/{made.id}/state"
    head.post(address, data={"out_of_service": "yes", "calibrated_until": "2020-01-31"})
    page = head.get("/laboratory").text
    assert "Calibration ended on 31 Jan 2020" in page and "checked" in page
    head.post(address, data={"calibrated_until": ""})
    assert "Calibration ended" not in head.get("/laboratory").text


def test_a_chemist_reads_and_changes_nothing_and_others_stay_out(
    app: Any, session: Session, network: Network
) -> None:
    chemist = log_in_client(app, session, "chemist")
    page = chemist.get("/laboratory")
    assert page.status_code == 200 and '<form method="post" class="card' not in page.text
    assert chemist.post("/laboratory/reagent-lots", data=LOT).status_code == 403
    assert log_in_client(app, session, "worker").get("/laboratory").status_code == 403
    api, keys = app.test_client(), api_headers(session, "chemist")
    sent = {**LOT, "site_id": str(network.laboratory.id)}
    assert api.post("/api/quality/reagent-lots", json=sent, headers=keys).status_code == 403
    elsewhere = f"/api/quality/reagent-lots?site_id={network.second_laboratory.id}"
    assert api.get(elsewhere, headers=keys).status_code == 403
    assert api.get(elsewhere).status_code == 401


def test_a_program_adds_checks_and_lists(app: Any, session: Session, network: Network) -> None:
    api, keys = app.test_client(), api_headers(session, "head")
    here = str(network.laboratory.id)
    lot = {**LOT, "site_id": here, "id": str(uuid.uuid4())}
    for _twice in range(2):
        assert api.post("/api/quality/reagent-lots", json=lot, headers=keys).status_code == 201
    check = {"lot_id": lot["id"], "positive_as_expected": True, "negative_as_expected": False}
    answer = api.post("/api/quality/reagent-lots/checks", json=check, headers=keys)
    assert (answer.status_code, answer.json["check_failed"]) == (200, True)
    instrument = {"site_id": here, "name": "Balance 1", "technique": "weighing"}
    made = api.post("/api/quality/instruments", json=instrument, headers=keys)
    assert made.status_code == 201
    state = {"instrument_id": made.json["id"], "out_of_service": True}
    assert api.post("/api/quality/instruments/states", json=state, headers=keys).status_code == 200
    (found,) = api.get(f"/api/quality/instruments?site_id={here}", headers=keys).json
    assert found["out_of_service"] is True
    (listed,) = api.get(f"/api/quality/reagent-lots?site_id={here}", headers=keys).json
    assert listed["reagent"] == "marquis"


def test_a_program_is_told_what_is_wrong(app: Any, session: Session, network: Network) -> None:
    api, keys = app.test_client(), api_headers(session, "head")
    answer = api.post("/api/quality/reagent-lots", json={"site_id": "x"}, headers=keys)
    assert answer.status_code == 422
    assert {"site_id", "reagent", "lot", "expires"} == {
        one["field"] for one in answer.json["errors"]
    }
    check = {
        "lot_id": str(uuid.uuid4()),
        "positive_as_expected": True,
        "negative_as_expected": True,
    }
    answer = api.post("/api/quality/reagent-lots/checks", json=check, headers=keys)
    assert answer.status_code == 404
