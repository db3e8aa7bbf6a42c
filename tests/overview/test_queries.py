from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from lims import journal
from lims.foundation import clock
from lims.overview import lives, times, today, work
from tests.findings import makers
from tests.makers import Network
from tests.overview.makers import receive, release, run_to_verify, waiting_sample


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Count the statements that reach the database."""
    seen: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_the_work_list_holds_only_what_waits_at_ones_own_laboratory(
    session: Session, network: Network
) -> None:
    waiting_sample(session, network, state="released")
    elsewhere = waiting_sample(session, network)
    elsewhere.laboratory_id = network.second_laboratory.id
    session.flush()
    assert work.work_list(session, network.chemist) == ([], 0)
    assert work.work_list(session, network.other_chemist)[1] == 1


def test_a_withdrawn_run_does_not_count_as_done(session: Session, network: Network) -> None:
    sample = waiting_sample(session, network, form="powder")
    makers.run(session, network, sample, "tlc", [], state="withdrawn")
    (task,), _total = work.work_list(session, network.chemist)
    assert "a screening technique" in [str(one) for one in task.missing]


def test_ones_own_run_is_shown_but_not_ones_own_to_verify(
    session: Session, network: Network
) -> None:
    sample = waiting_sample(session, network, state="to verify")
    run_to_verify(session, network, sample, "chemist")
    run_to_verify(session, network, sample, "verifier")
    checks, total = work.to_verify(session, network.verifier)
    assert total == 2
    assert [check.own for check in checks] == [False, True]
    counts = {str(kind.words): n for kind, n in today.own_work(session, network.verifier)}
    assert counts["Runs to verify"] == 1


def test_turn_around_is_counted_from_hand_in(session: Session, network: Network) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=20)):
        samples = [waiting_sample(session, network) for _each in range(3)]
    for sample, days in zip(samples, (1.0, 3.0, 8.0), strict=True):
        receive(session, network, sample, 12)
        release(session, network, sample, days, "information")
    waiting_sample(session, network)
    rows = {
        (row.interval, row.kind): row
        for row in times.turn_around(session, network.coordinator)
        if row.kind != "point" or row.place == "Counter"
    }
    whole = rows[times.Interval.TO_RELEASE, "all"]
    assert whole.spread is not None
    assert (whole.spread.n, whole.spread.median, whole.waiting) == (3, 3.0, 1)
    receipt = rows[times.Interval.TO_RECEIPT, "point"]
    assert receipt.spread is not None and receipt.spread.median == 0.5


def test_what_ended_long_ago_is_not_counted(session: Session, network: Network) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=200)):
        sample = waiting_sample(session, network)
    release(session, network, sample, 2, "neutral")
    rows = times.turn_around(session, network.coordinator)
    assert all(row.spread is None for row in rows)


def test_a_life_is_drawn_from_the_journal(session: Session, network: Network) -> None:
    sample = waiting_sample(session, network)
    journal.record(session, network.worker, "register visit", [("sample", sample.id)])
    journal.record(session, network.chemist, "scan parcel", [("sample", sample.id)], number="C-1")
    found = lives.life(session, network.chemist, sample.id)
    assert [one["what"] for one in lives.told(found, "en")] == [
        "Registered",
        "Scanned at the laboratory",
    ]


def test_lists_ask_the_database_as_often_for_many_samples_as_for_few(
    session: Session, network: Network
) -> None:
    def ask() -> list[int]:
        session.commit()
        session.expire_all()
        counts = []
        for read in (
            lambda: work.work_list(session, network.chemist),
            lambda: work.to_verify(session, network.verifier),
            lambda: times.turn_around(session, network.head),
            lambda: today.own_work(session, network.chemist),
        ):
            with counted(session) as seen:
                read()
            counts.append(len(seen))
        return counts

    def add() -> None:
        sample = waiting_sample(session, network)
        run_to_verify(session, network, sample)
        receive(session, network, sample, 3)

    add()
    few = ask()
    for _each in range(12):
        add()
    assert ask() == few
