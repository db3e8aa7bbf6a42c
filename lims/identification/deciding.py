"""What every decision on a list of candidates shares: the verdict, the reason, its record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.words import _
from lims.identification.records import CandidateList, Decision
from lims.library.records import Substance

LONGEST_WHY = 400


class Verdict(StrEnum):
    """What a person decides on a list of candidates."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Decide:
    """A decision on a kept list: the accepted substance, or why none."""

    candidate_list_id: uuid.UUID
    verdict: str
    substance_id: uuid.UUID | None = None
    why: str = ""


def said_why(verdict: str, why: str, *, needed: bool = False) -> str:
    """Return the reason; rejecting and leaving undecided need one, and what else is `needed`."""
    if verdict not in set(Verdict):
        raise refuse_field("verdict", _("Choose one of the list."))
    kept = why.strip()
    if len(kept) > LONGEST_WHY:
        raise refuse_field("why", _("At most %(n)s characters, please.", n=LONGEST_WHY))
    if not kept and (needed or verdict != Verdict.ACCEPT):
        raise refuse_field("why", _("Say why, in a few words."))
    return kept


def write_decision(
    session: Session,
    actor: Actor,
    kept: CandidateList,
    accepted: Substance | None,
    verdict: str,
    why: str,
) -> Decision:
    """Write down what was decided on a kept list."""
    made = Decision(
        candidate_list_id=kept.id,
        substance_id=accepted.id if accepted else None,
        verdict=verdict,
        why=why,
        by=actor.account,
    )
    session.add(made)
    session.flush()
    return made


def decided_facts(session: Session, made: Decision) -> Mapping[str, Any]:
    """Return what the journal says of a decision."""
    found = session.get(Substance, made.substance_id) if made.substance_id else None
    key = found.key if found else None
    return {"list": made.candidate_list_id, "verdict": made.verdict, "substance": key}
