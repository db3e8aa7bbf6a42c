from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation import codes
from lims.intake.records import Sample, Ticket, Visit
from tests.makers import Network, api_headers, load_vocabularies, log_in_client, make_block
from tests.makers import make_samples as made

FORM = {
    "then": "register",
    "language": "fr",
    "samples-0-id": "",
    "samples-0-form": "tablet",
    "samples-0-form_other": "",
    "samples-0-sold_as": "MDMA",
    "samples-0-consent_destroy": "yes",
}


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give the counter lists and codes, committed."""
    load_vocabularies(session)
    make_block(session, network)
    session.commit()
    return network


@pytest.fixture
def counter(app: Any, session: Session, ready: Network) -> Any:
    """Give a browser at the counter."""
    return log_in_client(app, session, "worker")


def form(**changed: str) -> dict[str, str]:
    return {"id": str(uuid.uuid4()), **FORM, **changed}


def body(network: Network, **changed: Any) -> dict[str, Any]:
    sample = {"form": "tablet", "sold_as": "MDMA", "consent_destroy": True}
    return {
        "site_id": str(network.counter.id),
        "samples": [{**sample, **changed.pop("sample", {})}],
        **changed,
    }


def visits(session: Session) -> int:
    session.commit()
    counted = session.scalar(select(func.count()).select_from(Visit)) or 0
    session.commit()  # an open session would keep SQLite's only writer waiting
    return counted


def test_the_ticket_is_shown_once_and_never_again(counter: Any, session: Session) -> None:
    told = form()
    first = counter.post("/register", data=told).text
    again = counter.post("/register", data=told).text
    selector = session.scalars(select(Ticket.selector)).one()
    assert selector[:4] in first and selector[:4] not in again
    assert visits(session) == 1


def test_the_ticket_is_printed_from_what_the_page_shows(counter: Any, session: Session) -> None:
    told = form()
    page = counter.post("/register", data=told).text
    ticket = page.split('name="ticket" value="')[1].split('"')[0]
    address = f"/visits/{told['id']}/ticket.pdf"
    assert counter.post(address, data={"ticket": ticket}).data.startswith(b"%PDF")
    other = codes.shown_ticket(codes.new_ticket())
    assert counter.post(address, data={"ticket": other}).status_code == 409


def test_nothing_typed_is_lost_when_answers_are_missing(counter: Any, session: Session) -> None:
    answer = counter.post(
        "/register",
        data=form(
            **{"samples-0-sold_as": "", "samples-0-logo": "anchor", "samples-0-mass_mg": "12,5"}
        ),
    )
    assert answer.status_code == 422
    for kept in ("The laboratory cannot start without:", "anchor", "12,5"):
        assert kept in answer.text
    assert 'href="#f-samples-0-sold_as"' in answer.text
    assert visits(session) == 0


def test_a_decimal_comma_is_a_mass(counter: Any, session: Session) -> None:
    counter.post("/register", data=form(**{"samples-0-mass_mg": "12,5"}))
    assert str(session.scalars(select(Sample.mass_mg)).one()) == "12.5"


def test_the_same_again_copies_the_answers_but_not_the_code(counter: Any, session: Session) -> None:
    told = form(**{"then": "same", "samples-0-code": "K7QD-3XM4", "samples-0-logo": "anchor"})
    page = counter.post("/register", data=told).text
    assert page.count('value="anchor"') == 2 and page.count("K7QD-3XM4") == 2  # field and tab
    assert 'name="samples-1-logo"' in page
    assert visits(session) == 0


def test_a_block_of_answers_is_taken_away_again(counter: Any) -> None:
    two = form(**{"then": "remove 0", "samples-1-form": "powder", "samples-1-logo": "star"})
    page = counter.post("/register", data=two).text
    assert 'value="star"' in page and 'name="samples-1-logo"' not in page


def test_a_quick_answer_stands_in_for_a_typed_one(counter: Any, session: Session) -> None:
    quick = {"samples-0-sold_as": "", "samples-0-sold_as_quick": "unknown"}
    counter.post("/register", data=form(**quick))
    assert session.scalars(select(Sample.sold_as)).one() == "unknown"


def test_a_note_about_a_person_is_asked_about(counter: Any, session: Session) -> None:
    note = {"samples-0-note": "call 0475 12 34 56"}
    asked = counter.post("/register", data=form(**note))
    assert asked.status_code == 422 and "samples-0-not_a_person" in asked.text
    ticked = counter.post("/register", data=form(**note, **{"samples-0-not_a_person": "yes"}))
    assert ticked.status_code == 200 and visits(session) == 1


def test_labels_are_printed_for_ones_own_samples(
    counter: Any, app: Any, session: Session, ready: Network
) -> None:
    sample = made(session, ready)[0]
    wanted = {"sample_ids[]": str(sample.id), "layout": "a4-3x8"}
    assert counter.post("/labels.pdf", data=wanted).data.startswith(b"%PDF")
    assert counter.post("/labels.pdf", data={**wanted, "layout": "poster"}).status_code == 422
    stranger = log_in_client(app, session, "festival_worker")
    assert stranger.post("/labels.pdf", data=wanted).status_code == 404


def test_a_correction_of_an_old_reading_loses_nothing_typed(
    counter: Any, session: Session, ready: Network
) -> None:
    sample = made(session, ready)[0]
    told = {"row_version": "1", "form": "powder", "sold_as": "speed", "consent_destroy": "yes"}
    assert counter.post(f"/samples/{sample.id}", data=told).status_code == 303
    stale = counter.post(f"/samples/{sample.id}", data={**told, "logo": "two hearts"})
    assert stale.status_code == 409 and "two hearts" in stale.text


@pytest.mark.parametrize(
    "address", ["/register", "/samples", "/samples?code=x&state=sent&page=3", "/codes"]
)
def test_every_page_of_the_table_opens(counter: Any, address: str) -> None:
    for language in ("en", "fr", "nl"):
        answer = counter.get(address, query_string=None if "?" in address else {"lang": language})
        assert answer.status_code == 200


def test_a_sample_has_its_page_for_those_who_follow_it(
    counter: Any, app: Any, session: Session, ready: Network
) -> None:
    sample = made(session, ready)[0]
    assert codes.shown(sample.code) in counter.get(f"/samples/{sample.id}").text
    stranger = log_in_client(app, session, "festival_worker")
    assert stranger.get(f"/samples/{sample.id}").status_code == 404


@pytest.mark.parametrize("account", ["chemist", "counsellor", "auditor"])
def test_registering_is_refused_to_other_duties_at_every_door(
    app: Any, session: Session, ready: Network, account: str
) -> None:
    browser = log_in_client(app, session, account)
    assert browser.get("/register").status_code == 403
    assert browser.post("/register", data=form()).status_code == 403
    headers = api_headers(session, account)
    address = f"/api/intake/visits/{uuid.uuid4()}"
    assert browser.put(address, json=body(ready), headers=headers).status_code == 403
    assert visits(session) == 0
