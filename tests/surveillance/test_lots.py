from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.surveillance.arrivals import ArrivedFound, ArrivedSample, rows_of
from lims.surveillance.counting import Series
from lims.surveillance.evidence import hash_of
from lims.surveillance.evidence_shown import sameness, shown
from lims.surveillance.judging import alarms_of, judge_all
from lims.surveillance.lots import ALONE, Came, lot_of
from lims.surveillance.observed import Observation
from lims.surveillance.series import weekly
from lims.surveillance.watched import every_evidence
from lims.surveillance.watching import RunWatch, run_watch
from lims.wiring import connect
from tests.makers import Network, make_substance
from tests.surveillance.counted import arrived, bring, week_of

MONDAY = date(2025, 6, 2)
WEEK = timedelta(weeks=1)
A = uuid.UUID(int=1)


# ------------------------------------------------------------------------------------- the rule


TEXT = st.text(max_size=12)
PARTS = st.lists(TEXT, max_size=3).map(tuple)


@given(PARTS, PARTS, st.uuids(), st.uuids())
def test_samples_are_one_lot_only_where_party_and_product_are_both_stated(
    party: tuple[str, ...], product: tuple[str, ...], one: uuid.UUID, other: uuid.UUID
) -> None:
    lots = {lot_of("own", alone, A, Came(party, product)) for alone in (one, other)}
    together = one == other or (any(party) and any(product))
    assert len(lots) == (1 if together else 2)
    assert all(0 <= lot < 2**63 for lot in lots)


@pytest.mark.parametrize(
    "other",
    [
        Came(("visit-2",), ("look-1",)),
        Came(("visit-1",), ("look-2",)),
        Came(("visit-1", "look-1"), ("look-1",)),
    ],
    ids=["another visit", "another product", "more of the party"],
)
def test_another_visit_or_another_product_is_another_lot(other: Came) -> None:
    first = lot_of("own", A, A, Came(("visit-1",), ("look-1",)))
    assert first != lot_of("own", A, A, other)


def test_spelling_and_spaces_do_not_make_another_lot() -> None:
    told = [Came(("2025-06-02",), (name,)) for name in ("Blue  Dolphin ", "blue dolphin")]
    assert len({lot_of("partner", A, A, one) for one in told}) == 1


# ------------------------------------------------------------------------------------ the counts


def series_of(samples: Sequence[ArrivedSample], weeks: int) -> list[Series]:
    """Count samples in a table of its own and build the series."""
    engine = create_engine("sqlite://")
    Observation.metadata.tables["observation"].create(engine)
    with Session(engine) as session:
        session.execute(insert(Observation), [row for one in samples for row in rows_of(one, {})])
        found = weekly(session, MONDAY + (weeks - 1) * WEEK)
    engine.dispose()
    return found


def sample(week: int, visit: int, look: int, holds: bool, late: bool = False) -> ArrivedSample:
    day = MONDAY + week * WEEK
    return ArrivedSample(
        origin="own",
        origin_id=uuid.uuid4(),
        arrived_on=day + timedelta(days=60 if late else 1),
        analysed_on=day,
        came=Came((f"{week}-{visit}",), (str(look),)),
        found=(ArrivedFound(A, "found"),) if holds else (),
    )


DRAWN = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 3), st.integers(0, 1), st.booleans(), st.booleans()
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(DRAWN)
def test_lots_never_exceed_samples_and_positives_never_exceed_lots(
    drawn: list[tuple[int, int, int, bool, bool]],
) -> None:
    for one in series_of([sample(*told) for told in drawn], 4):
        apart = one.in_samples
        for lots, samples in (
            (one.positives, apart.positives),
            (one.totals, apart.totals),
            (one.timely, apart.timely),
            (one.timely_totals, apart.timely_totals),
        ):
            assert (lots <= samples).all() and ((lots > 0) == (samples > 0)).all()
        assert (one.positives <= one.totals).all() and (one.timely <= one.positives).all()
        held = {(week, visit, look) for week, visit, look, holds, _late in drawn if holds}
        assert one.positives.sum() == len(held)


@settings(max_examples=40, deadline=None)
@given(DRAWN, st.data())
def test_testing_a_lot_once_more_changes_nothing_that_is_judged(
    drawn: list[tuple[int, int, int, bool, bool]], data: Any
) -> None:
    samples = [sample(*told) for told in drawn]
    copied = data.draw(st.sampled_from(samples))
    copies = [replace(copied, origin_id=uuid.uuid4()) for _n in range(data.draw(st.integers(1, 9)))]
    before, after = series_of(samples, 4), series_of([*samples, *copies], 4)
    assert [one.key for one in before] == [one.key for one in after]
    for one, other in zip(before, after, strict=True):
        for name in ("positives", "totals", "timely", "timely_totals"):
            assert np.array_equal(getattr(one, name), getattr(other, name))
        assert other.in_samples.totals.sum() == one.in_samples.totals.sum() + len(copies)


def test_six_tests_of_one_parcel_raise_nothing_and_six_parcels_do() -> None:
    quiet = [sample(week, n, 1, n < week % 2) for week in range(40) for n in range(20)]
    rest = [sample(week, n, 1, False) for week in range(40, 44) for n in range(10, 24)]
    parcel = [sample(week, 1, 1, True) for week in range(40, 44) for _n in range(6)]
    parcels = [sample(week, n, 1, True) for week in range(40, 44) for n in range(6)]
    raised = {}
    for name, lately in (("parcel", parcel), ("parcels", parcels)):
        found = series_of([*quiet, *rest, *lately], 44)
        raised[name] = [one for one in alarms_of(found, judge_all(found, 43)) if one.method.raises]
    assert not raised["parcel"] and raised["parcels"]


# ------------------------------------------------------------------------- what a signal keeps


def on(day: date) -> Any:
    return clock.stopped_at(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


def test_a_signal_keeps_and_shows_lots_and_samples_and_an_old_one_is_still_computed(
    session: Session, network: Network
) -> None:
    connect()
    substance = make_substance(session, "synthetic-a").id
    came = [Came((str(n),), ("synthetic look",)) for n in range(44)]
    for n in range(44):
        week = week_of(MONDAY + n * WEEK, substance, 6 if n >= 40 else n % 2, 20)
        parcel = [replace(week[0], **again(came[n])) for _time in range(3)]
        bring(session, network.coordinator, [*week, *parcel])
    with on(MONDAY + 44 * WEEK):
        run_watch(session, network.coordinator, RunWatch())
        session.commit()
    [found] = every_evidence(session)
    assert found.inputs["builder"] == 2
    assert found.inputs["positives"][-4:] == [7, 7, 7, 7]
    assert found.inputs["samples"]["positives"][-4:] == [9, 9, 9, 9]
    assert sameness(found) == "same"
    told = shown(found, "en")
    assert told is not None
    assert told["counted"] == [
        ("Independent lots in four weeks", "28 / 84"),
        ("Samples in four weeks", "36 / 92"),
    ]
    old = {name: found.inputs[name] for name in ("first_week", "positives", "totals")}
    found.inputs = old
    found.signal.data_hash = hash_of(found.algorithm, found.version, found.parameters, old)
    session.commit()
    assert sameness(found) == "same"
    told = shown(found, "en")
    assert told is not None and told["counted"] == [("Samples in four weeks", "28 / 84")]


def again(came: Came) -> dict[str, Any]:
    return {"origin_id": uuid.uuid4(), "came": came}


def test_a_sample_that_says_nothing_of_its_party_is_a_lot_of_its_own() -> None:
    alike = [arrived(MONDAY, A, came=ALONE) for _n in range(3)]
    [one, *_rest] = series_of(alike, 1)
    assert one.positives.tolist() == [3] == one.in_samples.positives.tolist()
