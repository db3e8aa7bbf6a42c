"""Tables of the network. No table holds an address of a machine, nor a person's civil identity."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class Organisation(Identified, Base):
    """A testing service, a laboratory, a coordination or a partner."""

    __tablename__ = "organisation"

    #: its name
    name: Mapped[str] = mapped_column(String(120), unique=True)
    #: testing, laboratory, coordination, partner
    kind: Mapped[str] = mapped_column(String(20))


class Site(Identified, Base):
    """A place of an organisation: a testing point, a laboratory, the coordination's office."""

    __tablename__ = "site"

    #: whose place
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    #: its name today
    name: Mapped[str] = mapped_column(String(120), unique=True)
    #: vocabulary service_type; empty for a laboratory
    service_type: Mapped[str] = mapped_column(String(32), default="")
    #: commune or region, never an address
    area: Mapped[str] = mapped_column(String(80), default="")
    #: in words
    opening_hours: Mapped[str] = mapped_column(String(400), default="")
    #: languages spoken, codes
    languages: Mapped[list[str]] = mapped_column(default=list)
    #: may staff hold the sample under the law policy of this place
    may_hold: Mapped[bool] = mapped_column(default=True)
    #: may staff give material back to the person under the law policy of this place
    may_return: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    #: no longer read: transport authorisations are records of custody since migration 0003
    permit: Mapped[str] = mapped_column(String(80), default="")
    #: no longer read, as above
    permit_from: Mapped[date | None]
    permit_until: Mapped[date | None]
    #: "result" or "come and talk": what a ticket opens
    ticket_policy: Mapped[str] = mapped_column(String(20), default="result")
    #: a lone laboratory may verify its own work only by this visible exception
    lone_laboratory: Mapped[bool] = mapped_column(default=False)

    organisation: Mapped[Organisation] = relationship()

    @property
    def kind(self) -> str:
        return self.organisation.kind


class Member(Identified, Base):
    """An account. The name is a working name, not a civil identity."""

    __tablename__ = "member"

    #: login name, lower case
    account: Mapped[str] = mapped_column(String(80), unique=True)
    #: argon2id
    password_hash: Mapped[str] = mapped_column(String(200))
    #: fr, nl, en
    language: Mapped[str] = mapped_column(String(2), default="fr")
    #: may log in
    active: Mapped[bool] = mapped_column(default=True)
    #: wrong passwords since the last right one
    failures: Mapped[int] = mapped_column(default=0)
    #: waits until then
    locked_until: Mapped[datetime | None]

    duties: Mapped[list[MemberDuty]] = relationship(back_populates="member", lazy="selectin")


class MemberDuty(Identified, Base):
    """A duty held by a member, at one site or (no site) in the whole network."""

    __tablename__ = "member_duty"
    __table_args__ = (UniqueConstraint("member_id", "duty", "site_id", "since"),)

    #: who
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    #: see network.rules.Duty
    duty: Mapped[str] = mapped_column(String(32))
    #: where; empty: everywhere
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    #: from when
    since: Mapped[datetime] = mapped_column(default=now)
    #: until when
    until: Mapped[datetime | None]

    member: Mapped[Member] = relationship(back_populates="duties")
    site: Mapped[Site | None] = relationship(lazy="selectin")


class Competence(Identified, Base):
    """A member trained on a protocol, until a day."""

    __tablename__ = "competence"
    __table_args__ = (UniqueConstraint("member_id", "protocol"),)

    #: who
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    #: protocol name
    protocol: Mapped[str] = mapped_column(String(60))
    #: trained on
    trained_on: Mapped[date]
    #: valid until
    valid_until: Mapped[date | None]


class StaffSession(Base):
    """A login. The cookie's token is kept as a hash; a revoked session ends at once."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_member", "member_id"),)

    #: SHA-256 of the opaque token
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: who
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    #: the site worked at
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    #: from when
    created: Mapped[datetime]
    #: last request, to the minute
    seen: Mapped[datetime]
    #: ended by logging out or by an administrator
    revoked: Mapped[bool] = mapped_column(default=False)


class ApiKey(Identified, Base):
    """A key of a program, acting with a member's duties within its scopes."""

    __tablename__ = "api_key"

    #: what it is for
    name: Mapped[str] = mapped_column(String(80))
    #: SHA-256 of the key
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: with whose duties
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    #: permissions that the key may use, within the member's duties
    scopes: Mapped[list[str]] = mapped_column(default=list)
    #: made on
    created: Mapped[datetime] = mapped_column(default=now)
    #: ended
    revoked: Mapped[bool] = mapped_column(default=False)


class Installation(Base):
    """What is true of the whole installation, one row per key."""

    __tablename__ = "installation"

    #: such as "demonstration"
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: its value
    value: Mapped[dict[str, Any]]
