from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.counselling.budgets import Allowance, Budgets
from lims.findings.records import Finding
from tests.counselling.made import HEADLINE, hand_in, handed_and_released, release
from tests.makers import Network


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_a_ticket_opens_the_result_without_cookie_code_in_address_or_title(
    public_app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    client = public_app.test_client()
    form = client.get("/?lang=en")
    assert 'action="/result?lang=en"' in form.text and "ticket.js" in form.text
    page = client.post("/result?lang=en", data={"ticket": handed.ticket})
    assert page.status_code == 200 and HEADLINE in page.text
    for answer in (form, page):
        assert "Set-Cookie" not in answer.headers and "<title>Balise</title>" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r'(?:href|action)="[^"]*' + handed.ticket[:4], page.text)


def test_what_opens_nothing_gets_one_answer(
    public_app: Any, session: Session, network: Network
) -> None:
    ready, waiting, ended = (handed_and_released(session, network) for _n in range(3))
    unverified = hand_in(session, network, "to verify")
    withdrawn = hand_in(session, network, "withdrawn")
    session.scalars(
        select(Finding).where(Finding.sample_id == waiting.sample.id)
    ).one().state = "to verify"
    old = session.scalars(select(Finding).where(Finding.sample_id == ended.sample.id)).one()
    old.released_at = old.made_at - timedelta(days=400)
    session.commit()
    client = public_app.test_client()
    client.post("/destroy", data={"ticket": ready.ticket, "sure": "yes"})
    shown = [one.ticket for one in (ready, waiting, ended, unverified, withdrawn)]
    wrong_secret = ended.ticket[:6] + "0000-0000-0000"
    answers = [
        client.post("/result?lang=en", data={"ticket": text})
        for text in (*shown, wrong_secret, "0000-0000-0000-0000", "nonsense", "", "é" * 500)
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert "There is nothing to show for this ticket now" in answers[0].text


def test_every_answer_costs_one_slow_verification(
    public_app: Any, session: Session, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lims.intake import tickets

    handed = handed_and_released(session, network)
    seen: list[str] = []
    verify = tickets.HASHER.verify

    class Counting:
        hash = tickets.HASHER.hash

        def verify(self, hashed: str, secret: str) -> bool:
            seen.append(hashed)
            return verify(hashed, secret)

    monkeypatch.setattr(tickets, "HASHER", Counting())
    client = public_app.test_client()
    for text in (handed.ticket, "0000-0000-0000-0000", "nonsense"):
        client.post("/result", data={"ticket": text})
    assert len(seen) == 3


def test_tries_have_a_budget_for_a_selector_and_in_all(
    public_app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    budgets = Budgets(Allowance(3, 600), Allowance(8, 600))
    public_app.extensions["ticket-budgets"] = budgets
    client = public_app.test_client()
    from lims.foundation.codes import read_ticket, shown_ticket

    given = read_ticket(handed.ticket)
    guess = _with_other_secret(given.selector)
    assert shown_ticket(read_ticket(guess)).replace("-", "")[:5] == given.selector
    tries = [client.post("/result", data={"ticket": guess}).status_code for _n in range(4)]
    assert tries == [200, 200, 200, 429]
    refused = client.post("/result", data={"ticket": guess})
    assert refused.status_code == 429 and "Too many tries." in refused.text
    others = [client.post("/result", data={"ticket": "0" * 16}).status_code for _n in range(4)]
    assert others[-1] == 429


def _with_other_secret(selector: str) -> str:
    from lims.foundation.codes import TICKET_ALPHABET, read_ticket
    from lims.foundation.errors import Invalid

    for check in TICKET_ALPHABET:
        try:
            read_ticket(f"{selector}0000000000{check}")
        except Invalid:
            continue
        return f"{selector}0000000000{check}"
    raise AssertionError("no check character fits")


def test_a_ticket_is_destroyed_only_when_one_is_sure_and_the_words_tell_nothing(
    public_app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    client = public_app.test_client()
    asked = client.post("/destroy?lang=en", data={"ticket": handed.ticket})
    assert "Destroy your ticket?" in asked.text
    assert HEADLINE in client.post("/result", data={"ticket": handed.ticket}).text
    sure = {"ticket": handed.ticket, "sure": "yes"}
    done = client.post("/destroy?lang=en", data=sure)
    again = client.post("/destroy?lang=en", data=sure)
    never = client.post("/destroy?lang=en", data={"ticket": "nothing", "sure": "yes"})
    assert done.data == again.data == never.data and done.status_code == 200
    assert HEADLINE not in client.post("/result", data={"ticket": handed.ticket}).text


def test_a_place_that_tells_in_a_talk_shows_only_that(
    public_app: Any, session: Session, network: Network
) -> None:
    network.counter.ticket_policy = "come and talk"
    handed = handed_and_released(session, network)
    client = public_app.test_client()
    page = client.post("/result?lang=en", data={"ticket": handed.ticket})
    assert "Come and talk." in page.text and "PMMA" not in page.text
    assert handed.sample.code[:4] not in page.text.replace(handed.ticket, "")
    card = client.post("/card?lang=en", data={"ticket": handed.ticket})
    assert "PMMA" not in card.text


def test_the_samples_of_a_visit_are_shown_one_at_a_time_in_any_language(
    public_app: Any, session: Session, network: Network
) -> None:
    handed = hand_in(session, network, "registered", "in analysis")
    release(session, network, handed.sample)
    client = public_app.test_client()
    first = client.post("/result?lang=fr", data={"ticket": handed.ticket})
    assert HEADLINE in first.text and "Que faire" in first.text
    second = client.post("/result?lang=nl", data={"ticket": handed.ticket, "sample": "2"})
    assert HEADLINE not in second.text and "Er is nog geen uitslag" in plain(second.text)
    for odd in ("0", "-1", "99", "x", "²", ""):
        odd_page = client.post("/result", data={"ticket": handed.ticket, "sample": odd})
        assert odd_page.status_code == 200
    assert client.post("/card", data={"ticket": handed.ticket}).status_code == 200


@pytest.mark.parametrize("path", ["/result", "/card", "/destroy"])
def test_reloading_an_address_leads_back_to_the_form(public_app: Any, path: str) -> None:
    answer = public_app.test_client().get(f"{path}?lang=nl")
    assert answer.status_code == 302 and answer.location == "/?lang=nl"


@examples(max_examples=15)
@given(ticket=st.text(max_size=100), sample=st.text(max_size=6), sure=st.text(max_size=4))
def test_no_nonsense_breaks_the_visitors_pages(
    public_app: Any, network: Network, ticket: str, sample: str, sure: str
) -> None:
    public_app.extensions["ticket-budgets"] = Budgets()
    client = public_app.test_client()
    for path in ("/result", "/card", "/destroy"):
        typed = {"ticket": ticket, "sample": sample, "sure": sure}
        assert client.post(path, data=typed).status_code == 200


def test_the_qr_code_fills_the_form_and_leaves_no_trace_in_the_address(
    public_server: str, session: Session, network: Network, page: Any
) -> None:
    handed = handed_and_released(session, network)
    page.goto(f"{public_server}/?lang=en#{handed.ticket.replace('-', '')}")
    field = page.get_by_label("Ticket", exact=False).first
    assert field.input_value() == handed.ticket
    assert "#" not in page.url
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    assert page.get_by_role("heading", level=1).inner_text() == HEADLINE
    assert handed.ticket[:4] not in page.url and page.title() == "Balise"
    page.get_by_role("button", name="NL").click()
    page.get_by_text("Wat te doen").wait_for()
