"""Filling the flat table that surveillance counts, as results arrive, and building it anew.

What comes in is noticed first (a substance that nobody has seen, a content that the look did not
have) and written down then. Writing the same twice leaves the same rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from lims import journal
from lims.findings.acts import FindingReleased
from lims.foundation.actors import Actor
from lims.intake.corrections import SampleWithdrawn
from lims.network.rules import Permission
from lims.surveillance import noticing, own_results
from lims.surveillance.arrivals import OWN, ArrivedSample, PartnerArrived, rows_of
from lims.surveillance.observed import Observation

BATCH = 500
"""Rows of a statement; SQLite takes 32,766 values in one."""


@dataclass(frozen=True)
class RebuildObservations:
    """The wish to build the flat table anew from findings and partner results."""


def observe_finding(session: Session, actor: Actor, happening: FindingReleased) -> None:
    """Count a finding that now stands; the rows of an earlier version give way."""
    actor.must(Permission.VERIFY)
    arrived = own_results.arrived(session, [happening.sample_id])
    earlier = _known(session, arrived)
    _forget_own(session, [happening.sample_id])
    rows = _rows(session, arrived)
    noticing.notice(session, actor, arrived, rows, earlier)
    _write(session, rows)


def observe_partner(session: Session, actor: Actor, happening: PartnerArrived) -> None:
    """Count what a partner has brought; what was counted of the same samples gives way."""
    actor.must(Permission.IMPORT_RESULTS)
    earlier = _known(session, happening.samples)
    _forget(session, happening.source, [one.origin_id for one in happening.samples])
    rows = _rows(session, happening.samples)
    noticing.notice(session, actor, happening.samples, rows, earlier)
    _write(session, rows)


def forget_withdrawn(session: Session, actor: Actor, happening: SampleWithdrawn) -> None:
    """Take a withdrawn sample out of what is counted."""
    actor.must(Permission.REGISTER)
    _forget_own(session, [happening.sample_id])


def rebuild_observations(session: Session, actor: Actor, command: RebuildObservations) -> int:
    """Build the flat table anew from all that stands; returns its rows. Nothing is raised."""
    actor.must(Permission.TRIAGE)
    session.execute(delete(Observation))
    for arrived in own_results.everything(session):
        _write(session, _rows(session, arrived))
        session.expunge_all()
    rows = session.scalar(select(func.count()).select_from(Observation)) or 0
    journal.record(session, actor, "rebuild observations", [("observations", "all")], rows=rows)
    return rows


def _rows(session: Session, arrived: Sequence[ArrivedSample]) -> list[dict[str, object]]:
    counted_as = own_results.counted_as(session)
    return [row for one in arrived for row in rows_of(one, counted_as)]


def _write(session: Session, rows: Sequence[dict[str, object]]) -> None:
    for start in range(0, len(rows), BATCH):
        session.execute(insert(Observation), list(rows[start : start + BATCH]))


def _forget_own(session: Session, sample_ids: Sequence[uuid.UUID]) -> None:
    session.execute(delete(Observation).where(Observation.sample_id.in_(sample_ids)))


def _forget(session: Session, origin: str, ids: Sequence[uuid.UUID]) -> None:
    for start in range(0, len(ids), BATCH):
        part = Observation.origin_id.in_(ids[start : start + BATCH])
        session.execute(delete(Observation).where(Observation.origin == origin, part))


def _known(
    session: Session, arrived: Sequence[ArrivedSample]
) -> set[tuple[uuid.UUID, uuid.UUID | None]]:
    """Return what was counted of these samples before: sample (or partner's sample), substance."""
    found: set[tuple[uuid.UUID, uuid.UUID | None]] = set()
    own = [one.sample_id for one in arrived if one.origin == OWN]
    others = [one.origin_id for one in arrived if one.origin != OWN]
    for column, ids in ((Observation.sample_id, own), (Observation.origin_id, others)):
        for start in range(0, len(ids), BATCH):
            query = select(column, Observation.counted_as_id).where(
                column.in_(ids[start : start + BATCH]), Observation.counts
            )
            found.update((row[0], row[1]) for row in session.execute(query) if row[0])
    return found
