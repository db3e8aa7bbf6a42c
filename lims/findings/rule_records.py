"""Tables beside the danger rules: drafts, who judged what, and what to look at again."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.findings.records import Finding
from lims.foundation.clock import now
from lims.foundation.database import Base, Identified


class RuleDraft(Identified, Base):
    """A danger rule, or its next version, on its way: judges nothing before it is published."""

    __tablename__ = "rule_draft"

    #: RD-0001 …
    number: Mapped[str] = mapped_column(String(20), unique=True)
    #: key of the rule that it becomes or changes
    rule_key: Mapped[str] = mapped_column(String(60), index=True)
    #: see findings.ruling.RuleDraftState
    state: Mapped[str] = mapped_column(String(12), default="draft", index=True)
    #: all that the version would say, by name of its column
    content: Mapped[dict[str, Any]]
    #: why it is wanted
    why: Mapped[str] = mapped_column(String(400), default="")
    #: version that stood when it was last written; 0: a new rule
    base_version: Mapped[int]
    #: account
    author: Mapped[str] = mapped_column(String(80))
    #: accounts that changed it besides its author; none of them may approve it
    editors: Mapped[list[str]] = mapped_column(default=list)
    #: what the trial on the past said when it was sent to review
    trial: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: begun
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: sent to review
    submitted_at: Mapped[datetime | None]
    #: published or withdrawn
    decided_at: Mapped[datetime | None]
    #: account that published or withdrew it
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    #: why sent back or withdrawn
    reason: Mapped[str] = mapped_column(String(400), default="")
    #: version that it became
    published_version: Mapped[int | None]
    #: optimistic lock
    row_version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": row_version}


class RuleJudgement(Identified, Base):
    """Which version of a danger rule judged a released finding, and how."""

    __tablename__ = "rule_judgement"
    __table_args__ = (
        UniqueConstraint("finding_id", "rule_key"),
        Index("ix_rule_judgement_rule_version", "rule_key", "version", "raises"),
    )

    #: finding
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"))
    #: rule
    rule_key: Mapped[str] = mapped_column(String(60))
    #: its version
    version: Mapped[int]
    #: verdict: the one that raised, or the first
    verdict: Mapped[str] = mapped_column(String(20))
    #: level of the rule
    level: Mapped[str] = mapped_column(String(12))
    #: raised the level of the finding
    raises: Mapped[bool]

    finding: Mapped[Finding] = relationship()


class JudgedAgain(Identified, Base):
    """A released finding that a later version of a rule would judge otherwise; for people."""

    __tablename__ = "judged_again"
    __table_args__ = (UniqueConstraint("finding_id", "rule_key", "version"),)

    #: finding that stands as it was judged
    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("finding.id"))
    #: rule
    rule_key: Mapped[str] = mapped_column(String(60), index=True)
    #: the version that judged again
    version: Mapped[int]
    #: version that judged when the finding was released; 0: none
    before_version: Mapped[int]
    #: raised the level then
    raised: Mapped[bool]
    #: would raise it now
    raises: Mapped[bool]
    #: what the later version says, as message id and values
    words: Mapped[dict[str, Any]]
    #: account that asked
    made_by: Mapped[str] = mapped_column(String(80))
    #: when
    made_at: Mapped[datetime] = mapped_column(default=now)
    #: looked at; the finding stays as it is
    settled_at: Mapped[datetime | None]
    #: account that looked
    settled_by: Mapped[str] = mapped_column(String(80), default="")
    #: why it stays as it is
    reason: Mapped[str] = mapped_column(String(400), default="")

    finding: Mapped[Finding] = relationship()
