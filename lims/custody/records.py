"""Tables of custody."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.custody import rules
from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake.records import Sample
from lims.network.records import Site


class TransportPermit(Identified, Base):
    """An authorisation to transport, for a site or a route; never changed, only withdrawn."""

    __tablename__ = "transport_permit"

    #: its number, as the authority wrote it
    number: Mapped[str] = mapped_column(String(80))
    #: who issued it, in words
    authority: Mapped[str] = mapped_column(String(120), default="")
    #: from which site
    from_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: to which laboratory; empty: to any
    to_site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    #: which function may carry under it, never a name; empty: any
    carrier_function: Mapped[str] = mapped_column(String(80), default="")
    #: first day of its validity; empty: not stated
    valid_from: Mapped[date | None]
    #: last day of its validity; empty: not stated
    valid_until: Mapped[date | None]
    #: account that wrote it down
    made_by: Mapped[str] = mapped_column(String(80))
    #: when
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: no longer used from then on
    withdrawn_at: Mapped[datetime | None]
    #: why it was withdrawn
    withdrawn_why: Mapped[str] = mapped_column(String(200), default="")

    from_site: Mapped[Site] = relationship(foreign_keys=[from_site_id])
    to_site: Mapped[Site | None] = relationship(foreign_keys=[to_site_id])


class Parcel(Identified, Base):
    """A sealed parcel from one site to another; once sealed its manifest is locked."""

    __tablename__ = "parcel"

    #: number shown to people, such as C-0007
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: see custody.rules.ParcelState
    state: Mapped[str] = mapped_column(String(20), default="draft", index=True)
    #: number of the seal
    seal: Mapped[str] = mapped_column(String(60), default="")
    #: number of a second seal
    seal_2: Mapped[str] = mapped_column(String(60), default="", server_default="")
    #: from where
    from_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: to which laboratory
    to_site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: number of the transport authorisation, as it is printed
    permit: Mapped[str] = mapped_column(String(80), default="")
    #: the authorisation chosen for it
    permit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("transport_permit.id"))
    #: function of the carrier, never a name
    carrier_function: Mapped[str] = mapped_column(String(80), default="")
    #: whole parcel with packaging, mg
    gross_mass_mg: Mapped[Decimal | None]
    #: a seal was found broken or with another number; empty until it was looked at
    seal_broken: Mapped[bool | None]
    #: numbers that the receiver read on the seals
    seal_found: Mapped[str] = mapped_column(String(130), default="", server_default="")
    #: what the receiver saw of a damaged seal
    seal_remark: Mapped[str] = mapped_column(String(280), default="", server_default="")
    #: account of the second person who saw a damaged seal
    seal_witness: Mapped[str] = mapped_column(String(80), default="", server_default="")
    #: SHA-256 of the manifest as it was sealed
    manifest_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    #: why it was sealed though the laboratory needs more of some samples
    lacking_why: Mapped[str] = mapped_column(String(280), default="", server_default="")
    #: why it was declared lost
    lost_why: Mapped[str] = mapped_column(String(280), default="", server_default="")
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
    #: declared lost
    lost_at: Mapped[datetime | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    chosen_permit: Mapped[TransportPermit | None] = relationship()
    items: Mapped[list[ParcelItem]] = relationship(
        back_populates="parcel", order_by="ParcelItem.position"
    )
    from_site: Mapped[Site] = relationship(foreign_keys=[from_site_id])
    to_site: Mapped[Site] = relationship(foreign_keys=[to_site_id])

    def move_to(self, state: str) -> None:
        """Move to another state; raises Refused when the table of states does not hold the move."""
        rules.refuse_move(self.state, state)
        self.state = str(state)


class SealInUse(Base):
    """The number of a seal on a parcel that is under way: no other parcel bears it meanwhile."""

    __tablename__ = "seal_in_use"

    #: the number, upper case, without spaces
    number: Mapped[str] = mapped_column(String(60), primary_key=True)
    #: on which parcel
    parcel_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("parcel.id"), index=True)


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
    #: mg of the tube with its content, as the sender weighed it
    gross_mg: Mapped[Decimal | None]
    #: mg of the tube with its content, as the receiver weighed it
    received_gross_mg: Mapped[Decimal | None]
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
