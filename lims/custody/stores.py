"""Tables of keeping: where samples stand, stocktaking, destructions, answered alarms."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake.records import Sample
from lims.network.records import Site


class StoragePlace(Identified, Base):
    """A safe, fridge, cabinet or box of a site; a place may stand inside another."""

    __tablename__ = "storage_place"
    __table_args__ = (UniqueConstraint("site_id", "name"),)

    #: number shown to people and printed on its label, such as P-0007
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: whose place
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: what people call it
    name: Mapped[str] = mapped_column(String(80))
    #: see custody.rules.PlaceKind
    kind: Mapped[str] = mapped_column(String(20))
    #: inside which other place
    inside_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("storage_place.id"))
    #: in use
    active: Mapped[bool] = mapped_column(default=True)
    #: when made
    made_at: Mapped[datetime] = mapped_column(default=now)

    site: Mapped[Site] = relationship()
    inside: Mapped[StoragePlace | None] = relationship(remote_side="StoragePlace.id")


class Placement(Identified, Base):
    """A sample in a place, from when to when: the history of where it stood."""

    __tablename__ = "placement"
    __table_args__ = (
        UniqueConstraint("open_sample_id"),
        Index("ix_placement_place_open", "place_id", "open_sample_id"),
    )

    #: which sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"), index=True)
    #: equals sample_id while it stands there: a sample stands in one place at a time
    open_sample_id: Mapped[uuid.UUID | None]
    #: which place
    place_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("storage_place.id"))
    #: put there
    since: Mapped[datetime] = mapped_column(default=now, index=True)
    #: account that put it there
    by: Mapped[str] = mapped_column(String(80))
    #: taken out
    until: Mapped[datetime | None]
    #: why it was taken out: moved, sent, destroyed …
    until_why: Mapped[str] = mapped_column(String(200), default="")

    place: Mapped[StoragePlace] = relationship()
    sample: Mapped[Sample] = relationship()


class Stocktaking(Identified, Base):
    """A count of what stands in a place, scan by scan, against what the history says."""

    __tablename__ = "stocktaking"

    #: number shown to people, such as T-0007
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: which place
    place_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("storage_place.id"), index=True)
    #: equals place_id until it is closed: one at a time in a place
    open_place_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    #: begun
    started_at: Mapped[datetime] = mapped_column(default=now)
    #: account that counts
    by: Mapped[str] = mapped_column(String(80))
    #: closed
    closed_at: Mapped[datetime | None]

    place: Mapped[StoragePlace] = relationship()
    lines: Mapped[list[StockLine]] = relationship(
        back_populates="stocktaking", order_by="StockLine.position"
    )


class StockLine(Identified, Base):
    """One code of a stocktaking, and what the count found of it."""

    __tablename__ = "stock_line"
    __table_args__ = (UniqueConstraint("stocktaking_id", "code"),)

    #: of which stocktaking
    stocktaking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stocktaking.id"))
    #: which sample; empty for a code that no sample has
    sample_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sample.id"), index=True)
    #: the code as scanned
    code: Mapped[str] = mapped_column(String(60))
    #: order of the scans
    position: Mapped[int] = mapped_column(default=1)
    #: see custody.rules.StockResult
    result: Mapped[str] = mapped_column(String(20))
    #: when scanned, or when the count was closed
    at: Mapped[datetime] = mapped_column(default=now)

    stocktaking: Mapped[Stocktaking] = relationship(back_populates="lines")
    sample: Mapped[Sample | None] = relationship()


class Destruction(Identified, Base):
    """One act of destroying, before two persons; its ledger entries name it as their cause."""

    __tablename__ = "destruction"

    #: number shown to people, such as D-0007
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: where
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: account that destroyed
    by: Mapped[str] = mapped_column(String(80))
    #: account of the second person
    witness: Mapped[str] = mapped_column(String(80))
    #: why
    reason: Mapped[str] = mapped_column(String(280), default="")
    #: how
    method: Mapped[str] = mapped_column(String(120), default="")
    #: when
    at: Mapped[datetime] = mapped_column(default=now, index=True)

    site: Mapped[Site] = relationship()


class SettledAlarm(Identified, Base):
    """An alarm of custody that somebody answered in words; it is not shown any more."""

    __tablename__ = "settled_alarm"
    __table_args__ = (UniqueConstraint("kind", "subject_id"),)

    #: see custody.rules.AlarmKind
    kind: Mapped[str] = mapped_column(String(20))
    #: the parcel, line, ledger entry or sample that raised it
    subject_id: Mapped[uuid.UUID]
    #: at whose site
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: what was done about it
    words: Mapped[str] = mapped_column(String(280))
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)
