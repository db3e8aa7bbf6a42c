"""Reading the reports: the list, one of them, its kept files, and what everybody may read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, defer, selectinload, undefer

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, NotPermitted
from lims.foundation.words import _
from lims.network.rules import Permission
from lims.overview.report_records import NetworkReport, ReportFile

WHOLE = (Permission.MAKE_REPORT, Permission.APPROVE_REPORT, Permission.READ_INDICATORS)
"""Who reads a report with its places: these, where they hold in the whole network."""


def may_read(actor: Actor) -> bool:
    """Tell whether the actor reads whole reports; a duty at some sites does not."""
    return any(actor.may(one) and actor.sites_for(one) is None for one in WHOLE)


def must_read(actor: Actor) -> None:
    """Refuse with NotPermitted whoever does not read whole reports."""
    if not may_read(actor):
        raise NotPermitted(_("Whole reports are for the coordination of the network."))


def reports(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[NetworkReport], int]:
    """Return one page of the reports, the latest period and edition first."""
    must_read(actor)
    total = session.scalar(select(func.count()).select_from(NetworkReport)) or 0
    rows = session.scalars(
        select(NetworkReport)
        .options(defer(NetworkReport.contents))
        .order_by(NetworkReport.period.desc(), NetworkReport.edition.desc())
        .offset((page - 1) * size)
        .limit(size)
    )
    return list(rows), total


def report(session: Session, actor: Actor, report_id: uuid.UUID) -> NetworkReport:
    """Return one report with the names of its files; raises NotFound."""
    must_read(actor)
    found = session.get(NetworkReport, report_id, options=[selectinload(NetworkReport.files)])
    if found is None:
        raise NotFound(_("There is no such report."))
    return found


def latest(session: Session, period: str) -> NetworkReport | None:
    """Return the newest edition of a period, whatever its state."""
    return session.scalar(
        select(NetworkReport)
        .where(NetworkReport.period == period)
        .order_by(NetworkReport.edition.desc())
        .limit(1)
    )


def file(session: Session, actor: Actor, report_id: uuid.UUID, name: str) -> ReportFile:
    """Return a kept file with its bytes; raises NotFound."""
    must_read(actor)
    return _file(session, ReportFile.report_id == report_id, ReportFile.name == name)


def published(session: Session) -> Sequence[NetworkReport]:
    """Return the approved reports that no later edition replaced, the latest period first."""
    rows = session.scalars(
        select(NetworkReport)
        .where(NetworkReport.state == "approved")
        .options(defer(NetworkReport.contents), selectinload(NetworkReport.files))
        .order_by(NetworkReport.period.desc())
    )
    return rows.all()


def public_file(session: Session, name: str) -> ReportFile:
    """Return a file that everybody may read; raises NotFound."""
    return _file(session, ReportFile.name == name, ReportFile.public.is_(True))


def _file(session: Session, *conditions: ColumnElement[bool]) -> ReportFile:
    query = select(ReportFile).options(undefer(ReportFile.content))
    found: ReportFile | None = session.scalar(query.where(*conditions).limit(1))
    if found is None:
        raise NotFound(_("There is no such file."))
    return found


def approvals(session: Session) -> list[tuple[str, datetime]]:
    """Return the period and the moment of approval of every report that was approved."""
    query = select(NetworkReport.period, NetworkReport.approved_at)
    rows = session.execute(query.where(NetworkReport.state != "draft"))
    return [(period, at) for period, at in rows if at is not None]


def approved(session: Session, period: str) -> NetworkReport | None:
    """Return the approved edition of a period that no other has replaced."""
    return session.scalar(
        select(NetworkReport).where(
            NetworkReport.period == period, NetworkReport.state == "approved"
        )
    )
