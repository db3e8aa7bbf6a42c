"""Tables of quality."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.database import Base, Identified


class Instrument(Identified, Base):
    """An instrument of a laboratory."""

    __tablename__ = "instrument"
    __table_args__ = (UniqueConstraint("site_id", "name"),)

    #: where
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: its name there
    name: Mapped[str] = mapped_column(String(80))
    #: technique
    technique: Mapped[str] = mapped_column(String(20))
    #: calibrated until
    calibrated_until: Mapped[date | None]
    #: not to be used
    out_of_service: Mapped[bool] = mapped_column(default=False)


class ReagentLot(Identified, Base):
    """A lot of a reagent or strip."""

    __tablename__ = "reagent_lot"
    __table_args__ = (UniqueConstraint("site_id", "reagent", "lot"),)

    #: where
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: reagent code such as marquis, or strip target such as fentanyl
    reagent: Mapped[str] = mapped_column(String(40))
    #: number on the bottle
    lot: Mapped[str] = mapped_column(String(60))
    #: not to be used after
    expires: Mapped[date]
    #: last checked with a positive and a negative
    checked_on: Mapped[date | None]
    #: the last check did not give what it should; the lot is not to be used
    check_failed: Mapped[bool] = mapped_column(default=False)
    #: limit of detection stated by the manufacturer, with its unit
    stated_lod: Mapped[str] = mapped_column(String(60), default="")
