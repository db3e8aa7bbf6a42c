"""Tables of who is told of alerts, and of every message on its way: the outbox.

A recipient is an office, a machine or a reader of the feed, never a person. A delivery is written
in the transaction that publishes, and sent later by the worker.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.alerts.records import AlertVersion
from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class Recipient(Identified, Base):
    """An office, a machine or a reader of the feed, with the audience that it belongs to."""

    __tablename__ = "recipient"

    #: R-0001 …
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: an office, not a person
    name: Mapped[str] = mapped_column(String(120))
    #: mail, webhook, feed
    kind: Mapped[str] = mapped_column(String(12))
    #: functional mailbox or https address; emptied when the recipient is removed
    address: Mapped[str] = mapped_column(String(254), default="")
    #: whose message it reads; empty: it reaches nobody
    audience: Mapped[str] = mapped_column(String(20), default="")
    #: fr, nl, en
    language: Mapped[str] = mapped_column(String(2))
    #: most confidential label that it may be sent
    tlp_ceiling: Mapped[str] = mapped_column(String(20))
    #: daily, weekly; empty: no digest
    digest: Mapped[str] = mapped_column(String(8), default="")
    #: whether it is sent anything now
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: added
    added_at: Mapped[datetime] = mapped_column(default=now)
    #: account
    added_by: Mapped[str] = mapped_column(String(80))
    #: confirmed by a second person
    verified_at: Mapped[datetime | None]
    #: account of the second person
    verified_by: Mapped[str] = mapped_column(String(80), default="")
    #: taken off the list
    removed_at: Mapped[datetime | None]
    #: account that took it off
    removed_by: Mapped[str] = mapped_column(String(80), default="")
    #: why it was taken off
    removed_why: Mapped[str] = mapped_column(String(200), default="")
    #: secret that signs webhooks, encrypted with the key of the server
    secret_sealed: Mapped[str] = mapped_column(String(400), default="")
    #: when that secret was made
    secret_made_at: Mapped[datetime | None]
    #: until when digests have told what was published
    digested_until: Mapped[datetime | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}


class RecipientGroup(Identified, Base):
    """A named list of recipients that is chosen for an alert, or stands by rule."""

    __tablename__ = "recipient_group"

    #: name of the list
    name: Mapped[str] = mapped_column(String(80), unique=True)
    #: alerts, or coordination: its own mailboxes, told of what escalates
    purpose: Mapped[str] = mapped_column(String(12), default="alerts")
    #: receives every alert from this level on without being chosen; empty: only when chosen
    standing_level: Mapped[str] = mapped_column(String(12), default="")
    #: made
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: account
    made_by: Mapped[str] = mapped_column(String(80))
    #: dissolved
    ended_at: Mapped[datetime | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}


class GroupMember(Identified, Base):
    """A recipient in a group; the row goes when it leaves."""

    __tablename__ = "group_member"
    __table_args__ = (UniqueConstraint("group_id", "recipient_id"),)

    #: group
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recipient_group.id"))
    #: recipient
    recipient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recipient.id"), index=True)
    #: since
    added_at: Mapped[datetime] = mapped_column(default=now)
    #: account
    added_by: Mapped[str] = mapped_column(String(80))

    group: Mapped[RecipientGroup] = relationship()
    recipient: Mapped[Recipient] = relationship()


class ChosenGroup(Identified, Base):
    """A group that was chosen for one version of an alert."""

    __tablename__ = "chosen_group"
    __table_args__ = (UniqueConstraint("version_id", "group_id"),)

    #: version of an alert
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert_version.id"))
    #: group
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recipient_group.id"), index=True)


class Delivery(Identified, Base):
    """One message on its way to one recipient; its id is the Message-ID and the event id."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("recipient_id", "about"),
        Index("ix_delivery_state_next", "state", "next_at"),
        Index("ix_delivery_version", "version_id"),
    )

    #: alert, digest, notice
    purpose: Mapped[str] = mapped_column(String(12))
    #: what it tells, so that nothing is queued twice: alert:…, digest:…, unreceived:…
    about: Mapped[str] = mapped_column(String(80))
    #: version of an alert, where it is about one
    version_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("alert_version.id"))
    #: the message that the recipient reads, where it is one
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("alert_message.id"))
    #: to whom
    recipient_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("recipient.id"))
    #: audience that the recipient had when it was queued
    audience: Mapped[str] = mapped_column(String(20))
    #: level of the alert; empty for a digest
    level: Mapped[str] = mapped_column(String(12), default="")
    #: what a digest or notice is made of: a period, numbers; never a substance or place
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: see alerts.delivering.DeliveryState
    state: Mapped[str] = mapped_column(String(12), default="queued")
    #: how often it was taken up
    tries: Mapped[int] = mapped_column(default=0)
    #: when it is tried next
    next_at: Mapped[datetime] = mapped_column(default=now)
    #: the worker that has it; another one may take it up when the time is over
    lease: Mapped[uuid.UUID | None]
    #: until when that worker has it
    leased_until: Mapped[datetime | None]
    #: queued: in the transaction that published
    queued_at: Mapped[datetime] = mapped_column(default=now)
    #: accepted by the mail server or the webhook
    sent_at: Mapped[datetime | None]
    #: a person there has confirmed that it was received
    acknowledged_at: Mapped[datetime | None]
    #: nobody confirmed in time, and the coordination was told
    escalated_at: Mapped[datetime | None]
    #: SHA-256 of the token in its link
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    #: that token, encrypted with the key of the server; emptied once it is sent
    token_sealed: Mapped[str] = mapped_column(String(400), default="")
    #: the link opens nothing from then on
    token_until: Mapped[datetime | None]
    #: why it failed last, as message id and values
    last_error: Mapped[dict[str, Any]] = mapped_column(default=dict)

    recipient: Mapped[Recipient] = relationship()
    version: Mapped[AlertVersion | None] = relationship()
