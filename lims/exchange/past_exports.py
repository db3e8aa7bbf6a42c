"""Reading which files of rows have left the house."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.exchange.queries import PAGE_SIZE, Part
from lims.exchange.records import DataExport
from lims.foundation.actors import Actor
from lims.network.rules import Permission


def exports(session: Session, actor: Actor, page: int = 1) -> Part[DataExport]:
    """Return the files that left, newest first."""
    actor.must(Permission.EXPORT)
    total = session.scalar(select(func.count()).select_from(DataExport)) or 0
    asked = select(DataExport).order_by(DataExport.at.desc(), DataExport.id)
    part = asked.offset((max(page, 1) - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return Part(session.scalars(part).all(), total, max(page, 1))
