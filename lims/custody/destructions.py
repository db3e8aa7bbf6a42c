"""Reading destructions and what could be destroyed; the facts of the papers that are printed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, joinedload

from lims.custody.alarms import CONCLUDED
from lims.custody.records import MassEntry
from lims.custody.stores import Destruction
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.journal.records import JournalEntry, JournalSubject
from lims.network.rules import Permission

ZERO = Decimal(0)


def destructions(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[tuple[Destruction, int, Decimal]], int]:
    """Return one page of the destructions at the actor's sites, newest first, with their sums."""
    actor.must(Permission.FOLLOW_SAMPLES)
    sites = actor.sites_for(Permission.FOLLOW_SAMPLES)
    mine = true() if sites is None else Destruction.site_id.in_(sites)
    total = session.scalar(select(func.count()).select_from(Destruction).where(mine)) or 0
    summed = (
        select(MassEntry.cause_id, func.count().label("n"), func.sum(MassEntry.mg).label("mg"))
        .where(MassEntry.kind == "destroyed")
        .group_by(MassEntry.cause_id)
        .subquery()
    )
    rows = session.execute(
        select(Destruction, summed.c.n, summed.c.mg)
        .outerjoin(summed, summed.c.cause_id == Destruction.id)
        .where(mine)
        .options(joinedload(Destruction.site))
        .order_by(Destruction.at.desc(), Destruction.number.desc())
        .offset((page - 1) * size)
        .limit(size)
    )
    return [(act, n or 0, -(mg or ZERO)) for act, n, mg in rows], total


def destruction(session: Session, actor: Actor, destruction_id: uuid.UUID) -> Destruction:
    """Return a destruction at one of the actor's sites; raises NotFound."""
    actor.must(Permission.FOLLOW_SAMPLES)
    found = session.get(Destruction, destruction_id, options=[joinedload(Destruction.site)])
    if found is None or not actor.may(Permission.FOLLOW_SAMPLES, found.site_id):
        raise NotFound(_("There is no such destruction, or it is not of your sites."))
    return found


def lines_of(
    session: Session, destruction_id: uuid.UUID
) -> Sequence[tuple[str, uuid.UUID, Decimal]]:
    """Return code, sample and mg of each line of a destruction, by code."""
    rows = session.execute(
        select(Sample.code, Sample.id, MassEntry.mg)
        .join(MassEntry, MassEntry.sample_id == Sample.id)
        .where(MassEntry.cause_id == destruction_id, MassEntry.kind == "destroyed")
        .order_by(Sample.code)
    )
    return [(code, sample_id, -mg) for code, sample_id, mg in rows]


def left_of_concluded(
    session: Session, actor: Actor, site_id: uuid.UUID, most: int = 200
) -> Sequence[tuple[str, str, Decimal]]:
    """Return code, state and mg of concluded samples that a site still holds, the oldest first."""
    actor.must(Permission.FOLLOW_SAMPLES, site_id)
    mass = func.sum(MassEntry.mg)
    rows = session.execute(
        select(Sample.code, Sample.state, mass)
        .join(MassEntry, MassEntry.sample_id == Sample.id)
        .where(MassEntry.site_id == site_id, Sample.state.in_(CONCLUDED))
        .group_by(Sample.id, Sample.code, Sample.state, Sample.recorded_at)
        .having(mass > ZERO)
        .order_by(Sample.recorded_at, Sample.code)
        .limit(most)
    )
    return [(code, state, mg) for code, state, mg in rows]


def protocol_facts(session: Session, act: Destruction) -> dict[str, Any]:
    """Return what the protocol of a destruction says, as plain values."""
    entry = session.execute(
        select(JournalEntry.seq, JournalEntry.hash)
        .join(JournalSubject, JournalSubject.seq == JournalEntry.seq)
        .where(JournalSubject.kind == "destruction", JournalSubject.subject_id == str(act.id))
        .order_by(JournalEntry.seq)
        .limit(1)
    ).first()
    seq, head = (entry[0], entry[1]) if entry else (0, "")
    return {
        "number": act.number,
        "site": act.site.name,
        "at": act.at,
        "by": act.by,
        "witness": act.witness,
        "reason": act.reason,
        "method": act.method,
        "lines": [(code, mg) for code, _id, mg in lines_of(session, act.id)],
        "journal_seq": seq,
        "journal_hash": head,
    }
