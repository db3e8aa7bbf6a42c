"""Reading the analyses: runs, and what the verified ones say and looked for in a sample."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from lims.analysis.measured import Upload
from lims.analysis.records import (
    Answer,
    Lane,
    Peak,
    ReagentTest,
    Run,
    RunSample,
    Spot,
    StripTest,
    Weighing,
)
from lims.analysis.states import RunState
from lims.foundation import clock
from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound, Refused
from lims.foundation.words import _
from lims.intake.records import Sample
from lims.network.records import Competence, MemberDuty
from lims.network.rules import Permission

READERS = (Permission.ANALYSE, Permission.VERIFY, Permission.MANAGE_LABORATORY)
ENDED = (RunState.WITHDRAWN, RunState.RETESTED)


@dataclass(frozen=True)
class RunFilters:
    """Which runs; an empty answer does not narrow."""

    state: str = ""
    technique: str = ""
    code: str = ""
    mine: bool = False


def may_read(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a run is of a laboratory where the actor works."""
    conditions = []
    for permission in READERS:
        sites = actor.sites_for(permission)
        if sites is None:
            return true()
        if sites:
            conditions.append(Run.site_id.in_(sites))
    return or_(*conditions) if conditions else false()


def refuse_stranger(actor: Actor) -> None:
    """Refuse whoever does not read runs."""
    actor.must(next((one for one in READERS if actor.may(one)), Permission.ANALYSE))


def _whole() -> Select[Run]:
    return select(Run).options(
        joinedload(Run.protocol),
        selectinload(Run.samples).joinedload(RunSample.sample).joinedload(Sample.sold_as_substance),
        selectinload(Run.answers).joinedload(Answer.substance),
    )


def runs(
    session: Session, actor: Actor, filters: RunFilters, page: int = 1, size: int = 50
) -> tuple[list[Run], int]:
    """Return one page of the runs of the actor's laboratories, newest first, and how many."""
    refuse_stranger(actor)
    wanted = [may_read(actor)]
    if filters.state:
        wanted.append(Run.state == filters.state)
    if filters.technique:
        wanted.append(Run.technique == filters.technique)
    if filters.mine:
        wanted.append(Run.analyst == actor.account)
    if code := "".join(one for one in filters.code.upper() if one.isalnum())[:8]:
        held = select(RunSample.run_id).join(Sample, Sample.id == RunSample.sample_id)
        wanted.append(Run.id.in_(held.where(Sample.code.startswith(code, autoescape=True))))
    total = session.scalar(select(func.count()).select_from(Run).where(*wanted)) or 0
    query = _whole().where(*wanted).order_by(Run.started_at.desc(), Run.number.desc())
    return list(session.scalars(query.offset((page - 1) * size).limit(size))), total


def run(session: Session, actor: Actor, run_id: uuid.UUID) -> Run:
    """Return a run of one of the actor's laboratories; raises NotFound."""
    refuse_stranger(actor)
    found = session.scalar(_whole().where(Run.id == run_id, may_read(actor)))
    if found is None:
        raise NotFound(_("There is no such run, or it is not for your laboratory."))
    return found


def locked_run(session: Session, run_id: uuid.UUID) -> Run:
    """Return a run that nobody else changes until this act is done; raises NotFound."""
    found = session.get(Run, run_id, with_for_update=True)
    if found is None:
        raise NotFound(_("There is no such run, or it is not for your laboratory."))
    return found


def standing_runs(session: Session, sample_id: uuid.UUID) -> list[Run]:
    """Return the runs on a sample that are neither withdrawn nor replaced, oldest first."""
    query = select(Run).join(RunSample, RunSample.run_id == Run.id)
    query = query.where(RunSample.sample_id == sample_id, Run.state.not_in(ENDED))
    return list(session.scalars(query.order_by(Run.started_at, Run.number)))


def retests(session: Session, run_id: uuid.UUID) -> Sequence[Run]:
    """Return the runs that repeat a run."""
    return session.scalars(select(Run).where(Run.parent_id == run_id).order_by(Run.number)).all()


def has_results(session: Session, found: Run) -> bool:
    """Tell whether anything is recorded in a run."""
    if found.answers or found.note:
        return True
    spots = exists().where(Lane.run_id == found.id, Spot.lane_id == Lane.id)
    kept = [spots, *(exists().where(k.run_id == found.id) for k in (ReagentTest, StripTest, Peak))]
    kept.append(exists().where(Weighing.run_id == found.id))
    kept.append(exists().where(Upload.run_id == found.id, Upload.state == "read"))
    return bool(session.scalar(select(or_(*kept))))


def system_of(protocol_name: str) -> str:
    """Return the code of the TLC system that a protocol is named after: tlc-ta is TA."""
    return protocol_name.removeprefix("tlc-").upper()[:20]


def is_competence_kept(session: Session, protocol_name: str, site_id: uuid.UUID) -> bool:
    """Tell whether a laboratory keeps who of its people is trained on a protocol."""
    there = select(MemberDuty.member_id).where(MemberDuty.site_id == site_id)
    query = select(Competence.id).where(
        Competence.protocol == protocol_name, Competence.member_id.in_(there)
    )
    return session.scalar(query.limit(1)) is not None


def refuse_incompetent(
    session: Session, actor: Actor, protocol_name: str, site_id: uuid.UUID
) -> None:
    """Refuse somebody without valid training where the laboratory keeps who is trained."""
    if not is_competence_kept(session, protocol_name, site_id):
        return
    valid = or_(Competence.valid_until.is_(None), Competence.valid_until >= clock.today())
    query = select(Competence.id).where(
        Competence.protocol == protocol_name, Competence.member_id == actor.member_id, valid
    )
    if session.scalar(query.limit(1)) is None:
        words = _(
            "Your training on %(protocol)s is not recorded or has ended.", protocol=protocol_name
        )
        raise Refused(words)
