"""Tables of custody."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.custody import rules
from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake.records import Sample
from lims.network.records import Site


class Parcel(Identified, Base):
    """A sealed parcel from one site to another; once sealed its manifest is locked."""

    __tablename__ = "parcel"

    #: number shown to people, such as C-0007
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: see custody.rules.ParcelState
    state: Mapped[str] = mapped_column(String(20), default="draft", index=True)
    #: number of the seal
    seal: Mapped[str] = mapped_column(String(60), default="")
    #: from where
    from_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: to which laboratory
    to_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: transport authorisation
    permit: Mapped[str] = mapped_column(String(80), default="")
    #: function of the carrier, never a name
    carrier_function: Mapped[str] = mapped_column(String(80), default="")
    #: whole parcel with packaging, mg
    gross_mass_mg: Mapped[Decimal | None]
    #: seal found broken at receipt
    seal_broken: Mapped[bool | None]
    #: made
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: sealed
    sealed_at: Mapped[datetime | None]
    #: left
    left_at: Mapped[datetime | None]
    #: first scan at the laboratory
    arrived_at: Mapped[datetime | None]
    #: reconciled
    reconciled_at: Mapped[datetime | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    items: Mapped[list[ParcelItem]] = relationship(
        back_populates="parcel", order_by="ParcelItem.position"
    )
    from_site: Mapped[Site] = relationship(foreign_keys=[from_site_id])
    to_site: Mapped[Site] = relationship(foreign_keys=[to_site_id])

    def move_to(self, state: str) -> None:
        """Move to another state; raises Refused when the table of states does not hold the move."""
        rules.refuse_move(self.state, state)
        self.state = str(state)


class ParcelItem(Identified, Base):
    """A sample in a parcel, and what the scan at the laboratory found of it."""

    __tablename__ = "parcel_item"
    __table_args__ = (
        UniqueConstraint("parcel_id", "sample_id"),
        UniqueConstraint("active_sample_id"),
    )

    #: which parcel
    parcel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("parcel.id"), index=True)
    #: which sample; empty for an unexpected code that no sample has
    sample_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sample.id"), index=True)
    #: equals sample_id while the parcel is active: a sample is in one active parcel at most
    active_sample_id: Mapped[uuid.UUID | None]
    #: the code as scanned
    code: Mapped[str] = mapped_column(String(60))
    #: order on the manifest
    position: Mapped[int] = mapped_column(default=1)
    #: mg declared on the manifest
    mass_mg: Mapped[Decimal | None]
    #: expected, received, missing, unexpected
    scan: Mapped[str] = mapped_column(String(20), default="expected")
    #: when scanned
    scanned_at: Mapped[datetime | None]

    parcel: Mapped[Parcel] = relationship(back_populates="items")
    sample: Mapped[Sample | None] = relationship()


class MassEntry(Identified, Base):
    """One line of the mass ledger: what comes into a site is positive, what goes is negative."""

    __tablename__ = "mass_entry"
    __table_args__ = (Index("ix_mass_entry_sample_site", "sample_id", "site_id"),)

    #: which sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"))
    #: at which site
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: see custody.rules.MassMove
    kind: Mapped[str] = mapped_column(String(20))
    #: mg, signed
    mg: Mapped[Decimal]
    #: when
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: account of the second person, where one is needed
    witness: Mapped[str] = mapped_column(String(80), default="")
    #: why, or which run
    note: Mapped[str] = mapped_column(String(200), default="")
    #: the parcel or run that moved it
    cause_id: Mapped[uuid.UUID | None]

    @classmethod
    def of(
        cls,
        sample_id: uuid.UUID,
        site_id: uuid.UUID,
        kind: rules.MassMove,
        mg: Decimal,
        by: str,
        *,
        witness: str = "",
        cause_id: uuid.UUID | None = None,
    ) -> MassEntry:
        """Make an entry with the sign that its kind of move has."""
        return cls(
            id=uuid.uuid4(),
            sample_id=sample_id,
            site_id=site_id,
            kind=str(kind),
            mg=rules.signed(kind, mg),
            at=now(),
            by=by,
            witness=witness,
            cause_id=cause_id,
        )
