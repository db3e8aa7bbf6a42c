"""What waits for whom: the laboratory's work list, what waits for a verifier, today's own counts.

Everything here reads, in a number of queries that does not grow with the records.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from lims.analysis.records import Run, RunSample
from lims.findings.records import Finding
from lims.foundation.actors import Actor
from lims.foundation.words import Message
from lims.intake.records import Sample
from lims.network.records import Site
from lims.network.rules import Permission
from lims.overview import ordering, rules
from lims.overview.ordering import at_sites
from lims.overview.triage import Place
from lims.protocols.records import ProtocolVersion


@dataclass(frozen=True)
class Task:
    """A sample that waits at a laboratory."""

    sample: Sample
    place: Place
    arrived: datetime
    runs: Sequence[Run]
    missing: Sequence[Message]
    ready: bool
    draft_id: uuid.UUID | None


@dataclass(frozen=True)
class Check:
    """A run or finding that waits for a second person."""

    kind: str
    id: uuid.UUID
    number: str
    by: str
    since: datetime
    site: str
    about: Sequence[Sample]
    own: bool
    level: str = ""
    technique: str = ""


def work_list(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[Task], int]:
    """Return one page of the samples that wait, in the order of the rule, and how many wait."""
    actor.must(Permission.ORDER_WORK)
    order = ordering.ordered(session, actor)
    shown = order[(page - 1) * size : page * size]
    ids = [one.sample_id for one in shown]
    found = {one.id: one for one in session.scalars(_whole(ids))}
    runs, drafts = _runs_of(session, ids), _drafts_of(session, ids)
    available = set(
        session.scalars(
            select(ProtocolVersion.technique).where(ProtocolVersion.withdrawn_at.is_(None))
        )
    )
    return [
        Task(
            sample=found[one.sample_id],
            place=one.place,
            arrived=one.arrived,
            runs=runs[one.sample_id],
            missing=rules.missing(
                found[one.sample_id].form, map(_done, runs[one.sample_id]), available
            ),
            ready=rules.is_ready_to_conclude(map(_done, runs[one.sample_id])),
            draft_id=drafts.get(one.sample_id),
        )
        for one in shown
    ], len(order)


def _whole(ids: Sequence[uuid.UUID]) -> Select[Any]:
    return (
        select(Sample)
        .options(joinedload(Sample.site), joinedload(Sample.sold_as_substance))
        .where(Sample.id.in_(ids))
    )


def _done(run: Run) -> rules.Done:
    return rules.Done(run.technique, run.state == "verified", run.state == "recorded")


def _runs_of(session: Session, samples: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Run]]:
    found: dict[uuid.UUID, list[Run]] = defaultdict(list)
    rows = session.execute(
        select(RunSample.sample_id, Run)
        .join(Run, Run.id == RunSample.run_id)
        .where(RunSample.sample_id.in_(samples), Run.state.not_in(("withdrawn", "retested")))
        .order_by(Run.started_at, Run.number)
    )
    for sample_id, run in rows:
        found[sample_id].append(run)
    return found


def _drafts_of(session: Session, samples: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    rows = session.execute(
        select(Finding.sample_id, Finding.id).where(
            Finding.sample_id.in_(samples), Finding.state == "draft"
        )
    )
    return {sample_id: finding_id for sample_id, finding_id in rows}


def to_verify(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[Check], int]:
    """Return one page of the runs and findings that wait for a second person, oldest first."""
    actor.must(Permission.VERIFY)
    runs = select(Run.id, Run.ended_at.label("since")).where(
        Run.state == "to verify", at_sites(actor, Permission.VERIFY, Run.site_id)
    )
    findings = select(Finding.id, Finding.submitted_at.label("since")).where(
        Finding.state == "to verify", at_sites(actor, Permission.VERIFY, Finding.site_id)
    )
    both = runs.union_all(findings).subquery()
    total = session.scalar(select(func.count()).select_from(both)) or 0
    order = session.execute(
        select(both.c.id).order_by(both.c.since, both.c.id).offset((page - 1) * size).limit(size)
    )
    ids = [row[0] for row in order]
    found = {
        check.id: check for check in (*_runs(session, actor, ids), *_findings(session, actor, ids))
    }
    return [found[one] for one in ids if one in found], total


def _runs(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> list[Check]:
    about: dict[uuid.UUID, list[Sample]] = defaultdict(list)
    for run_id, sample in session.execute(
        select(RunSample.run_id, Sample)
        .join(Sample, Sample.id == RunSample.sample_id)
        .where(RunSample.run_id.in_(ids))
        .order_by(RunSample.position)
    ):
        about[run_id].append(sample)
    rows = session.execute(
        select(Run, Site.name).join(Site, Site.id == Run.site_id).where(Run.id.in_(ids))
    )
    return [
        Check(
            kind="run",
            id=run.id,
            number=run.number,
            by=run.analyst,
            since=run.ended_at or run.started_at,
            site=site,
            about=about[run.id],
            own=run.analyst == actor.account,
            technique=run.technique,
        )
        for run, site in rows
    ]


def _findings(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> list[Check]:
    rows = session.execute(
        select(Finding, Site.name)
        .join(Site, Site.id == Finding.site_id)
        .where(Finding.id.in_(ids))
        .options(joinedload(Finding.sample))
    )
    return [
        Check(
            kind="finding",
            id=finding.id,
            number=str(finding.version),
            by=finding.author,
            since=finding.submitted_at or finding.made_at,
            site=site,
            about=[finding.sample],
            own=finding.author == actor.account,
            level=finding.danger,
        )
        for finding, site in rows
    ]
