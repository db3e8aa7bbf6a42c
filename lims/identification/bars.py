"""Evidence bars as plain lengths: one bar per observation, to the right for, to the left against.

The page draws them as SVG attributes; the facts beside them say the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lims.identification.evidence import EvidenceTerm

ZERO = 118
PER_NAT = 24.0
LONGEST_FOR = 164.0
LONGEST_AGAINST = 50.0
ROW = 18
LETTERS = 11


@dataclass(frozen=True)
class Bar:
    """One bar: where it begins, how long it is, its side, the words at its left."""

    label: str
    y: int
    x: float
    width: float
    side: str


def evidence_bars(terms: Sequence[EvidenceTerm]) -> list[Bar]:
    """Return the bars of a candidate, in the order observed; a length is 24 units per nat."""
    return [_bar(term, ROW * place) for place, term in enumerate(terms)]


def _bar(term: EvidenceTerm, top: int) -> Bar:
    label = "hRf" if term.kind == "hrf" else term.about
    label = label if len(label) <= LETTERS else label[: LETTERS - 1] + "…"
    if term.log_ratio < 0:
        width = min(LONGEST_AGAINST, max(1.0, -term.log_ratio * PER_NAT))
        return Bar(label, top, round(ZERO - width, 1), round(width, 1), "against")
    width = min(LONGEST_FOR, max(1.0, term.log_ratio * PER_NAT))
    return Bar(label, top, ZERO, round(width, 1), "for" if term.log_ratio > 0 else "none")
