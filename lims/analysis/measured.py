"""Tables of what instruments wrote: uploaded files with their spectra, photographs of plates.

The file itself is kept under its hash; a file that cannot be read is kept too, with the sentence
that says why.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class Upload(Identified, Base):
    """A file of an instrument, given to a run for one of its samples."""

    __tablename__ = "upload"
    __table_args__ = (UniqueConstraint("run_id", "sample_id", "role", "sha256"),)

    #: run
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id"), index=True)
    #: sample; empty for a blank or a background
    sample_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sample.id"), index=True)
    #: name that the file had
    name: Mapped[str] = mapped_column(String(200))
    #: of its bytes, kept under this hash
    sha256: Mapped[str] = mapped_column(String(64))
    #: bytes
    size: Mapped[int]
    #: sample, background, blank
    role: Mapped[str] = mapped_column(String(12), default="sample")
    #: read, refused
    state: Mapped[str] = mapped_column(String(12))
    #: why it was refused: a sentence with its values, said in any language
    refusal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: what the person said of its columns: kind, x_unit, y_unit
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: of a row of scans: `places` (minutes or numbers) and `sums` of their intensity
    scans: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)

    spectra: Mapped[list[MeasuredSpectrum]] = relationship(
        order_by="MeasuredSpectrum.block", back_populates="upload", cascade="all, delete-orphan"
    )


class MeasuredSpectrum(Identified, Base):
    """A spectrum of an uploaded file, as read: float64, little-endian."""

    __tablename__ = "measured_spectrum"
    __table_args__ = (UniqueConstraint("upload_id", "block"),)

    #: file
    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("upload.id"))
    #: which of the file, from 0
    block: Mapped[int] = mapped_column(default=0)
    #: ei, msms, ir, raman, uv
    kind: Mapped[str] = mapped_column(String(12))
    #: as the file says
    title: Mapped[str] = mapped_column(String(300), default="")
    #: float64, little-endian
    x: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: float64, little-endian
    y: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: number of points or peaks
    points: Mapped[int]
    #: m/z, cm-1, nm
    x_unit: Mapped[str] = mapped_column(String(20))
    #: absorbance, percent transmittance, relative …
    y_unit: Mapped[str] = mapped_column(String(40))
    #: peaks, not a curve
    sticks: Mapped[bool] = mapped_column(default=False)
    #: other facts of the file
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)

    upload: Mapped[Upload] = relationship(back_populates="spectra")


class PlatePhoto(Base):
    """The photograph of a plate, with the corners and lines that the chemist placed."""

    __tablename__ = "plate_photo"

    #: the run
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id"), primary_key=True)
    #: of the bytes kept, without what the camera wrote about place and time
    sha256: Mapped[str] = mapped_column(String(64))
    #: pixels
    width: Mapped[int]
    #: pixels
    height: Mapped[int]
    #: four [x, y] as fractions of width and height, from top left, clockwise
    corners: Mapped[list[Any]] = mapped_column(default=list)
    #: origin line, fraction of the straightened height from the top
    origin: Mapped[float | None]
    #: solvent front, fraction of the straightened height from the top
    front: Mapped[float | None]
    #: lanes and spots as proposed and edited
    proposal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)
