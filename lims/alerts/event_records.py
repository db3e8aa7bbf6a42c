"""Table of the verification steps of an event."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.alerts.records import Event
from lims.analysis.records import Run
from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake.records import Sample


class EventCheck(Identified, Base):
    """One step of the verification as somebody ticked it, with the record that shows it."""

    __tablename__ = "event_check"

    #: event
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("event.id"), index=True)
    #: see alerts.checking.Step
    step: Mapped[str] = mapped_column(String(20))
    #: see alerts.checking.Answer
    answer: Mapped[str] = mapped_column(String(20))
    #: run that shows it
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("run.id"))
    #: or sample
    sample_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sample.id"))
    #: in words
    words: Mapped[str] = mapped_column(String(400), default="")
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)

    event: Mapped[Event] = relationship()
    run: Mapped[Run | None] = relationship()
    sample: Mapped[Sample | None] = relationship()
