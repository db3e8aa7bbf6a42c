from __future__ import annotations

from math import isclose, log
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lims.identification.calibration import Coefficients
from lims.identification.fusion import Basis, Setting
from lims.identification.records import Calibration, Decision
from tests.analysis.bench import Bench, spot
from tests.identification.plates import (
    PURPLE,
    colour_run,
    failed_plate,
    make_colour_bench,
    plate_with_standard,
)
from tests.identification.spoken import add_spectrum, answer, evidence, line, sample_of, with_index
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


def test_a_plate_and_a_spectrum_add_up(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    add_spectrum(bench, sample, [("mdma", 900), ("mda", 700)])
    found = evidence(bench, sample.id)
    assert [one.statement.technique for one in found.told] == ["tlc", "ftir"]
    assert isclose(line(found, "mdma"), log(10) + log(5))
    assert [one.basis for one in found.fused.techniques] == [Basis.DEFAULT, Basis.DEFAULT]
    assert not found.fused.disagreements


def test_two_spectra_of_one_technique_do_not_count_twice(bench: Bench) -> None:
    sample = bench.sample()
    add_spectrum(bench, sample, [("mdma", 900)])
    latest = add_spectrum(bench, sample, [("mdma", 800)])
    found = evidence(bench, sample.id)
    assert isclose(line(found, "mdma"), log(5))
    (told,) = found.told
    assert [one.id for one in told.lists] == [latest.id] and len(found.silent) == 1


def test_what_a_person_accepted_counts_and_not_what_stood_first(bench: Bench) -> None:
    sample = bench.sample()
    kept = add_spectrum(bench, sample, [("mda", 900), ("mdma", 800)])
    accepted = bench.substances["mdma"].id
    bench.session.add(
        Decision(candidate_list_id=kept.id, substance_id=accepted, verdict="accept", by="chemist")
    )
    bench.session.commit()
    found = evidence(bench, sample.id)
    assert found.statements[0].named == ("mdma",) and found.statements[0].accepted


def test_what_a_search_does_not_tell_apart_is_spoken_for_alike(bench: Bench) -> None:
    sample = bench.sample()
    add_spectrum(bench, sample, [("mdma", 900), ("mda", 890), ("cocaine", 700)])
    found = evidence(bench, sample.id)
    assert found.statements[0].named == ("mdma",) and found.statements[0].alike == ("mda",)
    assert line(found, "mda") == line(found, "mdma") == log(5)
    assert "cocaine" not in {one.substance for one in found.fused.lines}


def test_a_rejected_list_names_nothing(bench: Bench) -> None:
    sample = bench.sample()
    kept = add_spectrum(bench, sample, [("mda", 900)])
    bench.session.add(Decision(candidate_list_id=kept.id, verdict="reject", why="-", by="chemist"))
    bench.session.commit()
    found = evidence(bench, sample.id)
    assert found.statements[0].named == () and found.statements[0].fits_nothing


@pytest.mark.parametrize(
    ("measured", "reference", "counts"),
    [
        ("1500", 1504.0, True),
        ("1500 iu", 1490.0, True),
        ("1500", 1600.0, False),
        ("", 1500.0, False),
        ("1500", None, False),
    ],
)
def test_gas_chromatography_counts_when_the_retention_index_agrees(
    bench: Bench, measured: str, reference: float | None, counts: bool
) -> None:
    sample = bench.sample()
    kept = add_spectrum(bench, sample, [("mdma", 900)], "gcms")
    with_index(bench, kept, measured, reference)
    found = evidence(bench, sample.id)
    assert isclose(line(found, "mdma"), log(1000) if counts else 0.0)


def test_a_plate_that_names_another_substance_disagrees(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    add_spectrum(bench, sample, [("cocaine", 900)])
    (found,) = evidence(bench, sample.id).fused.disagreements
    assert {found.one, found.other} == {"tlc", "ftir"}


def test_an_answer_typed_by_hand_speaks_for_its_technique(bench: Bench) -> None:
    sample = bench.sample()
    run = bench.start("ftir", sample)
    answer(bench, run, sample, "cocaine")
    found = evidence(bench, sample.id)
    assert found.statements[0].named == ("cocaine",)
    assert isclose(line(found, "cocaine"), log(5))


def test_a_trace_that_another_technique_does_not_see_is_no_disagreement(bench: Bench) -> None:
    sample = bench.sample()
    run = bench.start("gc-ms", sample)
    answer(bench, run, sample, "mdma")
    answer(bench, run, sample, "caffeine", abundance="trace")
    add_spectrum(bench, sample, [("mdma", 900)])
    assert not evidence(bench, sample.id).fused.disagreements


def test_a_failed_plate_says_nothing(bench: Bench) -> None:
    run = failed_plate(bench)
    found = evidence(bench, run.samples[0].sample_id)
    assert not found.told and [one.id for one in found.silent] == [run.id]


def test_colours_alone_are_neutral_and_name_nothing(bench: Bench) -> None:
    found = evidence(bench, colour_run(bench).samples[0].sample_id)
    (told,) = found.told
    assert told.statement.technique == "reagent" and told.statement.named == ()
    assert found.fused.techniques[0].basis is Basis.NEUTRAL


def test_one_system_with_colours_is_still_one_system(bench: Bench) -> None:
    found = evidence(bench, sample_of(plate_with_standard(bench)).id)
    assert found.statements[0].setting == Setting.ONE_TLC_SYSTEM


def test_a_calibration_replaces_the_default_of_its_algorithm(bench: Bench) -> None:
    sample = bench.sample()
    add_spectrum(bench, sample, [("mdma", 900), ("mda", 200)])
    weights = Coefficients(0.0, 20.0, 0.0, 500.0, 100.0, 0.0, 1.0, 0.0, log(61))
    bench.session.add(
        Calibration(
            technique="ftir",
            protocol="ftir",
            scores_of="bands-1",
            samples=60,
            confirmed=60,
            rivals=60,
            coefficients=weights.as_document(),
            reliability={},
            algorithm="logistic-ridge-1",
            made_by="synthetic",
        )
    )
    bench.session.commit()
    found = evidence(bench, sample.id)
    assert found.fused.techniques[0].basis is Basis.CALIBRATED
    assert isclose(line(found, "mdma"), log(61)) and isclose(line(found, "mda"), -log(61))


def test_the_queries_do_not_grow_with_the_candidates(bench: Bench, engine: Any) -> None:
    few, many = bench.sample(), bench.sample()
    add_spectrum(bench, few, [("mdma", 900)])
    add_spectrum(bench, many, [(key, 900 / n) for n, key in enumerate(bench.substances, start=1)])
    assert queries_for(bench, engine, few) == queries_for(bench, engine, many)


def queries_for(bench: Bench, engine: Any, sample: Any) -> int:
    seen: list[str] = []

    def note(*given: Any) -> None:
        seen.append(str(given[2]))

    bench.session.expire_all()
    event.listen(engine, "before_cursor_execute", note)
    evidence(bench, sample.id)
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_a_plate_of_two_spots_gives_each_substance_its_best_spot(bench: Bench) -> None:
    sample = bench.sample()
    spots = [spot(31.0, sightings=PURPLE), spot(70.0)]
    bench.plate(sample, spots, standard=(bench.standard("mdma"), 31.0))
    bench.session.commit()
    assert line(evidence(bench, sample.id), "mdma") > 1.5
