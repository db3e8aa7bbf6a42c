"""The worker: takes up the long work that waits, one job at a time, until it is asked to end.

What each kind of job does stands in `wiring`. A worker that is killed loses one short transaction;
the next one goes on from there. Beside the jobs it sends the messages that are queued: an alert
does not wait behind an import.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

import click
from sqlalchemy import Engine

from lims import wiring
from lims.alerts.sending import Postman
from lims.doors import terminal
from lims.foundation import jobs
from lims.foundation.database import open_session
from lims.foundation.jobs import Daily, Job, Shift, Work

log = logging.getLogger("lims.jobs")

LOOK = 60.0
"""Seconds between two looks whether daily work is due."""
PAUSE = 1.0
"""Seconds between two looks when nothing waits."""


def work_once(
    engine: Engine,
    folder: Path,
    works: Mapping[str, Work],
    ending: Callable[[], bool] = lambda: False,
) -> Job | None:
    """Take up one job and do it to its end, or return None when nothing waits."""
    with open_session(engine, reading=True) as session:
        if not jobs.is_waiting(session):
            return None
    with open_session(engine) as session:
        job = jobs.claim(session)
        session.commit()
    if job is None:
        return None
    jobs.carry_out(Shift(engine, folder, job.id, job.token, ending), works.get(job.kind))
    with open_session(engine, reading=True) as session:
        return session.get_one(Job, job.id)


def ask_daily(engine: Engine, daily: Sequence[Daily]) -> None:
    """Ask for what is due today; a fault is logged and the work that waits goes on."""
    for one in daily:
        try:
            one(engine)
        except Exception:
            log.exception("fault in what is asked for daily")


def work_until(
    ended: threading.Event,
    engine: Engine,
    folder: Path,
    works: Mapping[str, Work],
    daily: Sequence[Daily] = (),
) -> None:
    """Do what waits until the event is set; a job under way goes back to waiting."""
    look_at = 0.0
    while not ended.is_set():
        if perf_counter() >= look_at:
            look_at = perf_counter() + LOOK
            ask_daily(engine, daily)
        if work_once(engine, folder, works, ended.is_set) is None:
            ended.wait(PAUSE)


@click.command("worker")
@click.option("--once", is_flag=True, help="do what waits now, then end")
def worker(once: bool) -> None:
    """Do the long work that waits and send queued messages; `lims serve` starts one."""
    settings = terminal.settings()
    engine = terminal.engine_of(settings)
    works = wiring.works()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: ended.set())
    if once:
        ask_daily(engine, wiring.daily())
        while work_once(engine, settings.data_dir, works, ended.is_set) is not None:
            pass
        post = Postman(engine, settings)
        post.look_around()
        post.deliver_all(ended.is_set)
    else:
        sender = threading.Thread(target=Postman(engine, settings).work_until, args=(ended,))
        sender.start()
        work_until(ended, engine, settings.data_dir, works, wiring.daily())
        sender.join()
    engine.dispose()
