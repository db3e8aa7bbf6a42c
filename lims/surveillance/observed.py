"""Tables of surveillance: the flat table that is counted, the series, the runs, and the evidence.

An observation holds no code and no site: a region, a week, what was declared, what was found.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.library.records import Substance
from lims.surveillance.records import Signal


class Observation(Identified, Base):
    """One analysed sample (no substance), or one substance that was found in it."""

    __tablename__ = "observation"
    __table_args__ = (
        Index(
            "ix_observation_series",
            *("counts", "origin", "counted_as_id", "region", "declared_id", "week"),
            *("lot", "in_time"),
        ),
        Index("ix_observation_origin", "origin", "origin_id"),
        Index("ix_observation_amount", "origin", "counted_as_id", "week"),
    )

    #: own, or the key of a partner source
    origin: Mapped[str] = mapped_column(String(40))
    #: the finding that stands, or the partner's sample
    origin_id: Mapped[uuid.UUID]
    #: own sample
    sample_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sample.id"), index=True)
    #: product under which the sample was filed when it arrived
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("product.id"), index=True)
    #: day on which the result entered the database: it decides what may raise a signal
    arrived_on: Mapped[date]
    #: day of analysis: where it is drawn
    analysed_on: Mapped[date]
    #: Monday of the ISO week of analysis
    week: Mapped[date]
    #: ISO week of hand-in, such as 2026-W47; never a day
    handed_in: Mapped[str] = mapped_column(String(8), default="")
    #: region; empty when not known
    region: Mapped[str] = mapped_column(String(80), default="")
    #: service that tested it, where the source names several; empty: one, or not named
    service: Mapped[str] = mapped_column(String(80), default="", server_default="")
    #: vocabulary dosage_form
    form: Mapped[str] = mapped_column(String(32), default="")
    #: what it was sold as: the product line
    declared_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: number of the lot: samples of one product that came together count once
    lot: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    #: what was found; empty: this line says only that the sample was analysed
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: the one of its stereoisomers under which it is counted
    counted_as_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: counted: an analysis, or a substance that is identified or confirmed, once per sample
    counts: Mapped[bool]
    #: arrived while its week was in the window that is judged; else back-dated
    in_time: Mapped[bool]
    #: the four answers
    kind: Mapped[str] = mapped_column(String(20), default="")
    #: value
    amount: Mapped[Decimal | None]
    #: unit
    unit: Mapped[str] = mapped_column(String(20), default="")
    #: base or salt
    expressed_as: Mapped[str] = mapped_column(String(20), default="")
    #: presumptive, identified, confirmed
    confidence: Mapped[str] = mapped_column(String(12), default="")
    #: vocabulary detection_role
    role: Mapped[str] = mapped_column(String(32), default="")


class WatchedSeries(Identified, Base):
    """One series as the last run of the watch built and judged it."""

    __tablename__ = "watched_series"
    __table_args__ = (Index("ix_watched_series_list", "origin", "recent", "positives"),)

    #: own, or the key of a partner source
    origin: Mapped[str] = mapped_column(String(40))
    #: what is counted
    substance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("substance.id"), index=True)
    #: region; empty: all
    region: Mapped[str] = mapped_column(String(80), default="")
    #: product line; empty: all
    declared_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: Monday of the first week
    first_week: Mapped[date]
    #: week by week, in lots and in samples: positives, totals, of both how many were back-dated
    numbers: Mapped[dict[str, Any]]
    #: positives in all
    positives: Mapped[int]
    #: positives in the last four complete weeks
    recent: Mapped[int]
    #: what each method said: alarm, bound, expected, p, or why it is silent
    said: Mapped[dict[str, Any]]
    #: methods in alarm, in the order of trust, joined with commas; empty: quiet
    alarms: Mapped[str] = mapped_column(String(120), default="", index=True)

    substance: Mapped[Substance] = relationship(foreign_keys=[substance_id])
    declared: Mapped[Substance | None] = relationship(foreign_keys=[declared_id])


class WatchRun(Identified, Base):
    """One run of all detectors over all series, so that false alarms can be counted."""

    __tablename__ = "watch_run"

    #: begun
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    #: how long it took, s
    seconds: Mapped[Decimal]
    #: Monday of the last week that was judged
    week: Mapped[date]
    #: how many weeks were judged
    weeks: Mapped[int]
    #: version of the detectors
    version: Mapped[str] = mapped_column(String(40))
    #: parameters of the run
    parameters: Mapped[dict[str, Any]]
    #: series that were built
    series: Mapped[int]
    #: method → how many series were judged
    tested: Mapped[dict[str, Any]]
    #: method → why → how many series were too short
    silent: Mapped[dict[str, Any]]
    #: method → how many alarms stood after the correction for many tests
    alarms: Mapped[dict[str, Any]]
    #: signals raised
    fired: Mapped[int]
    #: alarms that raised nothing because their matter is under work
    held_off: Mapped[int]
    #: account
    by: Mapped[str] = mapped_column(String(80))


class SignalEvidence(Identified, Base):
    """What a computed signal rests on: enough to compute it again, exactly."""

    __tablename__ = "signal_evidence"

    #: signal
    signal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signal.id"), unique=True)
    #: what it is about, in one word: the same matter is not raised twice
    matter: Mapped[str] = mapped_column(String(200), index=True)
    #: own, or the key of a partner source
    origin: Mapped[str] = mapped_column(String(40), default="own")
    #: region; empty: the whole network
    region: Mapped[str] = mapped_column(String(80), default="")
    #: Monday of the week that is judged
    week: Mapped[date | None]
    #: the series, as the list of series names it
    series_id: Mapped[uuid.UUID | None]
    #: algorithm
    algorithm: Mapped[str] = mapped_column(String(40))
    #: its version
    version: Mapped[int]
    #: parameters
    parameters: Mapped[dict[str, Any]]
    #: what went in, up to that week
    inputs: Mapped[dict[str, Any]]
    #: what came out
    outcome: Mapped[dict[str, Any]]
    #: what other methods and series said of the same matter
    supporting: Mapped[list[Any]]

    signal: Mapped[Signal] = relationship()
