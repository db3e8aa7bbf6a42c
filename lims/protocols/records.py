"""Tables of the published protocols and of which site has adopted which version."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class ProtocolVersion(Identified, Base):
    """One published version of a protocol; never changed after publication."""

    __tablename__ = "protocol_version"
    __table_args__ = (UniqueConstraint("name", "version"),)

    #: short name, the same for all versions, such as "tlc-ta"
    name: Mapped[str] = mapped_column(String(60), index=True)
    #: 1, 2, 3 …
    version: Mapped[int]
    #: tlc, reagent, strip, ftir, raman, gcms, lcms, hplc_uv, uv, weighing, appearance, guideline
    technique: Mapped[str] = mapped_column(String(20), index=True)
    #: language → title
    titles: Mapped[dict[str, Any]]
    #: SHA-256 of the canonical document
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: the document as published
    document: Mapped[dict[str, Any]]
    #: when
    published_at: Mapped[datetime] = mapped_column(default=now)
    #: account
    published_by: Mapped[str] = mapped_column(String(80))
    #: the version that this one replaces
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("protocol_version.id"))
    #: no longer to be used for new runs
    withdrawn_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return f"{self.name} {self.version}"
