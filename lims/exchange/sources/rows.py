"""What a partner's file says, row by row, before anything is written down.

Every value keeps the partner's own words beside our code. A row of a file becomes a sample, part
of a sample, or a problem with its row and column: nothing is dropped silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lims.foundation.words import Message, _


class Role(StrEnum):
    """How the partner ranked a substance in the sample."""

    MAJOR = "major"
    MINOR = "minor"
    UNKNOWN = "unknown"


class QuantityKind(StrEnum):
    """What the number beside a substance means."""

    MG = "mg"
    UG = "ug"
    PERCENT = "percent"
    TRACE = "trace"
    NOT_QUANTIFIED = "not-quantified"
    RATIO = "ratio"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """An entry in the place of a substance that is not a substance."""

    NO_ACTIVE = "no_active"
    UNABLE = "unable"
    TRACE = "trace"
    OTHER = "other"
    BY_PRODUCTS = "by_products"


STATUS_WORDS = {
    Status.NO_ACTIVE: _("No active substance found"),
    Status.UNABLE: _("Not identified"),
    Status.TRACE: _("A trace of something"),
    Status.OTHER: _("Another substance, not named"),
    Status.BY_PRODUCTS: _("By-products of synthesis"),
}


@dataclass(frozen=True)
class Coded:
    """A partner's word and the code of our vocabulary for it, where there is one."""

    code: str | None
    raw: str


@dataclass(frozen=True)
class RowProblem:
    """What is wrong in one place of a file; `left_out` when the row was not taken."""

    file: str
    row: int
    column: str
    message: Message
    left_out: bool = False

    def kept(self) -> dict[str, Any]:
        """Return the problem as it is kept: sentence and values, to be said in any language."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "message": self.message.msgid,
            "values": {key: _plain(value) for key, value in self.message.params.items()},
            "left_out": self.left_out,
        }


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, str, list)) else str(value)


@dataclass(frozen=True)
class PartnerDetectionRow:
    """One substance, or one status phrase, as a partner published it."""

    name_raw: str
    role: Role = Role.UNKNOWN
    amount: Decimal | None = None
    unit: str = ""
    is_mg: bool = False
    quantity_kind: QuantityKind = QuantityKind.NOT_QUANTIFIED
    status: Status | None = None


@dataclass(frozen=True)
class PartnerSampleRow:
    """One sample as a partner published it."""

    source_id: str
    row: int
    file: str = ""
    received: date | None = None
    sold_as: str = ""
    form: Coded | None = None
    colours: tuple[Coded, ...] = ()
    logo: str = ""
    mass_mg: Decimal | None = None
    region: str = ""
    country: str = ""
    route: Coded | None = None
    analysed: bool = True
    not_analysed_reason: Coded | None = None
    detections: tuple[PartnerDetectionRow, ...] = ()
    effects: tuple[Coded, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """A whole file or folder as read: its samples, its problems, and how the rows add up."""

    source: str
    sha256: str
    files: tuple[str, ...]
    sample_rows: int
    detection_rows: int
    samples: tuple[PartnerSampleRow, ...]
    problems: tuple[RowProblem, ...]
    repeated_rows: int = 0

    @property
    def left_out(self) -> int:
        """Return how many rows were not taken."""
        return len({(p.file, p.row) for p in self.problems if p.left_out})
