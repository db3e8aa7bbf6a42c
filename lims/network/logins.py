"""Logging in and out: argon2id, lock-out in the database, no telling whether an account exists.

These acts are done by somebody who is not yet, or no longer, an actor.
"""

from __future__ import annotations

import secrets
import uuid
from functools import lru_cache

from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, refuse_field
from lims.foundation.settings import Settings
from lims.foundation.words import _
from lims.network import queries, rules
from lims.network.operations import HASHER
from lims.network.records import Member, StaffSession


@lru_cache(maxsize=1)
def _stranger_hash() -> str:
    """Return what is verified when there is no such account: both answers take the same time."""
    return HASHER.hash(secrets.token_hex(16))


def log_in(session: Session, account: str, password: str, settings: Settings) -> str | None:
    """Return a new session token, or None; a failure is counted and must be committed too."""
    at = clock.now()
    member = session.scalar(
        select(Member).where(Member.account == account.strip().lower()[:80]).with_for_update()
    )
    right = _is_right(member.password_hash if member else _stranger_hash(), password[:1024])
    if member is None or not member.active or rules.is_locked(member.locked_until, at):
        return None
    if not right:
        _count_failure(session, member, settings)
        return None
    member.failures, member.locked_until = 0, None
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(token_hash=queries.token_hash(token), member_id=member.id, created=at, seen=at)
    )
    journal.record(
        session, queries.actor_of(session, member, None), "log in", [("member", member.id)]
    )
    return token


def _is_right(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def log_out(session: Session, actor: Actor, token: str) -> None:
    """End one login."""
    login = session.get(StaffSession, queries.token_hash(token))
    if login is not None and not login.revoked:
        login.revoked = True
        journal.record(session, actor, "log out", [("member", login.member_id)])


def mark_seen(session: Session, hashed: str) -> None:
    """Note that a login is in use, and forget logins that ended long ago."""
    login = session.get(StaffSession, hashed)
    if login is not None:
        login.seen = clock.now()
        limit = clock.now().replace(microsecond=0)
        session.execute(delete(StaffSession).where(StaffSession.revoked, StaffSession.seen < limit))


def choose_site(session: Session, actor: Actor, token: str, site_id: uuid.UUID) -> None:
    """Work at another site where a duty is held."""
    login = session.get(StaffSession, queries.token_hash(token))
    if login is not None:
        login.site_id = site_id
        journal.record(session, actor, "choose site", [("site", site_id)])


def change_password(session: Session, actor: Actor, old: str, new: str) -> None:
    """Change one's own password; raises Invalid for a wrong old or a weak new one."""
    member = session.get(Member, actor.member_id)
    if member is None or not _is_right(member.password_hash, old):
        raise refuse_field("old", _("This is not your present password."))
    problems = rules.weak_password(member.account, new)
    if problems:
        raise Invalid(problems)
    member.password_hash = HASHER.hash(new)
    journal.record(session, actor, "change password", [("member", member.id)])


def is_own_password(session: Session, actor: Actor, password: str) -> bool:
    """Tell whether a password is the actor's, for acts that ask for it again."""
    member = session.get(Member, actor.member_id) if actor.member_id else None
    return member is not None and _is_right(member.password_hash, password)


def proved_witness(session: Session, account: str, password: str) -> Actor | None:
    """Return the second person of an act when the password is theirs and the account open."""
    member = session.scalar(select(Member).where(Member.account == account.strip().lower()[:80]))
    right = _is_right(member.password_hash if member else _stranger_hash(), password[:1024])
    if member is None or not member.active or rules.is_locked(member.locked_until, clock.now()):
        return None
    return queries.actor_of(session, member, None) if right else None


def count_wrong_password(session: Session, account: str, settings: Settings) -> None:
    """Count a wrong password that was typed elsewhere than at the login; commit it afterwards."""
    member = session.scalar(
        select(Member).where(Member.account == account.strip().lower()[:80]).with_for_update()
    )
    if member is not None and not rules.is_locked(member.locked_until, clock.now()):
        _count_failure(session, member, settings)


def _count_failure(session: Session, member: Member, settings: Settings) -> None:
    member.failures += 1
    member.locked_until = rules.locked_after(
        member.failures, settings.lockout_tries, settings.lockout_minutes, clock.now()
    )
    if member.locked_until is not None:
        member.failures = 0
        actor = queries.actor_of(session, member, None)
        journal.record(session, actor, "lock account", [("member", member.id)])
