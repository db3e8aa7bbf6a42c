"""Tables of the reference library."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class Substance(Identified, Base):
    """A substance: identity of the neutral parent, names in three languages, class, role."""

    __tablename__ = "substance"

    #: stable key such as "mdma"
    key: Mapped[str] = mapped_column(String(80), unique=True)
    #: English name
    name_en: Mapped[str] = mapped_column(String(120), index=True)
    #: French name
    name_fr: Mapped[str] = mapped_column(String(120))
    #: Dutch name
    name_nl: Mapped[str] = mapped_column(String(120))
    #: neutral parent
    smiles: Mapped[str] = mapped_column(Text, default="")
    #: of the parent
    inchikey: Mapped[str] = mapped_column(String(27), default="", index=True)
    #: Chemical Abstracts number of the base
    cas: Mapped[str] = mapped_column(String(20), default="")
    #: molecular formula
    formula: Mapped[str] = mapped_column(String(60), default="")
    #: monoisotopic mass, Da
    monoisotopic_mass: Mapped[Decimal | None]
    #: chemical class of substances.csv
    chemical_class: Mapped[str] = mapped_column(String(40), index=True)
    #: usual role, not a verdict
    role: Mapped[str] = mapped_column(String(40))
    #: salts that occur
    salts: Mapped[list[str]] = mapped_column(default=list)
    #: base mass / mono-hydrochloride mass
    salt_factor_hcl: Mapped[Decimal | None]
    #: effect begins later than expected
    late_onset: Mapped[bool] = mapped_column(default=False)
    #: always worth an alert
    always_alert: Mapped[bool] = mapped_column(default=False)
    #: structural groups whose core it contains
    groups: Mapped[list[str]] = mapped_column(default=list)
    #: confirmed, skeleton, unconfirmed, none
    structure_status: Mapped[str] = mapped_column(String(20), default="none")
    #: what the source says of the structure, before anybody here confirmed it; empty: the same
    stated_status: Mapped[str] = mapped_column(String(20), default="", server_default="")
    #: where identity and class come from
    source: Mapped[str] = mapped_column(Text, default="")
    #: account that added it; empty: shipped with the program
    added_by: Mapped[str] = mapped_column(String(80), default="", server_default="")

    @property
    def is_marked(self) -> bool:
        """Tell whether mass, group and drawing are not to be relied on yet."""
        return bool(self.smiles) and self.structure_status != "confirmed"

    def name(self, language: str) -> str:
        return str(getattr(self, f"name_{language}", self.name_en))


class SubstanceName(Identified, Base):
    """A name or synonym, folded for look-up; one folded name may point to several substances."""

    __tablename__ = "substance_name"
    __table_args__ = (UniqueConstraint("folded", "substance_id"),)

    #: lower case, without accents, spaces and punctuation
    folded: Mapped[str] = mapped_column(String(160), index=True)
    #: as written
    name: Mapped[str] = mapped_column(String(160))
    #: what it names
    substance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("substance.id"), index=True)
    #: account that added it; empty: shipped with the program
    added_by: Mapped[str] = mapped_column(String(80), default="", server_default="")


class StructureConfirmation(Identified, Base):
    """One person of the network vouches for the structure of a substance, having compared it."""

    __tablename__ = "structure_confirmation"

    #: which substance
    substance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("substance.id"), index=True)
    #: the key that was vouched for; another structure needs others
    inchikey: Mapped[str] = mapped_column(String(27))
    #: account that vouches
    by: Mapped[str] = mapped_column(String(80))
    #: with what it was compared
    compared_with: Mapped[str] = mapped_column(String(400))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)
    #: when it was taken back
    withdrawn_at: Mapped[datetime | None]
    #: account that took it back
    withdrawn_by: Mapped[str] = mapped_column(String(80), default="")
    #: why it was taken back
    reason: Mapped[str] = mapped_column(String(400), default="")


class ReferenceLot(Identified, Base):
    """A bottle of a reference standard at a laboratory."""

    __tablename__ = "reference_lot"

    #: what it is
    substance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("substance.id"))
    #: where it stands
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), index=True)
    #: base, HCl …
    form: Mapped[str] = mapped_column(String(40), default="base")
    #: supplier
    supplier: Mapped[str] = mapped_column(String(80), default="")
    #: lot number
    lot: Mapped[str] = mapped_column(String(60))
    #: % w/w as certified
    purity: Mapped[Decimal | None]
    #: received on
    received: Mapped[date | None]
    #: opened on
    opened: Mapped[date | None]
    #: not to be used after
    expires: Mapped[date | None]
    #: mg left
    remaining_mg: Mapped[Decimal | None]
    #: where it is kept
    storage: Mapped[str] = mapped_column(String(80), default="", server_default="")
    #: optimistic lock
    row_version: Mapped[int] = mapped_column(default=1, server_default="1")
    __mapper_args__ = {"version_id_col": row_version}


class ReferenceUse(Identified, Base):
    """A change of what is left in a bottle: an amount used, or a count that corrects the figure."""

    __tablename__ = "reference_use"

    #: which bottle
    lot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reference_lot.id"), index=True)
    #: used, corrected
    kind: Mapped[str] = mapped_column(String(12))
    #: mg taken out; negative when a count found more; empty when nothing was known before
    mg: Mapped[Decimal | None]
    #: mg left after it
    left_mg: Mapped[Decimal | None]
    #: what for, or why the figure was wrong
    reason: Mapped[str] = mapped_column(String(400))
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)


class RetentionReference(Identified, Base):
    """A cited retention of a substance in a system (measured ones are RetentionMeasurement)."""

    __tablename__ = "retention_reference"
    __table_args__ = (UniqueConstraint("system", "substance_key"),)

    #: TLC system code such as TA
    system: Mapped[str] = mapped_column(String(20), index=True)
    #: the substance, when it is in the library
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: name as cited
    substance_key: Mapped[str] = mapped_column(String(80))
    #: corrected hRf
    hrf: Mapped[Decimal]
    #: stands on every plate of this system, in this order; 0: not a plate reference
    reference_order: Mapped[int] = mapped_column(default=0)
    #: publication
    source: Mapped[str] = mapped_column(Text)


class RetentionMeasurement(Identified, Base):
    """A corrected hRf measured in a reference lane of an accepted plate."""

    __tablename__ = "retention_measurement"
    __table_args__ = (Index("ix_retention_measurement_where", "protocol_id", "site_id"),)

    #: what was in the lane
    substance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("substance.id"), index=True)
    #: under which protocol version
    protocol_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("protocol_version.id"))
    #: which laboratory
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: which plate
    run_id: Mapped[uuid.UUID] = mapped_column(index=True)
    #: corrected hRf
    hrf: Mapped[Decimal]
    #: demonstration values are marked and stay in the demonstration
    demonstration: Mapped[bool] = mapped_column(default=False)
    #: taken back with its plate: counts nowhere
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    #: when
    measured_at: Mapped[datetime] = mapped_column(default=now)


class ColourMeasurement(Identified, Base):
    """The colours that a standard showed with a reagent on an accepted plate."""

    __tablename__ = "colour_measurement"
    __table_args__ = (Index("ix_colour_measurement_reagent", "reagent", "substance_id"),)

    #: what was in the lane
    substance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("substance.id"), index=True)
    #: reagent code, such as marquis
    reagent: Mapped[str] = mapped_column(String(40))
    #: palette codes in order, ">" between; "none" is a result
    colours: Mapped[str] = mapped_column(String(200))
    #: under which protocol version
    protocol_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("protocol_version.id"))
    #: which laboratory
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: which plate
    run_id: Mapped[uuid.UUID] = mapped_column(index=True)
    #: demonstration values are marked and stay in the demonstration
    demonstration: Mapped[bool] = mapped_column(default=False)
    #: taken back with its plate: counts nowhere
    withdrawn: Mapped[bool] = mapped_column(default=False)
    #: when
    measured_at: Mapped[datetime] = mapped_column(default=now)


class ColourReference(Identified, Base):
    """The ordered palette colours of a substance with a reagent, with the source that says so."""

    __tablename__ = "colour_reference"
    __table_args__ = (Index("ix_colour_reference_reagent", "reagent", "substance_id"),)

    #: such as marquis
    reagent: Mapped[str] = mapped_column(String(40))
    #: which substance
    substance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("substance.id"), index=True)
    #: ">" orders in time, "/" gives alternatives
    colours: Mapped[str] = mapped_column(String(200))
    #: who says so
    source: Mapped[str] = mapped_column(Text)
    #: agree, partial
    agreement: Mapped[str] = mapped_column(String(20))


class VocabularyTerm(Base):
    """A term of a controlled list, with its labels in three languages."""

    __tablename__ = "vocabulary_term"

    #: which list, such as dosage_form
    list_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: code, never renamed
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    #: order on pages
    sort: Mapped[int] = mapped_column(default=0)
    #: language → label
    labels: Mapped[dict[str, Any]]
    #: other columns of the list, such as hex or tedi
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: where the list comes from
    source: Mapped[str] = mapped_column(Text, default="")


class LibraryVersion(Identified, Base):
    """A state of the library; a candidate list names the version it was made with."""

    __tablename__ = "library_version"

    #: 1, 2, 3 …
    number: Mapped[int] = mapped_column(unique=True)
    #: SHA-256 of `parts`
    content_hash: Mapped[str] = mapped_column(String(64))
    #: part of the library → the state that it had, such as the SHA-256 of the shipped tables
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: when
    loaded_at: Mapped[datetime] = mapped_column(default=now)
