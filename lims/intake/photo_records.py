"""The table of photos of samples: only what was re-encoded here is kept, only with agreement."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class SamplePhoto(Identified, Base):
    """One photo of one sample, without anything that the camera wrote beside it."""

    __tablename__ = "sample_photo"

    #: of which sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"), index=True)
    #: front, back, packaging
    side: Mapped[str] = mapped_column(String(12))
    #: SHA-256 of the kept JPEG
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    #: pixels
    width: Mapped[int]
    #: pixels
    height: Mapped[int]
    #: millimetres of one pixel, where a scale was in the picture
    mm_per_px: Mapped[Decimal | None]
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when kept
    kept_at: Mapped[datetime] = mapped_column(default=now)
