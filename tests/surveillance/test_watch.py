from __future__ import annotations

import random
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.alerts.operations import OpenEvent, open_event
from lims.foundation import clock
from lims.foundation.errors import NotPermitted
from lims.foundation.jobs import Job, Shift, carry_out, take_up
from lims.surveillance import looking, watch_work
from lims.surveillance.arrivals import ArrivedSample, delivered
from lims.surveillance.evidence_shown import sameness
from lims.surveillance.observed import Observation, SignalEvidence, WatchedSeries, WatchRun
from lims.surveillance.operations import DiscardSignal, discard_signal
from lims.surveillance.records import Signal
from lims.surveillance.watched import every_evidence
from lims.surveillance.watching import AskWatch, RunWatch, ask_watch, run_watch
from lims.wiring import connect, works
from tests.makers import Network, make_substance
from tests.surveillance.counted import arrived, bring, week_of

MONDAY = date(2025, 6, 2)
WEEK = timedelta(weeks=1)


def on(day: date) -> Any:
    return clock.stopped_at(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


@pytest.fixture(autouse=True)
def wired() -> None:
    connect()


def watch(session: Session, network: Network, day: date) -> WatchRun:
    with on(day):
        run = run_watch(session, network.coordinator, RunWatch())
        session.commit()
    return run


def signals(session: Session, source: str) -> list[Signal]:
    query = select(Signal).where(Signal.source == source).order_by(Signal.number)
    return list(session.scalars(query))


def year(substance: uuid.UUID, jump: int = 6) -> list[ArrivedSample]:
    """Return forty quiet weeks of twenty samples, and four in which a substance rises."""
    found = []
    for n in range(44):
        positives = n % 2 if n < 40 else jump
        found += week_of(MONDAY + n * WEEK, substance, positives, 20)
    return found


END = MONDAY + 44 * WEEK


def test_a_planted_jump_raises_one_signal_that_is_computed_again_the_same(
    session: Session, network: Network
) -> None:
    substance = make_substance(session, "synthetic-a").id
    bring(session, network.coordinator, year(substance))
    first, second = watch(session, network, END), watch(session, network, END)
    assert (first.fired, second.fired, second.held_off) == (1, 0, 1)
    [signal] = signals(session, "statistic")
    [evidence] = every_evidence(session)
    assert (evidence.algorithm, signal.level) == ("beta-binomial", "caution")
    assert sum(evidence.inputs["positives"][-4:]) == 24
    assert sameness(evidence) == "same"
    kept = session.scalars(select(WatchedSeries)).all()
    assert {row.region for row in kept} == {"", "North"}
    assert all("beta-binomial" in row.alarms for row in kept)


def test_the_same_samples_in_another_order_give_the_same_signal(
    session: Session, network: Network
) -> None:
    substance = make_substance(session, "synthetic-a").id
    samples = year(substance)
    random.Random(3).shuffle(samples)
    for start in range(0, len(samples), 250):
        bring(session, network.coordinator, samples[start : start + 250])
    watch(session, network, END)
    [evidence] = every_evidence(session)
    assert evidence.inputs["positives"][-5:] == [1, 6, 6, 6, 6]
    assert set(evidence.inputs["totals"]) == {20}


def test_a_bulk_import_and_back_dated_rows_raise_nothing(
    session: Session, network: Network
) -> None:
    substance = make_substance(session, "synthetic-a").id
    late = [
        ArrivedSample(**{**vars(one), "arrived_on": END + timedelta(days=1)})
        for one in year(substance)
    ]
    bring(session, network.coordinator, delivered(late))
    assert watch(session, network, END).fired == 0
    assert not session.scalars(select(Signal)).all()
    counted = select(func.count()).select_from(Observation).where(Observation.in_time)
    assert session.scalar(counted) == 0


def test_a_week_that_is_not_over_is_not_judged(session: Session, network: Network) -> None:
    substance = make_substance(session, "synthetic-a").id
    quiet = [one for one in year(substance) if one.analysed_on < MONDAY + 40 * WEEK]
    bring(session, network.coordinator, quiet)
    bring(session, network.coordinator, week_of(MONDAY + 40 * WEEK, substance, 15, 20))
    during = MONDAY + 40 * WEEK + timedelta(days=6)
    assert watch(session, network, during).fired == 0
    assert watch(session, network, during + timedelta(days=1)).fired == 1


def test_an_open_event_on_the_substance_holds_the_watch_off(
    session: Session, network: Network
) -> None:
    substance = make_substance(session, "synthetic-a").id
    bring(session, network.coordinator, year(substance))
    watch(session, network, END)
    [signal] = signals(session, "statistic")
    with on(END):
        open_event(session, network.coordinator, OpenEvent((signal.id,), "A rise"))
        session.commit()
    later = END + 6 * WEEK
    for n in range(44, 50):
        bring(session, network.coordinator, week_of(MONDAY + n * WEEK, substance, 18, 20))
    run = watch(session, network, later)
    assert (run.fired, run.alarms["beta-binomial"] > 0, run.held_off > 0) == (0, True, True)


def test_a_discarded_rise_is_raised_again_only_when_its_window_has_passed(
    session: Session, network: Network
) -> None:
    substance = make_substance(session, "synthetic-a").id
    bring(session, network.coordinator, year(substance))
    watch(session, network, END)
    [signal] = signals(session, "statistic")
    with on(END):
        discard_signal(
            session, network.coordinator, DiscardSignal(signal.id, "known", signal.row_version)
        )
        session.commit()
    for n in range(44, 50):
        bring(session, network.coordinator, week_of(MONDAY + n * WEEK, substance, 18, 20))
    assert watch(session, network, END + 3 * WEEK).fired == 0
    assert watch(session, network, END + 5 * WEEK).fired == 1


def test_a_change_of_what_is_kept_is_noticed(session: Session, network: Network) -> None:
    substance = make_substance(session, "synthetic-a").id
    bring(session, network.coordinator, year(substance))
    watch(session, network, END)
    evidence = session.scalars(select(SignalEvidence)).one()
    evidence.inputs = {**evidence.inputs, "positives": [*evidence.inputs["positives"][:-1], 7]}
    session.commit()
    assert [sameness(one) for one in every_evidence(session)] == ["changed inputs"]


def test_higher_amounts_are_told_once_and_not_line_by_line(
    session: Session, network: Network
) -> None:
    substance, line = (make_substance(session, key).id for key in ("synthetic-a", "synthetic-b"))
    samples = []
    for n in range(30):
        for place in range(4):
            amount = (150 if n >= 26 else 100) + 3 * place + n % 5
            day = MONDAY + n * WEEK
            samples.append(arrived(day, substance, amount=amount, declared_id=line))
    bring(session, network.coordinator, samples)
    watch(session, network, MONDAY + 30 * WEEK)
    [signal] = signals(session, "statistic")
    [evidence] = every_evidence(session)
    assert (evidence.algorithm, sameness(evidence)) == ("dose-drift", "same")
    assert signal.reason["params"]["unit"] == "mg/unit"


def test_a_run_is_asked_for_once_and_done_by_the_worker(session: Session, network: Network) -> None:
    substance = make_substance(session, "synthetic-a").id
    with pytest.raises(NotPermitted):
        ask_watch(session, network.chemist, AskWatch())
    assert looking.is_due(session)
    job = ask_watch(session, network.coordinator, AskWatch())
    assert ask_watch(session, network.coordinator, AskWatch()).id == job.id
    assert not looking.is_due(session)
    bring(session, network.coordinator, week_of(MONDAY, substance, 2, 4))
    take_up(job)
    session.commit()
    engine = session.get_bind()
    shift = Shift(engine, None, job.id, job.token)  # type: ignore[arg-type]
    carry_out(shift, works()[looking.JOB])
    session.expire_all()
    done = session.get_one(Job, job.id)
    assert (done.state, done.error, session.scalars(select(WatchRun.by)).all()) == (
        "done",
        {},
        ["coordinator"],
    )
    session.commit()
    watch_work.ask_when_due(engine)  # type: ignore[arg-type]
    assert session.scalar(select(func.count()).select_from(Job)) == 1
