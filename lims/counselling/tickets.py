"""What a visitor's ticket opens: the results of the visit, or nothing, after the same work.

Expired, destroyed, unknown and not ready are one answer.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims.counselling import queries, results, rules
from lims.counselling.results import Result
from lims.counselling.rules import Standing
from lims.foundation import clock, codes
from lims.foundation.errors import Invalid
from lims.intake.tickets import open_ticket

TO_SHOW = frozenset({Standing.RESULT, Standing.NOT_ANALYSED})
COME_AND_TALK = "come and talk"


@dataclass(frozen=True)
class Shown:
    """The results of a visit, or only that there is one to come and talk about."""

    results: tuple[Result, ...]
    only_come: bool = False


def selector_of(text: str) -> str:
    """Return the part of a ticket that finds its record; empty for what cannot be a ticket."""
    try:
        return codes.read_ticket(text).selector
    except Invalid:
        return ""


def open_result(session: Session, text: str, language: str, days: int) -> Shown | None:
    """Return what a ticket opens, or None; `days` is how long after the last result it opens."""
    ticket = open_ticket(session, text)
    # The same questions are asked of the database when there is no ticket.
    visit_id = ticket.visit_id if ticket is not None else uuid.uuid4()
    samples = queries.visit_samples(session, visit_id)
    findings = results.released_findings(session, [sample.id for sample in samples])
    released = [one.released_at for one in findings.values() if one.released_at is not None]
    stands = [rules.standing(one.state, has_finding=one.id in findings) for one in samples]
    if ticket is None or not TO_SHOW & set(stands):
        return None
    if rules.ticket_has_expired(released=released, made=ticket.made_at, at=clock.now(), days=days):
        return None
    if samples[0].site.ticket_policy == COME_AND_TALK:
        return Shown((), only_come=True)
    told = [
        results.result_of(session, one, findings.get(one.id), language, "public") for one in samples
    ]
    return Shown(tuple(told))
