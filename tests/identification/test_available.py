from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.foundation import clock
from lims.foundation.errors import Invalid, NotPermitted
from lims.identification import available, fusing
from lims.identification.fusing import RecordBenchTime
from lims.quality.records import Instrument
from tests.analysis.bench import Bench
from tests.identification.plates import (
    make_colour_bench,
    plate_with_standard,
)
from tests.identification.spoken import add_spectrum, evidence, sample_of
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


def advice_on(bench: Bench, sample: Any) -> available.NextTests:
    found = evidence(bench, sample.id)
    tests = available.tests_on(bench.session, bench.network.chemist, found)
    assert tests is not None
    return tests


def test_only_tests_that_stand_in_the_laboratory_are_advised(bench: Bench) -> None:
    sample = bench.sample()
    add_spectrum(bench, sample, [("mdma", 900), ("fentanyl", 800)])
    assert not [one for one in advice_on(bench, sample).advice if one.test.technique == "reagent"]
    bench.reagent("marquis", clock.today() - timedelta(days=1))
    assert not [one for one in advice_on(bench, sample).advice if one.test.technique == "reagent"]
    bench.reagent("marquis")
    bench.session.commit()
    assert "reagent" in [one.test.technique for one in advice_on(bench, sample).advice]


def test_an_instrument_out_of_service_is_not_advised(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    where = bench.network.laboratory.id
    machine = Instrument(site_id=where, name="IR", technique="ftir", out_of_service=True)
    bench.session.add(machine)
    bench.session.commit()
    assert "ftir" not in [one.test.technique for one in advice_on(bench, sample).advice]
    machine.out_of_service = False
    bench.session.commit()
    assert "ftir" in [one.test.technique for one in advice_on(bench, sample).advice]


def test_what_was_done_already_is_not_advised_again(bench: Bench) -> None:
    bench.reagent("marquis")
    sample = sample_of(plate_with_standard(bench))
    bench.session.commit()
    keys = [one.test.key.lower() for one in advice_on(bench, sample).advice]
    assert "ta" not in keys and "marquis" not in keys


def test_a_laboratory_s_own_bench_time_counts_before_the_protocol_s(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    where = bench.network.laboratory.id
    bench.session.add(Instrument(site_id=where, name="IR", technique="ftir"))
    bench.session.commit()
    by_technique = {one.test.technique: one for one in advice_on(bench, sample).advice}
    assert by_technique["ftir"].test.minutes_by == "protocol"
    command = RecordBenchTime(where, "ftir", Decimal("2.5"), "stopwatch, ten samples")
    fusing.record_bench_time(bench.session, bench.network.head, command)
    bench.session.commit()
    found = {one.test.technique: one for one in advice_on(bench, sample).advice}["ftir"]
    assert found.test.minutes == Decimal("2.5") and found.test.minutes_by == "laboratory"


def test_a_protocol_that_states_no_time_is_given_none() -> None:
    assert available.stated_minutes({}) is None
    assert available.stated_minutes({"minutes": {"value": 5, "unit": "h"}}) is None
    assert available.stated_minutes({"minutes": {"value": 5, "unit": "min"}}) == 5


def test_bench_times_are_for_the_head_of_that_laboratory(bench: Bench) -> None:
    where = bench.network.laboratory.id
    for actor in (bench.network.chemist, bench.network.coordinator):
        with pytest.raises(NotPermitted):
            fusing.record_bench_time(
                bench.session, actor, RecordBenchTime(where, "ftir", Decimal(5))
            )
    for minutes in ("0", "-1", "1000000", "NaN"):
        with pytest.raises(Invalid):
            fusing.record_bench_time(
                bench.session, bench.network.head, RecordBenchTime(where, "ftir", Decimal(minutes))
            )
    with pytest.raises(Invalid):
        fusing.record_bench_time(
            bench.session, bench.network.head, RecordBenchTime(where, "nothing", Decimal(5))
        )
