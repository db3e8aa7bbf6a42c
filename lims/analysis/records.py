"""Tables of the analyses."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake.records import Sample
from lims.library.records import Substance
from lims.protocols.records import ProtocolVersion


class Run(Identified, Base):
    """One run of a protocol on one or more samples: the unit that a second person verifies."""

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_site_state", "site_id", "state"),)

    #: number shown to people, such as R-0031
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: technique of the protocol
    technique: Mapped[str] = mapped_column(String(20))
    #: the published version followed
    protocol_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("protocol_version.id"))
    #: its hash at that moment
    protocol_hash: Mapped[str] = mapped_column(String(64))
    #: which laboratory
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: account of the analyst
    analyst: Mapped[str] = mapped_column(String(80), index=True)
    #: instrument used
    instrument_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("instrument.id"))
    #: library version in force
    library_version: Mapped[int] = mapped_column(default=0)
    #: see analysis.rules.RunState
    state: Mapped[str] = mapped_column(String(20), default="recorded")
    #: began
    started_at: Mapped[datetime] = mapped_column(default=now)
    #: sent to verification
    ended_at: Mapped[datetime | None]
    #: account of the verifier
    verified_by: Mapped[str] = mapped_column(String(80), default="")
    #: when verified
    verified_at: Mapped[datetime | None]
    #: the run that this one repeats
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("run.id"))
    #: why it was withdrawn, sent back or repeated
    reason: Mapped[str] = mapped_column(String(400), default="")
    #: departures from the protocol, in words
    deviation: Mapped[str] = mapped_column(String(400), default="")
    #: what was seen, in words
    note: Mapped[str] = mapped_column(Text, default="")
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    protocol: Mapped[ProtocolVersion] = relationship()
    samples: Mapped[list[RunSample]] = relationship(order_by=lambda: RunSample.position)
    answers: Mapped[list[Answer]] = relationship(
        order_by="Answer.position", back_populates="run", cascade="all, delete-orphan"
    )


class RunSample(Base):
    """A sample in a run, and the mass that the run used of it."""

    __tablename__ = "run_sample"

    #: run
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id"), primary_key=True)
    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("sample.id"), primary_key=True, index=True
    )
    #: order
    position: Mapped[int] = mapped_column(default=1)
    #: mg used
    used_mg: Mapped[Decimal | None]

    sample: Mapped[Sample] = relationship()


class Plate(Base):
    """The plate of a TLC run: distances in mm from the origin line."""

    __tablename__ = "plate"

    #: the run
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id"), primary_key=True)
    #: TLC system code of the protocol
    system: Mapped[str] = mapped_column(String(20))
    #: distance from origin to solvent front, mm
    front_mm: Mapped[Decimal | None]
    lanes: Mapped[list[Lane]] = relationship(
        order_by="Lane.position", back_populates="plate", cascade="all, delete-orphan"
    )


class Lane(Identified, Base):
    """A lane: sample, reference, co-spot or blank."""

    __tablename__ = "lane"
    __table_args__ = (UniqueConstraint("run_id", "position"),)

    #: plate
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("plate.run_id"))
    #: from the left, 1 …
    position: Mapped[int]
    #: sample, reference, co-spot, blank
    role: Mapped[str] = mapped_column(String(20))
    #: what was spotted, when a sample (or co-spot)
    sample_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sample.id"), index=True)
    #: which reference lot, when a reference (or co-spot)
    lot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reference_lot.id"))

    plate: Mapped[Plate] = relationship(back_populates="lanes")
    sample: Mapped[Sample | None] = relationship()
    spots: Mapped[list[Spot]] = relationship(order_by="Spot.label", cascade="all, delete-orphan")


class Spot(Identified, Base):
    """A spot: hRf and corrected hRf are derived from the distance, never stored."""

    __tablename__ = "spot"
    __table_args__ = (UniqueConstraint("lane_id", "label"),)

    #: lane
    lane_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lane.id"))
    #: a, b, c …
    label: Mapped[str] = mapped_column(String(4))
    #: mm from the origin
    distance_mm: Mapped[Decimal]
    #: strong, medium, faint
    intensity: Mapped[str] = mapped_column(String(12), default="medium")
    #: leaves a tail
    tailing: Mapped[bool] = mapped_column(default=False)
    #: reference substance that this spot is, in a reference lane of several
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: plate reference of the protocol that this spot is, such as "chlorprothixene"
    reference: Mapped[str] = mapped_column(String(80), default="")

    observations: Mapped[list[SpotObservation]] = relationship(
        order_by="SpotObservation.position", cascade="all, delete-orphan"
    )


class SpotObservation(Identified, Base):
    """What a spot shows under UV or after a reagent: ordered palette colours."""

    __tablename__ = "spot_observation"
    __table_args__ = (UniqueConstraint("spot_id", "step"),)

    #: spot
    spot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("spot.id"))
    #: uv254, uv365, or a reagent code
    step: Mapped[str] = mapped_column(String(40))
    #: order
    position: Mapped[int] = mapped_column(default=1)
    #: palette codes in order, ">" between; "none" is a result. For UV: dark, bright, none
    colours: Mapped[str] = mapped_column(String(120))
    #: reagent lot
    lot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reagent_lot.id"))


class ReagentTest(Identified, Base):
    """A colour test on a sample."""

    __tablename__ = "reagent_test"

    #: run
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id"), index=True)
    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"))
    #: reagent code
    reagent: Mapped[str] = mapped_column(String(40))
    #: palette code at 0, 30 and 60 s
    at_0: Mapped[str] = mapped_column(String(20))
    #: palette code
    at_30: Mapped[str] = mapped_column(String(20), default="")
    #: palette code
    at_60: Mapped[str] = mapped_column(String(20), default="")
    #: lot
    lot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reagent_lot.id"))


class StripTest(Identified, Base):
    """A test strip on a sample."""

    __tablename__ = "strip_test"

    #: run
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id"), index=True)
    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"))
    #: what the strip looks for: fentanyl, nitazene, benzodiazepine …
    target: Mapped[str] = mapped_column(String(40))
    #: positive, negative, invalid
    result: Mapped[str] = mapped_column(String(12))
    #: mg/ml of the solution tested
    dilution_mg_ml: Mapped[Decimal | None]
    #: lot
    lot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reagent_lot.id"))


class Peak(Identified, Base):
    """A peak entered by hand: a wavenumber, a retention time with its ions."""

    __tablename__ = "peak"

    #: run
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id"), index=True)
    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"))
    #: order
    position: Mapped[int] = mapped_column(default=1)
    #: cm-1, or minutes
    place: Mapped[Decimal]
    #: cm-1 or min
    unit: Mapped[str] = mapped_column(String(10))
    #: relative height or area, %
    height: Mapped[Decimal | None]
    #: strongest ions, m/z, comma separated
    ions: Mapped[str] = mapped_column(String(200), default="")
    #: what the analyst assigns it to
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: library match as the instrument's software says
    match_score: Mapped[str] = mapped_column(String(40), default="")
    #: library that gave the match
    match_library: Mapped[str] = mapped_column(String(80), default="")


class Weighing(Identified, Base):
    """A weighing of a sample."""

    __tablename__ = "weighing"

    #: run
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id"), index=True)
    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"))
    #: mg
    mg: Mapped[Decimal]
    #: k = 2, mg
    uncertainty_mg: Mapped[Decimal | None]
    #: one unit, or the whole
    of: Mapped[str] = mapped_column(String(10), default="whole")


class Answer(Identified, Base):
    """What one run says of one substance in one sample: one of the four answers, with figures."""

    __tablename__ = "answer"
    __table_args__ = (Index("ix_answer_sample", "sample_id", "substance_id"),)

    #: run
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("run.id"), index=True)
    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"))
    #: order
    position: Mapped[int] = mapped_column(default=1)
    #: substance; empty for a group or an unknown
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: group (strip target, structural group) or number of an unknown
    group: Mapped[str] = mapped_column(String(60), default="")
    #: see analysis.states.AnswerKind
    kind: Mapped[str] = mapped_column(String(20))
    #: value
    value: Mapped[Decimal | None]
    #: mg per unit, mg/g, % …
    unit: Mapped[str] = mapped_column(String(20), default="")
    #: base, or the salt by name
    expressed_as: Mapped[str] = mapped_column(String(20), default="")
    #: k = 2, same unit
    uncertainty: Mapped[Decimal | None]
    #: limit of detection, same unit
    lod: Mapped[Decimal | None]
    #: limit of quantification, same unit
    loq: Mapped[Decimal | None]
    #: number of replicates
    replicates: Mapped[int] = mapped_column(default=1)
    #: mg of sample on which the value stands
    basis_mg: Mapped[Decimal | None]
    #: major, minor, trace, present
    abundance: Mapped[str] = mapped_column(String(20), default="")
    #: in words
    remark: Mapped[str] = mapped_column(Text, default="")
    #: what it stands on, such as the candidate list that was accepted
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)

    substance: Mapped[Substance | None] = relationship()
    run: Mapped[Run] = relationship(back_populates="answers")
