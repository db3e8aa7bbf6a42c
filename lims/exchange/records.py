"""Tables of what comes from partner services, and of what was given out."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.library.records import Substance


class PartnerImport(Identified, Base):
    """One import of a file of another service."""

    __tablename__ = "partner_import"

    #: source key such as wedinos
    source: Mapped[str] = mapped_column(String(40), index=True)
    #: licence or terms as stated
    licence: Mapped[str] = mapped_column(Text)
    #: day on which the delivery was fetched from its source
    fetched_on: Mapped[date | None]
    #: SHA-256 of the content
    file_hash: Mapped[str] = mapped_column(String(64), index=True)
    #: counts and problems as reported
    report: Mapped[dict[str, Any]]
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)


class PartnerSample(Identified, Base):
    """A sample of another service."""

    __tablename__ = "partner_sample"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index("ix_partner_sample_received", "received"),
        Index("ix_partner_sample_to_review", "to_review", "received"),
    )

    #: import that brought it
    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partner_import.id"), index=True)
    #: source key
    source: Mapped[str] = mapped_column(String(40))
    #: identifier there
    source_id: Mapped[str] = mapped_column(String(80))
    #: received or analysed on
    received: Mapped[date | None]
    #: sold as, as published
    sold_as: Mapped[str] = mapped_column(String(200), default="")
    #: resolved
    sold_as_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: our dosage_form code
    form: Mapped[str] = mapped_column(String(32), default="")
    #: our colour codes
    colours: Mapped[list[str]] = mapped_column(default=list)
    #: logo or product name
    name: Mapped[str] = mapped_column(String(200), default="")
    #: mg of one unit
    mass_mg: Mapped[Decimal | None]
    #: region, coarse
    region: Mapped[str] = mapped_column(String(80), default="")
    #: country as published
    country: Mapped[str] = mapped_column(String(80), default="")
    #: our route code
    route: Mapped[str] = mapped_column(String(32), default="")
    #: effects reported by the person, our codes and the source's words
    effects: Mapped[list[Any]] = mapped_column(default=list)
    #: analysed
    analysed: Mapped[bool]
    #: our not_analysed_reason code
    not_analysed_reason: Mapped[str] = mapped_column(String(40), default="")
    #: the source's own words
    not_analysed_raw: Mapped[str] = mapped_column(String(200), default="")
    #: flags such as nitazene, pmma
    flags: Mapped[list[str]] = mapped_column(default=list)
    #: danger rules that would apply: a review list, never an alert
    review: Mapped[list[Any]] = mapped_column(default=list)
    #: waits for a person to look at it
    to_review: Mapped[bool] = mapped_column(default=False)
    #: reviewed by a person
    reviewed_at: Mapped[datetime | None]
    #: the row as published
    raw: Mapped[dict[str, Any]]
    #: SHA-256 of the row and its detections, to tell a changed row from a known one
    content_hash: Mapped[str] = mapped_column(String(64))

    detections: Mapped[list[PartnerDetection]] = relationship(order_by="PartnerDetection.place")


class PartnerDetection(Identified, Base):
    """A substance that another service reports."""

    __tablename__ = "partner_detection"

    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partner_sample.id"), index=True)
    #: as published
    name: Mapped[str] = mapped_column(String(200), index=True)
    #: resolved
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"), index=True)
    #: major, minor or empty
    role: Mapped[str] = mapped_column(String(20), default="")
    #: number as published
    amount: Mapped[Decimal | None]
    #: mg, ug, percent, trace, not-quantified, ratio, unknown
    amount_kind: Mapped[str] = mapped_column(String(20), default="")
    #: no_active, unable, trace, other, by_products: an outcome, not a substance; else empty
    status: Mapped[str] = mapped_column(String(20), default="")
    #: order as published
    place: Mapped[int] = mapped_column(default=0)

    substance: Mapped[Substance | None] = relationship(viewonly=True)


class UnresolvedName(Identified, Base):
    """A name that no substance of the library bears, waiting for a person."""

    __tablename__ = "unresolved_name"
    __table_args__ = (UniqueConstraint("source", "name"),)

    #: source key
    source: Mapped[str] = mapped_column(String(40))
    #: as published
    name: Mapped[str] = mapped_column(String(200))
    #: how often
    occurrences: Mapped[int] = mapped_column(default=0)
    #: waiting, resolved, ignored
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    #: resolved as
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: candidates when ambiguous, keys
    candidates: Mapped[list[str]] = mapped_column(default=list)
    #: account
    decided_by: Mapped[str] = mapped_column(String(80), default="")


class DataExport(Identified, Base):
    """A file of rows that left the house: who, when, which columns, how much; not its contents."""

    __tablename__ = "data_export"
    __table_args__ = (Index("ix_data_export_at", "at"),)

    #: column set such as bewsd
    format: Mapped[str] = mapped_column(String(20))
    #: version of its columns
    format_version: Mapped[str] = mapped_column(String(20))
    #: csv, xlsx
    kind: Mapped[str] = mapped_column(String(8))
    #: first day of the period
    since: Mapped[date]
    #: last day of the period
    until: Mapped[date]
    #: rows given out
    rows: Mapped[int]
    #: rows left out because they lacked what the format requires
    left_out: Mapped[int] = mapped_column(default=0)
    #: SHA-256 of the file
    file_hash: Mapped[str] = mapped_column(String(64))
    #: bytes
    size: Mapped[int]
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)


class OpenRelease(Identified, Base):
    """The open data of one closed quarter: prepared by one person, published by another, for ever.

    A quarter is counted once. What changes afterwards never changes its files.
    """

    __tablename__ = "open_release"

    #: quarter such as 2026-Q3
    period: Mapped[str] = mapped_column(String(8), unique=True)
    #: prepared, published, withdrawn
    state: Mapped[str] = mapped_column(String(12), default="prepared")
    #: SHA-256 of the definitions of the cubes
    definitions_hash: Mapped[str] = mapped_column(String(64))
    #: licence of the files, as set when it was prepared
    licence: Mapped[str] = mapped_column(Text)
    #: numbers told, withheld and sensitive, by cube
    summary: Mapped[dict[str, Any]]
    #: account that prepared it
    prepared_by: Mapped[str] = mapped_column(String(80))
    #: when
    prepared_at: Mapped[datetime] = mapped_column(default=now)
    #: account that published it
    published_by: Mapped[str] = mapped_column(String(80), default="")
    #: when
    published_at: Mapped[datetime | None]
    #: account that took it off the public page
    withdrawn_by: Mapped[str] = mapped_column(String(80), default="")
    #: when
    withdrawn_at: Mapped[datetime | None]
    #: why it was taken off
    reason: Mapped[str] = mapped_column(String(400), default="")
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    files: Mapped[list[OpenFile]] = relationship(order_by="OpenFile.name")


class OpenFile(Identified, Base):
    """One file of a release, kept as the bytes that are served."""

    __tablename__ = "open_file"
    __table_args__ = (UniqueConstraint("release_id", "name"),)

    #: release
    release_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("open_release.id"))
    #: such as results.csv
    name: Mapped[str] = mapped_column(String(40))
    #: media type
    media: Mapped[str] = mapped_column(String(60))
    #: SHA-256 of the content
    sha256: Mapped[str] = mapped_column(String(64))
    #: bytes
    size: Mapped[int]
    #: the content
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
