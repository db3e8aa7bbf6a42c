from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotPermitted, Refused
from lims.foundation.settings import Settings
from lims.journal.records import JournalEntry
from lims.network import logins, operations, queries
from lims.network.records import Member, StaffSession
from lims.network.rules import Duty, Permission
from tests.makers import PASSWORD, Network


def test_the_first_run_makes_one_administrator_and_never_a_second(session: Session) -> None:
    command = operations.SetUp(
        "Network", "coordination", "Office", "keeper", "a long first password"
    )
    operations.set_up(session, queries.OPERATOR, command)
    session.commit()
    actor = queries.actor_by_account(session, "keeper")
    assert actor.may(Permission.ADMINISTER) and not actor.may(Permission.READ_FINDINGS)
    with pytest.raises(Refused):
        operations.set_up(session, queries.OPERATOR, command)


def test_only_an_administrator_adds_accounts(session: Session, network: Network) -> None:
    command = operations.AddMember("newcomer", "a long enough password")
    with pytest.raises(NotPermitted):
        operations.add_member(session, network.chemist, command)
    assert operations.add_member(session, network.administrator, command).account == "newcomer"


def test_an_account_name_is_taken_once(session: Session, network: Network) -> None:
    with pytest.raises(Invalid) as refusal:
        operations.add_member(
            session, network.administrator, operations.AddMember("Worker", "another password 1")
        )
    assert [problem.field for problem in refusal.value.problems] == ["account"]


def test_a_duty_given_twice_is_refused_and_an_ended_one_grants_nothing(
    session: Session, network: Network
) -> None:
    member = session.scalars(select(Member).where(Member.account == "counsellor")).one()
    command = operations.GiveDuty(member.id, Duty.VERIFIER, network.laboratory.id)
    duty = operations.give_duty(session, network.administrator, command)
    session.flush()
    assert queries.actor_of(session, member, None).may(Permission.VERIFY, network.laboratory.id)
    with pytest.raises(Refused):
        operations.give_duty(session, network.administrator, command)
    operations.end_duty(session, network.administrator, duty.id)
    assert not queries.actor_of(session, member, None).may(Permission.VERIFY)


def test_a_wrong_password_five_times_locks_the_account_for_a_while(
    session: Session, network: Network, settings: Settings
) -> None:
    for _try in range(settings.lockout_tries):
        assert logins.log_in(session, "worker", "wrong", settings) is None
    assert logins.log_in(session, "worker", PASSWORD, settings) is None
    with clock.stopped_at(clock.now() + timedelta(minutes=settings.lockout_minutes + 1)):
        assert logins.log_in(session, "worker", PASSWORD, settings) is not None


def test_the_token_itself_is_kept_nowhere(
    session: Session, network: Network, settings: Settings
) -> None:
    token = logins.log_in(session, "worker", PASSWORD, settings)
    assert token is not None
    kept = session.scalars(select(StaffSession)).one()
    assert token not in {kept.token_hash} and len(kept.token_hash) == 64


def test_a_session_ends_at_once_when_it_is_logged_out_or_its_account_is_closed(
    session: Session, network: Network, settings: Settings
) -> None:
    token = logins.log_in(session, "worker", PASSWORD, settings) or ""
    known = queries.recognise_cookie(session, token, settings)
    assert known is not None and known.actor.account == "worker"
    operations.close_account(session, network.administrator, network.worker.member_id)  # type: ignore[arg-type]
    assert queries.recognise_cookie(session, token, settings) is None


def test_nobody_closes_their_own_account(session: Session, network: Network) -> None:
    with pytest.raises(Refused):
        operations.close_account(
            session,
            network.administrator,
            network.administrator.member_id,  # type: ignore[arg-type]
        )


def test_a_key_does_no_more_than_its_scopes_and_its_members_duties(
    session: Session, network: Network
) -> None:
    command = operations.MakeApiKey(
        "reader",
        network.chemist.member_id,  # type: ignore[arg-type]
        [Permission.READ_FINDINGS, Permission.ADMINISTER],
    )
    key, plain = operations.make_api_key(session, network.administrator, command)
    session.flush()
    actor = queries.recognise_key(session, plain)
    assert actor is not None and set(actor.grants) == {Permission.READ_FINDINGS}
    operations.revoke_api_key(session, network.administrator, key.id)
    assert queries.recognise_key(session, plain) is None


def test_an_act_of_administration_stands_in_the_journal(session: Session, network: Network) -> None:
    operations.add_site(
        session,
        network.administrator,
        operations.AddSite("Synthetic testing service", "testing", "New counter"),
    )
    entry = session.scalars(select(JournalEntry).order_by(JournalEntry.seq.desc())).first()
    assert entry is not None and (entry.actor, entry.act) == ("administrator", "add site")
