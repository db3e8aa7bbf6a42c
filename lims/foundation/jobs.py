"""Long work as rows: asked for in the transaction of the act, done by `lims worker`.

A row tells how far the work is, so that a page shows progress and a stopped worker goes on.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Job(Identified, Base):
    """A piece of long work, with its progress."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_created", "state", "created_at"),)

    #: what is to be done, such as "import spectra"
    kind: Mapped[str] = mapped_column(String(40))
    #: what it is about
    subject_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    #: see JobState
    state: Mapped[str] = mapped_column(String(12), default=JobState.WAITING)
    #: what the work needs to know
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: how far, in the unit of `total`
    done: Mapped[int] = mapped_column(default=0)
    #: how much in all; 0 when not known
    total: Mapped[int] = mapped_column(default=0)
    #: what came of it, counted
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: why it failed
    error: Mapped[str] = mapped_column(Text, default="")
    #: how often it was begun
    attempts: Mapped[int] = mapped_column(default=0)
    #: account that asked for it
    by: Mapped[str] = mapped_column(String(80))
    #: asked for
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: begun
    started_at: Mapped[datetime | None]
    #: last sign of life
    heartbeat_at: Mapped[datetime | None]
    #: ended
    ended_at: Mapped[datetime | None]
