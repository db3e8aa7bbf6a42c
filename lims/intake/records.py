"""Tables of the intake."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake import rules
from lims.intake.device_records import Device
from lims.intake.logo_records import Logo
from lims.library.records import Substance
from lims.network.records import Site


class SampleCodeBlock(Identified, Base):
    """A run of codes given to a site or device, so that two tables never clash."""

    __tablename__ = "sample_code_block"

    #: number shown to people
    number: Mapped[int] = mapped_column(unique=True)
    #: who may use it
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: device or pad of printed labels
    device: Mapped[str] = mapped_column(String(60), default="")
    #: the enrolled device that alone hands them out
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Device.id), index=True)
    #: when made
    made_at: Mapped[datetime] = mapped_column(default=now)


class SampleCode(Base):
    """One code of a block."""

    __tablename__ = "sample_code"
    __table_args__ = (Index("ix_sample_code_free", "block_id", "used", "code"),)

    #: 8 characters with the check character
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: its block
    block_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample_code_block.id"))
    #: already on a sample
    used: Mapped[bool] = mapped_column(default=False)


class Visit(Identified, Base):
    """One person at the table, without any identity; all answers are optional."""

    __tablename__ = "visit"

    #: where
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: the day, coarsened with time
    day: Mapped[date] = mapped_column(index=True)
    #: name of the session or event
    session_name: Mapped[str] = mapped_column(String(80), default="")
    #: language of the talk
    language: Mapped[str] = mapped_column(String(2), default="fr")
    #: first visit to a drug-checking service
    first_visit: Mapped[bool | None]
    #: vocabulary age_band
    age_band: Mapped[str] = mapped_column(String(20), default="")
    #: vocabulary gender
    gender: Mapped[str] = mapped_column(String(20), default="")
    #: vocabulary table_scale: what was weighed with in this session
    table_scale: Mapped[str] = mapped_column(String(20), default="", server_default="")
    #: account that registered
    registered_by: Mapped[str] = mapped_column(String(80))
    #: when recorded
    recorded_at: Mapped[datetime] = mapped_column(default=now)

    samples: Mapped[list[Sample]] = relationship(back_populates="visit", order_by="Sample.position")
    site: Mapped[Site] = relationship()


class Ticket(Identified, Base):
    """The visitor's ticket: a selector, and the argon2id hash of a secret that is kept nowhere."""

    __tablename__ = "ticket"

    #: whose visit
    visit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    #: finds the row
    selector: Mapped[str] = mapped_column(String(8), unique=True)
    #: argon2id(secret); emptied when destroyed or purged
    secret_hash: Mapped[str] = mapped_column(String(200))
    #: when made
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: the visitor asked to destroy it
    destroyed_at: Mapped[datetime | None]


class Sample(Identified, Base):
    """What a visitor handed in: what it was sold as, what it looks like, what they agreed to."""

    __tablename__ = "sample"
    __table_args__ = (
        Index("ix_sample_site_state", "site_id", "state"),
        Index("ix_sample_look", "form", "colour"),
    )

    #: on the tube
    code: Mapped[str] = mapped_column(String(8), unique=True)
    #: a partner's own barcode, kept beside
    outside_code: Mapped[str] = mapped_column(String(60), default="", index=True)
    #: the visit
    visit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    #: where handed in
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: order within the visit
    position: Mapped[int] = mapped_column(default=1)
    #: see intake.rules.SampleState
    state: Mapped[str] = mapped_column(String(20), default="registered", index=True)
    #: vocabulary not_analysed_reason
    not_analysed_reason: Mapped[str] = mapped_column(String(40), default="")
    #: the laboratory that has it or will have it
    laboratory_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"), index=True)

    #: vocabulary dosage_form
    form: Mapped[str] = mapped_column(String(32))
    #: sold as, when the substance is in the library
    sold_as_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"), index=True)
    #: sold as, verbatim; "unknown" when the person does not know
    sold_as: Mapped[str] = mapped_column(String(120))
    #: what the person believes it is, when different
    believed_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: street name verbatim
    street_name: Mapped[str] = mapped_column(String(80), default="")
    #: vocabulary colour
    colour: Mapped[str] = mapped_column(String(20), default="")
    #: second colour
    colour_2: Mapped[str] = mapped_column(String(20), default="")
    #: logo on the front, in words
    logo: Mapped[str] = mapped_column(String(60), default="", index=True)
    #: the entry of the list of logos that the words named
    logo_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("logo.id"), index=True)
    #: logo on the back
    logo_back: Mapped[str] = mapped_column(String(60), default="")
    #: the entry that the words on the back named
    logo_back_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("logo.id"), index=True)
    #: shape in words or code
    shape: Mapped[str] = mapped_column(String(40), default="")
    #: has a score line
    score_line: Mapped[bool | None]
    #: mm
    length_mm: Mapped[Decimal | None]
    #: mm
    width_mm: Mapped[Decimal | None]
    #: mm
    thickness_mm: Mapped[Decimal | None]
    #: how many units were handed in
    units: Mapped[int | None]
    #: mg handed in, in all
    mass_mg: Mapped[Decimal | None]
    #: mg of one unit (a tablet)
    unit_mass_mg: Mapped[Decimal | None]
    #: whole, part
    whole_or_part: Mapped[str] = mapped_column(String(10), default="")
    #: words on the packaging
    packaging: Mapped[str] = mapped_column(String(120), default="")
    #: euro
    price: Mapped[Decimal | None]
    #: vocabulary price_per
    price_per: Mapped[str] = mapped_column(String(20), default="")
    #: vocabulary obtained_from
    obtained_from: Mapped[str] = mapped_column(String(32), default="")
    #: region only
    obtained_region: Mapped[str] = mapped_column(String(60), default="")
    #: ISO week in which it was obtained, such as 2026-W47; never a day
    obtained_week: Mapped[str] = mapped_column(String(8), default="", server_default="")
    #: vocabulary route
    route: Mapped[str] = mapped_column(String(20), default="")
    #: vocabulary effect, codes
    effects: Mapped[list[str]] = mapped_column(default=list)
    #: already taken by somebody
    already_taken: Mapped[bool | None]
    #: what it was taken with, by name, verbatim
    taken_with: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    #: vocabulary incident_link
    incident_link: Mapped[str] = mapped_column(String(32), default="")
    #: agrees that the analysis destroys the sample
    consent_destroy: Mapped[bool] = mapped_column(default=False)
    #: agrees to a second laboratory
    consent_second_laboratory: Mapped[bool] = mapped_column(default=False)
    #: agrees that the data are used again
    consent_data: Mapped[bool] = mapped_column(default=False)
    #: agrees to a photograph
    consent_photo: Mapped[bool] = mapped_column(default=False)
    #: short note on the sample, screened, purged
    note: Mapped[str] = mapped_column(String(280), default="")
    #: when recorded
    recorded_at: Mapped[datetime] = mapped_column(default=now, index=True)
    #: in its present state since then; empty: since it was recorded
    state_since: Mapped[datetime | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    visit: Mapped[Visit] = relationship(back_populates="samples")
    site: Mapped[Site] = relationship(foreign_keys=[site_id])
    sold_as_substance: Mapped[Substance | None] = relationship(foreign_keys=[sold_as_id])
    logo_entry: Mapped[Logo | None] = relationship(foreign_keys=[logo_id])

    def move_to(self, state: str) -> None:
        """Move to another state; raises Refused when the table of states does not hold the move."""
        rules.refuse_move(self.state, state)
        self.state, self.state_since = str(state), now()


class NotAccepted(Identified, Base):
    """Something that was brought and not taken in: counted, without anything of the person."""

    __tablename__ = "not_accepted"
    __table_args__ = (Index("ix_not_accepted_site_week", "site_id", "week"),)

    #: where
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: the day
    day: Mapped[date]
    #: its ISO week, such as 2026-W47: what is counted by
    week: Mapped[str] = mapped_column(String(8))
    #: vocabulary not_accepted_reason
    reason: Mapped[str] = mapped_column(String(32))
    #: vocabulary dosage_form, empty when nobody looked
    form: Mapped[str] = mapped_column(String(32), default="")
    #: account
    by: Mapped[str] = mapped_column(String(80))
