from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import wiring
from lims.alerts.outbox import Delivery
from lims.alerts.sending import Postman
from lims.foundation.settings import Settings
from tests.alerts.alerting import make_published
from tests.alerts.mailing import (
    mail_server,
    mailing,
    make_group,
    make_recipient,
)
from tests.makers import Network


@pytest.fixture(autouse=True)
def connected() -> None:
    wiring.connect()


def all_deliveries(session: Session) -> list[Delivery]:
    session.expire_all()
    return list(session.scalars(select(Delivery).order_by(Delivery.queued_at)))


def test_a_published_alert_reaches_a_mailbox_through_a_real_mail_server(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    office = make_recipient(session, network, address="desk@office.example")
    make_group(session, network, office)
    version = make_published(session, network)
    session.commit()
    with mail_server() as inbox:
        assert Postman(engine, mailing(settings, inbox)).deliver_all() == 1
    [mail] = inbox.mails()
    [delivery] = all_deliveries(session)
    assert mail["To"] == "desk@office.example" and inbox.recipients == ["desk@office.example"]
    assert mail["Message-ID"] == f"<{delivery.id}@network.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "<alerts.network.example>"
    assert version.alert.number in mail["Subject"] and "Red alert" in mail["Subject"]
    assert "http://127.0.0.1:8001/received/" in mail.get_content()
    assert (delivery.state, delivery.tries) == ("sent", 1)
    assert delivery.sent_at is not None


def test_an_alert_without_a_chosen_or_standing_group_reaches_nobody(
    session: Session, network: Network
) -> None:
    office = make_recipient(session, network)
    make_group(session, network, office, standing_level="")
    make_published(session, network)
    assert all_deliveries(session) == []


def test_an_empty_group_reaches_nobody(session: Session, network: Network) -> None:
    make_recipient(session, network)
    make_group(session, network)
    make_published(session, network)
    assert all_deliveries(session) == []
