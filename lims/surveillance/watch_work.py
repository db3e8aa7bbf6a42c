"""The watch as long work: asked for by a person or by the day, done by the worker."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lims.foundation.actors import Actor
from lims.foundation.database import open_session
from lims.foundation.jobs import Shift
from lims.network.rules import Permission
from lims.surveillance import looking, observations, own_results, watching

PROGRAM = "program"
"""Who asks for the daily run."""


def watch(shift: Shift) -> None:
    """Judge all series without a lock, then write what came of it in one unit of work."""
    with shift.unit() as (session, job):
        job.total, by = 2, job.by
        if own_results.are_behind(session):
            observations.rebuild_observations(
                session, _watcher(by), observations.RebuildObservations()
            )
        job.done = 1
    with open_session(shift.engine, reading=True) as session:
        looked = looking.look(session)
    with shift.unit() as (session, job):
        run = watching.keep_watch(session, _watcher(by), looked)
        job.done = 2
        job.outcome = {"series": run.series, "fired": run.fired, "held_off": run.held_off}


def _watcher(account: str) -> Actor:
    """Return who acts: the account that asked, with what the watch needs."""
    return Actor(None, account, grants={Permission.TRIAGE: frozenset({None})})


def ask_when_due(engine: Engine) -> None:
    """Ask for the daily run when none was asked for in the last day."""
    with open_session(engine, reading=True) as session:
        if not looking.is_due(session):
            return
    with open_session(engine) as session:
        _ask(session)
        session.commit()


def _ask(session: Session) -> None:
    if looking.is_due(session):
        watching.ask_watch(session, _watcher(PROGRAM), watching.AskWatch())
