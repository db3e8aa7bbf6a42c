from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.analysis import readings
from lims.analysis.lanes import LaneGiven, Sighting
from lims.analysis.operations import (
    RecordPlate,
    record_plate,
)
from lims.foundation.errors import Invalid, Refusal, Refused, Stale
from tests.analysis.bench import Bench, at_hrf, fields, good_lanes, make_bench, spot
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


def test_a_plate_is_laid_out_with_references_the_sample_and_a_blank(
    bench: Bench, session: Session
) -> None:
    run = bench.start("tlc-ta")
    roles = [lane.role for lane in readings.plate_of(session, run.id).lanes]
    assert roles == ["reference", "sample", "blank", "reference"]
    assert readings.plate_of(session, run.id).system == "TA"


def test_hrf_follows_from_distance_and_references(bench: Bench, session: Session) -> None:
    run = bench.plate(bench.sample(), [spot(31.0)])
    read = readings.read_plate(session, run)
    mine = next(seen for seen in read.spots if seen.lane.role == "sample")
    assert (mine.hrf, mine.corrected) == (Decimal("31.0"), Decimal("31.0"))
    assert read.is_accepted


def test_moving_a_reference_changes_the_corrected_hrf_of_every_spot(
    bench: Bench, session: Session
) -> None:
    sample = bench.sample()
    run = bench.plate(sample, [spot(31.0)])
    lanes = good_lanes(sample.id, [spot(31.0)])
    moved = replace(lanes[0].spots[1], distance_mm=at_hrf(36))
    first = replace(lanes[0], spots=(lanes[0].spots[0], moved, *lanes[0].spots[2:]))
    command = RecordPlate(run.id, run.row_version, Decimal(80), (first, *lanes[1:]))
    session.flush()
    record_plate(session, bench.network.chemist, replace(command, row_version=run.row_version))
    mine = next(s for s in readings.read_plate(session, run).spots if s.lane.role == "sample")
    assert mine.hrf == Decimal("31.0")
    assert mine.corrected == Decimal("28.8")


def test_what_is_left_out_is_taken_off_the_plate_and_what_stays_keeps_its_identity(
    bench: Bench, session: Session
) -> None:
    sample = bench.sample()
    run = bench.plate(sample, [spot(31.0), spot(60.0)])
    session.flush()
    before = {
        s.spot.label: s.spot.id for s in readings.read_plate(session, run).spots if s.lane.sample_id
    }
    lanes = good_lanes(sample.id, [spot(31.0, label="a")])
    record_plate(
        session, bench.network.chemist, RecordPlate(run.id, run.row_version, Decimal(80), lanes)
    )
    session.expire_all()
    after = {
        s.spot.label: s.spot.id for s in readings.read_plate(session, run).spots if s.lane.sample_id
    }
    assert after == {"a": before["a"]}


def test_somebody_who_read_an_old_plate_overwrites_nothing(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    run = bench.plate(sample)
    session.flush()
    with pytest.raises(Stale):
        record_plate(
            session,
            bench.network.chemist,
            RecordPlate(run.id, run.row_version - 1, Decimal(80), good_lanes(sample.id)),
        )


def test_each_wrong_thing_on_a_plate_is_named_at_its_place(bench: Bench) -> None:
    sample = bench.sample()
    lanes = (
        LaneGiven("tray"),
        LaneGiven("sample", uuid.uuid4()),
        LaneGiven(
            "sample",
            sample.id,
            spots=(
                spot(120),
                spot(10, intensity="loud", what="no such thing"),
                spot(
                    20, sightings=(Sighting("marquis", ("mauve",)), Sighting("uv254", ("black",)))
                ),
            ),
        ),
    )
    run = bench.start("tlc-ta", sample)
    with pytest.raises(Invalid) as refusal:
        record_plate(
            bench.session,
            bench.network.chemist,
            RecordPlate(run.id, run.row_version, Decimal(80), lanes),
        )
    assert fields(refusal) == {
        "lanes.0.role",
        "lanes.1.sample_id",
        "lanes.2.spots.0.distance_mm",
        "lanes.2.spots.1.intensity",
        "lanes.2.spots.1.what",
        "lanes.2.spots.2.sightings.0.colours",
        "lanes.2.spots.2.sightings.1.colours",
    }


@given(
    front=st.decimals(allow_nan=True, allow_infinity=True),
    distance=st.decimals(allow_nan=True, allow_infinity=True),
    colour=st.text(max_size=20),
)
def test_nonsense_on_a_plate_is_refused_in_words_or_kept_within_the_plate(
    bench: Bench, front: Decimal, distance: Decimal, colour: str
) -> None:
    session, sample = bench.session, bench.sample()
    run = bench.start("tlc-ta", sample)
    given_spot = replace(spot(1), distance_mm=distance, sightings=(Sighting("marquis", (colour,)),))
    lanes = (LaneGiven("sample", sample.id, spots=(given_spot,)),)
    try:
        record_plate(
            session, bench.network.chemist, RecordPlate(run.id, run.row_version, front, lanes)
        )
    except Refusal as refusal:
        assert str(refusal)
    else:
        assert 0 <= distance <= front <= 300


def test_another_chemist_does_not_write_in_a_run(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    run = bench.plate(sample)
    session.flush()
    with pytest.raises(Refused):
        record_plate(
            session,
            bench.network.second_chemist,
            RecordPlate(run.id, run.row_version, Decimal(80), good_lanes(sample.id)),
        )
