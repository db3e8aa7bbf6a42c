from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.counselling.records import Talk
from lims.findings.records import Finding
from lims.products.records import Product, ProductSample
from tests.counselling.made import HEADLINE, REST, hand_in, handed_and_released, release
from tests.makers import Network, api_headers, log_in_client

# ------------------------------------------------------------------------------------- staff


def only_finding(session: Session) -> uuid.UUID:
    """Return the one finding there is, and let go of the writer's lock."""
    found = session.scalars(select(Finding.id)).one()
    session.commit()
    return found


def result_url(sample: Any) -> str:
    return f"/counselling/results/{sample.id}"


def test_a_code_opens_its_result_at_an_address_that_tells_nothing(
    app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    client = log_in_client(app, session, "worker")
    opened = client.post("/counselling", data={"code": handed.sample.code})
    assert opened.status_code == 303 and opened.location == result_url(handed.sample)
    page = client.get(opened.location)
    assert page.status_code == 200 and HEADLINE in page.text and REST in page.text
    assert "<title>Balise</title>" in page.text
    for words in ("Warning", "Acts later", "Do not take more.", "confirmed", "no table of comb"):
        assert words in page.text


def test_a_visitors_language_keeps_the_page(app: Any, session: Session, network: Network) -> None:
    handed = handed_and_released(session, network)
    client = log_in_client(app, session, "worker")
    assert "Que faire" in client.get(f"{result_url(handed.sample)}?lang=fr").text
    assert "Wat te doen" in client.get(f"{result_url(handed.sample)}?lang=nl").text


@pytest.mark.parametrize(
    ("typed", "status"),
    [("", 422), ("2222-2223", 422), ("2222-2222", 404), ("A", 422), ("2" * 81, 422)],
)
def test_what_opens_nothing_is_told_beside_what_was_typed(
    app: Any, session: Session, network: Network, typed: str, status: int
) -> None:
    client = log_in_client(app, session, "worker")
    page = client.post("/counselling", data={"code": typed})
    assert page.status_code == status
    assert f'value="{typed}"' in page.text and 'id="errors"' in page.text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("registered", "It has not left for the laboratory yet."),
        ("in analysis", "The laboratory is analysing it."),
        ("withdrawn", "took this sample back"),
        ("not analysed", "This says nothing about what is in it."),
    ],
)
def test_what_has_no_result_has_words_of_its_own(
    app: Any, session: Session, network: Network, state: str, words: str
) -> None:
    handed = hand_in(session, network, state, not_analysed_reason="capacity")
    page = log_in_client(app, session, "worker").get(result_url(handed.sample))
    assert page.status_code == 200 and words in page.text


def test_a_draft_is_never_shown(app: Any, session: Session, network: Network) -> None:
    handed = hand_in(session, network, "to verify")
    release(session, network, handed.sample, state="draft", released_at=None)
    handed.sample.state = "to verify"
    session.commit()
    text = log_in_client(app, session, "worker").get(result_url(handed.sample)).text
    assert "PMMA" not in text and "There is no result yet" in text
    headers = api_headers(session, "worker")
    url = f"/api/counselling/samples/{handed.sample.code}/result"
    answer = app.test_client().get(url, headers=headers).json
    assert (answer["standing"], answer["told"]) == ("not ready", None)


def test_the_other_samples_of_a_visit_are_tabs(
    app: Any, session: Session, network: Network
) -> None:
    handed = hand_in(session, network, "registered", "registered")
    page = log_in_client(app, session, "worker").get(result_url(handed.sample)).text
    assert result_url(handed.samples[1]) in page and 'aria-current="page"' in page


def test_another_sites_worker_sees_no_result_through_any_door(
    app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    client = log_in_client(app, session, "festival_worker")
    for path in ("", "/card", "/talk"):
        assert client.get(f"{result_url(handed.sample)}{path}").status_code == 404
    assert client.post(f"{result_url(handed.sample)}/talk", data={}).status_code == 404
    assert client.post("/counselling", data={"code": handed.sample.code}).status_code == 404
    assert client.get(result_url(handed.sample)).status_code == 404
    headers = api_headers(session, "festival_worker")
    url = f"/api/counselling/samples/{handed.sample.code}/result"
    answer = app.test_client().get(url, headers=headers)
    assert answer.status_code == 404 and "PMMA" not in answer.text
    sent = {"sample_id": str(handed.sample.id), "code": handed.sample.code}
    talk = app.test_client().post("/api/counselling/talks", json=sent, headers=headers)
    assert talk.status_code == 404


def test_a_counsellor_reads_what_was_shown_and_records_the_talk(
    app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network, site=network.festival)
    client = log_in_client(app, session, "counsellor")
    assert client.get(result_url(handed.sample)).status_code == 404
    client.post("/counselling", data={"code": handed.sample.code})
    assert client.get(result_url(handed.sample)).status_code == 200
    shown = only_finding(session)
    typed = {"finding_id": str(shown), "language": "nl", "intention": "less", "advice[]": "wait"}
    done = client.post(f"{result_url(handed.sample)}/talk", data=typed)
    assert done.status_code == 303
    talk = session.scalars(select(Talk)).one()
    session.commit()
    assert (talk.advice, talk.language, talk.by) == (["wait"], "nl", "counsellor")
    assert log_in_client(app, session, "counsellor").get(result_url(handed.sample)).status_code == (
        404
    )


@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_without_the_duty_the_pages_are_closed(
    app: Any, session: Session, network: Network, who: str
) -> None:
    handed = handed_and_released(session, network)
    client = log_in_client(app, session, who)
    for path in ("/counselling", "/counselling/talks", result_url(handed.sample)):
        assert client.get(path).status_code == 403
    headers = api_headers(session, who)
    url = f"/api/counselling/samples/{handed.sample.code}/result"
    assert app.test_client().get(url, headers=headers).status_code == 403
    assert app.test_client().get("/api/counselling/talks", headers=headers).status_code == 403


def test_a_talk_that_is_refused_loses_nothing_typed(
    app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    client = log_in_client(app, session, "worker")
    shown = only_finding(session)
    typed = {
        "finding_id": str(shown),
        "note": "call 0470 12 34 56",
        "referral": "a doctor",
        "minutes": "10",
        "intention": "less",
    }
    page = client.post(f"{result_url(handed.sample)}/talk", data=typed)
    assert page.status_code == 422 and session.scalars(select(Talk)).first() is None
    session.commit()
    for kept in ("call 0470 12 34 56", 'value="a doctor"', 'value="10"', "f-note-e"):
        assert kept in page.text
    again = client.post(f"{result_url(handed.sample)}/talk", data={**typed, "note": "calm"})
    assert again.status_code == 303
    assert "worker" in client.get("/counselling/talks").text


def test_a_talk_on_an_older_version_is_refused_and_the_page_brings_the_new_one(
    app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    old = session.scalars(select(Finding)).one()
    old.state = "superseded"
    new = release(session, network, handed.sample, version=2)
    client = log_in_client(app, session, "worker")
    url = f"{result_url(handed.sample)}/talk"
    refused = client.post(url, data={"finding_id": str(old.id), "referral": "a doctor"})
    assert refused.status_code == 409 and 'value="a doctor"' in refused.text
    assert f'name="finding_id" value="{new.id}"' in refused.text
    headers = api_headers(session, "worker")
    sent = {"sample_id": str(handed.sample.id), "finding_id": str(old.id)}
    answer = app.test_client().post("/api/counselling/talks", json=sent, headers=headers)
    assert answer.status_code == 409


def test_talks_through_the_machine_door_are_kept_once(
    app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    headers, client = api_headers(session, "worker"), app.test_client()
    url = f"/api/counselling/talks/{uuid.uuid4()}"
    shown = str(only_finding(session))
    sent = {"sample_id": str(handed.sample.id), "finding_id": shown, "minutes": 5}
    for _time in range(2):
        assert client.put(url, json=sent, headers=headers).status_code == 200
    listed = client.get("/api/counselling/talks", headers=headers).json
    assert listed["total"] == 1 and "note" not in listed["talks"][0]
    wrong = client.post("/api/counselling/talks", json={"minutes": -1}, headers=headers)
    assert wrong.status_code == 422
    assert {one["field"] for one in wrong.json["errors"]} >= {"minutes", "sample_id"}


def test_a_result_by_code_through_the_machine_door(
    app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network)
    headers, client = api_headers(session, "worker"), app.test_client()
    answer = client.get(f"/api/counselling/samples/{handed.sample.code}/result", headers=headers)
    assert answer.status_code == 200 and answer.json["told"]["level"] == "warning"
    assert answer.json["told"]["found"][0]["name"] == "PMMA"
    for code, status in (("22222222", 404), ("22222223", 422), ("x", 422)):
        got = client.get(f"/api/counselling/samples/{code}/result", headers=headers)
        assert got.status_code == status
    assert client.get("/api/counselling/samples/22222222/result").status_code == 401


def test_look_alikes_show_spread_count_and_dates_and_say_what_they_do_not_tell(
    app: Any, session: Session, network: Network
) -> None:
    handed = [handed_and_released(session, network) for _n in range(2)]
    product = Product(
        number="P-0001",
        form="tablet",
        colour="orange",
        logo="Buoy",
        logo_folded="buoy",
        first_seen=handed[0].visit.day,
        last_seen=handed[0].visit.day,
        danger="warning",
        samples=2,
    )
    session.add(product)
    session.flush()
    for one in handed:
        filed = {"sample_id": one.sample.id, "current_sample_id": one.sample.id}
        session.add(ProductSample(product_id=product.id, by="chemist", **filed))
    session.commit()
    client = log_in_client(app, session, "worker")
    found = client.post("/counselling/look", data={"form": "tablet", "logo": "BUOY"})
    for words in ("This does not tell what is in yours.", "P-0001", "in 2 of 2", "43.5"):
        assert words in found.text
    other = client.post("/counselling/look", data={"form": "powder"})
    assert "P-0001" not in other.text and "No product in the database" in other.text
    beside = client.get(result_url(handed[0].sample)).text
    assert "Others that look like it" in beside and "in 2 of 2" in beside


def test_the_card_to_take_along_names_no_code_brand_place_or_date(
    app: Any, session: Session, network: Network
) -> None:
    handed = handed_and_released(session, network, logo="Buoybrand")
    page = log_in_client(app, session, "worker").get(f"{result_url(handed.sample)}/card").text
    card = page.split("<article", 1)[1].split("</article>")[0]
    code = handed.sample.code
    for word in (code, f"{code[:4]}-{code[4:]}", "Buoybrand", "Counter", "2026"):
        assert word not in card
    assert "PMMA" in card and "112" in card
