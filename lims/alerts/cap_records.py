"""Table of CAP messages: the bytes that were issued, kept for ever.

A row is written once, when its version is published. The program refuses to change or remove one;
its hash also stands in the journal, whose chain proves it.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.foundation.errors import Refused
from lims.foundation.words import _


class CapMessage(Identified, Base):
    """The file of one published version of an alert, as it was issued."""

    __tablename__ = "cap_message"
    __table_args__ = (Index("ix_cap_message_alert_issued", "alert_id", "issued_at"),)

    #: alert
    alert_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert.id"))
    #: its version
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("alert_version.id"), unique=True)
    #: identifier in the message and name of the file
    identifier: Mapped[str] = mapped_column(String(200), unique=True)
    #: sender in the message
    sender: Mapped[str] = mapped_column(String(250))
    #: Alert, Update, Cancel
    msg_type: Mapped[str] = mapped_column(String(8))
    #: the messages that it cites, as written in it, the oldest first
    cited: Mapped[str] = mapped_column(Text, default="")
    #: the signed file
    content: Mapped[bytes] = mapped_column(LargeBinary)
    #: SHA-256 of the file
    sha256: Mapped[str] = mapped_column(String(64))
    #: sent, in the message, and issued
    issued_at: Mapped[datetime] = mapped_column(default=now, index=True)


def _refuse(*_given: Any) -> None:
    raise Refused(_("An issued message never changes. An update or a withdrawal is a new one."))


event.listen(CapMessage, "before_update", _refuse)
event.listen(CapMessage, "before_delete", _refuse)
