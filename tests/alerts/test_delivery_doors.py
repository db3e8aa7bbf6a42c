from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.delivering import never
from lims.alerts.outbox import ChosenGroup, Delivery, Recipient, RecipientGroup
from lims.foundation.settings import Settings
from lims.foundation.words import _
from tests.alerts.alerting import make_draft, make_published
from tests.alerts.mailing import (
    Heard,
    add_recipient,
    make_group,
    make_recipient,
    postman,
)
from tests.makers import Network, api_headers, log_in_client

pytestmark = pytest.mark.usefixtures("connected")
FORM = {
    "name": "toxicology desk",
    "kind": "mail",
    "address": "wacht@office.example",
    "audience": "health",
    "language": "nl",
    "tlp_ceiling": "TLP:GREEN",
}


def recipient(session: Session, **facts: Any) -> Recipient:
    session.expire_all()
    found = session.scalars(select(Recipient).filter_by(**facts)).one()
    session.commit()
    return found


def test_a_recipient_is_added_by_one_person_and_confirmed_by_another(
    app: Any, session: Session, network: Network
) -> None:
    keeper, second = (log_in_client(app, session, one) for one in ("coordinator", "approver"))
    answer = keeper.post("/recipients", data=FORM)
    made = recipient(session, number="R-0001")
    assert answer.headers["Location"].endswith(f"/recipients/{made.id}")
    page = keeper.get(f"/recipients/{made.id}").get_data(as_text=True)
    assert "another person must confirm it" in page and "Yes, confirm" not in page
    assert "Yes, confirm" in second.get(f"/recipients/{made.id}").get_data(as_text=True)
    form = {"row_version": made.row_version}
    refused = keeper.post(f"/recipients/{made.id}/confirm", data=form)
    assert refused.status_code == 409 and "your own work" in refused.get_data(as_text=True)
    assert second.post(f"/recipients/{made.id}/confirm", data=form).status_code == 303
    assert recipient(session).verified_by == "approver"


def test_what_was_typed_is_kept_when_it_is_refused(
    app: Any, session: Session, network: Network
) -> None:
    keeper = log_in_client(app, session, "coordinator")
    answer = keeper.post("/recipients", data={**FORM, "address": "an.peeters@office.example"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "could belong to one person" in page and 'value="an.peeters@office.example"' in page
    ticked = {**FORM, "address": "an.peeters@office.example", "is_office": "yes"}
    assert keeper.post("/recipients", data=ticked).status_code == 303


def test_a_webhook_is_taken_only_where_the_server_allows_it(
    app: Any, session: Session, network: Network
) -> None:
    keeper = log_in_client(app, session, "coordinator")
    hook = {**FORM, "kind": "webhook", "address": "https://hooks.example/in"}
    assert keeper.post("/recipients", data=hook).status_code == 422
    house = app.extensions["house"]
    house.settings = replace(house.settings, webhook_hosts="hooks.example")
    assert keeper.post("/recipients", data=hook).status_code == 303


def test_the_secret_of_a_webhook_stands_on_one_page_once_and_in_no_cookie(
    app: Any, session: Session, network: Network
) -> None:
    hook = make_recipient(session, network, kind="webhook", address="https://hooks.example/in")
    session.commit()
    keeper = log_in_client(app, session, "coordinator")
    answer = keeper.post(f"/recipients/{hook.id}/secret")
    page = answer.get_data(as_text=True)
    secret = page.split('<code class="code">')[1].split("<")[0]
    assert len(secret) >= 43 and answer.headers["Cache-Control"] == "no-store"
    assert secret not in str(answer.headers)
    assert secret not in keeper.get(f"/recipients/{hook.id}").get_data(as_text=True)
    headers = api_headers(session, "coordinator")
    told = app.test_client().get(f"/api/recipients/{hook.id}", headers=headers).get_json()
    assert "secret" not in told and "secret_sealed" not in told


def test_groups_are_made_filled_ruled_and_dissolved(
    app: Any, session: Session, network: Network
) -> None:
    office = make_recipient(session, network)
    session.commit()
    keeper = log_in_client(app, session, "coordinator")
    assert keeper.post("/recipient-groups", data={"name": "hospitals"}).status_code == 303
    group = session.scalars(select(RecipientGroup)).one()
    session.commit()
    here = f"/recipient-groups/{group.id}"
    assert "reaches nobody" in keeper.get("/recipient-groups").get_data(as_text=True)
    assert keeper.post(f"{here}/members", data={"recipient_id": office.id}).status_code == 303
    assert office.name in keeper.get(here).get_data(as_text=True)
    form = {"row_version": group.row_version, "standing_level": "red"}
    assert keeper.post(f"{here}/standing", data=form).status_code == 303
    assert keeper.post(f"{here}/members/{office.id}/removal").status_code == 303
    assert "reaches nobody" in keeper.get(here).get_data(as_text=True)
    assert keeper.post(f"{here}/end").status_code == 303
    assert keeper.get(here).status_code == 404


def test_before_publishing_the_page_shows_exactly_who_is_told(
    app: Any, session: Session, network: Network
) -> None:
    chosen, other, waits = (
        make_recipient(session, network, name="chosen desk"),
        make_recipient(session, network, name="other desk"),
        add_recipient(session, network, name="waiting desk"),
    )
    group = make_group(session, network, chosen, waits, standing_level="")
    make_group(session, network, other, standing_level="")
    version = make_draft(session, network)
    session.commit()
    keeper = log_in_client(app, session, "coordinator")
    here = f"/alerts/{version.id}/recipients"
    page = keeper.get(here).get_data(as_text=True)
    assert "Nobody is sent this alert." in page
    form = {"row_version": version.row_version, "group_ids[]": [str(group.id)]}
    assert keeper.post(here, data=form).status_code == 303
    assert session.scalars(select(ChosenGroup.group_id)).all() == [group.id]
    session.commit()
    page = keeper.get(here).get_data(as_text=True)
    assert "these would be told: 1" in page and "chosen desk" in page
    assert "waiting desk" in page and "not confirmed by a second person" in page
    assert "other desk" not in page
    short = keeper.get(f"/alerts/{version.id}").get_data(as_text=True)
    assert "Recipients when it is published: 1" in short
    assert keeper.post(here, data=form).status_code == 409


def test_afterwards_it_shows_who_was_told_and_who_confirmed(
    app: Any, session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    office = make_recipient(session, network, name="poison desk")
    make_group(session, network, office)
    version = make_published(session, network)
    session.commit()
    postman(engine, settings, Heard()).deliver_all()
    keeper = log_in_client(app, session, "coordinator")
    page = keeper.get(f"/alerts/{version.id}/recipients").get_data(as_text=True)
    assert "poison desk" in page and "delivered, not confirmed yet" in page


def test_a_dead_letter_is_said_in_words_counted_at_the_start_and_tried_again(
    app: Any, session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    make_group(session, network, make_recipient(session, network))
    make_published(session, network)
    session.commit()
    words = _("The mail server refuses this mailbox (%(code)s).", code=550)
    postman(engine, settings, Heard(lambda _letter: never(words))).deliver_all()
    keeper = log_in_client(app, session, "coordinator")
    page = keeper.get("/deliveries").get_data(as_text=True)
    assert "The mail server refuses this mailbox (550)." in page and "Try again" in page
    start = keeper.get("/start").get_data(as_text=True)
    assert "Messages that could not be delivered" in start
    assert "A red alert did not arrive everywhere." in start
    delivery = session.scalars(select(Delivery)).one()
    session.commit()
    assert keeper.post(f"/deliveries/{delivery.id}/again").status_code == 303
    session.expire_all()
    assert session.scalars(select(Delivery.state)).one() == "queued"
    session.commit()
    worker = log_in_client(app, session, "worker")
    assert "did not arrive" not in worker.get("/start").get_data(as_text=True)


@pytest.mark.parametrize(
    "address", ["/recipients", "/recipient-groups", "/deliveries", "/recipients/{}", "/alerts/{}"]
)
def test_who_keeps_no_list_sees_none_of_its_pages(
    app: Any, session: Session, network: Network, address: str
) -> None:
    office = make_recipient(session, network)
    version = make_published(session, network)
    session.commit()
    client = log_in_client(app, session, "worker")
    if address == "/alerts/{}":
        address = f"/alerts/{version.id}/recipients"
    assert client.get(address.format(office.id)).status_code == 403


def test_a_page_of_what_is_not_there_is_not_found(
    app: Any, session: Session, network: Network
) -> None:
    keeper = log_in_client(app, session, "coordinator")
    for place in ("recipients/{}", "recipient-groups/{}", "alerts/{}/recipients"):
        assert keeper.get("/" + place.format(uuid.uuid4())).status_code == 404
