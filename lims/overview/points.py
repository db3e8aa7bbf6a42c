"""What a testing point tells the public: its draft, what is published, and what is computed of it.

A page names commune or region and the words that the point itself chose for its meeting place.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from lims.analysis.records import Run
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake import closures
from lims.intake.closures import Closure
from lims.intake.rules import day_in_belgium
from lims.network import opening
from lims.network.opening import Opening, Timetable
from lims.network.points import PointPage
from lims.network.queries import site as network_site
from lims.network.records import Organisation, Site
from lims.network.rules import OrganisationKind, Permission
from lims.overview import capacities, queues
from lims.overview.rules import SILENT
from lims.overview.waiting import Estimate
from lims.protocols import queries as protocols

TECHNIQUES_OF = timedelta(weeks=26)
"""A technique counts as one of a laboratory's when it was used and verified in these weeks."""
AHEAD = 56
"""Days of openings that the calendar holds."""


@dataclass(frozen=True)
class Facts:
    """What a point says of itself, draft or published."""

    timetable: Timetable
    languages: tuple[str, ...]
    forms: tuple[str, ...]
    laboratories: tuple[uuid.UUID, ...]
    place: Mapping[str, str]


@dataclass(frozen=True)
class Seen:
    """A point as somebody sees it now."""

    site: Site
    slug: str
    facts: Facts
    open_now: Opening | None
    next_opening: Opening | None


@dataclass(frozen=True)
class Smallest:
    """The smallest amount that a published protocol states, with its source."""

    titles: Mapping[str, str]
    amount: Decimal
    unit: str
    source: str


@dataclass(frozen=True)
class Whole:
    """A point's whole page: what it says, what its laboratories do, how long a result may take."""

    seen: Seen
    coming: Sequence[Opening]
    techniques: Sequence[str]
    smallest: Sequence[Smallest]
    closed: Sequence[Closure]
    estimate: Estimate | None
    four_eyes: bool
    page: PointPage


def facts_of(kept: Mapping[str, Any]) -> Facts:
    """Return the facts that were kept as plain values."""
    return Facts(
        timetable=opening.read(kept),
        languages=tuple(kept.get("languages", ())),
        forms=tuple(kept.get("forms", ())),
        laboratories=tuple(uuid.UUID(one) for one in kept.get("laboratories", ())),
        place=dict(kept.get("place", {})),
    )


# ------------------------------------------------------------------------------------------------
# For whoever works there.
# ------------------------------------------------------------------------------------------------


def testing_points(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[tuple[Site, PointPage | None]], int]:
    """Return one page of the testing points that the actor describes, each with its page."""
    actor.must(Permission.EDIT_POINT)
    mine = actor.sites_for(Permission.EDIT_POINT)
    query = (
        select(Site, PointPage)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .outerjoin(PointPage, PointPage.site_id == Site.id)
        .where(Organisation.kind == OrganisationKind.TESTING)
    )
    if mine is not None:
        query = query.where(Site.id.in_(mine))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.execute(query.order_by(Site.name).offset((page - 1) * size).limit(size))
    return [(site, found) for site, found in rows], total


def point(session: Session, actor: Actor, site_id: uuid.UUID) -> tuple[Site, PointPage | None]:
    """Return a testing point that the actor describes, with its page; raises NotFound."""
    actor.must(Permission.EDIT_POINT)
    site = network_site(session, site_id)
    if site.kind != OrganisationKind.TESTING or not actor.may(Permission.EDIT_POINT, site.id):
        raise NotFound(_("There is no such testing point, or it is not yours."))
    found = session.scalar(select(PointPage).where(PointPage.site_id == site.id))
    return site, found


def preview(session: Session, actor: Actor, site_id: uuid.UUID) -> Whole:
    """Return the draft of a point as the public would read it; raises NotFound."""
    actor.must(Permission.EDIT_POINT)
    _site, page = point(session, actor, site_id)
    if page is None:
        raise NotFound(_("Nothing is written for this testing point yet."))
    return _whole(session, page, facts_of(page.draft))


# ------------------------------------------------------------------------------------------------
# For everybody.
# ------------------------------------------------------------------------------------------------


def public_points(session: Session) -> list[Seen]:
    """Return the published points by name, each with whether it is open now."""
    rows = session.scalars(
        select(PointPage)
        .join(PointPage.site)
        .options(joinedload(PointPage.site))
        .where(PointPage.published_at.is_not(None))
        .order_by(Site.name)
    )
    return [_seen(one, facts_of(one.published)) for one in rows]


def public_point(session: Session, slug: str) -> Whole:
    """Return the published page of a point; raises NotFound."""
    found = session.scalar(
        select(PointPage)
        .options(joinedload(PointPage.site).joinedload(Site.organisation))
        .where(PointPage.slug == slug, PointPage.published_at.is_not(None))
    )
    if found is None:
        raise NotFound(_("There is no such testing point."))
    return _whole(session, found, facts_of(found.published))


def _seen(page: PointPage, facts: Facts) -> Seen:
    now = clock.now()
    return Seen(
        site=page.site,
        slug=page.slug,
        facts=facts,
        open_now=opening.open_at(facts.timetable, now),
        next_opening=opening.next_opening(facts.timetable, now),
    )


def _whole(session: Session, page: PointPage, facts: Facts) -> Whole:
    today = day_in_belgium(clock.now())
    used = techniques(session, facts.laboratories)
    return Whole(
        seen=_seen(page, facts),
        coming=opening.openings(facts.timetable, today, AHEAD),
        techniques=used,
        smallest=smallest_amounts(session, used),
        closed=closures.in_force(session, facts.laboratories) if facts.laboratories else (),
        estimate=queues.queue_of(session, page.site_id).estimate,
        four_eyes=not _works_alone(session, facts.laboratories),
        page=page,
    )


def _works_alone(session: Session, laboratories: Sequence[uuid.UUID]) -> bool:
    """Tell whether a laboratory behind a point may verify its own work; unknown ones may."""
    if not laboratories:
        return True
    query = select(Site.id).where(Site.id.in_(laboratories), Site.lone_laboratory.is_(True))
    return session.scalar(query.limit(1)) is not None


def techniques(session: Session, laboratories: Sequence[uuid.UUID]) -> list[str]:
    """Return the techniques that some laboratories used lately, or state a capacity for."""
    if not laboratories:
        return []
    used = session.scalars(
        select(Run.technique)
        .where(
            Run.site_id.in_(laboratories),
            Run.state == "verified",
            Run.started_at >= clock.now() - TECHNIQUES_OF,
        )
        .distinct()
    ).all()
    said = [
        one.technique for one in capacities.stated(session) if one.laboratory_id in laboratories
    ]
    return sorted({*used, *said} - {"", *SILENT})


def smallest_amounts(session: Session, used: Sequence[str]) -> list[Smallest]:
    """Return the smallest amounts that the protocols of some techniques state.

    A protocol states one as a figure called `smallest` of a step, with its source; one that has no
    such figure says nothing, and nothing is told.
    """
    if not used:
        return []
    found = []
    for protocol in protocols.current(session):
        if protocol.technique not in used:
            continue
        for step in protocol.document.get("steps", ()):
            figure = step.get("figures", {}).get("smallest")
            if figure:
                source = protocol.document.get("sources", {}).get(figure["source"], "")
                amount = Decimal(str(figure["value"]))
                found.append(Smallest(protocol.titles, amount, figure["unit"], source))
    return found
