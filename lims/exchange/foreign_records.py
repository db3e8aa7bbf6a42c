"""Tables of alerts of other countries: kept apart from ours, as plain text, not verified by us."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.surveillance.records import Signal


class ForeignAlert(Identified, Base):
    """One CAP message of a sender in another country, as it was brought in."""

    __tablename__ = "foreign_alert"
    __table_args__ = (
        Index("ix_foreign_alert_sender_identifier", "sender", "identifier"),
        Index("ix_foreign_alert_sent", "sent"),
    )

    #: who brought it to us, in the words of whoever imported it
    source: Mapped[str] = mapped_column(String(120))
    #: licence or terms as stated
    licence: Mapped[str] = mapped_column(String(200), default="")
    #: sender in the message
    sender: Mapped[str] = mapped_column(String(250))
    #: identifier in the message
    identifier: Mapped[str] = mapped_column(String(250))
    #: sent, in the message
    sent: Mapped[datetime]
    #: Actual, Exercise, System, Test, Draft
    status: Mapped[str] = mapped_column(String(12))
    #: Alert, Update, Cancel
    msg_type: Mapped[str] = mapped_column(String(8))
    #: Extreme to Minor, or Unknown: the gravest of its languages
    severity: Mapped[str] = mapped_column(String(12), index=True)
    #: headlines of every language, for searching
    headlines: Mapped[str] = mapped_column(Text)
    #: what it says in each language, as plain text
    infos: Mapped[list[Any]]
    #: it holds until
    expires: Mapped[datetime | None]
    #: not signed, signed by an unknown sender, signed by a pinned sender
    signature: Mapped[str] = mapped_column(String(40))
    #: SHA-256 of the certificate that signed
    fingerprint: Mapped[str] = mapped_column(String(120), default="")
    #: name in that certificate
    subject: Mapped[str] = mapped_column(String(200), default="")
    #: what the check found: place, grade and message
    remarks: Mapped[list[Any]] = mapped_column(default=list)
    #: SHA-256 of the file
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    #: the file as it came
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: the update or cancel that ended it
    ended_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("foreign_alert.id"))
    #: the signal that somebody made of it
    signal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("signal.id"))
    #: account that brought it in
    brought_by: Mapped[str] = mapped_column(String(80))
    #: when
    brought_at: Mapped[datetime] = mapped_column(default=now)

    ended_by: Mapped[ForeignAlert | None] = relationship(remote_side="ForeignAlert.id")
    signal: Mapped[Signal | None] = relationship()
    cited: Mapped[list[ForeignCitation]] = relationship(order_by="ForeignCitation.place")


class ForeignCitation(Identified, Base):
    """An earlier message that a foreign one cites."""

    __tablename__ = "foreign_citation"
    __table_args__ = (Index("ix_foreign_citation_cited", "sender", "identifier"),)

    #: the message that cites
    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("foreign_alert.id"), index=True)
    #: order in the message
    place: Mapped[int]
    #: sender of what is cited
    sender: Mapped[str] = mapped_column(String(250))
    #: its identifier
    identifier: Mapped[str] = mapped_column(String(250))
