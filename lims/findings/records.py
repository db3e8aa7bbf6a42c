"""Tables of findings and of the danger rules that judge them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified
from lims.intake.records import Sample
from lims.library.records import Substance


class DangerRule(Identified, Base):
    """One published version of a danger rule; thresholds are data, never code."""

    __tablename__ = "danger_rule"
    __table_args__ = (UniqueConstraint("rule_key", "version"),)

    #: stable key such as "sp-mdma-120"
    rule_key: Mapped[str] = mapped_column(String(60), index=True)
    #: 1, 2 …
    version: Mapped[int]
    #: substance, class, structural group, flag, role, any
    target_type: Mapped[str] = mapped_column(String(20))
    #: which
    target: Mapped[str] = mapped_column(String(60))
    #: content, any-detection, unexpected, or human (cannot be computed)
    condition: Mapped[str] = mapped_column(String(20))
    #: words of the condition as in its source
    condition_words: Mapped[str] = mapped_column(String(200))
    #: > or >=
    operator: Mapped[str] = mapped_column(String(4), default="")
    #: limit
    limit_value: Mapped[Decimal | None]
    #: unit of the limit
    unit: Mapped[str] = mapped_column(String(30), default="")
    #: base, salt, or empty when the source does not say
    expressed_as: Mapped[str] = mapped_column(String(20), default="")
    #: only for this dosage form
    dosage_form: Mapped[str] = mapped_column(String(20), default="")
    #: only when expected as this substance
    expected_as: Mapped[str] = mapped_column(String(60), default="")
    #: information, caution, warning, red
    level: Mapped[str] = mapped_column(String(12))
    #: where it comes from
    jurisdiction: Mapped[str] = mapped_column(String(60))
    #: source
    source: Mapped[str] = mapped_column(Text)
    #: remark
    note: Mapped[str] = mapped_column(Text, default="")
    #: judges findings; off: shown as context only
    in_force: Mapped[bool] = mapped_column(default=True)
    #: from
    valid_from: Mapped[date | None]
    #: until
    valid_until: Mapped[date | None]
    #: when published
    published_at: Mapped[datetime] = mapped_column(default=now)
    #: account that approved it
    published_by: Mapped[str] = mapped_column(String(80))
    #: account that wrote it; empty when it came with the program
    drafted_by: Mapped[str] = mapped_column(String(80), default="", server_default="")


class Finding(Identified, Base):
    """One version of the conclusion on a sample."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("sample_id", "version"),
        Index("ix_finding_state_released", "state", "released_at"),
    )

    #: sample
    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sample.id"), index=True)
    #: 1, 2 …
    version: Mapped[int]
    #: see findings.rules.FindingState
    state: Mapped[str] = mapped_column(String(20), default="draft")
    #: laboratory that concludes
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    #: vocabulary match_to_expected
    match: Mapped[str] = mapped_column(String(32))
    #: neutral, information, caution, warning, red
    danger: Mapped[str] = mapped_column(String(12), default="neutral")
    #: rules that were weighed: key, version, outcome, level, inputs
    danger_outcomes: Mapped[list[Any]] = mapped_column(default=list)
    #: presumptive, identified, confirmed
    confidence: Mapped[str] = mapped_column(String(12))
    #: why this confidence word, as message id and values
    confidence_reason: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: what was looked for, by run: substances or groups, LOD
    scope: Mapped[list[Any]] = mapped_column(default=list)
    #: what each method says of each substance: rows of the method table
    methods: Mapped[list[Any]] = mapped_column(default=list)
    #: all evidence on the sample as it was kept, when the author cites it
    evidence_list_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("candidate_list.id"))
    #: the author's words on disagreements
    explanation: Mapped[str] = mapped_column(Text, default="")
    #: plain language for the visitor
    text_fr: Mapped[str] = mapped_column(Text)
    #: the same
    text_nl: Mapped[str] = mapped_column(Text)
    #: the same
    text_en: Mapped[str] = mapped_column(Text)
    #: language → the text as composed from the facts now, and the one that stood when a person
    #: edited it: where these differ, the facts have changed under an edited text
    composed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: human rules that the author says are met, by key
    decided: Mapped[list[str]] = mapped_column(default=list)
    #: account
    author: Mapped[str] = mapped_column(String(80))
    #: accounts that changed the draft besides its author; none of them may release it
    co_authors: Mapped[list[str]] = mapped_column(default=list)
    #: account
    verified_by: Mapped[str] = mapped_column(String(80), default="")
    #: drafted
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: sent to verification
    submitted_at: Mapped[datetime | None]
    #: released
    released_at: Mapped[datetime | None] = mapped_column(index=True)
    #: version before
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("finding.id"))
    #: why amended, or why sent back
    reason: Mapped[str] = mapped_column(String(400), default="")
    #: verified by the author under the lone-laboratory exception
    lone_exception: Mapped[bool] = mapped_column(default=False)
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}

    sample: Mapped[Sample] = relationship()
    detections: Mapped[list[Detection]] = relationship(
        back_populates="finding", order_by="Detection.position"
    )

    def text(self, language: str) -> str:
        return str(getattr(self, f"text_{language}", self.text_en))


class Detection(Identified, Base):
    """A substance or unknown in a finding."""

    __tablename__ = "detection"
    __table_args__ = (Index("ix_detection_substance", "substance_id", "finding_id"),)

    #: finding
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"), index=True)
    #: order
    position: Mapped[int] = mapped_column(default=1)
    #: substance
    substance_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("substance.id"))
    #: or a group or an unknown's number
    label: Mapped[str] = mapped_column(String(80), default="")
    #: vocabulary detection_role
    role: Mapped[str] = mapped_column(String(32))
    #: vocabulary abundance
    abundance: Mapped[str] = mapped_column(String(20))
    #: the four answers
    kind: Mapped[str] = mapped_column(String(20))
    #: value
    value: Mapped[Decimal | None]
    #: unit
    unit: Mapped[str] = mapped_column(String(20), default="")
    #: base or salt
    expressed_as: Mapped[str] = mapped_column(String(20), default="")
    #: k = 2
    uncertainty: Mapped[Decimal | None]
    #: limit of detection
    lod: Mapped[Decimal | None]
    #: limit of quantification
    loq: Mapped[Decimal | None]

    finding: Mapped[Finding] = relationship(back_populates="detections")
    substance: Mapped[Substance | None] = relationship()


class Reissue(Identified, Base):
    """A finding that stands and needs a new version, because what it names has been solved."""

    __tablename__ = "reissue"
    __table_args__ = (UniqueConstraint("finding_id", "unknown"),)

    #: finding
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"), index=True)
    #: number of the unknown that it names
    unknown: Mapped[str] = mapped_column(String(20))
    #: what the unknown turned out to be
    substance_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("substance.id"))
    #: account that solved it
    by: Mapped[str] = mapped_column(String(80))
    #: when
    at: Mapped[datetime] = mapped_column(default=now)

    finding: Mapped[Finding] = relationship()
    substance: Mapped[Substance] = relationship()
