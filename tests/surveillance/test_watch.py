from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.surveillance.evidence import Sameness, compare
from lims.surveillance.observed import SignalEvidence, WatchRun
from lims.surveillance.records import Signal
from lims.surveillance.watching import RunWatch, run_watch
from lims.wiring import connect
from tests.makers import Network, make_substance
from tests.surveillance.counted import bring, week_of

MONDAY = date(2026, 1, 5)
WEEK = timedelta(weeks=1)


def on(day: date) -> Any:
    return clock.stopped_at(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


@pytest.fixture(autouse=True)
def wired() -> None:
    connect()


def watch(session: Session, network: Network) -> WatchRun:
    run = run_watch(session, network.coordinator, RunWatch())
    session.commit()
    return run


def statistics(session: Session) -> list[Signal]:
    query = select(Signal).where(Signal.source == "statistic").order_by(Signal.number)
    return list(session.scalars(query))


def test_a_planted_jump_raises_one_signal_that_is_computed_again_the_same(
    session: Session, network: Network
) -> None:
    substance = make_substance(session, "synthetic-a").id
    for n in range(40):
        bring(session, network.coordinator, week_of(MONDAY + n * WEEK, substance, n % 2, 20))
    for n in range(40, 44):
        bring(session, network.coordinator, week_of(MONDAY + n * WEEK, substance, 6, 20))
    with on(MONDAY + 44 * WEEK):
        run = watch(session, network)
        assert watch(session, network).fired == 0
    assert (run.fired, run.tested["beta-binomial"]) == (1, 2)
    [signal] = statistics(session)
    evidence = session.scalars(
        select(SignalEvidence).where(SignalEvidence.signal_id == signal.id)
    ).one()
    assert evidence.algorithm == "beta-binomial"
    same = compare(
        algorithm=evidence.algorithm,
        version=evidence.version,
        parameters=evidence.parameters,
        inputs=evidence.inputs,
        outcome=evidence.outcome,
        kept_hash=signal.data_hash,
    )
    assert same is Sameness.SAME
