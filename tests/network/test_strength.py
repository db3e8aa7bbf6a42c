"""The tests hash cheaply; a real installation hashes as strongly as it says."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher, Type, profiles
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.intake import rules, tickets
from lims.network import logins
from lims.network.records import Member
from tests.kept import STRONG
from tests.makers import PASSWORD, Network


def test_passwords_are_hashed_as_rfc_9106_asks_of_little_memory() -> None:
    asked = profiles.RFC_9106_LOW_MEMORY
    for module in ("lims.network.operations", "lims.network.logins"):
        hasher: PasswordHasher = STRONG[module]
        assert (hasher.type, hasher.time_cost, hasher.memory_cost) == (Type.ID, 3, 65_536)
        assert (hasher.parallelism, hasher.hash_len, hasher.salt_len) == (4, 32, 16)
        assert not hasher.check_needs_rehash(PasswordHasher.from_parameters(asked).hash("x"))


def test_the_secret_of_a_ticket_is_hashed_as_the_rules_tell_the_devices() -> None:
    hasher: PasswordHasher = STRONG["lims.intake.tickets"]
    asked = (rules.TICKET_PASSES, rules.TICKET_MEMORY_KIB, rules.TICKET_LANES)
    assert (hasher.time_cost, hasher.memory_cost, hasher.parallelism) == asked == (2, 19_456, 1)
    assert hasher.type is Type.ID


@pytest.fixture
def strong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "HASHER", STRONG["lims.network.logins"])
    monkeypatch.setattr(tickets, "HASHER", STRONG["lims.intake.tickets"])


def test_people_log_in_with_a_password_hashed_in_earnest(
    app: Any, session: Session, network: Network, strong: None
) -> None:
    member = session.scalars(select(Member).where(Member.account == "worker")).one()
    member.password_hash = logins.HASHER.hash(PASSWORD)
    session.commit()
    client = app.test_client()
    refused = client.post("/log-in", data={"account": "worker", "password": PASSWORD + "3"})
    let_in = client.post("/log-in", data={"account": "worker", "password": PASSWORD})
    assert refused.status_code == 401 and let_in.location == "/"
