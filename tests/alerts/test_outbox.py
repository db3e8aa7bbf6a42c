from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts import acknowledging, deliveries, groups, operations, reaching
from lims.alerts.delivering import later, never
from lims.alerts.operations import ApproveAlert
from lims.alerts.outbox import Delivery
from lims.alerts.sending import Postman
from lims.foundation import clock
from lims.foundation.database import open_session
from lims.foundation.settings import Settings
from lims.foundation.words import _
from tests.alerts.alerting import (
    UNIDENTIFIED,
    expire,
    make_draft,
    make_published,
    submit,
    update,
    withdraw,
)
from tests.alerts.alerting import approve as approve_version
from tests.alerts.mailing import (
    Heard,
    all_deliveries,
    mail_server,
    mailing,
    make_group,
    make_recipient,
    postman,
    published_to,
)
from tests.makers import PASSWORD, Network

pytestmark = pytest.mark.usefixtures("connected")
WHY = _("The mail server cannot be reached.")


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
    assert version.alert.number in mail["Subject"] and "Red alert" in mail["Subject"]
    assert "http://127.0.0.1:8001/received/" in mail.get_content()  # type: ignore[attr-defined]
    assert (delivery.state, delivery.tries) == ("sent", 1)
    assert delivery.sent_at is not None and delivery.token_sealed == ""


def test_an_alert_without_a_chosen_or_standing_group_reaches_nobody(
    session: Session, network: Network
) -> None:
    make_group(session, network, make_recipient(session, network), standing_level="")
    make_published(session, network)
    assert all_deliveries(session) == []


def test_an_empty_group_reaches_nobody(session: Session, network: Network) -> None:
    make_recipient(session, network)
    make_group(session, network)
    make_published(session, network)
    assert all_deliveries(session) == []


def test_an_office_in_several_groups_is_told_once(session: Session, network: Network) -> None:
    office = make_recipient(session, network)
    for _group in range(3):
        make_group(session, network, office)
    make_published(session, network)
    assert len(all_deliveries(session)) == 1


def test_a_group_that_is_chosen_is_told_and_another_is_not(
    session: Session, network: Network
) -> None:
    first, second = (make_recipient(session, network) for _office in range(2))
    chosen = make_group(session, network, first, standing_level="")
    make_group(session, network, second, standing_level="")
    version = make_draft(session, network)
    command = groups.ChooseGroups(version.id, version.row_version, (chosen.id,))
    groups.choose_groups(session, network.coordinator, command)
    session.flush()
    session.refresh(version)
    shown = reaching.reach(session, version)
    approve_version(session, network, submit(session, network, version))
    assert [one.recipient_id for one in all_deliveries(session)] == [first.id]
    assert [one.recipient.id for one in shown.told] == [first.id]


@pytest.mark.parametrize(
    ("standing", "level", "told"),
    [("red", "red", 1), ("red", "warning", 0), ("warning", "red", 1), ("information", "red", 1)],
)
def test_a_standing_group_is_told_from_its_level_on(
    session: Session, network: Network, standing: str, level: str, told: int
) -> None:
    make_group(session, network, make_recipient(session, network), standing_level=standing)
    make_published(session, network, level=level)
    assert len(all_deliveries(session)) == told


def test_each_office_gets_the_message_of_its_audience_and_language(
    session: Session, network: Network
) -> None:
    police = make_recipient(session, network, audience="judicial-police", language="nl")
    health = make_recipient(session, network, audience="health", language="fr")
    make_group(session, network, police, health)
    version = make_published(session, network)
    texts = {one.id: (one.audience, one.language) for one in version.messages}
    found = {one.recipient_id: one.message_id for one in all_deliveries(session)}
    assert texts[found[police.id]] == ("judicial-police", "nl")  # type: ignore[index]
    assert texts[found[health.id]] == ("health", "fr")  # type: ignore[index]


def test_who_was_told_of_an_alert_is_told_of_its_update_and_withdrawal(
    session: Session, network: Network
) -> None:
    office = make_recipient(session, network)
    group = make_group(session, network, office)
    version = make_published(session, network)
    groups.end_group(session, network.coordinator, groups.EndGroup(group.id))
    for step in (update, withdraw):
        made = step(session, network, version)
        approve_version(session, network, submit(session, network, made))
    assert [one.version.kind for one in all_deliveries(session) if one.version] == [
        *("alert", "update", "withdrawal")
    ]


def test_a_publication_that_is_undone_queues_nothing(
    session: Session, network: Network, engine: Any
) -> None:
    make_group(session, network, make_recipient(session, network))
    version = submit(session, network, make_draft(session, network))
    session.commit()
    with open_session(engine) as other:
        command = ApproveAlert(version.id, PASSWORD, version.row_version)
        operations.approve_alert(other, network.approver, command)
        assert len(other.scalars(select(Delivery)).all()) == 1
        other.rollback()
    assert all_deliveries(session) == []


def fail_once(engine: Any, settings: Settings) -> None:
    answer = later(WHY)
    postman(engine, settings, Heard(lambda _letter: answer)).deliver_all()


def sent_later(session: Session, engine: Any, settings: Settings) -> list[str]:
    """Return the subjects that go out a day later, in their order."""
    heard = Heard()
    session.commit()
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        postman(engine, settings, heard).deliver_all()
    return [one.subject for one in heard.letters]


@pytest.mark.parametrize("step", [update, withdraw])
def test_a_warning_that_waited_does_not_arrive_after_what_ended_it(
    session: Session, network: Network, settings: Settings, engine: Any, step: Any
) -> None:
    version = published_to(session, network)
    fail_once(engine, settings)
    made = step(session, network, version)
    approve_version(session, network, submit(session, network, made))
    [subject] = sent_later(session, engine, settings)
    assert "New alert" not in subject
    assert {one.state for one in all_deliveries(session)} == {"cancelled", "sent"}


def test_a_warning_that_waited_is_not_sent_when_another_alert_took_its_place(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    version = published_to(session, network)
    fail_once(engine, settings)
    other = make_published(
        session, network, facts=replace(UNIDENTIFIED, replaces=version.alert.number)
    )
    [subject] = sent_later(session, engine, settings)
    assert other.alert.number in subject


def test_a_warning_that_waited_until_it_expired_is_not_sent(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    version = published_to(session, network)
    fail_once(engine, settings)
    with clock.stopped_at(clock.now() + timedelta(days=31)):
        expire(session, network, version)
        assert sent_later(session, engine, settings) == []


def test_a_link_that_is_sent_again_after_weeks_still_opens(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    published_to(session, network)
    postman(engine, settings, Heard(lambda _letter: never(WHY))).deliver_all()
    [dead] = all_deliveries(session)
    with clock.stopped_at(clock.now() + timedelta(days=40)):
        deliveries.try_again(session, network.coordinator, deliveries.TryAgain(dead.id))
        session.commit()
        heard = Heard()
        postman(engine, settings, heard).deliver_all()
        assert acknowledging.acknowledge(session, heard.token()) is not None
