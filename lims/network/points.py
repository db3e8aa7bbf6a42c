"""Tables of what a testing point tells the public: a draft and what is published of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.network.records import Site


class PointPage(Identified, Base):
    """What the public may read of a testing point; nothing before a coordinator publishes it."""

    __tablename__ = "point_page"

    #: the testing point; one page each
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), unique=True)
    #: last part of the public address
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    #: as it is being edited: hours, words, forms, laboratories behind it
    draft: Mapped[dict[str, Any]]
    #: account of the last edit
    edited_by: Mapped[str] = mapped_column(String(80))
    #: when
    edited_at: Mapped[datetime] = mapped_column(default=now)
    #: as the public reads it; empty: not published
    published: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: account that published it
    published_by: Mapped[str] = mapped_column(String(80), default="")
    #: when
    published_at: Mapped[datetime | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    site: Mapped[Site] = relationship()

    @property
    def is_published(self) -> bool:
        return bool(self.published)

    @property
    def differs(self) -> bool:
        return bool(self.published) and self.draft != self.published
