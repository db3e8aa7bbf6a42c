"""Tables of events and alerts."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.library.records import Substance
from lims.products.records import Product


class Event(Identified, Base):
    """Something under verification, made of one or more signals."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_substance_state", "substance_id", "state"),
        Index("ix_event_product_state", "product_id", "state"),
    )

    #: E-0001 …
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: short title
    title: Mapped[str] = mapped_column(String(120))
    #: see alerts.rules.EventState
    state: Mapped[str] = mapped_column(String(12), default="pending")
    #: product concerned
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product.id"))
    #: substance concerned
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: level of the strongest signal
    level: Mapped[str] = mapped_column(String(12))
    #: hazard, exposure, certainty: 1 to 3 each, with words and dissent, one per assessor
    assessments: Mapped[list[Any]] = mapped_column(default=list)
    #: when
    opened_at: Mapped[datetime] = mapped_column(default=now)
    #: account that opened it
    opened_by: Mapped[str] = mapped_column(String(80), default="")
    #: confirmed or refuted
    decided_at: Mapped[datetime | None]
    #: account that decided
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    #: why
    decision_reason: Mapped[str] = mapped_column(String(400), default="")
    #: region that all its signals share; empty: several, or not known
    area: Mapped[str] = mapped_column(String(60), default="", server_default="")
    #: the event that took it in
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("event.id"), index=True)
    #: the closed event that it follows
    follows_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("event.id"))
    #: what was merged or re-opened, with the decision and the assessments that stood before
    history: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    product: Mapped[Product | None] = relationship()
    substance: Mapped[Substance | None] = relationship()


class Alert(Identified, Base):
    """An alert under one number, with its versions."""

    __tablename__ = "alert"

    #: 2026-001 …
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: the event
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("event.id"))
    #: product
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product.id"), index=True)
    #: substance
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"), index=True)
    #: made
    made_at: Mapped[datetime] = mapped_column(default=now)

    event: Mapped[Event | None] = relationship()
    versions: Mapped[list[AlertVersion]] = relationship(
        back_populates="alert", order_by="AlertVersion.version"
    )


class AlertVersion(Identified, Base):
    """One version of an alert; published once, by another person than its author."""

    __tablename__ = "alert_version"
    __table_args__ = (
        UniqueConstraint("alert_id", "version"),
        Index("ix_alert_version_state_published", "state", "published_at"),
    )

    #: alert
    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id"))
    #: 1, 2 …
    version: Mapped[int]
    #: alert, update, withdrawal
    kind: Mapped[str] = mapped_column(String(12), default="alert")
    #: see alerts.rules.AlertState
    state: Mapped[str] = mapped_column(String(12), default="draft")
    #: information, caution, warning, red
    level: Mapped[str] = mapped_column(String(12))
    #: facts, structured once: what, appearance, content range, n, why, what to do
    facts: Mapped[dict[str, Any]]
    #: account
    author: Mapped[str] = mapped_column(String(80))
    #: accounts that changed it before it was sent to review
    editors: Mapped[list[str]] = mapped_column(default=list)
    #: account
    approved_by: Mapped[str] = mapped_column(String(80), default="")
    #: why updated, withdrawn or sent back
    reason: Mapped[str] = mapped_column(String(400), default="")
    #: a decision is asked on that day
    review_on: Mapped[date]
    #: drafted
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: published
    published_at: Mapped[datetime | None]
    #: ended (updated, withdrawn, expired, superseded)
    ended_at: Mapped[datetime | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    alert: Mapped[Alert] = relationship(back_populates="versions")
    messages: Mapped[list[AlertMessage]] = relationship(order_by="AlertMessage.audience")
    picture: Mapped[AlertPicture | None] = relationship()

    def note_editor(self, account: str) -> None:
        """Note who changed a draft: nobody approves what they wrote a part of.

        The version becomes a new one for whoever has the old page open, also when only its texts
        or its picture changed, by somebody who had changed it before.
        """
        self.editors = list(dict.fromkeys([*self.editors, account]))
        flag_modified(self, "editors")


class AlertMessage(Identified, Base):
    """The message of one audience in one language; never one document with hidden parts."""

    __tablename__ = "alert_message"
    __table_args__ = (UniqueConstraint("alert_version_id", "audience", "language"),)

    #: version
    alert_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert_version.id"))
    #: public, rdr-network, health, judicial-police, socio-preventive, focal-point
    audience: Mapped[str] = mapped_column(String(20))
    #: fr, nl, en
    language: Mapped[str] = mapped_column(String(2))
    #: headline
    headline: Mapped[str] = mapped_column(String(200))
    #: body, plain text with empty lines between paragraphs
    body: Mapped[str] = mapped_column(Text)
    #: traffic light protocol label
    tlp: Mapped[str] = mapped_column(String(20))


class AlertPicture(Identified, Base):
    """The picture of a version: the product on plain ground, encoded anew from bare pixels."""

    __tablename__ = "alert_picture"

    #: version
    alert_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert_version.id"), unique=True)
    #: file under this hash
    sha256: Mapped[str] = mapped_column(String(64))
    #: pixels
    width: Mapped[int]
    #: pixels
    height: Mapped[int]
    #: account that chose it
    by: Mapped[str] = mapped_column(String(80))
