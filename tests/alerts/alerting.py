"""How the tests of alerts get from a reported effect to a published alert."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from lims.alerts import operations
from lims.alerts.operations import (
    ApproveAlert,
    AssessEvent,
    DecideEvent,
    DraftAlert,
    EditAlert,
    EditMessage,
    ExpireAlert,
    GivenFacts,
    OpenEvent,
    SendBackAlert,
    SubmitAlert,
    UpdateAlert,
    WithdrawAlert,
)
from lims.alerts.records import AlertVersion, Event
from lims.foundation import clock
from lims.surveillance.operations import ReportEffect, report_effect
from lims.surveillance.records import Signal
from tests.makers import PASSWORD, Network

IN_A_MONTH = timedelta(days=30)
UNIDENTIFIED = GivenFacts(unidentified=True, advice=("not-take",), logo="buoy", week="2026-W45")


def make_signal(session: Session, network: Network, level: str = "warning", **given: Any) -> Signal:
    given = {"is_another": True} | given
    command = ReportEffect(words="blue crystal, bad effects", level=level, **given)
    signal = report_effect(session, network.counsellor, command)
    session.flush()
    return signal


def make_event(session: Session, network: Network, *signals: Signal) -> Event:
    chosen = signals or (make_signal(session, network),)
    command = OpenEvent(tuple(one.id for one in chosen), "Blue crystal")
    event = operations.open_event(session, network.coordinator, command)
    session.flush()
    return event


def assess(session: Session, event: Event, actor: Any, **given: Any) -> None:
    grades = {"hazard": 3, "exposure": 2, "certainty": 1} | given
    command = AssessEvent(event.id, words="as reported", row_version=event.row_version, **grades)
    operations.assess_event(session, actor, command)
    session.flush()


def make_draft(session: Session, network: Network, **given: Any) -> AlertVersion:
    event = given.pop("event", None) or make_event(session, network)
    values: dict[str, Any] = {
        "level": "red",
        "review_on": clock.today() + IN_A_MONTH,
        "facts": UNIDENTIFIED,
    }
    command = DraftAlert(event.id, **(values | given))
    version = operations.draft_alert(session, network.coordinator, command)
    session.flush()
    return version


def submit(session: Session, network: Network, version: AlertVersion) -> AlertVersion:
    command = SubmitAlert(version.id, version.row_version)
    operations.submit_alert(session, network.coordinator, command)
    session.flush()
    return version


def approve(
    session: Session, network: Network, version: AlertVersion, **given: Any
) -> AlertVersion:
    actor = given.pop("actor", network.approver)
    values: dict[str, Any] = {"password": PASSWORD, "row_version": version.row_version} | given
    operations.approve_alert(session, actor, ApproveAlert(version.id, **values))
    session.flush()
    return version


def make_published(session: Session, network: Network, **given: Any) -> AlertVersion:
    version = make_draft(session, network, **given)
    return approve(session, network, submit(session, network, version))


def decide(session: Session, network: Network, made: Any, *, confirmed: bool = True) -> None:
    for actor in (network.coordinator, network.approver):
        assess(session, made, actor)
    command = DecideEvent(made.id, confirmed, "two laboratories agree", made.row_version)
    operations.decide_event(session, network.coordinator, command)
    session.flush()


def edit_text(session: Session, network: Network, version: AlertVersion, **given: Any) -> None:
    values = {"audience": "public", "language": "fr", "headline": "H", "body": "B"} | given
    command = EditMessage(version.id, version.row_version, **values)
    operations.edit_message(session, network.coordinator, command)
    session.flush()


def edit_facts(session: Session, network: Network, version: AlertVersion, **given: Any) -> None:
    values: dict[str, Any] = {"level": "warning", "review_on": clock.today() + IN_A_MONTH}
    command = EditAlert(version.id, version.row_version, **(values | given))
    operations.edit_alert(session, network.coordinator, command)
    session.flush()


def send_back(session: Session, network: Network, version: AlertVersion, reason: str) -> None:
    command = SendBackAlert(version.id, reason, version.row_version)
    operations.send_back_alert(session, network.approver, command)
    session.flush()


def update(session: Session, network: Network, version: AlertVersion) -> AlertVersion:
    command = UpdateAlert(version.alert_id, "seen again elsewhere")
    made = operations.update_alert(session, network.coordinator, command)
    session.flush()
    return made


def withdraw(session: Session, network: Network, version: AlertVersion) -> AlertVersion:
    command = WithdrawAlert(version.alert_id, "it was something else")
    made = operations.withdraw_alert(session, network.coordinator, command)
    session.flush()
    return made


def expire(session: Session, network: Network, version: AlertVersion) -> None:
    command = ExpireAlert(version.id, "not seen any more", version.row_version)
    operations.expire_alert(session, network.coordinator, command)
    session.flush()
