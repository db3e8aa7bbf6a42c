"""Tables of capacity and of the order of work: what a laboratory said, and what a person moved."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake.records import Sample
from lims.network.records import Site


class StatedCapacity(Identified, Base):
    """What the head of a laboratory said that it can do; never guessed, never changed."""

    __tablename__ = "stated_capacity"

    #: the laboratory
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: see protocols.rules.Technique; empty: any sample
    technique: Mapped[str] = mapped_column(String(20), default="")
    #: so many samples
    samples: Mapped[int]
    #: day (an opening day) or week
    per: Mapped[str] = mapped_column(String(8))
    #: opening days of a week
    days: Mapped[int]
    #: from
    valid_from: Mapped[date]
    #: until, included
    valid_until: Mapped[date | None]
    #: account
    stated_by: Mapped[str] = mapped_column(String(80))
    #: when
    stated_at: Mapped[datetime] = mapped_column(default=now)
    #: taken back on
    withdrawn_at: Mapped[datetime | None]

    laboratory: Mapped[Site] = relationship()


class ClosedDays(Identified, Base):
    """Days on which a laboratory does not work besides those of its week."""

    __tablename__ = "closed_days"

    #: the laboratory
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: first day
    first: Mapped[date]
    #: last day, included
    last: Mapped[date] = mapped_column(index=True)
    #: account
    stated_by: Mapped[str] = mapped_column(String(80))
    #: when
    stated_at: Mapped[datetime] = mapped_column(default=now)
    #: taken back on
    withdrawn_at: Mapped[datetime | None]

    laboratory: Mapped[Site] = relationship()


class TriageRule(Identified, Base):
    """One version of the rule that orders the work: drafted, approved by another, replaced."""

    __tablename__ = "triage_rule"
    __table_args__ = (UniqueConstraint("number"),)

    #: 1, 2 … over all laboratories
    number: Mapped[int]
    #: for one laboratory; empty: for all that have none of their own
    laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"), index=True)
    #: draft, in force, replaced, refused, ended
    state: Mapped[str] = mapped_column(String(12), default="draft", index=True)
    #: the lines in their order: fact and values
    lines: Mapped[list[Any]]
    #: where it comes from and why, in the words of who drafted it
    source: Mapped[str] = mapped_column(String(400))
    #: account
    drafted_by: Mapped[str] = mapped_column(String(80))
    #: when
    drafted_at: Mapped[datetime] = mapped_column(default=now)
    #: account that approved or refused it
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    #: when
    decided_at: Mapped[datetime | None]
    #: why it was refused or ended
    reason: Mapped[str] = mapped_column(String(400), default="")
    #: when it was replaced or ended
    ended_at: Mapped[datetime | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    laboratory: Mapped[Site | None] = relationship()


class QueueMove(Identified, Base):
    """A sample that a person put forward or back in the work list, and why."""

    __tablename__ = "queue_move"
    __table_args__ = (Index("ix_queue_move_sample_ended", "sample_id", "ended_at"),)

    #: the sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"))
    #: forward, back
    step: Mapped[str] = mapped_column(String(8))
    #: why, in a few words without a person
    reason: Mapped[str] = mapped_column(String(120))
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)
    #: put back in its place, or moved again
    ended_at: Mapped[datetime | None]

    sample: Mapped[Sample] = relationship()
