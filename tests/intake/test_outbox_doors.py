from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation import codes
from lims.intake.device_records import OutboxReceipt
from lims.intake.records import Sample, Visit
from lims.intake.tickets import open_ticket
from tests.intake.sealer import Sealed, seal, visit_body
from tests.makers import Network, load_vocabularies, log_in_client, make_block


@dataclass
class Tablet:
    """A device at the counter with codes and selectors, and the browser that it speaks with."""

    client: Any
    id: str
    site_id: str
    key: dict[str, str]
    codes: list[str]
    selectors: list[str]

    def visit(self, **changed: Any) -> Sealed:
        id = changed.pop("id", "")
        code = changed.pop("code", None) or self.codes.pop()
        body = changed.pop("body", None) or visit_body(self.site_id, code, **changed)
        return seal(self.key, self.id, body, id=id)

    def send(self, sealed: Sealed, **headers: str) -> Any:
        return self.client.put(f"/table/outbox/{sealed.id}", data=sealed.text, headers=headers)


@pytest.fixture
def ready(session: Session, network: Network) -> Network:
    """Give the counter lists and codes, committed."""
    load_vocabularies(session)
    make_block(session, network, 5)
    session.commit()
    return network


Enrols = Callable[..., Tablet]


@pytest.fixture
def enrols(app: Any, session: Session, ready: Network) -> Enrols:
    """Give what enrols a tablet with an account and reserves for it."""

    def enrolled(account: str = "worker", n: int = 5) -> Tablet:
        client = log_in_client(app, session, account)
        id = str(uuid.uuid4())
        told = client.post("/table/devices", json={"id": id, "name": "tablet 1"})
        assert told.status_code == 201, told.json
        asked = {"id": str(uuid.uuid4()), "codes": n, "selectors": n}
        given = client.post(f"/table/devices/{id}/reserve", json=asked)
        assert given.status_code == 200, given.json
        return Tablet(
            client,
            id,
            told.json["site_id"],
            told.json["seal_key"],
            list(given.json["codes"]),
            list(given.json["selectors"]),
        )

    return enrolled


@pytest.fixture
def tablet(enrols: Enrols) -> Tablet:
    return enrols()


def count(session: Session, table: Any) -> int:
    session.rollback()
    counted = session.scalar(select(func.count()).select_from(table)) or 0
    session.rollback()
    return counted


def test_a_sealed_visit_arrives_and_its_hash_comes_back(session: Session, tablet: Tablet) -> None:
    sealed = tablet.visit()
    answer = tablet.send(sealed)
    assert answer.status_code == 201, answer.json
    assert (answer.json["id"], answer.json["hash"]) == (sealed.id, sealed.hash)
    assert session.get_one(Visit, uuid.UUID(sealed.id)).samples[0].sold_as == "MDMA"


def test_the_same_text_again_is_one_record(session: Session, tablet: Tablet) -> None:
    sealed = tablet.visit()
    first, again = tablet.send(sealed), tablet.send(sealed)
    assert (again.status_code, again.json["hash"]) == (409, sealed.hash)
    assert again.json["result"] == first.json["result"]
    assert "ours" not in again.json
    assert count(session, Sample) == count(session, OutboxReceipt) == 1


def test_another_text_under_the_same_name_is_a_conflict_that_shows_both(tablet: Tablet) -> None:
    sealed = tablet.visit()
    tablet.send(sealed)
    other = tablet.visit(id=sealed.id, sample={"sold_as": "ketamine"})
    answer = tablet.send(other)
    assert (answer.status_code, answer.json["hash"]) == (409, sealed.hash)
    assert answer.json["ours"]["samples"][0]["sold_as"] == "MDMA"
    assert answer.json["theirs"]["samples"][0]["sold_as"] == "ketamine"


def test_a_ticket_made_on_the_device_opens_and_its_secret_was_never_sent(
    session: Session, tablet: Tablet
) -> None:
    made = codes.new_ticket()
    selector = tablet.selectors.pop()
    check = codes._ticket_check(selector + made.secret)
    verifier = PasswordHasher(2, 19_456, 1).hash(made.secret)
    sealed = tablet.visit(ticket={"selector": selector, "verifier": verifier})
    assert tablet.send(sealed).status_code == 201
    found = open_ticket(session, selector + made.secret + check)
    assert found is not None and str(found.visit_id) == sealed.id
    session.rollback()  # an open session would keep SQLite's only writer waiting
    again = tablet.send(tablet.visit(ticket={"selector": selector, "verifier": verifier}))
    assert again.status_code == 422
    assert again.json["errors"][0]["field"] == "ticket.selector"
    assert json.dumps(again.json["opened"])


def test_nobody_who_is_not_logged_in_is_redirected(app: Any, ready: Network) -> None:
    client = app.test_client()
    for method, path in (
        ("get", "/table/session.json"),
        ("put", f"/table/outbox/{uuid.uuid4()}"),
        ("post", "/table/devices"),
    ):
        answer = getattr(client, method)(path)
        assert answer.status_code == 401
        assert answer.mimetype == "application/problem+json"
