from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.intake.device_records import OutboxReceipt
from lims.intake.records import SampleCode, Ticket, Visit
from lims.intake.rules import day_in_belgium
from lims.intake.tickets import open_ticket
from tests.intake.sealer import visit_body
from tests.intake.tablets import Tablet
from tests.makers import api_headers

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


def test_a_clock_that_is_years_slow_is_asked_about(tablet: Tablet) -> None:
    answer = tablet.send(tablet.visit(recorded_at="2021-01-01T10:00:00Z"))
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "day")
    assert answer.json["opened"]


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
