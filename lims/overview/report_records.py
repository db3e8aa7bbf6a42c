"""Tables of reports: meetings with focal points, and the network's reports with their bytes.

A meeting holds a day, a kind of partner and a topic of a list: no name, no words.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class FocalMeeting(Identified, Base):
    """A meeting with a focal point, written down by hand."""

    __tablename__ = "focal_meeting"

    #: on which day
    day: Mapped[date] = mapped_column(index=True)
    #: see overview.meeting_rules.Partner
    partner: Mapped[str] = mapped_column(String(24))
    #: see overview.meeting_rules.Topic
    topic: Mapped[str] = mapped_column(String(24))
    #: account
    noted_by: Mapped[str] = mapped_column(String(80))
    #: when
    noted_at: Mapped[datetime] = mapped_column(default=now)
    #: withdrawn on: it was written down by mistake
    withdrawn_at: Mapped[datetime | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}


class NetworkReport(Identified, Base):
    """One edition of a half-yearly or yearly report; frozen when another person approves it."""

    __tablename__ = "network_report"
    __table_args__ = (UniqueConstraint("period", "edition"),)

    #: 2026-1, 2026-2, 2026
    period: Mapped[str] = mapped_column(String(8), index=True)
    #: 1, 2 … a later one corrects the one before
    edition: Mapped[int]
    #: draft, approved, replaced
    state: Mapped[str] = mapped_column(String(12), default="draft", index=True)
    #: the figures as they were when they were drawn up
    contents: Mapped[dict[str, Any]]
    #: when the figures were drawn up
    drawn_at: Mapped[datetime] = mapped_column(default=now)
    #: language → commentary of the coordinator
    commentary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: language → what this edition changes, from the second on
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: account that drafted it
    author: Mapped[str] = mapped_column(String(80))
    #: accounts that changed it besides
    editors: Mapped[list[str]] = mapped_column(default=list)
    #: account that approved it
    approved_by: Mapped[str] = mapped_column(String(80), default="")
    #: when
    approved_at: Mapped[datetime | None] = mapped_column(index=True)
    #: SHA-256 over the names and hashes of its files
    hash: Mapped[str] = mapped_column(String(64), default="")
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    files: Mapped[list[ReportFile]] = relationship(order_by="ReportFile.name")


class ReportFile(Base):
    """A file of an approved report, byte for byte."""

    __tablename__ = "report_file"

    #: the report
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("network_report.id"), primary_key=True)
    #: such as report-2026-1-fr.pdf
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    #: may be read by everybody
    public: Mapped[bool] = mapped_column(default=False)
    #: SHA-256 of the bytes
    sha256: Mapped[str] = mapped_column(String(64))
    #: how many bytes
    size: Mapped[int]
    #: the bytes
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
