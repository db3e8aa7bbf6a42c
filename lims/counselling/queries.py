"""Reading for the talk: whose result one may open, the samples of one visit, the talks of a day.

A worker reads what was handed in, or examined, where the duty holds. Who may read by code shown
also opens what a visitor shows from elsewhere; `shown` are the samples that were opened that way.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from lims.counselling.records import Talk
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.network.records import Site
from lims.network.rules import Permission

NOBODY: frozenset[uuid.UUID] = frozenset()
SIZE = 50


@dataclass(frozen=True)
class TalkRow:
    """A talk in the list of a day, with the code of its sample and its place."""

    talk: Talk
    code: str
    site_name: str


def _whole() -> Select[Sample]:
    return select(Sample).options(
        joinedload(Sample.visit), joinedload(Sample.site), joinedload(Sample.sold_as_substance)
    )


def may_read(actor: Actor, sample: Sample, shown: Collection[uuid.UUID] = NOBODY) -> bool:
    """Tell whether a person may read the released finding of a sample."""
    places = [one for one in (sample.site_id, sample.laboratory_id) if one is not None]
    if any(actor.may(Permission.READ_FINDINGS, place) for place in places):
        return True
    return sample.id in shown and actor.may(Permission.READ_BY_CODE)


def sample_to_tell(
    session: Session, actor: Actor, sample_id: uuid.UUID, shown: Collection[uuid.UUID] = NOBODY
) -> Sample:
    """Return a sample whose result this person may open; raises NotFound."""
    actor.must(Permission.READ_FINDINGS)
    found = session.scalar(_whole().where(Sample.id == sample_id))
    if found is None or not may_read(actor, found, shown):
        raise NotFound(_("No result opens with this, or it is not for your sites."))
    return found


def visit_samples(session: Session, visit_id: uuid.UUID) -> Sequence[Sample]:
    """Return the samples of one visit in their order."""
    query = _whole().where(Sample.visit_id == visit_id)
    return session.scalars(query.order_by(Sample.position, Sample.id)).all()


def talks(
    session: Session, actor: Actor, day: date, page: int = 1, size: int = SIZE
) -> tuple[list[TalkRow], int]:
    """Return one page of the talks of a day at the person's sites, latest first, and how many."""
    actor.must(Permission.RECORD_TALK)
    wanted = [Talk.day == day]
    sites = actor.sites_for(Permission.RECORD_TALK)
    if sites is not None:
        wanted.append(Talk.site_id.in_(sites))
    total = session.scalar(select(func.count()).select_from(Talk).where(*wanted)) or 0
    rows = session.execute(
        select(Talk, Sample.code, Site.name)
        .join(Sample, Sample.id == Talk.sample_id)
        .join(Site, Site.id == Talk.site_id)
        .where(*wanted)
        .order_by(Talk.recorded_at.desc(), Talk.id)
        .offset((page - 1) * size)
        .limit(size)
    )
    return [TalkRow(talk, code, name) for talk, code, name in rows], total
