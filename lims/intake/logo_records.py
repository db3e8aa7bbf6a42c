"""Tables of the list of logos: a name, other words for it, and what was merged into what."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class Logo(Identified, Base):
    """A mark as the network calls it. Samples keep the words that were typed, and point here."""

    __tablename__ = "logo"

    #: as it is called
    name: Mapped[str] = mapped_column(String(60))
    #: the name folded for comparing
    folded: Mapped[str] = mapped_column(String(60), unique=True)
    #: proposed (typed while registering), or known (a coordinator looked)
    state: Mapped[str] = mapped_column(String(12), default="proposed", index=True)
    #: the entry into which it was merged, empty while it stands for itself
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("logo.id"), index=True)
    #: the entry that stands for it now: itself, or the last into which it was merged
    standing_id: Mapped[uuid.UUID] = mapped_column(index=True)
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    aliases: Mapped[list[LogoAlias]] = relationship(
        back_populates="logo", order_by="LogoAlias.folded", cascade="all, delete-orphan"
    )


class LogoAlias(Identified, Base):
    """Another word for a logo."""

    __tablename__ = "logo_alias"

    #: of which logo
    logo_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("logo.id"), index=True)
    #: as written
    words: Mapped[str] = mapped_column(String(60))
    #: folded for comparing
    folded: Mapped[str] = mapped_column(String(60), unique=True)
    #: account
    by: Mapped[str] = mapped_column(String(80))

    logo: Mapped[Logo] = relationship(back_populates="aliases")
