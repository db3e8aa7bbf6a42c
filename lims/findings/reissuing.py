"""Findings to issue again: an unknown that was released by its number has been solved.

Nothing that was released changes by itself. Each finding that stands with the number is listed
until a new version of it, read by two people, stands in its place.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.findings.records import Detection, Finding, Reissue
from lims.findings.rules import FindingState
from lims.foundation.actors import Actor
from lims.identification.unknowns import UnknownSolved
from lims.network.rules import Permission


def list_reissues(session: Session, actor: Actor, happening: UnknownSolved) -> None:
    """List every finding that stands and names a solved unknown by its number."""
    actor.must(Permission.CONCLUDE)
    query = (
        select(Finding)
        .join(Detection, Detection.finding_id == Finding.id)
        .where(Detection.label == happening.number, Finding.state == FindingState.RELEASED)
        .order_by(Finding.released_at, Finding.id)
    )
    for found in session.scalars(query).unique():
        session.add(
            Reissue(
                finding_id=found.id,
                unknown=happening.number,
                substance_id=happening.substance_id,
                by=actor.account,
            )
        )
        subjects = [("finding", found.id), ("sample", found.sample_id)]
        facts = {"unknown": happening.number, "version": found.version}
        journal.record(session, actor, "list for a new version", subjects, **facts)
    session.flush()
