from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims import journal, wiring
from lims.alerts import issued
from lims.alerts.cap import station
from lims.alerts.cap.checking import check
from lims.alerts.cap.reading import message, parse
from lims.alerts.cap_records import CapMessage
from lims.alerts.facts import GivenFacts
from lims.alerts.records import AlertVersion
from lims.foundation import clock
from lims.foundation.errors import NotFound, Refused
from lims.foundation.settings import Settings
from lims.journal.records import JournalDetail
from tests.alerts import alerting
from tests.alerts.capping import issued_for
from tests.makers import Network


@pytest.fixture(autouse=True)
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Issue messages as an installation in earnest does."""
    settings = Settings(
        data_dir=tmp_path_factory.getbasetemp() / "seals",
        public_url="https://ews.example.be",
        cap_sender="alerts@ews.example.be",
        network_name="Balise",
    )
    wiring.connect(settings)
    yield
    wiring.connect(Settings(data_dir=settings.data_dir))


def published(session: Session, network: Network, **given: Any) -> AlertVersion:
    return alerting.make_published(session, network, **given)


def publish(session: Session, network: Network, version: AlertVersion) -> AlertVersion:
    return alerting.approve(session, network, alerting.submit(session, network, version))


def updated(session: Session, network: Network, version: AlertVersion) -> AlertVersion:
    return publish(session, network, alerting.update(session, network, version))


def withdrawn(session: Session, network: Network, version: AlertVersion) -> AlertVersion:
    return publish(session, network, alerting.withdraw(session, network, version))


def test_a_published_alert_has_a_signed_message_in_order(
    session: Session, network: Network
) -> None:
    version = published(session, network)
    one = issued_for(session, version)
    seal = station.in_force().seal()
    report = check(one.content, [seal.certificate], signed=True)
    assert report.remarks == () and report.message is not None
    said = report.message
    assert said.identifier == f"ews.example.be-{version.alert.number}-1"
    assert (said.sender, said.status, said.msg_type) == (
        "alerts@ews.example.be",
        "Actual",
        "Alert",
    )
    assert not said.sent.endswith("Z") and said.references == ""
    assert datetime.fromisoformat(said.sent) == version.published_at.replace(microsecond=0)
    assert one.sha256 == hashlib.sha256(one.content).hexdigest()


def test_every_language_says_its_own_public_message(session: Session, network: Network) -> None:
    version = published(session, network)
    said = message(parse(issued_for(session, version).content))
    public = {one.language: one for one in version.messages if one.audience == "public"}
    assert [one.language for one in said.infos] == ["fr-BE", "nl-BE", "en-GB"]
    for info in said.infos:
        told = public[info.language[:2]]
        assert (info.headline, info.description) == (told.headline, told.body)
        assert (info.severity, info.urgency, info.certainty) == ("Extreme", "Immediate", "Possible")
        assert info.categories == ("Health",) and info.instruction
        assert info.areas[0].geocodes == (("NUTS", "BE"),)
        assert info.expires.startswith(f"{version.review_on}T23:59:59+0")


@pytest.mark.parametrize(
    ("level", "severity"),
    [("information", "Minor"), ("caution", "Moderate"), ("warning", "Severe"), ("red", "Extreme")],
)
def test_each_level_has_its_severity(
    session: Session, network: Network, level: str, severity: str
) -> None:
    said = message(parse(issued_for(session, published(session, network, level=level)).content))
    assert {one.severity for one in said.infos} == {severity}


def test_what_two_assessors_confirmed_was_observed(session: Session, network: Network) -> None:
    event = alerting.make_event(session, network)
    alerting.decide(session, network, event)
    said = message(parse(issued_for(session, published(session, network, event=event)).content))
    assert {one.certainty for one in said.infos} == {"Observed"}


def test_an_update_and_a_cancel_cite_the_whole_chain_in_order(
    session: Session, network: Network
) -> None:
    first = published(session, network)
    second = updated(session, network, first)
    third = withdrawn(session, network, second)
    files = [issued_for(session, one) for one in (first, second, third)]
    said = [message(parse(one.content)) for one in files]
    assert [one.msg_type for one in said] == ["Alert", "Update", "Cancel"]
    cited = [f"{one.sender},{one.identifier},{one.sent}" for one in said]
    assert said[1].references == cited[0]
    assert said[2].references == " ".join(cited[:2])
    for one in files:
        assert check(one.content).remarks == ()
    assert {one.severity for one in said[2].infos} == {"Minor"}
    assert {one.urgency for one in said[2].infos} == {"Past"}


def test_an_alert_that_replaces_another_updates_its_chain(
    session: Session, network: Network
) -> None:
    first = published(session, network)
    second = updated(session, network, first)
    facts = GivenFacts(
        unidentified=True, advice=("not-take",), replaces=second.alert.number, logo="buoy"
    )
    other = published(session, network, facts=facts)
    said = message(parse(issued_for(session, other).content))
    assert said.msg_type == "Update"
    cited = [one.split(",")[1] for one in said.references.split()]
    assert cited == [f"ews.example.be-{first.alert.number}-{n}" for n in (1, 2)]


def test_an_issued_file_stays_the_same_whatever_comes_after(
    session: Session, network: Network
) -> None:
    first = published(session, network)
    before = bytes(issued_for(session, first).content)
    updated(session, network, first)
    session.expire_all()
    assert issued_for(session, first).content == before
    assert issued.issued_file(session, issued_for(session, first).identifier).content == before


def test_a_changed_row_is_refused_and_changed_bytes_are_not_served(
    session: Session, network: Network
) -> None:
    one = issued_for(session, published(session, network))
    session.commit()
    one.content = one.content.replace(b"Extreme", b"Minor")
    with pytest.raises(Refused):
        session.flush()
    session.rollback()
    session.delete(one)
    with pytest.raises(Refused):
        session.flush()
    session.rollback()
    table = CapMessage.__table__
    session.execute(table.update().values(content=b"<alert/>"))  # type: ignore[attr-defined]
    with pytest.raises(Refused):
        issued.issued_file(session, one.identifier)


def test_a_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        station.station_of(Settings(data_dir=tmp_path / name)).seal()
    mixed = Settings(
        data_dir=tmp_path,
        cap_key_file=str(tmp_path / "one/keys/cap-0001.pem"),
        cap_certificate_file=str(tmp_path / "two/keys/cap-0001.crt"),
    )
    with pytest.raises(ValueError, match="another key"):
        station.station_of(mixed).seal()
    assert (tmp_path / "one/keys/cap-0001.pem").stat().st_mode & 0o077 == 0


def test_a_demonstration_sends_exercises_only(
    session: Session, network: Network, tmp_path: Path
) -> None:
    wiring.connect(Settings(data_dir=tmp_path, demonstration=True))
    report = check(issued_for(session, published(session, network)).content)
    assert report.message is not None and report.remarks == ()
    assert report.message.status == "Exercise" and report.message.note
    assert report.message.sender.startswith("demonstration@")
    assert report.message.identifier.startswith("exercise-")


def test_what_the_public_is_not_told_is_not_in_the_file(session: Session, network: Network) -> None:
    secrets = {
        name: f"canary-{name}"
        for name in ("method", "contact", "site", "place", "notes", "visitors")
    }
    facts = GivenFacts(
        unidentified=True, samples=4711, handed_in="2026-11-20", advice=("not-take",), **secrets
    )
    version = published(session, network, facts=facts)
    content = issued_for(session, version).content.decode()
    content = content[: content.index("<ds:Signature")]
    for canary in (*secrets.values(), "4711", "2026-11-20", version.author, version.approved_by):
        assert canary not in content
    assert version.alert.event is not None
    assert version.alert.event.number not in content


def test_an_alert_that_never_had_a_message_begins_with_one_and_needs_no_cancel(
    session: Session, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lims.foundation import happenings

    monkeypatch.setattr(happenings, "_reactions", {})
    old, other = published(session, network), published(session, network)
    monkeypatch.undo()
    said = message(parse(issued_for(session, updated(session, network, old)).content))
    assert (said.msg_type, said.references) == ("Alert", "")
    cancel = withdrawn(session, network, other)
    asked = select(CapMessage).where(CapMessage.version_id == cancel.id)
    assert session.scalar(asked) is None


def test_the_journal_names_the_hash_of_what_was_issued(session: Session, network: Network) -> None:
    one = issued_for(session, published(session, network))
    session.flush()
    bodies = [detail.body for detail in session.scalars(select(JournalDetail))]
    assert one.sha256 in str(bodies)
    assert journal.record


def test_an_unknown_name_is_not_found(session: Session) -> None:
    for name in ("", "nothing", "../../etc/passwd", "x" * 300, "é"):
        with pytest.raises(NotFound):
            issued.issued_file(session, name)


def test_an_expiry_by_decision_sends_nothing_and_the_list_says_so(
    session: Session, network: Network
) -> None:
    version = published(session, network)
    later = clock.now() + timedelta(days=31)
    with clock.stopped_at(later):
        (passed,) = issued.listed(session, clock.now())
        assert passed.state == "published" and passed.passed_at is not None
        alerting.expire(session, network, version)
        session.flush()
        (ended,) = issued.listed(session, clock.now())
    assert ended.state == "expired" and ended.ended_at is not None
    assert session.scalar(select(func.count()).select_from(CapMessage)) == 1


def test_an_alert_that_stands_never_falls_out_of_the_list(
    session: Session, network: Network
) -> None:
    standing = published(session, network)
    gone = published(session, network)
    withdrawn(session, network, gone)
    session.flush()
    listed = issued.listed(session, clock.now(), limit=1)
    assert [one.said.msg_type for one in listed] == ["Cancel", "Alert"]
    assert listed[1].identifier == issued_for(session, standing).identifier


def test_a_sender_of_settings_never_breaks_a_message(tmp_path: Path) -> None:
    odd = replace(Settings(data_dir=tmp_path), cap_sender=" alerts, <of> us@x.be ")
    assert station.station_of(odd).sender == "alerts-of-us@x.be"
