"""Reading how much was brought and not taken in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.intake.records import NotAccepted
from lims.network.records import Site
from lims.network.rules import Permission


@dataclass(frozen=True)
class CountedRefusals:
    """How many were not accepted at a site in a week for a reason."""

    site: str
    week: str
    reason: str
    count: int


def counted(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[Sequence[CountedRefusals], int]:
    """Return one page of the counts by site, week and reason, newest week first, and how many."""
    actor.must(Permission.FOLLOW_SAMPLES)
    sites = actor.sites_for(Permission.FOLLOW_SAMPLES)
    mine: ColumnElement[bool] = true() if sites is None else NotAccepted.site_id.in_(sites)
    which = (Site.name, NotAccepted.week, NotAccepted.reason)
    grouped = (
        select(*which, func.count(NotAccepted.id).label("count"))
        .join(Site, Site.id == NotAccepted.site_id)
        .where(mine)
        .group_by(*which)
    )
    total = session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    ordered = grouped.order_by(NotAccepted.week.desc(), Site.name, NotAccepted.reason)
    rows = session.execute(ordered.offset((page - 1) * size).limit(size))
    return [CountedRefusals(*row) for row in rows], total
