from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.custody.records import MassEntry, Parcel, TransportPermit
from lims.foundation import clock
from lims.foundation.codes import new_code, shown
from lims.intake.records import Sample
from lims.network.records import Member
from tests.makers import PASSWORD, Network, api_headers, log_in_client, make_samples, told_sample


@pytest.fixture
def samples(session: Session, network: Network) -> list[Sample]:
    """Register two samples of 20 mg at the counter."""
    return make_samples(session, network, *(told_sample(mass_mg=Decimal(20)) for _each in range(2)))


def begin(browser: Any, session: Session, network: Network) -> Parcel:
    browser.post("/parcels", data={"to_site_id": str(network.laboratory.id)})
    found = session.scalars(select(Parcel)).one()
    session.commit()  # an open session would keep SQLite's only writer waiting
    return found


def test_a_parcel_travels_through_the_pages(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    sender = log_in_client(app, session, "worker")
    parcel = begin(sender, session, network)
    at = f"/parcels/{parcel.id}"
    sender.post(f"{at}/samples", data={"codes[]": [one.code for one in samples]})
    refused = sender.post(f"{at}/seal", data={"seal": "", "row_version": parcel.row_version})
    assert refused.status_code == 422 and "Write the number of the seal" in refused.text
    assert sender.post(f"{at}/seal", data={"seal": "S-7"}).status_code == 303
    assert sender.post(f"{at}/send", data={}).status_code == 303
    sheet = text_of(sender.get(f"{at}/sheet.pdf").data)
    assert "S-7" in sheet and all(shown(one.code) in sheet for one in samples)

    receiver = log_in_client(app, session, "chemist")
    stranger = new_code()
    for code in (samples[0].code, stranger):
        assert receiver.post(f"{at}/scans", data={"code": code}).status_code == 303
    wrong = receiver.post(f"{at}/scans", data={"code": "2222-2223"})
    assert wrong.status_code == 422 and "2222-2223" in wrong.text
    assert receiver.post(f"{at}/reconcile", data={}).status_code == 409
    look = {"whole": "yes", "seal": "s7"}
    assert receiver.post(f"{at}/seal-check", data=look).status_code == 303
    assert receiver.post(f"{at}/reconcile", data={}).status_code == 303
    page = receiver.get(at).text
    assert shown(samples[1].code) in page and shown(stranger) in page
    session.expire_all()
    assert [samples[0].state, samples[1].state] == ["received", "registered"]


def test_a_parcel_travels_through_the_api(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    client = app.test_client()
    sends, takes = api_headers(session, "worker"), api_headers(session, "chemist")
    at = f"/api/custody/parcels/{uuid.uuid4()}"
    told = {"from_site_id": str(network.counter.id), "to_site_id": str(network.laboratory.id)}
    assert client.put(at, json=told, headers=sends).json["state"] == "draft"
    assert client.put(at, json=told, headers=sends).json["number"] == "C-0001"
    for one in samples:
        client.put(f"{at}/samples/{one.code}", headers=sends)
    left = client.delete(f"{at}/samples/{samples[1].code}", headers=sends).json
    assert [item["code"] for item in left["items"]] == [shown(samples[0].code)]
    stale = client.post(f"{at}/seal", json={"seal": "S", "row_version": 99}, headers=sends)
    assert stale.status_code == 409
    assert client.post(f"{at}/seal", json={"seal": "S"}, headers=sends).json["state"] == "sealed"
    late = client.put(f"{at}/samples/{samples[1].code}", headers=sends)
    assert late.status_code == 409
    assert client.post(f"{at}/send", json={}, headers=sends).json["state"] == "in transit"
    scan = client.post(f"{at}/scans", json={"code": samples[0].code}, headers=takes)
    assert scan.json["scan"] == "received"
    assert client.post(f"{at}/scans", json={"code": "1"}, headers=takes).status_code == 422
    assert client.post(f"{at}/reconcile", json={}, headers=takes).status_code == 409
    look = {"whole": True, "seal": "S"}
    assert client.post(f"{at}/seal-check", json=look, headers=takes).status_code == 200
    done = client.post(f"{at}/reconcile", json={}, headers=takes)
    assert done.json["state"] == "reconciled"
    ledger = client.get(f"/api/custody/samples/{samples[0].id}/ledger", headers=takes).json
    assert [line["entry"]["kind"] for line in ledger["lines"]] == [
        "handed in",
        "sent on",
        "received",
    ]
    held = client.get(f"/api/custody/sites/{network.laboratory.id}/holdings", headers=takes).json
    assert (held["mg"], held["total"]) == ("20", 1)


@pytest.mark.parametrize("account", ["festival_worker", "other_chemist", "counsellor"])
def test_a_parcel_of_other_sites_is_nobodys_business(
    app: Any, session: Session, network: Network, samples: list[Sample], account: str
) -> None:
    parcel = begin(log_in_client(app, session, "worker"), session, network)
    other = log_in_client(app, session, account)
    headers = api_headers(session, account)
    assert other.get(f"/parcels/{parcel.id}").status_code in (403, 404)
    assert other.get(f"/api/custody/parcels/{parcel.id}", headers=headers).status_code in (403, 404)
    put = other.post(f"/parcels/{parcel.id}/samples", data={"code": samples[0].code})
    assert put.status_code == 403
    assert other.post(f"/parcels/{parcel.id}/scans", data={"code": "x"}).status_code in (403, 409)


def text_of(document: bytes) -> str:
    """Return all words of a PDF."""
    pages = pypdfium2.PdfDocument(document)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def destruction(sample: Sample, **other: str) -> dict[str, str]:
    told = {"witness_account": "local_coordinator", "witness_password": PASSWORD}
    return {"codes": sample.code, "mg": "1,5", "reason": "Synthetic.", **told, **other}


def test_a_destruction_needs_its_witness_at_every_door(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    headers = api_headers(session, "local_coordinator")
    browser = log_in_client(app, session, "local_coordinator")
    page, api = "/destructions", "/api/custody/destructions"
    own = browser.post(page, data=destruction(samples[0]))
    assert own.status_code == 422 and "Another person must be the witness" in own.text
    told: dict[str, Any] = {**destruction(samples[0]), "site_id": str(network.counter.id)}
    told["residues"] = [{"code": told.pop("codes"), "mg": told.pop("mg")}]
    assert browser.post(api, json=told, headers=headers).status_code == 422
    wrong = {"witness_account": "worker", "witness_password": "guess"}
    assert browser.post(page, data=destruction(samples[0], **wrong)).status_code == 422
    assert browser.post(api, json={**told, **wrong}, headers=headers).status_code == 422
    failures = session.scalars(select(Member.failures).where(Member.account == "worker")).one()
    session.commit()
    assert failures == 2
    right = {"witness_account": "worker"}
    assert browser.post(page, data=destruction(samples[0], **right)).status_code == 303
    last = session.scalars(select(MassEntry).where(MassEntry.witness == "worker")).one()
    assert last.mg == Decimal("-1.5")


def test_a_witness_whose_password_is_guessed_too_often_is_locked(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    browser = log_in_client(app, session, "local_coordinator")
    wrong = destruction(samples[0], witness_account="worker", witness_password="guess")
    for _try in range(5):
        browser.post("/destructions", data=wrong)
    right = destruction(samples[0], witness_account="worker")
    answer = browser.post("/destructions", data=right)
    assert answer.status_code == 422


def test_masses_are_entered_through_both_doors(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    browser = log_in_client(app, session, "local_coordinator")
    told = {"act": "weigh", "site_id": str(network.counter.id), "mg": "19,5"}
    page = f"/samples/{samples[0].id}/ledger"
    assert browser.post(page, data=told).status_code == 303
    for wrong in ("-3", "much", "", "1e9"):
        assert browser.post(page, data={**told, "mg": wrong}).status_code == 422
    headers = api_headers(session, "local_coordinator")
    weighing = {"sample_id": str(samples[0].id), "site_id": str(network.counter.id), "mg": "19"}
    done = app.test_client().post("/api/custody/weighings", json=weighing, headers=headers)
    assert done.json["mg"] == "-0.5"
    back = {"sample_id": str(samples[0].id), "mg": "19"}
    returned = app.test_client().post("/api/custody/returns", json=back, headers=headers)
    assert returned.status_code == 201
    again = app.test_client().post("/api/custody/returns", json=back, headers=headers)
    assert again.status_code == 422
    used = {"sample_id": str(samples[1].id), "site_id": str(network.laboratory.id), "mg": "1"}
    chemist = api_headers(session, "chemist")
    early = app.test_client().post("/api/custody/uses", json=used, headers=chemist)
    assert early.status_code == 422


def test_every_page_of_custody_opens_in_every_language(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    browser = log_in_client(app, session, "local_coordinator")
    parcel = begin(browser, session, network)
    for address in (
        "/parcels",
        "/parcels?state=draft&page=2",
        f"/parcels/{parcel.id}",
        "/permits",
        "/places",
        "/destructions",
        "/custody/alarms",
        "/holdings",
        f"/samples/{samples[0].id}/ledger",
    ):
        for language in ("en", "fr", "nl"):
            joined = "&" if "?" in address else "?"
            assert browser.get(f"{address}{joined}lang={language}").status_code == 200


def test_the_page_of_a_sealed_parcel_offers_another_authorisation_when_its_own_ended(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    sender = log_in_client(app, session, "worker")
    parcel = begin(sender, session, network)
    at, asks = f"/parcels/{parcel.id}", 'name="permit_id"'
    sender.post(f"{at}/samples", data={"codes[]": [samples[0].code]})
    assert sender.post(f"{at}/seal", data={"seal": "S-8"}).status_code == 303
    assert asks not in sender.get(at).text and "The carrier has it" in sender.get(at).text
    session.expire_all()
    before = parcel.chosen_permit
    assert before is not None
    before.valid_until = clock.today() - timedelta(days=3)
    own = {"number": "N-9", "from_site_id": before.from_site_id, "valid_from": clock.today()}
    other = TransportPermit(id=uuid.uuid4(), authority="An authority", made_by="head", **own)
    other.valid_until = clock.today() + timedelta(days=9)
    session.add(other)
    session.commit()
    for language, words in (("en", "the seals stay on"), ("fr", "les scellés restent")):
        page = sender.get(f"{at}?lang={language}").text
        assert asks in page and words in page and "The carrier has it" not in page
    told = {"permit_id": str(other.id)}
    assert sender.post(f"{at}/permit", data=told).status_code == 303
    assert sender.post(f"{at}/send", data={}).status_code == 303


def test_a_lost_or_cancelled_parcel_goes_through_both_doors(
    app: Any, session: Session, network: Network, samples: list[Sample]
) -> None:
    browser = log_in_client(app, session, "local_coordinator")
    parcel = begin(browser, session, network)
    early = browser.post(f"/parcels/{parcel.id}/lost", data={"reason": "Nobody has it."})
    assert early.status_code == 409
    assert browser.post(f"/parcels/{parcel.id}/cancel", data={}).status_code == 303
    headers = api_headers(session, "local_coordinator")
    again = browser.post(f"/api/custody/parcels/{parcel.id}/cancel", json={}, headers=headers)
    assert again.status_code == 409


def test_a_list_of_parcels_takes_the_same_number_of_questions_however_long(
    session: Session, network: Network
) -> None:
    from sqlalchemy import event

    from lims.custody import operations, queries

    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for _more in range(2):
        for _each in range(3):
            command = operations.DraftParcel(network.counter.id, network.laboratory.id)
            operations.draft_parcel(session, network.worker, command)
        session.commit()
        session.expire_all()
        asked.clear()
        rows, _total = queries.parcels(session, network.worker, queries.ParcelFilters())
        assert [(row.parcel.from_site.name, row.parcel.to_site.name) for row in rows]
        counts.append(len(asked))
    assert counts[0] == counts[1]
