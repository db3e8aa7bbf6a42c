from __future__ import annotations

import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.intake.device_records import OutboxReceipt
from lims.intake.records import Sample, Visit
from tests.intake.sealer import seal, seal_bytes, visit_body
from tests.intake.tablets import Tablet
from tests.makers import Network, api_headers, log_in_client

CANARY = "Zyxwvut canary"


def count(session: Session, table: Any) -> int:
    session.rollback()
    counted = session.scalar(select(func.count()).select_from(table)) or 0
    session.rollback()
    return counted


def visit_of(session: Session, id: str) -> Visit:
    session.rollback()
    found = session.get_one(Visit, uuid.UUID(id))
    assert found.samples
    session.expunge_all()
    session.rollback()  # an open session would keep SQLite's only writer waiting
    return found


# ------------------------------------------------------------------------------- once, and whole


def test_a_sealed_visit_arrives_and_its_hash_comes_back(session: Session, tablet: Tablet) -> None:
    sealed = tablet.visit()
    answer = tablet.send(sealed)
    assert answer.status_code == 201, answer.json
    assert (answer.json["id"], answer.json["hash"]) == (sealed.id, sealed.hash)
    assert visit_of(session, sealed.id).samples[0].sold_as == "MDMA"


def test_the_same_text_again_is_one_record(session: Session, tablet: Tablet) -> None:
    sealed = tablet.visit()
    first, again = tablet.send(sealed), tablet.send(sealed)
    assert (again.status_code, again.json["hash"]) == (409, sealed.hash)
    assert again.json["result"] == first.json["result"]
    assert "ours" not in again.json
    assert count(session, Sample) == count(session, OutboxReceipt) == 1


def test_of_two_sendings_at_the_same_moment_one_is_taken(
    app: Any, session: Session, tablet: Tablet
) -> None:
    sealed = [tablet.visit() for _each in range(3)]
    clients = [log_in_client(app, session, "worker") for _each in range(4)]

    def send(client: Any, one: Any) -> int:
        answer = client.put(f"/table/outbox/{one.id}", data=one.text)
        assert answer.json["hash"] == one.hash
        return int(answer.status_code)

    for one in sealed:
        with ThreadPoolExecutor(4) as threads:
            statuses = sorted(threads.map(lambda client, one=one: send(client, one), clients))
        assert statuses == [201, 409, 409, 409]
    assert count(session, Visit) == 3


def test_the_machine_door_takes_the_same_envelope(
    app: Any, session: Session, tablet: Tablet
) -> None:
    sealed, key = tablet.visit(), api_headers(session, "worker")
    address = f"/api/intake/outbox/{sealed.id}"
    first = app.test_client().put(address, data=sealed.text, headers=key)
    again = app.test_client().put(address, data=sealed.text, headers=key)
    assert (first.status_code, again.status_code) == (201, 409)
    assert tablet.send(sealed).json["hash"] == again.json["hash"] == sealed.hash


def test_a_visit_registered_otherwise_is_not_doubled(
    app: Any, session: Session, tablet: Tablet
) -> None:
    body, id = visit_body(tablet.site_id, tablet.codes.pop()), str(uuid.uuid4())
    key = api_headers(session, "worker")
    told = {name: value for name, value in body.items() if name != "ticket"}
    assert app.test_client().put(f"/api/intake/visits/{id}", json=told, headers=key).status_code
    assert tablet.send(tablet.seals(body, id=id)).status_code == 201
    assert count(session, Visit) == 1


# ------------------------------------------------------------------------------------- conflicts


def test_another_text_under_the_same_name_is_a_conflict_that_shows_both(tablet: Tablet) -> None:
    sealed = tablet.visit()
    tablet.send(sealed)
    other = tablet.visit(id=sealed.id, sample={"sold_as": "ketamine"})
    answer = tablet.send(other)
    assert (answer.status_code, answer.json["hash"]) == (409, sealed.hash)
    assert answer.json["ours"]["samples"][0]["sold_as"] == "MDMA"
    assert answer.json["theirs"]["samples"][0]["sold_as"] == "ketamine"


def test_a_person_may_take_what_the_device_recorded(session: Session, tablet: Tablet) -> None:
    body, id = visit_body(tablet.site_id, tablet.codes.pop()), str(uuid.uuid4())
    tablet.send(tablet.seals(body, id=id))
    body["samples"][0] |= {"sold_as": "ketamine", "mass_mg": "250"}
    other = tablet.seals(body, id=id)
    assert tablet.send(other).status_code == 409
    taken = tablet.client.post(f"/table/outbox/{id}/take", data=other.text)
    assert (taken.status_code, taken.json["hash"]) == (200, other.hash)
    sample = visit_of(session, id).samples[0]
    assert (sample.sold_as, str(sample.mass_mg)) == ("ketamine", "250")
    assert tablet.send(other).json["hash"] == other.hash


def test_a_conflict_over_other_samples_is_left_to_a_person(tablet: Tablet) -> None:
    sealed = tablet.visit()
    tablet.send(sealed)
    other = tablet.visit(id=sealed.id)
    answer = tablet.client.post(f"/table/outbox/{sealed.id}/take", data=other.text)
    assert answer.status_code == 422
    assert "other samples" in answer.json["detail"] and answer.json["opened"]


def test_a_conflict_leaves_no_trace(app: Any, session: Session, tablet: Tablet) -> None:
    body, id = visit_body(tablet.site_id, tablet.codes.pop()), str(uuid.uuid4())
    key = api_headers(session, "worker")
    told = {name: value for name, value in body.items() if name != "ticket"}
    assert app.test_client().put(f"/api/intake/visits/{id}", json=told, headers=key).status_code
    body["samples"][0]["sold_as"] = "ketamine"
    answer = tablet.send(tablet.seals(body, id=id))
    assert (answer.status_code, answer.json["hash"]) == (409, "")
    assert answer.json["theirs"]["samples"][0]["sold_as"] == "ketamine"
    assert count(session, OutboxReceipt) == 0
    assert visit_of(session, id).samples[0].sold_as == "MDMA"


# -------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("sample", "field"),
    [
        ({"form": "spoon"}, "samples.0.form"),
        ({"consent_destroy": False}, "samples.0.consent_destroy"),
        ({"mass_mg": "-5"}, "samples.0.mass_mg"),
        ({"code": ""}, "samples.0.code"),
        ({"id": None}, "samples.0.id"),
        ({"code": "2222-2223"}, "samples.0.code"),
    ],
)
def test_what_is_wrong_is_named_and_the_record_comes_back_to_be_corrected(
    session: Session, tablet: Tablet, sample: dict[str, Any], field: str
) -> None:
    sealed = tablet.visit(sample=sample)
    answer = tablet.send(sealed)
    assert answer.status_code == 422
    assert field in {one["field"] for one in answer.json["errors"]}
    assert answer.json["opened"]["samples"][0]["sold_as"] == "MDMA"
    assert count(session, Visit) == count(session, OutboxReceipt) == 0


def test_nothing_of_a_refused_record_is_logged_or_kept(
    session: Session, tablet: Tablet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sealed = tablet.visit(sample={"sold_as": CANARY, "form": "spoon"})
    assert CANARY in tablet.send(sealed).get_data(as_text=True)
    assert CANARY not in caplog.text
    session.rollback()
    tables = Visit.metadata.sorted_tables
    rows = [row for table in tables for row in session.execute(select(table))]
    session.rollback()
    assert rows and not any(CANARY in repr(tuple(row)) for row in rows)


def test_only_who_registers_at_the_site_is_shown_a_refused_record(
    app: Any, session: Session, tablet: Tablet
) -> None:
    sealed = tablet.visit(sample={"sold_as": CANARY, "form": "spoon"})
    for account, status in (("festival_worker", 403), ("local_coordinator", 403), ("auditor", 403)):
        client = log_in_client(app, session, account)
        answer = client.put(f"/table/outbox/{sealed.id}", data=sealed.text)
        assert answer.status_code == status, account
        assert CANARY not in answer.get_data(as_text=True)


def test_a_record_of_another_site_is_refused(
    session: Session, tablet: Tablet, network: Network
) -> None:
    body = visit_body(network.festival.id, tablet.codes.pop())
    answer = tablet.send(tablet.seals(body))
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "site_id")


def test_damage_unknown_kinds_and_foreign_names_are_refused_in_words(tablet: Tablet) -> None:
    sealed = tablet.visit()
    cut = tablet.client.put(f"/table/outbox/{sealed.id}", data=sealed.text[:-40])
    other = tablet.client.put(f"/table/outbox/{uuid.uuid4()}", data=sealed.text)
    unknown = tablet.send(tablet.seals({}, kind="wish"))
    no_device = tablet.send(seal(tablet.key, str(uuid.uuid4()), {}))
    no_record = tablet.send(seal_bytes(tablet.key, tablet.id, b"[1, 2"))
    statuses = [one.status_code for one in (cut, other, unknown, no_device, no_record)]
    assert statuses == [422, 422, 422, 404, 422]
    for answer in (cut, other, unknown, no_device, no_record):
        assert answer.json["detail"] and "opened" not in answer.json


def test_who_is_not_logged_in_is_told_so_and_never_redirected(app: Any, at_table: Network) -> None:
    client = app.test_client()
    asked = (
        ("get", "/table/session.json"),
        ("get", "/table/bundle.json"),
        ("get", f"/table/devices/{uuid.uuid4()}.json"),
        ("put", f"/table/outbox/{uuid.uuid4()}"),
        ("post", "/table/devices"),
        ("post", "/table/import"),
    )
    for method, path in asked:
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), path


def test_a_request_without_the_token_of_forms_is_refused_in_json(
    app: Any, session: Session, tablet: Tablet
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    sealed = tablet.visit()
    refused = tablet.send(sealed)
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    told = tablet.client.get("/table/session.json").json
    assert told["account"] == "worker" and told["site_name"] == "Counter"
    assert datetime.fromisoformat(told["time"]).tzinfo is not None
    assert tablet.send(sealed, X_CSRFToken=told["csrf"]).status_code == 201
