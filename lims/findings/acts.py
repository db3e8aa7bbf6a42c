"""What may be asked of a finding, and what it tells when it stands: plain commands."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True)
class FindingReleased:
    """A finding, or a new version of one, now stands."""

    finding_id: uuid.UUID
    sample_id: uuid.UUID
    version: int


@dataclass(frozen=True)
class DraftFinding:
    """A first conclusion on a sample, composed from its verified runs."""

    sample_id: uuid.UUID
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class ChooseDetection:
    """What the author says of one proposed detection."""

    key: str
    role: str = ""
    abundance: str = ""
    kept: bool = True


@dataclass(frozen=True)
class EditFinding:
    """A change of a draft. An empty text asks for the composed one."""

    finding_id: uuid.UUID
    detections: tuple[ChooseDetection, ...] = ()
    match: str = ""
    explanation: str = ""
    evidence_list_id: uuid.UUID | None = None
    decided: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    row_version: int | None = None


@dataclass(frozen=True)
class SubmitFinding:
    """Sign a draft and ask for the second reading."""

    finding_id: uuid.UUID
    row_version: int | None = None


@dataclass(frozen=True)
class ReleaseFinding:
    """Sign as the second person, having read every disagreement (keys of the method table)."""

    finding_id: uuid.UUID
    disagreements_read: tuple[str, ...] = ()
    lone_exception: bool = False
    row_version: int | None = None


@dataclass(frozen=True)
class SendBackFinding:
    """Give a finding back to its author with a question."""

    finding_id: uuid.UUID
    reason: str
    row_version: int | None = None


@dataclass(frozen=True)
class AmendFinding:
    """Begin a new version of a released finding."""

    finding_id: uuid.UUID
    reason: str
    id: uuid.UUID | None = None
    row_version: int | None = None
