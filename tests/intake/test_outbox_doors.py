from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.intake.device_records import OutboxReceipt
from lims.intake.records import Sample, SampleCode, Ticket, Visit
from lims.intake.rules import day_in_belgium
from lims.intake.tickets import open_ticket
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


# ---------------------------------------------------------------------------------------- clocks


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("recorded", "sent", "expected", "skew"),
    [
        (-12 * HOUR, -2 * HOUR, -10 * HOUR, 7200),  # two hours slow
        (20 * HOUR, 24 * HOUR, -4 * HOUR, -86_400),  # a day fast
        (200 * HOUR, 0 * HOUR, 0 * HOUR, 0),  # "recorded" after it was sent: never in the future
        (-48 * HOUR, None, -48 * HOUR, None),  # no time of sending: the device is believed
        (48 * HOUR, None, 0 * HOUR, None),
    ],
    ids=["slow", "fast", "set-back", "untold", "untold-and-fast"],
)
def test_a_wrong_clock_of_the_device_is_corrected(
    session: Session,
    tablet: Tablet,
    recorded: timedelta,
    sent: timedelta | None,
    expected: timedelta,
    skew: int | None,
) -> None:
    at = clock.now()
    sealed = tablet.visit(recorded_at=(at + recorded).isoformat())
    with clock.stopped_at(at):
        answer = tablet.send(sealed, X_Sent_At="" if sent is None else (at + sent).isoformat())
    assert answer.status_code == 201, answer.json
    found = visit_of(session, sealed.id)
    assert (found.recorded_at, found.day) == (at + expected, day_in_belgium(at + expected))
    assert session.get_one(OutboxReceipt, uuid.UUID(sealed.id)).skew_seconds == skew
    session.rollback()


def test_a_time_of_sending_that_is_no_time_is_left_aside(session: Session, tablet: Tablet) -> None:
    for nonsense in ("yesterday", "9999-12-31T23:59:59Z", "2026-11-22T09:00:00", "🕰"):
        answer = tablet.send(tablet.visit(), X_Sent_At=nonsense.encode().decode("latin-1"))
        assert answer.status_code == 201
    assert set(session.scalars(select(OutboxReceipt.skew_seconds))) == {None}
    session.rollback()


def test_a_day_that_was_typed_stands(session: Session, tablet: Tablet) -> None:
    typed = day_in_belgium(clock.now()) - timedelta(days=3)
    sealed = tablet.visit(day=typed.isoformat())
    assert tablet.send(sealed).status_code == 201
    assert visit_of(session, sealed.id).day == typed


# --------------------------------------------------------------------------------------- tickets


def test_a_ticket_made_on_the_device_opens_and_its_secret_was_never_sent(
    session: Session, tablet: Tablet
) -> None:
    printed, ticket = tablet.ticket()
    sealed = tablet.visit(ticket=ticket)
    answer = tablet.send(sealed)
    assert answer.status_code == 201, answer.json
    found = open_ticket(session, printed)
    assert found is not None and str(found.visit_id) == sealed.id
    assert printed[5:15] not in json.dumps(answer.json)
    session.rollback()


def test_a_ticket_is_given_once(session: Session, tablet: Tablet) -> None:
    _printed, ticket = tablet.ticket()
    assert tablet.send(tablet.visit(ticket=ticket)).status_code == 201
    again = tablet.send(tablet.visit(ticket=ticket))
    assert (again.status_code, again.json["errors"][0]["field"]) == (422, "ticket.selector")
    assert count(session, Ticket) == 1


def test_a_ticket_of_another_device_is_refused(enrols: Callable[..., Tablet]) -> None:
    one, other = enrols(), enrols()
    _printed, ticket = other.ticket()
    answer = one.send(one.visit(ticket=ticket))
    assert answer.json["errors"][0]["field"] == "ticket.selector"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda good: good.replace("m=19456", "m=8"),
        lambda good: good.replace("argon2id", "argon2i"),
        lambda good: good.replace("v=19", "v=16"),
        lambda good: good.replace("t=2", "t=9999999"),
        lambda good: good[:-1],
        lambda good: good + "A",
        lambda good: "$2b$12$abcdefghijklmnopqrstuv",
        lambda good: "",
    ],
    ids=["memory", "kind", "version", "passes", "short", "long", "bcrypt", "empty"],
)
def test_only_a_verifier_of_our_own_kind_is_kept(
    session: Session, tablet: Tablet, wrong: Callable[[str], str]
) -> None:
    _printed, ticket = tablet.ticket()
    verifier = wrong(ticket["verifier"])
    answer = tablet.send(tablet.visit(ticket={**ticket, "verifier": verifier}))
    assert answer.status_code == 422
    assert "ticket.verifier" in {one["field"] for one in answer.json["errors"]}
    assert count(session, Ticket) == 0


def test_a_verifier_does_not_come_in_by_another_door(
    app: Any, session: Session, tablet: Tablet
) -> None:
    _printed, ticket = tablet.ticket()
    body = visit_body(tablet.site_id, tablet.codes.pop(), ticket=ticket)
    key, address = api_headers(session, "worker"), f"/api/intake/visits/{uuid.uuid4()}"
    answer = app.test_client().put(address, json=body, headers=key)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "ticket")


# ----------------------------------------------------------------------------------------- codes


def test_a_code_on_two_tubes_is_found_out(session: Session, tablet: Tablet) -> None:
    code = tablet.codes[-1]
    assert tablet.send(tablet.visit()).status_code == 201
    again = tablet.send(tablet.visit(code=code))
    assert again.json["errors"][0]["field"] == "samples.0.code"
    used = session.get_one(SampleCode, code).used
    session.rollback()
    assert used
