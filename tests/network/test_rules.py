from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from lims.network import rules
from lims.network.rules import Duty, Permission

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@dataclass
class Held:
    duty: str
    site_id: object = "counter"
    since: datetime = NOW - timedelta(days=1)
    until: datetime | None = None


def test_every_duty_stands_in_the_table_of_permissions() -> None:
    assert set(rules.TABLE) == set(Duty)


def test_every_permission_is_somebodys() -> None:
    given = {permission for held in rules.TABLE.values() for permission in held}
    assert given == set(Permission)


@pytest.mark.parametrize(
    ("duty", "never"),
    [
        (Duty.ADMINISTRATOR, {Permission.READ_FINDINGS, Permission.RECORD_TALK}),
        (Duty.AUDITOR, {Permission.READ_FINDINGS, Permission.RECORD_TALK, Permission.VERIFY}),
        (Duty.CHEMIST, {Permission.VERIFY, Permission.APPROVE_ALERT}),
        (Duty.NETWORK_COORDINATOR, {Permission.APPROVE_ALERT, Permission.VERIFY}),
        (Duty.ALERT_APPROVER, {Permission.DRAFT_ALERT}),
        (Duty.TESTING_POINT_WORKER, {Permission.ANALYSE, Permission.CONCLUDE}),
        (Duty.COUNSELLOR, {Permission.REGISTER, Permission.ANALYSE}),
    ],
)
def test_a_duty_never_grants_what_would_break_the_separation(
    duty: Duty, never: set[Permission]
) -> None:
    assert not rules.TABLE[duty] & never


def test_a_duty_grants_its_permissions_at_its_site_only() -> None:
    granted = rules.grants([Held(Duty.CHEMIST, "laboratory")], NOW)
    assert granted[Permission.ANALYSE] == {"laboratory"}


def test_a_duty_that_has_ended_or_not_begun_grants_nothing() -> None:
    ended = Held(Duty.CHEMIST, until=NOW)
    coming = Held(Duty.VERIFIER, since=NOW + timedelta(hours=1))
    assert rules.grants([ended, coming], NOW) == {}


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("court", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("the-worker-password", False),
        ("x" * 2000, False),
        ("lampe verte au quai", True),
    ],
)
def test_a_password_is_long_varied_and_not_the_account(password: str, accepted: bool) -> None:
    assert (rules.weak_password("worker", password) == []) is accepted


def test_a_session_ends_by_idleness_or_by_age() -> None:
    def ended(created: timedelta, seen: timedelta) -> bool:
        return rules.session_has_ended(
            created=NOW - created, seen=NOW - seen, at=NOW, idle_minutes=30, hours=12
        )

    assert not ended(timedelta(hours=2), timedelta(minutes=29))
    assert ended(timedelta(hours=2), timedelta(minutes=31))
    assert ended(timedelta(hours=13), timedelta(minutes=1))
