from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts import acknowledging, digests, groups, notices, recipients
from lims.alerts.outbox import Delivery, Recipient, RecipientGroup
from lims.alerts.recipients import ChangeRecipient, RemoveRecipient
from lims.foundation import clock
from lims.foundation.settings import Settings
from lims.network.queries import OPERATOR
from tests.alerts.alerting import approve, make_published, submit, withdraw
from tests.alerts.mailing import Heard, add_recipient, make_group, make_recipient, postman
from tests.makers import Network

pytestmark = pytest.mark.usefixtures("connected")
MONDAY = datetime.fromisoformat("2026-11-16T09:00:00+01:00")


def due(session: Session, at: datetime) -> list[Delivery]:
    with clock.stopped_at(at):
        digests.queue_digests(session, OPERATOR, digests.QueueDigests())
        session.commit()
    session.expire_all()
    found = list(session.scalars(select(Delivery).where(Delivery.purpose == "digest")))
    session.commit()
    return found


def sent(settings: Settings, engine: Any, at: datetime) -> Heard:
    heard = Heard()
    with clock.stopped_at(at):
        postman(engine, settings, heard).deliver_all()
    return heard


@pytest.fixture
def office(session: Session, network: Network) -> Recipient:
    """Give an office that asked for a daily digest, in a group that no alert is sent to."""
    with clock.stopped_at(MONDAY):
        made = make_recipient(session, network, digest="daily")
        make_group(session, network, made, standing_level="", name="readers")
        session.commit()
    return made


def publish(session: Session, network: Network, at: datetime, **given: Any) -> Any:
    with clock.stopped_at(at):
        made = make_published(session, network, **given)
        session.commit()
    return made


def test_a_digest_tells_once_what_was_published_since_the_last_one(
    session: Session, network: Network, settings: Settings, engine: Any, office: Recipient
) -> None:
    version = publish(session, network, MONDAY + timedelta(hours=1))
    tuesday = MONDAY + timedelta(days=1)
    assert due(session, MONDAY + timedelta(hours=2)) == []
    assert len(due(session, tuesday)) == 1
    assert len(due(session, tuesday + timedelta(minutes=5))) == 1
    heard = sent(settings, engine, tuesday)
    [letter] = heard.letters
    assert version.alert.number in letter.body and "Alerts: digest" in letter.subject
    assert len(due(session, MONDAY + timedelta(days=2))) == 1
    with clock.stopped_at(tuesday):
        opened = acknowledging.acknowledge(session, heard.token())
    assert opened is not None
    assert [one.message.audience for one in opened.items] == ["health"]


def test_a_period_in_which_nothing_happened_has_no_digest(
    session: Session, office: Recipient
) -> None:
    assert due(session, MONDAY + timedelta(days=1)) == []


def test_a_withdrawn_alert_is_told_as_withdrawn(
    session: Session, network: Network, settings: Settings, engine: Any, office: Recipient
) -> None:
    version = publish(session, network, MONDAY + timedelta(hours=1))
    with clock.stopped_at(MONDAY + timedelta(hours=2)):
        made = withdraw(session, network, version)
        approve(session, network, submit(session, network, made))
        session.commit()
    tuesday = MONDAY + timedelta(days=1)
    due(session, tuesday)
    [letter] = sent(settings, engine, tuesday).letters
    assert "withdrawn, does not hold any more" in letter.body
    assert "in force" not in letter.body


def test_an_alert_that_ends_after_its_digest_is_told_in_the_next_one(
    session: Session, network: Network, settings: Settings, engine: Any, office: Recipient
) -> None:
    version = publish(session, network, MONDAY + timedelta(hours=1))
    due(session, MONDAY + timedelta(days=1))
    sent(settings, engine, MONDAY + timedelta(days=1))
    with clock.stopped_at(MONDAY + timedelta(days=1, hours=3)):
        made = withdraw(session, network, version)
        approve(session, network, submit(session, network, made))
        session.commit()
    due(session, MONDAY + timedelta(days=2))
    [letter] = sent(settings, engine, MONDAY + timedelta(days=2)).letters
    assert "withdrawn, does not hold any more" in letter.body


@pytest.mark.parametrize("when", ["before it is queued", "between queueing and sending"])
@pytest.mark.parametrize("how", ["leaves its group", "is removed", "is paused", "wants none"])
def test_who_left_gets_no_later_digest(
    session: Session,
    network: Network,
    settings: Settings,
    engine: Any,
    office: Recipient,
    when: str,
    how: str,
) -> None:
    publish(session, network, MONDAY + timedelta(hours=1))
    tuesday = MONDAY + timedelta(days=1)
    if when != "before it is queued":
        assert len(due(session, tuesday)) == 1
    leave(session, network, office, how)
    session.commit()
    due(session, tuesday)
    assert sent(settings, engine, tuesday).letters == []
    states = {one.state for one in due(session, tuesday)}
    assert states <= {"cancelled"}


def leave(session: Session, network: Network, office: Recipient, how: str) -> None:
    keeper = network.coordinator
    session.refresh(office)
    if how == "leaves its group":
        group = session.scalars(
            select(RecipientGroup).where(RecipientGroup.name == "readers")
        ).one()
        groups.remove_member(session, keeper, groups.Membership(group.id, office.id))
    elif how == "is removed":
        recipients.remove_recipient(session, keeper, RemoveRecipient(office.id, "closed"))
    else:
        digest, active = ("", True) if how == "wants none" else ("daily", False)
        command = ChangeRecipient(office.id, office.row_version, "en", digest, active)
        recipients.change_recipient(session, keeper, command)


def test_who_is_not_confirmed_gets_no_digest(session: Session, network: Network) -> None:
    with clock.stopped_at(MONDAY):
        office = add_recipient(session, network, digest="daily")
        make_group(session, network, office, standing_level="")
    publish(session, network, MONDAY + timedelta(hours=1))
    assert due(session, MONDAY + timedelta(days=3)) == []


def test_a_digest_does_not_tell_what_was_before_somebody_asked_for_it(
    session: Session, network: Network
) -> None:
    with clock.stopped_at(MONDAY):
        office = make_recipient(session, network)
        make_group(session, network, office, standing_level="")
    publish(session, network, MONDAY + timedelta(hours=1))
    with clock.stopped_at(MONDAY + timedelta(hours=2)):
        command = ChangeRecipient(office.id, office.row_version, "en", "daily")
        recipients.change_recipient(session, network.coordinator, command)
    assert due(session, MONDAY + timedelta(days=1)) == []


def late(session: Session, at: datetime, hours: int = 4) -> int:
    with clock.stopped_at(at):
        found = notices.escalate_unreceived(session, OPERATOR, notices.EscalateUnreceived(hours))
        session.commit()
    return found


def test_a_red_alert_that_nobody_confirms_is_told_to_the_coordination_once(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    with clock.stopped_at(MONDAY):
        offices = [make_recipient(session, network) for _office in range(2)]
        make_group(session, network, *offices)
        own = make_recipient(session, network, audience="rdr-network")
        make_group(session, network, own, purpose="coordination", standing_level="")
    publish(session, network, MONDAY)
    heard = sent(settings, engine, MONDAY)
    with clock.stopped_at(MONDAY + timedelta(hours=1)):
        acknowledging.acknowledge(session, heard.token(0))
        session.commit()
    assert late(session, MONDAY + timedelta(hours=3, minutes=59)) == 0
    assert late(session, MONDAY + timedelta(hours=4, minutes=1)) == 1
    assert late(session, MONDAY + timedelta(hours=9)) == 0
    told = sent(settings, engine, MONDAY + timedelta(hours=9))
    assert [one.address for one in told.letters] == [own.address]
    assert "nobody has confirmed" in told.letters[0].subject


@pytest.mark.parametrize("level", ["information", "caution", "warning"])
def test_other_levels_are_not_escalated(
    session: Session, network: Network, settings: Settings, engine: Any, level: str
) -> None:
    with clock.stopped_at(MONDAY):
        make_group(session, network, make_recipient(session, network))
    publish(session, network, MONDAY, level=level)
    sent(settings, engine, MONDAY)
    assert late(session, MONDAY + timedelta(days=2)) == 0


def test_an_alert_that_has_ended_is_not_escalated(
    session: Session, network: Network, settings: Settings, engine: Any
) -> None:
    with clock.stopped_at(MONDAY):
        make_group(session, network, make_recipient(session, network))
    version = publish(session, network, MONDAY)
    sent(settings, engine, MONDAY)
    with clock.stopped_at(MONDAY + timedelta(hours=1)):
        made = withdraw(session, network, version)
        approve(session, network, submit(session, network, made))
        session.commit()
    assert late(session, MONDAY + timedelta(days=2)) == 0
