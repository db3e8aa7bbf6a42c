from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims import journal
from lims.journal.records import JournalEntry
from lims.network.records import Installation
from tests.makers import PASSWORD, Network, api_headers, log_in_client
from tests.overview.makers import receive, run_to_verify, waiting_sample

PAGES = {
    "/start": "worker",
    "/work": "chemist",
    "/to-verify": "verifier",
    "/turn-around": "head",
    "/journal": "auditor",
}
ENDPOINTS = {
    "/api/overview/work": "worker",
    "/api/overview/work-list": "chemist",
    "/api/overview/to-verify": "verifier",
    "/api/overview/turn-around": "head",
    "/api/overview/journal": "auditor",
    "/api/overview/journal/proof": "auditor",
}


@pytest.mark.parametrize(("path", "account"), PAGES.items())
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_every_page_opens_empty_and_filled(
    app: Any, session: Session, network: Network, path: str, account: str, language: str
) -> None:
    client = log_in_client(app, session, account)
    assert client.get(f"{path}?lang={language}").status_code == 200
    sample = waiting_sample(session, network, incident_link="overdose")
    run_to_verify(session, network, sample)
    receive(session, network, sample, 5)
    journal.record(session, network.worker, "register visit", [("sample", sample.id)], number="1")
    session.commit()
    shown = client.get(f"{path}?lang={language}")
    assert shown.status_code == 200


@pytest.mark.parametrize(("path", "account"), ENDPOINTS.items())
def test_every_endpoint_answers_its_duty_and_refuses_strangers(
    app: Any, session: Session, network: Network, path: str, account: str
) -> None:
    client = app.test_client()
    assert client.get(path).status_code == 401
    assert client.get(path, headers=api_headers(session, account)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/work", "/to-verify", "/turn-around", "/journal", "/api/overview/journal"]
)
def test_a_counsellor_sees_no_work_of_others(
    app: Any, session: Session, network: Network, path: str
) -> None:
    client = log_in_client(app, session, "counsellor")
    assert client.get(path, headers=api_headers(session, "counsellor")).status_code == 403


def test_the_life_of_a_sample_through_page_and_api(
    app: Any, session: Session, network: Network
) -> None:
    sample = waiting_sample(session, network)
    journal.record(session, network.worker, "register visit", [("sample", sample.id)])
    session.commit()
    page = log_in_client(app, session, "worker").get(f"/samples/{sample.id}/life?lang=en")
    assert page.status_code == 200 and "Registered" in page.text
    headers = api_headers(session, "worker")
    told = app.test_client().get(f"/api/overview/samples/{sample.id}/life", headers=headers)
    assert told.json["acts"][0]["act"] == "register visit"
    headers = api_headers(session, "festival_worker")
    elsewhere = app.test_client().get(f"/api/overview/samples/{sample.id}/life", headers=headers)
    assert elsewhere.status_code == 404


def test_the_journal_page_proves_the_chain_and_names_what_was_changed(
    app: Any, session: Session, network: Network
) -> None:
    journal.record(session, network.worker, "log in")
    journal.record(session, network.worker, "log out")
    session.commit()
    client = log_in_client(app, session, "auditor")
    assert "The journal is whole." in client.get("/journal?verify=yes&lang=en").text
    session.get_one(JournalEntry, 1).actor = "somebody.else"
    session.commit()
    broken = client.get("/journal?verify=yes&lang=en").text
    assert "Act 1 does not fit." in broken and "changed after it was written" in broken


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "99999999"])
def test_a_page_number_that_cannot_be_is_refused_in_words(
    app: Any, session: Session, network: Network, wrong: str
) -> None:
    headers = api_headers(session, "chemist")
    answer = app.test_client().get(f"/api/overview/work-list?page={wrong}", headers=headers)
    assert answer.status_code == 422
    assert log_in_client(app, session, "chemist").get(f"/work?page={wrong}").status_code == 200


# ----------------------------------------------------------------------------- the demonstration


def sample_accounts(session: Session) -> None:
    accounts = [
        {"account": name, "duty": "chemist", "site": "Laboratory one", "password": PASSWORD}
        for name in ("worker", "chemist")
    ]
    session.add(Installation(key="demonstration", value={"accounts": accounts}))
    session.commit()


def demonstrating(app: Any) -> Any:
    """Let an application be a demonstration."""
    from dataclasses import replace

    here = app.extensions["house"]
    here.settings = replace(here.settings, demonstration=True)
    return app


def test_a_demonstration_lets_one_continue_as_another_account(
    app: Any, session: Session, network: Network
) -> None:
    sample_accounts(session)
    client = log_in_client(demonstrating(app), session, "worker")
    before = client.get_cookie("balise").value
    gone = client.post("/demonstration/continue-as/chemist?next=/work")
    assert gone.status_code == 303 and gone.location == "/work"
    assert client.get("/work").status_code == 200
    client.set_cookie("balise", before)
    assert client.get("/work").status_code == 302, "the login before is ended"


@pytest.mark.parametrize("account", ["administrator", "nobody"])
def test_no_other_account_can_be_continued_as(
    app: Any, session: Session, network: Network, account: str
) -> None:
    sample_accounts(session)
    client = log_in_client(demonstrating(app), session, "worker")
    assert client.post(f"/demonstration/continue-as/{account}").status_code == 404


def test_outside_a_demonstration_nobody_continues_as_anybody(
    app: Any, session: Session, network: Network
) -> None:
    sample_accounts(session)
    client = log_in_client(app, session, "worker")
    assert client.post("/demonstration/continue-as/chemist").status_code == 404
    assert client.get("/account").status_code == 200


def test_the_six_steps_stand_in_the_demonstration_only(
    app: Any, session: Session, network: Network
) -> None:
    sample_accounts(session)
    client = log_in_client(app, session, "worker")
    assert "six steps" not in client.get("/start?lang=en").text
    demonstrating(app)
    assert "six steps" in client.get("/start?lang=en").text
