"""What waits for whom: the laboratory's work list, what waits for a verifier, today's own counts.

Everything here reads, in a number of queries that does not grow with the records.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, case, exists, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from lims.analysis.records import Run, RunSample
from lims.custody.records import ParcelItem
from lims.findings.records import Finding
from lims.foundation.actors import Actor
from lims.foundation.words import Message
from lims.intake.records import Sample
from lims.library.records import Substance
from lims.network.records import Site
from lims.network.rules import Permission
from lims.overview import rules
from lims.products.records import Product, ProductSample
from lims.protocols.records import ProtocolVersion

WAITING = ("received", "in analysis")
GRAVE_LEVELS = ("warning", "red")


@dataclass(frozen=True)
class Task:
    """A sample that waits at a laboratory."""

    sample: Sample
    urgency: rules.Urgency
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


def at_sites(actor: Actor, permission: str, column: Any) -> ColumnElement[bool]:
    """Return the condition that a record is at a site where the actor holds a permission."""
    sites = actor.sites_for(permission)
    return true() if sites is None else cast("ColumnElement[bool]", column.in_(sites))


def _waiting(actor: Actor) -> Select[Any]:
    """Select the samples that wait, the most urgent first, then the oldest."""
    grave = Sample.incident_link.in_(rules.GRAVE_INCIDENTS)
    linked = Sample.incident_link.not_in(rules.NO_INCIDENT)
    look = (
        select(Product.id)
        .join(ProductSample, ProductSample.product_id == Product.id)
        .where(
            Product.danger.in_(GRAVE_LEVELS),
            Product.form == Sample.form,
            Product.colour == Sample.colour,
            Product.logo == Sample.logo,
            Sample.logo != "",
        )
        .correlate(Sample)
    )
    dangerous = or_(func.coalesce(Substance.always_alert, False), exists(look))
    rank = case((grave, 0), (or_(linked, dangerous), 1), else_=2)
    arrived = (
        select(func.min(ParcelItem.scanned_at))
        .where(ParcelItem.sample_id == Sample.id, ParcelItem.scan == "received")
        .correlate(Sample)
        .scalar_subquery()
    )
    since = func.coalesce(arrived, Sample.recorded_at)
    return (
        select(Sample, case((dangerous, True), else_=False), arrived)
        .outerjoin(Substance, Substance.id == Sample.sold_as_id)
        .where(Sample.state.in_(WAITING), at_sites(actor, Permission.ANALYSE, Sample.laboratory_id))
        .order_by(rank, since, Sample.code)
    )


def work_list(
    session: Session, actor: Actor, page: int = 1, size: int = 50
) -> tuple[list[Task], int]:
    """Return one page of the samples that wait for analysis, by urgency, and how many wait."""
    actor.must(Permission.ANALYSE)
    query = _waiting(actor)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.execute(
        query.options(joinedload(Sample.site), joinedload(Sample.sold_as_substance))
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    ids = [row[0].id for row in rows]
    runs, drafts = _runs_of(session, ids), _drafts_of(session, ids)
    available = set(
        session.scalars(
            select(ProtocolVersion.technique).where(ProtocolVersion.withdrawn_at.is_(None))
        )
    )
    return [
        Task(
            sample=sample,
            urgency=rules.urgency(sample.incident_link, bool(dangerous)),
            arrived=arrived or sample.recorded_at,
            runs=runs[sample.id],
            missing=rules.missing(sample.form, map(_done, runs[sample.id]), available),
            ready=rules.is_ready_to_conclude(map(_done, runs[sample.id])),
            draft_id=drafts.get(sample.id),
        )
        for sample, dangerous, arrived in rows
    ], total


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
