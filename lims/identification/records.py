"""Tables of identification."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake.records import Sample
from lims.library.records import Substance


class CandidateList(Identified, Base):
    """A ranking as it was shown, with everything needed to compute it again."""

    __tablename__ = "candidate_list"

    #: run; empty when it is about all runs on a sample (fusion)
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("run.id"), index=True)
    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"), index=True)
    #: spot, when it is about one spot that still stands on its plate
    spot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("spot.id", ondelete="SET NULL"))
    #: spectrum, when it is about one
    spectrum_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("measured_spectrum.id", ondelete="SET NULL"), index=True
    )
    #: spot, colours, search, mixture, fusion
    method: Mapped[str] = mapped_column(String(12), default="spot", server_default="spot")
    #: library version used
    library_version: Mapped[int]
    #: algorithm version
    algorithm: Mapped[str] = mapped_column(String(40))
    #: parameters used
    parameters: Mapped[dict[str, Any]]
    #: what was observed
    observed: Mapped[dict[str, Any]]
    #: rank, substance key, log-likelihood, posterior, terms
    ranked: Mapped[list[Any]]
    #: when
    made_at: Mapped[datetime] = mapped_column(default=now)


class Decision(Identified, Base):
    """What the chemist decided on a candidate list."""

    __tablename__ = "decision"

    #: list
    candidate_list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("candidate_list.id"))
    #: accepted substance; empty when none
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: accept, reject, undecided
    verdict: Mapped[str] = mapped_column(String(12))
    #: why
    why: Mapped[str] = mapped_column(String(400), default="")
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)


class Unknown(Identified, Base):
    """Something found that no method names yet, numbered across the network."""

    __tablename__ = "unknown"

    #: U-0001 …
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: what was seen of it
    description: Mapped[str] = mapped_column(String(400))
    #: first sample that held it
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"))
    #: solved as
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: when numbered
    at: Mapped[datetime] = mapped_column(default=now)

    sample: Mapped[Sample] = relationship()
    substance: Mapped[Substance | None] = relationship()


class Calibration(Identified, Base):
    """How scores of one method under one protocol become likelihood ratios; the newest counts."""

    __tablename__ = "calibration"
    __table_args__ = (Index("ix_calibration_what", "technique", "protocol", "made_at"),)

    #: technique of the lists it learned from
    technique: Mapped[str] = mapped_column(String(20))
    #: protocol name, all its versions
    protocol: Mapped[str] = mapped_column(String(60))
    #: algorithm that made the scores; a calibration serves that one only
    scores_of: Mapped[str] = mapped_column(String(40))
    #: confirmed samples
    samples: Mapped[int]
    #: confirmed candidates compared
    confirmed: Mapped[int]
    #: rival candidates compared
    rivals: Mapped[int]
    #: intercept, score, gap, centres and widths, prior log-odds, bound
    coefficients: Mapped[dict[str, Any]]
    #: log-loss calibrated and default (cross-validated), and the table of reliability
    reliability: Mapped[dict[str, Any]]
    #: algorithm that fitted it
    algorithm: Mapped[str] = mapped_column(String(40))
    #: when
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: account
    made_by: Mapped[str] = mapped_column(String(80))


class BenchTime(Identified, Base):
    """How long one laboratory says that a protocol takes at its bench; the newest counts."""

    __tablename__ = "bench_time"
    __table_args__ = (Index("ix_bench_time_where", "site_id", "protocol"),)

    #: laboratory
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: protocol name, all its versions
    protocol: Mapped[str] = mapped_column(String(60))
    #: minutes of work for one sample
    minutes: Mapped[Decimal]
    #: how it was timed
    why: Mapped[str] = mapped_column(String(200), default="")
    #: account
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)
