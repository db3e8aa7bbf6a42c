"""Reading what the watch has kept: series, runs, and what a signal was computed from."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from lims.foundation.actors import Actor
from lims.foundation.errors import NotFound
from lims.foundation.jobs import Job, JobState
from lims.foundation.words import _
from lims.library.records import Substance
from lims.network.rules import Permission
from lims.surveillance.arrivals import OWN
from lims.surveillance.looking import JOB
from lims.surveillance.observed import SignalEvidence, WatchedSeries, WatchRun
from lims.surveillance.records import Signal

ALL = "all"
"""The filter that asks for the sums: all regions, or all product lines."""


@dataclass(frozen=True)
class SeriesFilters:
    """Which series to show; an empty answer shows every one."""

    origin: str = OWN
    substance_id: uuid.UUID | None = None
    region: str = ""
    line: str = ""
    in_alarm: bool = False


def series(
    session: Session, actor: Actor, filters: SeriesFilters, page: int = 1, size: int = 25
) -> tuple[list[WatchedSeries], int]:
    """Return one page of series, those in alarm first, then by what was found lately."""
    actor.must(Permission.TRIAGE)
    query = _filtered(select(WatchedSeries), filters)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    quiet = case((WatchedSeries.alarms == "", 1), else_=0)
    ordered = query.order_by(
        quiet, WatchedSeries.recent.desc(), WatchedSeries.positives.desc(), WatchedSeries.id
    )
    loaded = ordered.options(
        joinedload(WatchedSeries.substance), joinedload(WatchedSeries.declared)
    )
    return list(session.scalars(loaded.offset((page - 1) * size).limit(size))), total


def _filtered(query: Select[WatchedSeries], filters: SeriesFilters) -> Select[WatchedSeries]:
    query = query.where(WatchedSeries.origin == filters.origin)
    if filters.substance_id is not None:
        query = query.where(WatchedSeries.substance_id == filters.substance_id)
    if filters.region:
        wanted = "" if filters.region == ALL else filters.region
        query = query.where(WatchedSeries.region == wanted)
    if filters.line == ALL:
        query = query.where(WatchedSeries.declared_id.is_(None))
    elif filters.line:
        query = query.where(WatchedSeries.declared_id == uuid.UUID(filters.line))
    return query.where(WatchedSeries.alarms != "") if filters.in_alarm else query


@dataclass(frozen=True)
class Choices:
    """What there is to choose from in the list of series."""

    origins: list[str]
    substances: list[Substance]
    regions: list[str]
    lines: list[Substance]


def choices(session: Session, actor: Actor, origin: str) -> Choices:
    """Return the origins that have series, and the parts of one origin."""
    actor.must(Permission.TRIAGE)
    mine = WatchedSeries.origin == origin
    regions = select(WatchedSeries.region).where(mine, WatchedSeries.region != "").distinct()
    counted, line = aliased(Substance), aliased(Substance)
    substances = (
        select(counted)
        .where(counted.id.in_(select(WatchedSeries.substance_id).where(mine)))
        .order_by(counted.name_en)
    )
    lines = (
        select(line)
        .where(line.id.in_(select(WatchedSeries.declared_id).where(mine)))
        .order_by(line.name_en)
    )
    return Choices(
        sorted(session.scalars(select(WatchedSeries.origin).distinct())),
        list(session.scalars(substances)),
        sorted(session.scalars(regions)),
        list(session.scalars(lines)),
    )


def one_series(session: Session, actor: Actor, series_id: uuid.UUID) -> WatchedSeries:
    """Return one series; raises NotFound."""
    actor.must(Permission.TRIAGE)
    query = select(WatchedSeries).where(WatchedSeries.id == series_id)
    loaded = (joinedload(WatchedSeries.substance), joinedload(WatchedSeries.declared))
    found = session.scalar(query.options(*loaded))
    if found is None:
        raise NotFound(_("There is no such series, or it holds fewer than two findings now."))
    return found


def signals_of(session: Session, series_id: uuid.UUID) -> Sequence[Signal]:
    """Return the signals that were raised on a series, the newest first."""
    query = (
        select(Signal)
        .join(SignalEvidence, SignalEvidence.signal_id == Signal.id)
        .where(SignalEvidence.series_id == series_id)
        .order_by(Signal.opened_at.desc())
    )
    return session.scalars(query.limit(20)).all()


def runs(
    session: Session, actor: Actor, page: int = 1, size: int = 25
) -> tuple[list[WatchRun], int]:
    """Return one page of the runs, the newest first, and how many there are."""
    actor.must(Permission.TRIAGE)
    total = session.scalar(select(func.count()).select_from(WatchRun)) or 0
    query = select(WatchRun).order_by(WatchRun.at.desc(), WatchRun.id)
    return list(session.scalars(query.offset((page - 1) * size).limit(size))), total


def latest_run(session: Session) -> WatchRun | None:
    """Return the last run, or None."""
    return session.scalar(select(WatchRun).order_by(WatchRun.at.desc(), WatchRun.id).limit(1))


def is_asked(session: Session) -> bool:
    """Tell whether a run waits or is under way."""
    waiting = (JobState.WAITING, JobState.RUNNING)
    query = select(Job.id).where(Job.kind == JOB, Job.state.in_(waiting))
    return session.scalar(query.limit(1)) is not None


def evidence_of(session: Session, signal_id: uuid.UUID) -> SignalEvidence | None:
    """Return what a signal was computed from; None when a person or a rule raised it."""
    query = select(SignalEvidence).where(SignalEvidence.signal_id == signal_id)
    return session.scalar(query)


def evidence(session: Session, actor: Actor, signal_id: uuid.UUID) -> SignalEvidence:
    """Return what a signal was computed from, with the signal; raises NotFound."""
    actor.must(Permission.TRIAGE)
    query = select(SignalEvidence).where(SignalEvidence.signal_id == signal_id)
    found = session.scalar(query.options(joinedload(SignalEvidence.signal)))
    if found is None:
        raise NotFound(_("This signal was not computed: a rule or a person raised it."))
    return found


def every_evidence(session: Session, part: int = 200) -> Iterator[SignalEvidence]:
    """Give the evidence of every computed signal, in the order of their numbers, in parts."""
    after = ""
    while True:
        query = (
            select(SignalEvidence)
            .join(Signal, Signal.id == SignalEvidence.signal_id)
            .where(Signal.number > after)
            .order_by(Signal.number)
            .options(joinedload(SignalEvidence.signal))
            .limit(part)
        )
        found = session.scalars(query).all()
        if not found:
            return
        yield from found
        after = found[-1].signal.number
