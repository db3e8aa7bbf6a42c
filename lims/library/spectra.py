"""Tables of the reference spectra: libraries with their licence, and the spectra they hold."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.library.records import Substance


class SpectrumLibrary(Identified, Base):
    """A collection of reference spectra of one kind, with its source and licence."""

    __tablename__ = "spectrum_library"

    #: as people call it
    name: Mapped[str] = mapped_column(String(120), unique=True)
    #: ei, msms, ir, raman, uv
    kind: Mapped[str] = mapped_column(String(12), index=True)
    #: licence as stated by its maker
    licence: Mapped[str] = mapped_column(Text)
    #: may leave this network
    exportable: Mapped[bool] = mapped_column(default=False)
    #: who made it, where it comes from
    source: Mapped[str] = mapped_column(Text, default="")
    #: edition as its maker numbers it
    edition: Mapped[str] = mapped_column(String(60), default="")
    #: laboratory that may use it; empty: the whole network
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    #: holds spectra that this network measured itself, each reviewed alone
    own: Mapped[bool] = mapped_column(default=False)
    #: holds the few strongest ions of each spectrum; never part of a search of whole spectra
    few: Mapped[bool] = mapped_column(default=False)
    #: draft, reviewed, retired
    state: Mapped[str] = mapped_column(String(12), default="draft")
    #: account that brought it in
    added_by: Mapped[str] = mapped_column(String(80))
    #: another account that put it in use
    reviewed_by: Mapped[str] = mapped_column(String(80), default="")
    #: when put in use
    reviewed_at: Mapped[datetime | None]
    #: why it was retired
    reason: Mapped[str] = mapped_column(String(400), default="")
    #: when brought in
    at: Mapped[datetime] = mapped_column(default=now)
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}


class ReferenceSpectrum(Identified, Base):
    """A reference spectrum with its numbers as little-endian float64, and where it comes from."""

    __tablename__ = "reference_spectrum"
    __table_args__ = (
        UniqueConstraint("library_id", "hash"),
        Index("ix_reference_spectrum_use", "kind", "state"),
        Index("ix_reference_spectrum_standing", "library_id", "state", "row_version"),
        Index("ix_reference_spectrum_unresolved", "substance_id", "identity"),
    )

    #: library
    library_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("spectrum_library.id"))
    #: substance of the library; empty while its structure is not resolved
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: what it is of, for deciding once: first block of the InChIKey, else the folded name
    identity: Mapped[str] = mapped_column(String(160), default="")
    #: name as given
    name: Mapped[str] = mapped_column(String(300), default="")
    #: as given or computed from the structure
    inchikey: Mapped[str] = mapped_column(String(27), default="", index=True)
    #: as given
    smiles: Mapped[str] = mapped_column(Text, default="")
    #: as given
    formula: Mapped[str] = mapped_column(String(120), default="")
    #: salt and solid form; bands depend on it, ions do not
    form: Mapped[str] = mapped_column(String(60), default="")
    #: ei, msms, ir, raman, uv
    kind: Mapped[str] = mapped_column(String(12))
    #: SHA-256 of the numbers and the identity
    hash: Mapped[str] = mapped_column(String(64))
    #: float64, little-endian
    x: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: float64, little-endian
    y: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: number of points or peaks
    points: Mapped[int]
    #: nominal m/z of the ten strongest peaks, strongest first, each between commas
    ions: Mapped[str] = mapped_column(String(80), default="")
    #: m/z, cm-1, nm
    x_unit: Mapped[str] = mapped_column(String(20))
    #: relative, absorbance …
    y_unit: Mapped[str] = mapped_column(String(40))
    #: m/z of the ion that was broken
    precursor_mz: Mapped[float | None] = mapped_column(index=True)
    #: such as [M+H]+
    precursor_type: Mapped[str] = mapped_column(String(40), default="")
    #: as written
    collision_energy: Mapped[str] = mapped_column(String(80), default="")
    #: positive, negative
    ion_mode: Mapped[str] = mapped_column(String(12), default="")
    #: as written
    instrument: Mapped[str] = mapped_column(String(200), default="")
    #: Kováts or similar
    retention_index: Mapped[float | None]
    #: other facts of the file
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: draft, reviewed, retired; included: it stands or falls with its library
    state: Mapped[str] = mapped_column(String(12), default="draft")
    #: account
    added_by: Mapped[str] = mapped_column(String(80))
    #: another account
    reviewed_by: Mapped[str] = mapped_column(String(80), default="")
    #: when reviewed
    reviewed_at: Mapped[datetime | None]
    #: why it was retired
    reason: Mapped[str] = mapped_column(String(400), default="")
    #: confirmed sample that it was measured on
    sample_id: Mapped[uuid.UUID | None]
    #: run that measured it
    run_id: Mapped[uuid.UUID | None]
    #: when added
    at: Mapped[datetime] = mapped_column(default=now)
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    library: Mapped[SpectrumLibrary] = relationship()
    substance: Mapped[Substance | None] = relationship()


class SpectrumImport(Identified, Base):
    """A file of reference spectra that somebody brought in, and how far its import is."""

    __tablename__ = "spectrum_import"

    #: name that the file had
    name: Mapped[str] = mapped_column(String(200))
    #: of its bytes, kept under this hash
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    #: bytes
    size: Mapped[int] = mapped_column(BigInteger)
    #: looked at, refused, importing, done
    state: Mapped[str] = mapped_column(String(12), default="looked at")
    #: why the whole file was refused, as message id and values
    refusal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: library that it goes into, once that is said
    library_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("spectrum_library.id"))
    #: kind asked for: records of another kind are refused
    kind: Mapped[str] = mapped_column(String(12), default="")
    #: place in the file, bytes; an interrupted import goes on here
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    #: records read
    read: Mapped[int] = mapped_column(default=0)
    #: spectra added
    added: Mapped[int] = mapped_column(default=0)
    #: records that the library held already
    duplicates: Mapped[int] = mapped_column(default=0)
    #: spectra added whose substance is not known
    unresolved: Mapped[int] = mapped_column(default=0)
    #: records refused, all of them
    refused: Mapped[int] = mapped_column(default=0)
    #: the first refused ones: place and sentence
    refusals: Mapped[list[Any]] = mapped_column(default=list)
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    library: Mapped[SpectrumLibrary | None] = relationship()


class IdentityDecision(Base):
    """What a person decided on a name or structure that the library did not know."""

    __tablename__ = "identity_decision"

    #: first block of the InChIKey, or the folded name
    identity: Mapped[str] = mapped_column(String(160), primary_key=True)
    #: what it is; empty: it stays without a substance
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)
