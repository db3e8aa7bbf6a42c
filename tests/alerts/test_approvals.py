from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.alerts.records import AlertVersion
from lims.network.records import Member
from tests.alerts.alerting import make_draft, submit
from tests.makers import PASSWORD, Network, api_headers, log_in_client

TRIES = 5


def waits(session: Session, account: str) -> bool:
    session.expire_all()
    found = session.scalars(select(Member).where(Member.account == account)).one()
    session.rollback()
    return found.locked_until is not None


def test_wrong_passwords_at_the_approval_lock_the_account_and_then_the_right_one_waits_too(
    app: Any, session: Session, network: Network
) -> None:
    version = submit(session, network, make_draft(session, network))
    session.commit()
    client = log_in_client(app, session, "approver")
    typed = {"row_version": str(version.row_version), "password": "wrong"}
    for _try in range(TRIES):
        client.post(f"/alerts/{version.id}/approve", data=typed)
    assert waits(session, "approver")
    client.post(f"/alerts/{version.id}/approve", data={**typed, "password": PASSWORD})
    session.expire_all()
    assert session.get(AlertVersion, version.id).published_at is None  # type: ignore[union-attr]


def test_a_key_with_a_wrong_password_is_counted_as_well(
    app: Any, session: Session, network: Network
) -> None:
    version = submit(session, network, make_draft(session, network))
    session.commit()
    headers = api_headers(session, "approver")
    body = {"row_version": version.row_version, "password": "wrong"}
    path = f"/api/alert-versions/{version.id}/approve"
    for _try in range(TRIES):
        answer = app.test_client().post(path, json=body, headers=headers)
        assert answer.status_code == 422, answer.json
    assert waits(session, "approver")
