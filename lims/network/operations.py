"""Building the network: organisations, sites, accounts, duties, API keys."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Refused, refuse_field
from lims.foundation.words import LANGUAGES, _
from lims.network import queries, rules
from lims.network.records import (
    ApiKey,
    Member,
    MemberDuty,
    Organisation,
    Site,
    StaffSession,
)
from lims.network.rules import OrganisationKind, Permission

HASHER = PasswordHasher()
"""argon2id with the library's defaults, which follow RFC 9106's low-memory profile."""


@dataclass(frozen=True)
class AddSite:
    """A place of an organisation, which is made when it is new."""

    organisation: str
    kind: str
    name: str
    service_type: str = ""
    area: str = ""
    opening_hours: str = ""
    languages: list[str] = field(default_factory=list)
    may_hold: bool = True
    may_return: bool = False
    ticket_policy: str = "result"
    lone_laboratory: bool = False
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class AddMember:
    """A new account."""

    account: str
    password: str
    language: str = "fr"


@dataclass(frozen=True)
class GiveDuty:
    """A duty for a member, at a site or everywhere."""

    member_id: uuid.UUID
    duty: str
    site_id: uuid.UUID | None = None


@dataclass(frozen=True)
class SetUp:
    """The first organisation, site and administrator of an installation."""

    organisation: str
    kind: str
    site: str
    account: str
    password: str
    language: str = "fr"


@dataclass(frozen=True)
class MakeApiKey:
    """A key for a program, acting with a member's duties within scopes."""

    name: str
    member_id: uuid.UUID
    scopes: list[str]


def add_site(session: Session, actor: Actor, command: AddSite) -> Site:
    """Add a site and, when new, its organisation; raises Invalid for a name already taken."""
    actor.must(Permission.ADMINISTER)
    if session.scalar(select(Site.id).where(Site.name == command.name)):
        raise refuse_field("name", _("There is already a site of this name."))
    organisation = session.scalar(
        select(Organisation).where(Organisation.name == command.organisation)
    )
    if organisation is None:
        kind = OrganisationKind(command.kind)
        organisation = Organisation(id=uuid.uuid4(), name=command.organisation, kind=kind)
        session.add(organisation)
    facts = {
        name: getattr(command, name)
        for name in ("service_type", "area", "opening_hours", "languages", "may_hold", "may_return")
    }
    site = Site(
        id=command.id or uuid.uuid4(),
        organisation=organisation,
        name=command.name,
        ticket_policy=command.ticket_policy,
        lone_laboratory=command.lone_laboratory,
        **facts,
    )
    session.add(site)
    journal.record(session, actor, "add site", [("site", site.id)], name=site.name)
    return site


def add_member(session: Session, actor: Actor, command: AddMember) -> Member:
    """Add an account; raises Invalid for a taken name or a weak password."""
    actor.must(Permission.ADMINISTER)
    account = command.account.strip().lower()
    problems = rules.weak_password(account, command.password)
    if problems:
        raise Invalid(problems)
    if command.language not in LANGUAGES:
        raise refuse_field("language", _("Choose one of the list."))
    if session.scalar(select(Member.id).where(Member.account == account)):
        raise refuse_field("account", _("There is already an account of this name."))
    member = Member(
        id=uuid.uuid4(),
        account=account,
        password_hash=HASHER.hash(command.password),
        language=command.language,
    )
    session.add(member)
    journal.record(session, actor, "add account", [("member", member.id)], account=account)
    return member


def give_duty(session: Session, actor: Actor, command: GiveDuty) -> MemberDuty:
    """Give a member a duty; raises Refused when it is already held there."""
    actor.must(Permission.ADMINISTER)
    member = queries.member(session, command.member_id)
    site = queries.site(session, command.site_id) if command.site_id else None
    duty = rules.Duty(command.duty)
    for held in member.duties:
        if (held.duty, held.site_id, held.until) == (duty, command.site_id, None):
            raise Refused(_("This duty is already held there."))
    given = MemberDuty(
        id=uuid.uuid4(), member=member, duty=duty, site_id=command.site_id, since=clock.now()
    )
    session.add(given)
    where = site.name if site else "everywhere"
    journal.record(session, actor, "give duty", [("member", member.id)], duty=str(duty), site=where)
    return given


def end_duty(session: Session, actor: Actor, duty_id: uuid.UUID) -> MemberDuty:
    """End a duty now; it stays readable."""
    actor.must(Permission.ADMINISTER)
    duty = session.get(MemberDuty, duty_id)
    if duty is None or duty.until is not None:
        raise Refused(_("This duty has already ended."))
    duty.until = clock.now()
    journal.record(session, actor, "end duty", [("member", duty.member_id)], duty=duty.duty)
    return duty


def close_account(session: Session, actor: Actor, member_id: uuid.UUID) -> Member:
    """Close an account and end its sessions at once; raises Refused for one's own."""
    actor.must(Permission.ADMINISTER)
    if member_id == actor.member_id:
        raise Refused(_("You cannot close your own account."))
    member = queries.member(session, member_id)
    member.active = False
    for login in session.scalars(select(StaffSession).where(StaffSession.member_id == member_id)):
        login.revoked = True
    journal.record(session, actor, "close account", [("member", member.id)])
    return member


def make_api_key(session: Session, actor: Actor, command: MakeApiKey) -> tuple[ApiKey, str]:
    """Make an API key; the key itself is returned once and never kept."""
    actor.must(Permission.ADMINISTER)
    unknown = set(command.scopes) - set(Permission)
    if unknown or not command.scopes:
        raise refuse_field("scopes", _("Choose at least one scope of the list."))
    member = queries.member(session, command.member_id)
    key = f"blk_{secrets.token_urlsafe(32)}"
    made = ApiKey(
        id=uuid.uuid4(),
        name=command.name,
        key_hash=queries.token_hash(key),
        member_id=member.id,
        scopes=sorted(command.scopes),
    )
    session.add(made)
    journal.record(
        session, actor, "make API key", [("member", member.id)], name=made.name, scopes=made.scopes
    )
    return made, key


def revoke_api_key(session: Session, actor: Actor, key_id: uuid.UUID) -> ApiKey:
    """Revoke an API key at once."""
    actor.must(Permission.ADMINISTER)
    key = session.get(ApiKey, key_id)
    if key is None or key.revoked:
        raise Refused(_("This key has already been revoked."))
    key.revoked = True
    journal.record(session, actor, "revoke API key", [("member", key.member_id)], name=key.name)
    return key


def set_up(session: Session, actor: Actor, command: SetUp) -> Member:
    """Make the first organisation, site and administrator; refused once there is a member."""
    actor.must(Permission.ADMINISTER)
    if queries.is_set_up(session):
        raise Refused(_("This installation is already set up."))
    add_site(
        session,
        actor,
        AddSite(organisation=command.organisation, kind=command.kind, name=command.site),
    )
    member = add_member(
        session, actor, AddMember(command.account, command.password, command.language)
    )
    session.flush()
    give_duty(session, actor, GiveDuty(member.id, rules.Duty.ADMINISTRATOR))
    journal.record(session, actor, "set up", [("member", member.id)])
    return member
