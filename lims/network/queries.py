"""Reading the network: who acts, which sites there are, what a duty list says."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.settings import Settings
from lims.foundation.words import _
from lims.network import rules
from lims.network.records import (
    ApiKey,
    Member,
    MemberDuty,
    Organisation,
    Site,
    StaffSession,
)

OPERATOR = Actor(
    member_id=None,
    account="operator",
    language="en",
    grants={permission: frozenset({None}) for permission in rules.OPERATOR},
)
"""The person at the server's own command line."""


WITH_DUTIES = joinedload(Member.duties).joinedload(MemberDuty.site)
"""One question for the person, the duties and their sites: every request asks it."""
# Made once, so that SQLAlchemy finds their SQL again at once; what they answer is read each time.
_OF_COOKIE = (
    select(StaffSession, Member)
    .join(Member, Member.id == StaffSession.member_id)
    .options(WITH_DUTIES)
    .where(StaffSession.token_hash == bindparam("hashed"))
)
_OF_KEY = (
    select(ApiKey, Member)
    .join(Member, Member.id == ApiKey.member_id)
    .options(WITH_DUTIES)
    .where(ApiKey.key_hash == bindparam("hashed"))
)


def token_hash(token: str) -> str:
    """Return the SHA-256 under which a token or key is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of(session: Session, member: Member, site_id: uuid.UUID | None) -> Actor:
    """Return a member as an actor, with what the duties in force grant."""
    at = clock.now()
    held = [duty for duty in member.duties if duty.until is None or at < duty.until]
    at_site = [duty.site_id for duty in held if duty.site_id is not None]
    chosen = site_id if site_id in at_site else next(iter(at_site), None)
    site = session.get(Site, chosen) if chosen else None
    return Actor(
        member_id=member.id,
        account=member.account,
        language=member.language,
        site_id=chosen,
        site_name=site.name if site else "",
        duties=tuple(dict.fromkeys(duty.duty for duty in held)),
        grants=cast("dict[str, frozenset[uuid.UUID | None]]", rules.grants(held, at)),
    )


def actor_by_account(session: Session, account: str) -> Actor:
    """Return the actor of an account; raises NotFound."""
    member = session.scalar(select(Member).where(Member.account == account.lower()))
    if member is None or not member.active:
        raise NotFound(_("There is no such account."))
    return actor_of(session, member, None)


@dataclass(frozen=True)
class Recognised:
    """A login that still stands."""

    actor: Actor
    token_hash: str
    seen_long_ago: bool


def recognise_cookie(session: Session, token: str, settings: Settings) -> Recognised | None:
    """Return who holds this session token, or None when it is unknown, ended or revoked."""
    hashed = token_hash(token)
    row = session.execute(_OF_COOKIE, {"hashed": hashed})
    known = row.unique().one_or_none()
    if known is None or known[0].revoked or not known[1].active:
        return None
    login, member = known
    at = clock.now()
    if rules.session_has_ended(
        created=login.created,
        seen=login.seen,
        at=at,
        idle_minutes=settings.session_idle_minutes,
        hours=settings.session_hours,
    ):
        return None
    actor = actor_of(session, member, login.site_id)
    return Recognised(actor, hashed, (at - login.seen).total_seconds() > 60)


def recognise_key(session: Session, key: str) -> Actor | None:
    """Return the actor of an API key, its grants cut to the key's scopes, or None."""
    row = session.execute(_OF_KEY, {"hashed": token_hash(key)})
    known = row.unique().one_or_none()
    if known is None or known[0].revoked or not known[1].active:
        return None
    found, member = known
    actor = actor_of(session, member, None)
    kept = {what: sites for what, sites in actor.grants.items() if what in found.scopes}
    return Actor(
        member_id=actor.member_id,
        account=actor.account,
        language=actor.language,
        site_id=actor.site_id,
        site_name=actor.site_name,
        duties=actor.duties,
        grants=kept,
    )


def is_set_up(session: Session) -> bool:
    """Tell whether the installation has its first member."""
    return session.scalar(select(Member.id).limit(1)) is not None


def sites(session: Session, *kinds: str) -> Sequence[Site]:
    """Return the sites of organisations of some kinds (all when none is named), by name."""
    query = select(Site).join(Site.organisation).options(joinedload(Site.organisation))
    if kinds:
        query = query.where(Organisation.kind.in_(kinds))
    return session.scalars(query.order_by(Site.name)).all()


def site(session: Session, site_id: uuid.UUID | None) -> Site:
    """Return a site; raises NotFound."""
    found = session.get(Site, site_id, options=[joinedload(Site.organisation)]) if site_id else None
    if found is None:
        raise NotFound(_("There is no such site."))
    return found


def organisations(session: Session) -> Sequence[Organisation]:
    """Return the organisations by name."""
    return session.scalars(select(Organisation).order_by(Organisation.name)).all()


def members(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[Member], int]:
    """Return one page of the accounts with their duties, and how many there are."""
    actor.must(rules.Permission.ADMINISTER)
    total = session.scalar(select(func.count()).select_from(Member)) or 0
    rows = session.scalars(
        select(Member).order_by(Member.account).offset((page - 1) * size).limit(size)
    ).all()
    return list(rows), total


def member(session: Session, member_id: uuid.UUID) -> Member:
    """Return an account; raises NotFound."""
    found = session.get(Member, member_id)
    if found is None:
        raise NotFound(_("There is no such account."))
    return found


def api_keys(session: Session, actor: Actor) -> Sequence[ApiKey]:
    """Return the API keys, newest first."""
    actor.must(rules.Permission.ADMINISTER)
    return session.scalars(select(ApiKey).order_by(ApiKey.created.desc())).all()
