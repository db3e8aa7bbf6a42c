"""Tables of counselling."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class Talk(Identified, Base):
    """A talk about findings."""

    __tablename__ = "talk"

    #: sample talked about
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"), index=True)
    #: visit
    visit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    #: where
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: the day
    day: Mapped[date]
    #: language of the talk
    language: Mapped[str] = mapped_column(String(2))
    #: version of the finding shown
    finding_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("finding.id"))
    #: keys of the advice cards given
    advice: Mapped[list[str]] = mapped_column(default=list)
    #: vocabulary intention_after_result
    intention: Mapped[str] = mapped_column(String(32), default="")
    #: sterile material, naloxone … given
    material: Mapped[str] = mapped_column(String(120), default="")
    #: referred to
    referral: Mapped[str] = mapped_column(String(120), default="")
    #: minutes
    minutes: Mapped[int | None]
    #: free words, emptied after 30 days
    note: Mapped[str] = mapped_column(String(400), default="")
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when recorded
    recorded_at: Mapped[datetime] = mapped_column(default=now)
