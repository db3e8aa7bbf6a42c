from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lims.foundation import clock, jobs
from lims.foundation.database import open_session
from lims.foundation.errors import Refused
from lims.foundation.jobs import Job, JobState, Shift
from lims.foundation.words import _, keep, kept, say
from lims.worker import work_once, work_until

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
Worker = Callable[[Mapping[str, Any]], Job | None]


def ask(session: Session, kind: str = "count", **given: Any) -> Job:
    job = jobs.enqueue(session, kind, "chemist", **given)
    session.commit()
    return job


def now_is(session: Session, job: Job) -> Job:
    session.rollback()
    session.refresh(job)
    session.commit()  # lets the worker write
    return job


@pytest.fixture
def worker(engine: Engine, tmp_path: Path) -> Worker:
    return lambda works: work_once(engine, tmp_path, works)


def count_to_three(shift: Shift) -> None:
    while True:
        with shift.unit() as (_session, job):
            job.done += 1
            if job.done >= 3:
                return


def test_a_job_is_done_and_tells_how_far_it_came(session: Session, worker: Worker) -> None:
    job = ask(session, total=3)
    done = worker({"count": count_to_three})
    assert done is not None and (done.state, done.done, done.attempts) == ("done", 3, 1)
    assert now_is(session, job).ended_at is not None
    assert worker({"count": count_to_three}) is None


def test_the_oldest_job_goes_first(session: Session, worker: Worker) -> None:
    with clock.stopped_at(START + timedelta(hours=1)):
        later = ask(session)
    with clock.stopped_at(START):
        first = ask(session)
    done = worker({"count": count_to_three})
    assert done is not None and done.id == first.id
    assert now_is(session, later).state == "waiting"


def test_what_was_not_committed_was_never_asked_for(session: Session, worker: Worker) -> None:
    jobs.enqueue(session, "count", "chemist")
    session.rollback()
    assert worker({"count": count_to_three}) is None


def test_two_workers_never_take_the_same_job(engine: Engine, session: Session) -> None:
    for _number in range(6):
        ask(session)
    taken: list[Any] = []

    def take() -> None:
        for _number in range(4):
            with open_session(engine) as opened:
                job = jobs.claim(opened)
                taken.append(job.id if job else None)
                opened.commit()

    hands = [threading.Thread(target=take) for _number in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    found = [one for one in taken if one is not None]
    assert len(found) == len(set(found)) == 6


def test_a_refusal_is_kept_in_words_of_every_language(session: Session, worker: Worker) -> None:
    def refuse(shift: Shift) -> None:
        raise Refused(_("This work has ended already."))

    job = ask(session)
    worker({"count": refuse})
    assert now_is(session, job).state == "failed"
    assert say(kept(job.error), "en") == "This work has ended already."


def test_a_fault_fails_one_job_and_the_worker_goes_on(session: Session, worker: Worker) -> None:
    def break_down(shift: Shift) -> None:
        with shift.unit() as (_session, job):
            job.done = 99
            raise ZeroDivisionError

    job, other = ask(session, "bad"), ask(session)
    worker({"bad": break_down, "count": count_to_three})
    worker({"bad": break_down, "count": count_to_three})
    assert (now_is(session, job).state, job.done) == ("failed", 0)
    assert now_is(session, other).state == "done"


def test_work_that_nobody_knows_is_said_so(session: Session, worker: Worker) -> None:
    job = ask(session, "unheard of")
    worker({})
    assert "does not know" in say(kept(now_is(session, job).error), "en")


def test_a_stopped_job_ends_before_its_next_step_and_can_go_on(
    engine: Engine, session: Session, worker: Worker
) -> None:
    job = ask(session)

    def stopped_after_one(shift: Shift) -> None:
        with shift.unit() as (_session, own):
            own.done += 1
        with open_session(engine) as another:
            jobs.stop(another.get_one(Job, job.id))
            another.commit()
        with shift.unit():
            pytest.fail("a stopped job went on")

    worker({"count": stopped_after_one})
    assert (now_is(session, job).state, job.done) == ("stopped", 1)
    assert worker({"count": count_to_three}) is None
    jobs.resume(job)
    session.commit()
    worker({"count": count_to_three})
    assert (now_is(session, job).state, job.done) == ("done", 3)


def test_what_has_ended_cannot_be_stopped_nor_what_waits_resumed(session: Session) -> None:
    job = ask(session)
    with pytest.raises(Refused):
        jobs.resume(job)
    jobs.end(job, JobState.DONE)
    for act in (jobs.stop, jobs.resume):
        with pytest.raises(Refused):
            act(job)


def test_a_job_whose_worker_fell_silent_is_taken_up_by_another(
    engine: Engine, session: Session, worker: Worker, tmp_path: Path
) -> None:
    job = ask(session)
    with clock.stopped_at(START), open_session(engine) as dead:
        assert jobs.claim(dead) is not None
        dead.commit()
        token = dead.get_one(Job, job.id).token
    with clock.stopped_at(START + timedelta(minutes=1)):
        assert worker({"count": count_to_three}) is None
    with clock.stopped_at(START + jobs.SILENCE + timedelta(seconds=1)):
        assert worker({"count": count_to_three}) is not None
    assert (now_is(session, job).state, job.attempts) == ("done", 2)
    session.rollback()
    with pytest.raises(jobs.Abandoned), Shift(engine, tmp_path, job.id, token).unit():
        pytest.fail("the silent worker spoke again")


def test_a_job_that_kills_every_worker_is_not_begun_for_ever(
    session: Session, worker: Worker
) -> None:
    job = ask(session)
    job.attempts = jobs.MOST_ATTEMPTS
    session.commit()
    worker({"count": count_to_three})
    assert now_is(session, job).state == "failed"
    jobs.resume(job)
    session.commit()
    worker({"count": count_to_three})
    assert now_is(session, job).state == "done"


def test_a_worker_that_must_end_puts_its_job_back(
    engine: Engine, session: Session, tmp_path: Path
) -> None:
    job = ask(session)
    ended = threading.Event()

    def endless(shift: Shift) -> None:
        while True:
            with shift.unit() as (_session, own):
                own.done += 1
            ended.set()

    session.rollback()
    work_until(ended, engine, tmp_path, {"count": endless})
    assert (now_is(session, job).state, job.done) == ("waiting", 1)


def test_a_sentence_is_kept_with_the_sentences_in_it() -> None:
    inner = _("At most %(n)s characters, please.", n=3)
    message = _("This name can mean several substances: %(names)s.", names=[inner, "b"])
    assert str(kept(keep(message))) == str(message)
    assert str(kept({})) == ""
