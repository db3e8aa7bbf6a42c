"""Tables of the offline table: devices, what is reserved for them, and what arrived from them."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.network.records import Site


class Device(Identified, Base):
    """A tablet or telephone that a site trusts to record without network."""

    __tablename__ = "device"

    #: what people call it
    name: Mapped[str] = mapped_column(String(60))
    #: where it works; another site enrols it again
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: account that enrolled it
    enrolled_by: Mapped[str] = mapped_column(String(80))
    #: when enrolled
    enrolled_at: Mapped[datetime] = mapped_column(default=now)
    #: name of the newest key under which it sealed, or was told to seal
    seal_key: Mapped[str] = mapped_column(String(16))
    #: last day on which it sent or asked something
    last_seen: Mapped[date | None]
    #: given up or lost: its unused codes and selectors are void
    withdrawn_at: Mapped[datetime | None]
    #: account that withdrew it
    withdrawn_by: Mapped[str] = mapped_column(String(80), default="")
    #: why
    withdrawn_reason: Mapped[str] = mapped_column(String(120), default="")

    site: Mapped[Site] = relationship()


class ReservedSelector(Base):
    """The public half of a ticket that one device will make, and nobody else."""

    __tablename__ = "reserved_selector"
    __table_args__ = (Index("ix_reserved_selector_device_used", "device_id", "used"),)

    #: five characters that find a ticket
    selector: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: for whom
    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("device.id"))
    #: the request that asked for it, so that asking again gives the same
    request_id: Mapped[uuid.UUID] = mapped_column(index=True)
    #: a ticket has it
    used: Mapped[bool] = mapped_column(default=False)


class OutboxReceipt(Base):
    """That a sealed record arrived and was taken: once, whatever the network did."""

    __tablename__ = "outbox_receipt"

    #: identifier of the sealed record, made by the device
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: which device sent it
    device_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("device.id"), index=True)
    #: what kind of record
    kind: Mapped[str] = mapped_column(String(40))
    #: SHA-256 of the text as it was sent
    hash: Mapped[str] = mapped_column(String(64))
    #: when it arrived
    received_at: Mapped[datetime] = mapped_column(default=now, index=True)
    #: the record it became
    subject_id: Mapped[uuid.UUID]
    #: how far the device's clock was behind (less than zero: ahead), when it told the time
    skew_seconds: Mapped[int | None]
