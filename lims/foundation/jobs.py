"""Long work as rows: asked for in the transaction of the act, done by `lims worker`.

A row tells how far the work is, so that a page shows progress and another worker goes on where one
ended. Work is done in short transactions, each of which first makes sure that the job is still its
own: somebody may have stopped it, or another worker may have taken it up.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Index, String, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lims.foundation.clock import now
from lims.foundation.database import Base, Identified, open_session
from lims.foundation.errors import Refusal, Refused
from lims.foundation.words import Message, _, keep

log = logging.getLogger("lims.jobs")

SILENCE = timedelta(minutes=5)
"""A running job without a sign of life for this long is taken up again."""

MOST_ATTEMPTS = 5
"""A job that was begun so often and never ended is not begun again by itself."""


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Job(Identified, Base):
    """A piece of long work, with its progress."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_created", "state", "created_at"),)

    #: what is to be done, such as "import spectra"
    kind: Mapped[str] = mapped_column(String(40))
    #: what it is about
    subject_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    #: see JobState
    state: Mapped[str] = mapped_column(String(12), default=JobState.WAITING)
    #: what the work needs to know
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: how far, in the unit of `total`
    done: Mapped[int] = mapped_column(default=0)
    #: how much in all; 0 when not known
    total: Mapped[int] = mapped_column(default=0)
    #: what came of it, counted
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: why it failed, as message id and values
    error: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: how often it was begun since somebody asked for it
    attempts: Mapped[int] = mapped_column(default=0)
    #: made anew whenever a worker takes it up: an older worker sees that it is no longer its own
    token: Mapped[uuid.UUID | None]
    #: account that asked for it
    by: Mapped[str] = mapped_column(String(80))
    #: asked for
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: begun
    started_at: Mapped[datetime | None]
    #: last sign of life
    heartbeat_at: Mapped[datetime | None]
    #: ended
    ended_at: Mapped[datetime | None]


class Abandoned(Exception):
    """The job is no longer this worker's: stopped, taken up elsewhere, or the worker must end."""


@dataclass
class Shift:
    """What a piece of work is given: short transactions on its job, and where files stand."""

    engine: Engine
    folder: Path
    job_id: uuid.UUID
    token: uuid.UUID | None
    ending: Callable[[], bool] = lambda: False

    @contextmanager
    def unit(self) -> Iterator[tuple[Session, Job]]:
        """Open a transaction on the job, committed at the end; raises Abandoned."""
        session = open_session(self.engine)
        try:
            job = session.get_one(Job, self.job_id, with_for_update=True)
            if job.state != JobState.RUNNING or job.token != self.token:
                raise Abandoned
            if self.ending():
                job.state, job.attempts = JobState.WAITING, 0
                session.commit()
                raise Abandoned
            job.heartbeat_at = now()
            yield session, job
            session.commit()
        finally:
            session.close()


Work = Callable[[Shift], None]
"""A piece of long work. What it raises as Refusal is kept in words."""


Daily = Callable[[Engine], None]
"""Asks for work that is due once a day, if it is; a look takes no lock."""


def enqueue(
    session: Session,
    kind: str,
    by: str,
    *,
    subject_id: uuid.UUID | None = None,
    total: int = 0,
    payload: Mapping[str, Any] | None = None,
) -> Job:
    """Ask for long work, in the transaction of the act that needs it."""
    job = Job(
        id=uuid.uuid4(),
        kind=kind,
        subject_id=subject_id,
        total=total,
        payload=dict(payload or {}),
        by=by,
    )
    session.add(job)
    session.flush()
    return job


def claim(session: Session) -> Job | None:
    """Take the oldest waiting job, or one whose worker has fallen silent; None when there is none.

    The row is locked: two workers never take the same one.
    """
    silent = and_(Job.state == JobState.RUNNING, Job.heartbeat_at < now() - SILENCE)
    query = select(Job).where(or_(Job.state == JobState.WAITING, silent))
    oldest = query.order_by(Job.created_at, Job.id).limit(1).with_for_update(skip_locked=True)
    job = session.scalar(oldest)
    if job is None:
        return None
    if job.attempts >= MOST_ATTEMPTS:
        words = _(
            "It was begun %(n)s times and never ended. Start it again by hand.", n=job.attempts
        )
        end(job, JobState.FAILED, words)
        return None
    take_up(job)
    return job


def take_up(job: Job) -> None:
    """Make a job one's own; whoever had it before sees that it is gone."""
    job.state, job.attempts = JobState.RUNNING, job.attempts + 1
    job.token, job.heartbeat_at = uuid.uuid4(), now()
    job.started_at = job.started_at or now()


def is_waiting(session: Session) -> bool:
    """Tell whether there is anything to take up, without taking the writer's lock."""
    silent = and_(Job.state == JobState.RUNNING, Job.heartbeat_at < now() - SILENCE)
    query = select(Job.id).where(or_(Job.state == JobState.WAITING, silent))
    return session.scalar(query.limit(1)) is not None


def end(job: Job, state: JobState, why: Message | None = None) -> None:
    """Write how a job ended."""
    job.state, job.ended_at = state, now()
    job.error = keep(why) if why is not None else {}


def carry_out(shift: Shift, work: Work | None) -> None:
    """Do a job that was taken up, and write how it ended; a fault is logged and kept in words."""
    state, why = JobState.DONE, None
    try:
        if work is None:
            state, why = JobState.FAILED, _("This program does not know this kind of work.")
        else:
            work(shift)
    except Abandoned:
        return
    except Refusal as refusal:
        state, why = JobState.FAILED, refusal.message
    except Exception:
        log.exception("fault in job %s", shift.job_id)
        state, why = JobState.FAILED, _("Something broke on our side.")
    with suppress(Abandoned), shift.unit() as (_session, job):
        end(job, state, why)


def stop(job: Job) -> None:
    """Stop a job that waits or runs; its worker notices before its next step."""
    if job.state not in (JobState.WAITING, JobState.RUNNING):
        raise Refused(_("This work has ended already."))
    end(job, JobState.STOPPED)


def resume(job: Job) -> None:
    """Let a stopped or failed job go on where it was."""
    if job.state not in (JobState.STOPPED, JobState.FAILED):
        raise Refused(_("Only work that was stopped or has failed can go on."))
    job.state, job.ended_at, job.error, job.attempts = JobState.WAITING, None, {}, 0


def latest_of(session: Session, subject_id: uuid.UUID) -> Job | None:
    """Return the job that was asked for last about something, or None."""
    query = select(Job).where(Job.subject_id == subject_id)
    return session.scalar(query.order_by(Job.created_at.desc(), Job.id).limit(1))
