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
    __table_args__ = (Index("ix_product_look", "form", "colour", "logo_folded"),)

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
    #: usual length mm
    length_mm: Mapped[Decimal | None]
    #: sold as, most often
    sold_as_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: first hand-in
    first_seen: Mapped[date]
    #: last hand-in
    last_seen: Mapped[date] = mapped_column(index=True)
    #: highest danger among its findings
    danger: Mapped[str] = mapped_column(String(12), default="neutral")
    #: when made
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}


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
