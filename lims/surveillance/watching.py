"""The watch: all detectors over all series, once a day and on demand, kept with what it found.

Reading and judging take no lock; what came of it is written in one short unit of work.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lims import __version__, journal
from lims.foundation import clock, jobs
from lims.foundation.actors import Actor
from lims.foundation.jobs import Job, JobState
from lims.network.rules import Permission
from lims.surveillance import methods
from lims.surveillance.counting import Series
from lims.surveillance.looking import JOB, Looked, look
from lims.surveillance.observed import WatchedSeries, WatchRun
from lims.surveillance.raising import raise_noticed

BATCH = 200


@dataclass(frozen=True)
class RunWatch:
    """The wish to judge all series now."""


@dataclass(frozen=True)
class AskWatch:
    """The wish that the worker judges all series soon."""


def run_watch(session: Session, actor: Actor, command: RunWatch) -> WatchRun:
    """Judge all series now, keep the run and the series, raise what stands."""
    actor.must(Permission.TRIAGE)
    return keep_watch(session, actor, look(session))


def keep_watch(session: Session, actor: Actor, looked: Looked) -> WatchRun:
    """Write down a run that was read and judged, and raise its signals."""
    actor.must(Permission.TRIAGE)
    begun = perf_counter()
    _keep_series(session, looked)
    raised = raise_noticed(session, actor, looked.noticed)
    run = WatchRun(
        id=uuid.uuid4(),
        at=clock.now(),
        seconds=Decimal(str(round(looked.seconds + perf_counter() - begun, 3))),
        week=looked.week,
        weeks=looked.weeks,
        version=__version__,
        parameters=_parameters(),
        series=len(looked.series),
        **_counts(looked),
        fired=len(raised),
        held_off=len(looked.noticed) - len(raised),
        by=actor.account,
    )
    session.add(run)
    journal.record(
        session,
        actor,
        "run watch",
        [("watch_run", run.id)],
        series=run.series,
        fired=run.fired,
        held_off=run.held_off,
    )
    session.flush()
    return run


def _parameters() -> dict[str, Any]:
    given = {one.key: dict(one.parameters) for one in methods.ALL}
    return {**given, "false_discoveries": methods.FALSE_DISCOVERIES}


def _counts(looked: Looked) -> dict[str, dict[str, Any]]:
    """Count the verdicts of the last week by method."""
    tested: dict[str, Any] = {}
    silent: dict[str, Any] = {}
    alarms: dict[str, Any] = {}
    listed = {**looked.last.verdicts, methods.DOSE.key: list(looked.dose_verdicts.values())}
    for method, verdicts in listed.items():
        tested[method] = sum(not one.silent for one in verdicts)
        alarms[method] = sum(one.kept for one in verdicts)
        reasons = [one.silent for one in verdicts if one.silent]
        silent[method] = {why: reasons.count(why) for why in sorted(set(reasons))}
    return {"tested": tested, "silent": silent, "alarms": alarms}


def _keep_series(session: Session, looked: Looked) -> None:
    session.execute(delete(WatchedSeries))
    rows = [_row(one, place, looked) for place, one in enumerate(looked.series)]
    for start in range(0, len(rows), BATCH):
        session.execute(insert(WatchedSeries), rows[start : start + BATCH])


def _row(one: Series, place: int, looked: Looked) -> dict[str, Any]:
    verdicts = looked.last.of_series(place)
    dose = looked.dose_verdicts.get(one.key.id)
    if dose is not None:
        verdicts[methods.DOSE.key] = dose
    in_alarm = [one.key for one in methods.ALL if one.key in verdicts and verdicts[one.key].kept]
    return {
        "id": one.key.id,
        "origin": one.key.origin,
        "substance_id": one.key.substance,
        "region": one.key.region,
        "declared_id": one.key.declared,
        "first_week": one.first,
        "numbers": one.numbers(),
        "positives": int(one.positives.sum()),
        "recent": one.recent(methods.WINDOW),
        "said": {method: verdict.told() for method, verdict in verdicts.items()},
        "alarms": ",".join(in_alarm),
    }


def ask_watch(session: Session, actor: Actor, command: AskWatch) -> Job:
    """Ask the worker for a run; while one waits or runs, that one is it."""
    actor.must(Permission.TRIAGE)
    waiting = (JobState.WAITING, JobState.RUNNING)
    query = select(Job).where(Job.kind == JOB, Job.state.in_(waiting))
    known = session.scalar(query.order_by(Job.created_at).limit(1))
    if known is not None:
        return known
    job = jobs.enqueue(session, JOB, actor.account)
    journal.record(session, actor, "ask watch", [("job", job.id)])
    return job
