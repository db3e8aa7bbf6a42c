from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.findings.statements import tell
from lims.foundation import clock
from lims.surveillance import methods, mixes
from lims.surveillance.arrivals import ArrivedSample
from lims.surveillance.evidence_shown import sameness
from lims.surveillance.records import Signal
from lims.surveillance.watched import every_evidence
from lims.surveillance.watching import RunWatch, run_watch
from lims.wiring import connect
from tests.makers import Network, make_substance
from tests.surveillance.counted import bring, week_of

MONDAY = date(2025, 6, 2)
WEEK = timedelta(weeks=1)
END = MONDAY + 44 * WEEK

TABLES = st.tuples(
    st.integers(0, 12), st.integers(1, 30), st.integers(0, 20), st.integers(0, 60)
).map(lambda one: (min(one[0], one[1]), one[1], min(one[2], one[3]), one[3]))


@given(TABLES)
def test_one_service_is_judged_by_fishers_exact_test(table: tuple[int, int, int, int]) -> None:
    found, analysed, found_before, before = table
    square = [[found, analysed - found], [found_before, before - found_before]]
    expected = stats.fisher_exact(square, alternative="greater").pvalue
    assert mixes.chance([table]) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(st.lists(TABLES, min_size=2, max_size=4))
def test_services_together_are_the_sum_of_independent_tables(
    tables: list[tuple[int, int, int, int]],
) -> None:
    chances = {0: 1.0}
    for found, analysed, found_before, before in tables:
        spread = stats.hypergeom(analysed + before, found + found_before, analysed)
        summed: dict[int, float] = {}
        for so_far, chance in chances.items():
            for number in range(analysed + 1):
                at = so_far + number
                summed[at] = summed.get(at, 0.0) + chance * float(spread.pmf(number))
        chances = summed
    seen = sum(one[0] for one in tables)
    expected = sum(chance for number, chance in chances.items() if number >= seen)
    assert mixes.chance(tables) == pytest.approx(expected, rel=1e-7, abs=1e-9)


@given(st.lists(TABLES, max_size=4), st.integers(1, 30))
def test_a_service_that_sent_only_now_or_only_before_says_nothing(
    tables: list[tuple[int, int, int, int]], number: int
) -> None:
    named = {str(place): table for place, table in enumerate(tables)}
    more = {**named, "joined": (number, number, 0, 0), "left": (0, 0, 1, number)}
    assert mixes.judged(more) == mixes.judged(named)


def test_every_method_compares_some_weeks_of_now_with_a_year_or_more_before() -> None:
    told = {one.key: methods.windows(one) for one in methods.SHARES if one.raises}
    assert told == {
        "beta-binomial": (4, 52),
        "binomial-cusum": (26, 104),
        "farrington-flexible": (4, 52),
    }


def on(day: date) -> Any:
    return clock.stopped_at(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


def year(substance: uuid.UUID, joins: bool, rises: bool) -> list[ArrivedSample]:
    """Return forty weeks of a service that finds little and four more; another joins, or not."""
    found = []
    for n in range(44):
        lately = n >= 40
        positives = 6 if lately and rises else n % 2
        found += week_of(MONDAY + n * WEEK, substance, positives, 20, service="old")
        if lately and joins:
            found += week_of(MONDAY + n * WEEK, substance, 9, 10, service="new")
    return found


def watched(session: Session, network: Network, *, joins: bool, rises: bool) -> list[Signal]:
    connect()
    substance = make_substance(session, "synthetic-a").id
    bring(session, network.coordinator, year(substance, joins, rises))
    with on(END):
        run_watch(session, network.coordinator, RunWatch())
        session.commit()
    assert {sameness(one) for one in every_evidence(session)} == {"same"}
    return list(session.scalars(select(Signal).where(Signal.source == "statistic")))


def test_a_service_that_joins_is_told_as_a_change_of_the_mix(
    session: Session, network: Network
) -> None:
    [signal] = watched(session, network, joins=True, rises=False)
    assert signal.level == "information"
    assert "The mix of services has changed" in tell(signal.reason, "en")
    [evidence] = every_evidence(session)
    assert evidence.inputs["services"] == {"new": [36, 40, 0, 0], "old": [2, 80, 20, 800]}
    assert evidence.outcome["mix"]["changed"] is True


def test_a_rise_that_holds_in_a_service_that_goes_on_is_a_rise_though_another_joins(
    session: Session, network: Network
) -> None:
    [signal] = watched(session, network, joins=True, rises=True)
    assert signal.level == "caution"
    assert "mix" not in tell(signal.reason, "en")


def test_one_service_has_no_mix(session: Session, network: Network) -> None:
    [signal] = watched(session, network, joins=False, rises=True)
    [evidence] = every_evidence(session)
    assert signal.level == "caution" and "services" not in evidence.inputs


def test_a_change_of_the_mix_does_not_hold_off_a_rise_that_holds(
    session: Session, network: Network
) -> None:
    watched(session, network, joins=True, rises=False)
    substance = session.scalars(select(Signal.substance_id)).first()
    assert substance is not None
    for n in range(44, 46):
        later = week_of(MONDAY + n * WEEK, substance, 15, 20, service="old")
        bring(session, network.coordinator, later)
    with on(END + 2 * WEEK):
        run_watch(session, network.coordinator, RunWatch())
        session.commit()
    told = session.scalars(select(Signal).order_by(Signal.number)).all()
    assert [one.level for one in told] == ["information", "caution"]
