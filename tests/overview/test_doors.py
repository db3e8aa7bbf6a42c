from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lims import journal
from lims.custody.records import Parcel, ParcelItem
from lims.findings.records import Finding
from lims.foundation import clock
from lims.intake.records import Sample
from lims.journal.records import JournalEntry
from lims.network.records import Installation
from lims.overview import lives, times, today, work
from tests.findings import makers
from tests.makers import PASSWORD, Network, api_headers, log_in_client

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


def waiting_sample(session: Session, network: Network, **more: Any) -> Sample:
    return makers.sample(session, network, makers.mdma(session), **{"state": "received", **more})


def run_to_verify(session: Session, network: Network, on: Sample, analyst: str = "chemist") -> Any:
    run = makers.run(session, network, on, "tlc", [], state="to verify")
    run.analyst, run.ended_at = analyst, clock.now()
    session.flush()
    return run


def receive(session: Session, network: Network, sample: Sample, hours: int) -> None:
    """Let a sample arrive some hours after it was handed in."""
    at = sample.recorded_at + timedelta(hours=hours)
    parcel = Parcel(
        number=f"C-{uuid.uuid4().hex[:6]}",
        from_site_id=network.counter.id,
        to_site_id=network.laboratory.id,
    )
    session.add(parcel)
    session.flush()
    session.add(
        ParcelItem(
            parcel_id=parcel.id,
            sample_id=sample.id,
            code=sample.code,
            scan="received",
            scanned_at=at,
        )
    )
    session.flush()


def release(session: Session, network: Network, sample: Sample, days: float, danger: str) -> None:
    """Let a sample have a released finding some days after it was handed in."""
    words = {f"text_{language}": "x" for language in ("fr", "nl", "en")}
    sample.state = "released"
    session.add(
        Finding(
            sample_id=sample.id,
            version=1,
            state="released",
            site_id=network.laboratory.id,
            match="as-expected",
            danger=danger,
            confidence="identified",
            author="chemist",
            released_at=sample.recorded_at + timedelta(days=days),
            co_authors=[],
            decided=[],
            composed={},
            **words,
        )
    )
    session.flush()


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Count the statements that reach the database."""
    seen: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", hear)


# ------------------------------------------------------------------------------- what is shown


def test_a_laboratory_first_sees_what_is_linked_to_an_incident(
    session: Session, network: Network
) -> None:
    ordinary = waiting_sample(session, network)
    always = makers.substance(session, "pma", always_alert=True)
    expected = makers.sample(session, network, always, state="received")
    harmed = waiting_sample(session, network, incident_link="overdose")
    tasks, total = work.work_list(session, network.chemist)
    assert total == 3
    assert [task.sample.id for task in tasks] == [harmed.id, expected.id, ordinary.id]


def test_the_work_list_holds_only_what_waits_at_ones_own_laboratory(
    session: Session, network: Network
) -> None:
    waiting_sample(session, network, state="released")
    elsewhere = waiting_sample(session, network)
    elsewhere.laboratory_id = network.second_laboratory.id
    session.flush()
    assert work.work_list(session, network.chemist) == ([], 0)
    assert work.work_list(session, network.other_chemist)[1] == 1


def test_a_withdrawn_run_does_not_count_as_done(session: Session, network: Network) -> None:
    sample = waiting_sample(session, network, form="powder")
    makers.run(session, network, sample, "tlc", [], state="withdrawn")
    (task,), _total = work.work_list(session, network.chemist)
    assert "a screening technique" in [str(one) for one in task.missing]


def test_ones_own_run_is_shown_but_not_ones_own_to_verify(
    session: Session, network: Network
) -> None:
    sample = waiting_sample(session, network, state="to verify")
    run_to_verify(session, network, sample, "chemist")
    run_to_verify(session, network, sample, "verifier")
    checks, total = work.to_verify(session, network.verifier)
    assert total == 2
    assert [check.own for check in checks] == [False, True]
    counts = {str(kind.words): n for kind, n in today.own_work(session, network.verifier)}
    assert counts["Runs to verify"] == 1


def test_turn_around_is_counted_from_hand_in(session: Session, network: Network) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=20)):
        samples = [waiting_sample(session, network) for _each in range(3)]
    for sample, days in zip(samples, (1.0, 3.0, 8.0), strict=True):
        receive(session, network, sample, 12)
        release(session, network, sample, days, "information")
    waiting_sample(session, network)
    rows = {
        (row.interval, row.kind): row
        for row in times.turn_around(session, network.coordinator)
        if row.kind != "point" or row.place == "Counter"
    }
    whole = rows[times.Interval.TO_RELEASE, "all"]
    assert whole.spread is not None
    assert (whole.spread.n, whole.spread.median, whole.waiting) == (3, 3.0, 1)
    receipt = rows[times.Interval.TO_RECEIPT, "point"]
    assert receipt.spread is not None and receipt.spread.median == 0.5


def test_what_ended_long_ago_is_not_counted(session: Session, network: Network) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=200)):
        sample = waiting_sample(session, network)
    release(session, network, sample, 2, "neutral")
    rows = times.turn_around(session, network.coordinator)
    assert all(row.spread is None for row in rows)


def test_a_life_is_drawn_from_the_journal(session: Session, network: Network) -> None:
    sample = waiting_sample(session, network)
    journal.record(session, network.worker, "register visit", [("sample", sample.id)])
    journal.record(session, network.chemist, "scan parcel", [("sample", sample.id)], number="C-1")
    found = lives.life(session, network.chemist, sample.id)
    assert [one["what"] for one in lives.told(found, "en")] == [
        "Registered",
        "Scanned at the laboratory",
    ]


# ------------------------------------------------------------------------------------- the doors


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


def test_lists_ask_the_database_as_often_for_many_samples_as_for_few(
    session: Session, network: Network
) -> None:
    def ask() -> list[int]:
        session.commit()
        session.expire_all()
        counts = []
        for read in (
            lambda: work.work_list(session, network.chemist),
            lambda: work.to_verify(session, network.verifier),
            lambda: times.turn_around(session, network.head),
            lambda: today.own_work(session, network.chemist),
        ):
            with counted(session) as seen:
                read()
            counts.append(len(seen))
        return counts

    def add() -> None:
        sample = waiting_sample(session, network)
        run_to_verify(session, network, sample)
        receive(session, network, sample, 3)

    add()
    few = ask()
    for _each in range(12):
        add()
    assert ask() == few


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
