"""What a template of labels says, and what of it cannot be, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lims.foundation.errors import Problem
from lims.foundation.words import _
from lims.intake import rules
from lims.intake.label_design import (
    FARTHEST,
    MOST_COPIES,
    OWN,
    SMALLEST_TYPE,
    Design,
    LabelLayout,
    own_paper,
    wrong_design,
    wrong_paper,
)
from lims.intake.papers import papers

LARGEST_TYPE = Decimal(16)


@dataclass(frozen=True)
class LabelTemplateFacts:
    """What a template says; measures in mm, type in points; `own` are measures of an own paper."""

    name: str
    paper: str
    fields: tuple[str, ...] = ()
    qr_side: Decimal = Decimal(14)
    text_pt: Decimal = Decimal("7.5")
    copies: int = 1
    offset_x: Decimal = Decimal(0)
    offset_y: Decimal = Decimal(0)
    output: str = "pdf"
    own: Mapping[str, Any] = field(default_factory=dict)

    def layout(self) -> LabelLayout | None:
        """Return its paper, or None for a name that no paper has."""
        return own_paper(self.own) if self.paper == OWN else papers().get(self.paper)

    def design(self) -> Design:
        """Return how its labels look."""
        return Design(
            fields=self.fields,
            qr_side=float(self.qr_side),
            text_pt=float(self.text_pt),
            copies=self.copies,
            offset_x=float(self.offset_x),
            offset_y=float(self.offset_y),
            output=self.output,
        )


def wrong_facts(facts: LabelTemplateFacts) -> list[Problem]:
    """Return, in words, what of a template cannot be."""
    problems = rules.wrong_text("name", facts.name, 60)
    if not facts.name.strip():
        problems.append(Problem("name", _("Give the template a name.")))
    least = Decimal(str(SMALLEST_TYPE))
    if not least <= facts.text_pt <= LARGEST_TYPE:
        told = _("From %(least)s to %(most)s points.", least=least, most=LARGEST_TYPE)
        problems.append(Problem("text_pt", told))
    if not 1 <= facts.copies <= MOST_COPIES:
        problems.append(Problem("copies", _("From 1 to %(most)s.", most=MOST_COPIES)))
    for name in ("offset_x", "offset_y"):
        if abs(getattr(facts, name)) > FARTHEST:
            told = _("At most %(n)s mm to each side.", n=int(FARTHEST))
            problems.append(Problem(name, told))
    paper = facts.layout()
    if paper is None:
        return [*problems, Problem("paper", _("Choose one of the list."))]
    return problems + (wrong_paper(paper) or wrong_design(paper, facts.design()))
