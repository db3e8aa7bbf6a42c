"""Table of what a laboratory does not take for a while, so that nobody hands it in for nothing."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.network.records import Site


class ClosedIntake(Identified, Base):
    """A laboratory does not take a kind of sample until a day, and says why."""

    __tablename__ = "closed_intake"

    #: the laboratory
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: vocabulary dosage_form; empty: every form
    form: Mapped[str] = mapped_column(String(32), default="")
    #: see protocols.rules.Technique: only what needs it; empty: whatever the technique
    technique: Mapped[str] = mapped_column(String(20), default="")
    #: first day
    first: Mapped[date]
    #: last day, included
    until: Mapped[date] = mapped_column(index=True)
    #: language → why, in plain words for visitors
    words: Mapped[dict[str, Any]]
    #: account
    closed_by: Mapped[str] = mapped_column(String(80))
    #: when
    closed_at: Mapped[datetime] = mapped_column(default=now)
    #: opened again before its last day
    reopened_at: Mapped[datetime | None]

    laboratory: Mapped[Site] = relationship()
