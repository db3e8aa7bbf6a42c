from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import wiring
from lims.alerts import delivered, issued, issuing, owed
from lims.alerts.cap import station
from lims.alerts.cap.checking import check
from lims.alerts.cap_records import CapMessage
from lims.alerts.records import AlertVersion
from lims.foundation import clock
from lims.foundation.settings import Settings
from lims.network.queries import OPERATOR
from tests.alerts import alerting
from tests.alerts.capping import issued_for
from tests.alerts.mailing import Heard, all_deliveries, make_group, make_recipient, postman
from tests.alerts.test_cap_issuing import updated, withdrawn
from tests.makers import Network


@pytest.fixture
def here(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Give an installation whose key stands in a file of its own, not readable at first."""
    key = tmp_path / "key.pem"
    key.write_text("no key")
    found = replace(settings, public_url="https://ews.example.be", cap_key_file=str(key))
    wiring.connect(found)
    yield found
    wiring.connect(settings)


def put_back(settings: Settings, tmp_path: Path) -> None:
    """Put a readable key and its certificate where the settings name them."""
    station.station_of(Settings(data_dir=tmp_path / "other")).seal()
    parts = [tmp_path / "other/keys" / name for name in ("cap-0001.pem", "cap-0001.crt")]
    Path(settings.cap_key_file).write_text("".join(one.read_text() for one in parts))


def issue(session: Session) -> int:
    session.flush()
    found = issuing.issue_owed(session, OPERATOR, issuing.IssueOwed())
    session.flush()
    return found


def files(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CapMessage)) or 0


def test_people_are_told_while_the_key_cannot_be_read_and_the_file_is_owed(
    session: Session, network: Network, settings: Settings, engine: Any, here: Settings
) -> None:
    make_group(session, network, make_recipient(session, network))
    own = make_recipient(session, network, audience="rdr-network")
    make_group(session, network, own, purpose="coordination", standing_level="")
    version = alerting.make_published(session, network)
    assert version.state == "published" and files(session) == 0
    assert delivered.alarm(session).unsigned == 1 and owed.is_owed(session)
    purposes = {(one.purpose, one.about.partition(":")[0]) for one in all_deliveries(session)}
    assert purposes == {("alert", "alert"), ("notice", "unsigned")}
    heard = Heard()
    postman(engine, settings, heard).deliver_all()
    assert any("programs have no signed file" in one.subject for one in heard.letters)


def test_an_owed_file_is_issued_once_when_the_key_is_back(
    session: Session, network: Network, engine: Any, here: Settings, tmp_path: Path
) -> None:
    version = alerting.make_published(session, network)
    assert issue(session) == 0 and delivered.alarm(session).unsigned == 1
    put_back(here, tmp_path)
    session.commit()
    later = clock.now() + timedelta(hours=2)
    with clock.stopped_at(later):
        postman(engine, here, Heard()).look_around()
    session.expire_all()
    one = issued_for(session, version)
    report = check(one.content, [station.in_force().seal().certificate], signed=True)
    assert report.is_in_order and report.message is not None
    assert one.issued_at == later and report.message.msg_type == "Alert"
    assert not delivered.alarm(session) and issue(session) == 0 and files(session) == 1


def test_what_ended_while_its_file_was_owed_gets_none_and_the_update_begins_the_chain(
    session: Session, network: Network, here: Settings, tmp_path: Path
) -> None:
    first = alerting.make_published(session, network)
    second = updated(session, network, first)
    other = alerting.make_published(session, network)
    gone = withdrawn(session, network, other)
    put_back(here, tmp_path)
    assert issue(session) == 1 and not owed.is_owed(session)
    said = check(issued_for(session, second).content).message
    assert said is not None and (said.msg_type, said.references) == ("Alert", "")
    versions = set(session.scalars(select(CapMessage.version_id)))
    assert versions.isdisjoint({first.id, other.id, gone.id})


def test_an_owed_withdrawal_cites_what_programs_have(
    session: Session, network: Network, here: Settings, tmp_path: Path
) -> None:
    put_back(here, tmp_path)
    first = alerting.make_published(session, network)
    broken = replace(here, cap_key_file=str(tmp_path / "nothing.pem"))
    wiring.connect(broken)
    gone = withdrawn(session, network, first)
    assert owed.is_owed(session) and files(session) == 1
    wiring.connect(here)
    assert issue(session) == 1
    said = check(issued_for(session, gone).content).message
    assert said is not None and said.msg_type == "Cancel"
    assert issued_for(session, first).identifier in said.references


def test_a_message_that_would_not_be_in_order_does_not_hold_up_the_alert(
    session: Session, network: Network, settings: Settings
) -> None:
    wiring.connect(replace(settings, public_url="https://ews.example.be", cap_sender="test@x.be"))
    version = alerting.make_published(session, network)
    assert version.state == "published" and owed.is_owed(session) and files(session) == 0
    wiring.connect(settings)
    assert issue(session) == 1


def test_the_feed_leads_to_the_page_while_the_file_is_owed_and_never_says_there_is_no_alert(
    session: Session,
    network: Network,
    public_app: Any,
    here: Settings,
) -> None:
    public_app.extensions["house"].settings = here
    wiring.connect(here)
    empty = public_app.test_client().get("/alerts.atom?lang=en")
    assert empty.status_code == 409 and b"No alert at present" not in empty.data
    version = alerting.make_published(session, network)
    session.commit()
    feed = public_app.test_client().get("/alerts.atom?lang=en")
    assert feed.status_code == 200
    assert f"/alerts/{version.alert.number}".encode() in feed.data
    assert b"No alert at present" not in feed.data and b"<content" not in feed.data


def test_a_red_alert_that_no_worker_takes_up_is_told_as_not_delivered(
    session: Session, network: Network, settings: Settings
) -> None:
    wiring.connect(settings)
    make_group(session, network, make_recipient(session, network))
    alerting.make_published(session, network)
    assert not delivered.alarm(session)
    with clock.stopped_at(clock.now() + timedelta(minutes=11)):
        assert delivered.alarm(session).undelivered == 1
        rows, _total = delivered.deliveries(session, network.coordinator)
    assert [one.state for one in rows] == ["queued"]


def test_a_version_with_its_file_is_not_owed(session: Session, network: Network) -> None:
    wiring.connect()
    version = alerting.make_published(session, network)
    assert issued.last_message(session, version.alert_id) is not None
    assert not owed.is_owed(session) and session.get(AlertVersion, version.id) is not None
