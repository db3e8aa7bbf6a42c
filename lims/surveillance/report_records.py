"""Tables of what people report, and of signals that nobody took up in time."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.surveillance.records import Signal


class HumanReport(Identified, Base):
    """What somebody told: a worker, a hospital, a partner; nothing about who it happened to."""

    __tablename__ = "human_report"
    __table_args__ = (Index("ix_human_report_look", "form", "colour", "at"),)

    #: the signal that it raised
    signal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signal.id"), unique=True)
    #: who told: see surveillance.reporting.Teller
    told_by: Mapped[str] = mapped_column(String(20))
    #: what was seen or happened
    words: Mapped[str] = mapped_column(Text)
    #: vocabulary dosage_form
    form: Mapped[str] = mapped_column(String(32), default="")
    #: vocabulary colour
    colour: Mapped[str] = mapped_column(String(20), default="")
    #: logo in words
    logo: Mapped[str] = mapped_column(String(60), default="")
    #: vocabulary effect, codes
    effects: Mapped[list[str]] = mapped_column(default=list)
    #: region only
    area: Mapped[str] = mapped_column(String(60), default="")
    #: ISO week, such as 2026-W47; never a day
    week: Mapped[str] = mapped_column(String(8), default="")
    #: level that the reporter proposed
    level: Mapped[str] = mapped_column(String(12))
    #: account that wrote it down
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now, index=True)

    signal: Mapped[Signal] = relationship()


class SignalEscalation(Identified, Base):
    """A signal that went past its time, told once for each step and level."""

    __tablename__ = "signal_escalation"
    __table_args__ = (UniqueConstraint("signal_id", "step", "level"),)

    #: signal
    signal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signal.id"))
    #: look or decide: what nobody did in time
    step: Mapped[str] = mapped_column(String(10))
    #: level of the signal then
    level: Mapped[str] = mapped_column(String(12))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)
