"""Tables of products."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class Product(Identified, Base):
    """A series of samples that look alike and are believed to be of one make."""

    __tablename__ = "product"
    __table_args__ = (
        Index("ix_product_look", "form", "colour", "logo_folded"),
        Index("ix_product_listed", "last_seen", "number"),
    )

    #: P-0001 …
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: vocabulary dosage_form
    form: Mapped[str] = mapped_column(String(32))
    #: vocabulary colour
    colour: Mapped[str] = mapped_column(String(20), default="")
    #: logo in words
    logo: Mapped[str] = mapped_column(String(60), default="")
    #: folded for search
    logo_folded: Mapped[str] = mapped_column(String(60), default="")
    #: shape
    shape: Mapped[str] = mapped_column(String(40), default="")
    #: logo on the back, in words
    logo_back: Mapped[str] = mapped_column(String(60), default="", server_default="")
    #: the same folded for search
    logo_back_folded: Mapped[str] = mapped_column(String(60), default="", server_default="")
    #: has a score line, as most of its samples
    score_line: Mapped[bool | None]
    #: usual length mm: the middle of its samples
    length_mm: Mapped[Decimal | None]
    #: usual width mm
    width_mm: Mapped[Decimal | None]
    #: usual thickness mm
    thickness_mm: Mapped[Decimal | None]
    #: usual mass of one unit, mg
    unit_mass_mg: Mapped[Decimal | None]
    #: sold as, most often
    sold_as_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: first hand-in
    first_seen: Mapped[date]
    #: last hand-in
    last_seen: Mapped[date] = mapped_column(index=True)
    #: highest danger among its findings
    danger: Mapped[str] = mapped_column(String(12), default="neutral")
    #: how many samples are filed here now
    samples: Mapped[int] = mapped_column(default=0, server_default="0")
    #: the product that took it over; empty while it stands for itself
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("product.id", deferrable=True, initially="DEFERRED"), index=True
    )
    #: the last of those that took it over, one after the other; empty while it stands for itself
    standing_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    #: when a sample last came or went
    changed_at: Mapped[datetime | None]
    #: when made
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}


class ProductSubstance(Identified, Base):
    """A substance found in a product, derived whenever its samples change."""

    __tablename__ = "product_substance"
    __table_args__ = (
        UniqueConstraint("product_id", "substance_id"),
        Index("ix_product_substance_substance", "substance_id", "product_id"),
    )

    #: product
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("product.id"))
    #: substance
    substance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("substance.id"))
    #: in how many of its samples
    samples: Mapped[int]


class ProductSample(Identified, Base):
    """A sample filed under a product. Moving it is a new row; the old one is ended, not deleted."""

    __tablename__ = "product_sample"
    __table_args__ = (
        UniqueConstraint("current_sample_id"),
        Index("ix_product_sample_product", "product_id", "ended_at"),
    )

    #: product
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("product.id"))
    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"), index=True)
    #: equals sample_id while it stands: a sample is under one product at a time
    current_sample_id: Mapped[uuid.UUID | None]
    #: proposed by the program, or confirmed by a person
    state: Mapped[str] = mapped_column(String(12), default="proposed")
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    filed_at: Mapped[datetime] = mapped_column(default=now)
    #: moved away
    ended_at: Mapped[datetime | None]
    #: the merging or splitting that filed it here
    change_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    #: the filing before, to which undoing leads back
    replaces_id: Mapped[uuid.UUID | None]


class ProductChange(Identified, Base):
    """A merging of two products into one, or a splitting of some samples off into a new one.

    Undoing writes who, when and why beside it; the row stays.
    """

    __tablename__ = "product_change"

    #: merge or split
    kind: Mapped[str] = mapped_column(String(8))
    #: merged: the one that is taken over; split: the one that samples leave
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("product.id"), index=True)
    #: merged: the one that takes over; split: the new one
    other_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("product.id"), index=True)
    #: how many samples went over
    samples: Mapped[int]
    #: why
    reason: Mapped[str] = mapped_column(String(400))
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)
    #: undone when
    undone_at: Mapped[datetime | None]
    #: account that undid it
    undone_by: Mapped[str] = mapped_column(String(80), default="", server_default="")
    #: why it was undone
    undone_why: Mapped[str] = mapped_column(String(400), default="", server_default="")
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}


class LookAlike(Identified, Base):
    """Two products that look alike but are not of one series."""

    __tablename__ = "look_alike"
    __table_args__ = (UniqueConstraint("product_a_id", "product_b_id"),)

    #: one
    product_a_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("product.id"), index=True)
    #: the other
    product_b_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("product.id"), index=True)
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: why
    why: Mapped[str] = mapped_column(String(200), default="")
    #: when linked
    at: Mapped[datetime | None] = mapped_column(default=now)
    #: no link any more since
    ended_at: Mapped[datetime | None]
    #: account that took the link away
    ended_by: Mapped[str] = mapped_column(String(80), default="", server_default="")
    #: why
    ended_why: Mapped[str] = mapped_column(String(400), default="", server_default="")
