"""Table of signals."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake.records import Sample
from lims.library.records import Substance
from lims.products.records import Product


class Signal(Identified, Base):
    """A reason to look, with what it rests on."""

    __tablename__ = "signal"
    __table_args__ = (
        Index("ix_signal_state_opened", "state", "opened_at"),
        UniqueConstraint("finding_id", "rule_key"),
    )

    #: S-0001 …
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: rule, first-seen, statistic, human-report, partner
    source: Mapped[str] = mapped_column(String(20))
    #: information, caution, warning, red
    level: Mapped[str] = mapped_column(String(12))
    #: see surveillance.rules.SignalState
    state: Mapped[str] = mapped_column(String(12), default="open")
    #: finding that raised it
    finding_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("finding.id"))
    #: sample concerned
    sample_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sample.id"))
    #: product concerned
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product.id"))
    #: substance concerned
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: danger rule
    rule_key: Mapped[str | None] = mapped_column(String(60))
    #: its version
    rule_version: Mapped[int | None]
    #: message id and values: why
    reason: Mapped[dict[str, Any]]
    #: SHA-256 of what it was computed from
    data_hash: Mapped[str] = mapped_column(String(64), default="")
    #: when opened
    opened_at: Mapped[datetime] = mapped_column(default=now)
    #: first looked at
    looked_at: Mapped[datetime | None]
    #: account that looked first
    looked_by: Mapped[str] = mapped_column(String(80), default="")
    #: decided
    decided_at: Mapped[datetime | None]
    #: account
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    #: why discarded
    decision_reason: Mapped[str] = mapped_column(String(400), default="")
    #: the event it became or was merged into
    event_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    #: or the open signal it was merged into
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("signal.id"))
    #: region, as sites name theirs; empty: not known, or the whole network
    area: Mapped[str] = mapped_column(String(60), default="", server_default="")
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    sample: Mapped[Sample | None] = relationship()
    product: Mapped[Product | None] = relationship()
    substance: Mapped[Substance | None] = relationship()
