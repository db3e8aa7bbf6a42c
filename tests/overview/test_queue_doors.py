from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.intake import closures
from lims.intake.rules import day_in_belgium
from tests.makers import Network, api_headers, log_in_client
from tests.overview.points_and_queues import NOBODY, described, stated, waiting

WHY = {"fr": "Synthétique.", "nl": "Synthetisch.", "en": "Synthetic."}


def day(ahead: int) -> Any:
    return day_in_belgium(clock.now()) + timedelta(days=ahead)


PAGES = {
    "/queues": ("worker", "counsellor"),
    "/capacity": ("head", "counsellor"),
    "/closures": ("chemist", "counsellor"),
    "/not-analysed": ("head", "worker"),
    "/order-of-work": ("verifier", "counsellor"),
    "/order-of-work/new": ("local_coordinator", "worker"),
    "/points": ("worker", "chemist"),
}
ENDPOINTS = {
    "/api/overview/queues": ("worker", "counsellor"),
    "/api/overview/not-analysed": ("head", "worker"),
    "/api/overview/capacities": ("chemist", "counsellor"),
    "/api/overview/closed-days": ("chemist", "counsellor"),
    "/api/overview/closures": ("worker", "counsellor"),
    "/api/overview/order-of-work": ("chemist", "counsellor"),
    "/api/overview/order-of-work/in-force": ("chemist", "counsellor"),
}


@pytest.mark.parametrize(("path", "people"), PAGES.items())
def test_every_page_opens_for_its_duties_in_every_language_and_for_no_other(
    app: Any, session: Session, network: Network, path: str, people: tuple[str, str]
) -> None:
    waiting(session, network)
    stated(session, network)
    session.commit()
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


def test_a_laboratory_closes_intake_and_the_register_page_says_so(
    app: Any, session: Session, network: Network
) -> None:
    described(session, network)
    session.commit()
    head = log_in_client(app, session, "head")
    typed = {"laboratory_id": str(network.laboratory.id), "form": "tablet", "until": str(day(4))}
    typed |= {f"words-{code}": words for code, words in WHY.items()}
    wrong = head.post("/closures?lang=en", data=typed | {"until": str(day(-4))})
    assert wrong.status_code == 422 and "The last day lies before the first." in wrong.text
    assert head.post("/closures", data=typed).status_code == 303
    worker = log_in_client(app, session, "worker")
    page = worker.get("/register?lang=nl").text
    assert "Nu niet aanvaard" in page and "Synthetisch." in page
    assert worker.post("/closures", data=typed).status_code == 403
    (made_id,) = [one.id for one in closures.closures(session, network.head)[0]]
    session.rollback()  # the applications write now
    assert worker.post(f"/closures/{made_id}/reopen").status_code == 403
    assert head.post(f"/closures/{made_id}/reopen").status_code == 303
    assert "Nu niet aanvaard" not in worker.get("/register?lang=nl").text


def test_capacity_through_page_and_machine_door(
    app: Any, session: Session, network: Network
) -> None:
    client, head = app.test_client(), log_in_client(app, session, "head")
    laboratory = {"laboratory_id": str(network.laboratory.id)}
    typed = laboratory | {"samples": "6", "per": "day", "days": "5"}
    assert head.post("/capacity", data=typed | {"samples": "0"}).status_code == 422
    assert head.post("/capacity", data=typed).status_code == 303
    assert (
        head.post("/capacity/closed-days", data={**laboratory, "first": str(day(2))}).status_code
        == 303
    )
    assert "6 each opening day" in head.get("/capacity?lang=en").text
    headers = api_headers(session, "head")
    at = "/api/overview/capacities"
    (kept,) = client.get(at, headers=headers).json["items"]
    assert (kept["samples"], kept["per"]) == (6, "day")
    wrong = client.post(
        at, json={**laboratory, "samples": 0, "per": "day", "days": 5}, headers=headers
    )
    assert wrong.status_code == 422 and wrong.json["errors"][0]["field"] == "samples"
    stranger = api_headers(session, "chemist")
    assert client.delete(f"{at}/{kept['id']}", headers=stranger).status_code == 403
    assert client.delete(f"{at}/{kept['id']}", headers=headers).status_code == 200
    assert client.delete(f"{at}/{kept['id']}", headers=headers).status_code == 409
    assert client.delete(f"{at}/{NOBODY}", headers=headers).status_code == 404
