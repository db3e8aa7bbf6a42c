from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.operations import RecordPlate, VerifyRun, record_plate, verify_run
from lims.foundation.errors import Refused
from lims.identification import queries
from lims.identification.evidence import Stance
from lims.identification.operations import (
    Decide,
    decide,
)
from lims.identification.rules import NONE_OF_THE_LIBRARY
from lims.library.records import RetentionMeasurement
from tests.analysis.bench import Bench, good_lanes, spot
from tests.identification.plates import (
    colour_run,
    make_colour_bench,
    measure,
    only_fit,
    order,
    plate_with_standard,
    ranked,
)
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


def facts(fit: Any, key: str) -> list[str]:
    line = next(one for one in fit.ranking.candidates if one.substance == key)
    return [str(term.fact) for term in line.evidence]


def test_the_standard_on_the_same_plate_leads_and_says_so(bench: Bench) -> None:
    fit = only_fit(bench, plate_with_standard(bench))
    assert order(fit)[0] == "mdma"
    assert "standard on the same plate" in facts(fit, "mdma")[0]
    assert "no reference hRf, so neutral" in facts(fit, "mda")[0]


def test_what_this_laboratory_measured_before_counts_with_its_number(bench: Bench) -> None:
    run = plate_with_standard(bench, key="cocaine")
    measure(bench, run, "mda", "30", "31", "32")
    fit = only_fit(bench, run)
    assert "this laboratory, n = 3" in facts(fit, "mda")[0]


def test_a_demonstration_measurement_counts_in_a_demonstration_only(bench: Bench) -> None:
    run = plate_with_standard(bench)
    measure(bench, run, "mda", "31", "31", demonstration=True)
    assert "no reference hRf" in facts(only_fit(bench, run), "mda")[0]
    demonstrator = replace(bench.network.chemist, demonstration=True)
    assert "n = 2" in facts(only_fit(bench, run, actor=demonstrator), "mda")[0]


def test_what_another_laboratory_measured_is_not_this_laboratorys_history(
    bench: Bench, session: Session
) -> None:
    run = plate_with_standard(bench)
    measure(bench, run, "mda", "31")
    kept = session.scalars(select(RetentionMeasurement)).one()
    kept.site_id = bench.network.second_laboratory.id
    session.commit()
    assert "no reference hRf" in facts(only_fit(bench, run), "mda")[0]


def test_a_spot_that_nothing_explains_is_none_of_the_library(bench: Bench) -> None:
    run = plate_with_standard(bench, hrf=88.0)
    sample = run.samples[0].sample
    lanes = good_lanes(sample.id, [spot(88.0)], (bench.standard("mdma"), 31.0))
    command = RecordPlate(run.id, run.row_version, Decimal(80), lanes)
    record_plate(bench.session, bench.network.chemist, command)
    assert order(only_fit(bench, run))[0] == NONE_OF_THE_LIBRARY


def test_a_substance_without_any_reference_is_not_ranked_and_not_excluded(bench: Bench) -> None:
    fit = only_fit(bench, plate_with_standard(bench))
    assert fit.ranking is not None
    assert "caffeine" in fit.ranking.not_assessed and "caffeine" not in order(fit)


def test_the_declared_substance_is_more_probable_before_looking_and_can_be_switched_off(
    bench: Bench,
) -> None:
    declared = bench.substances["mda"].id
    run = colour_run(bench)
    run.samples[0].sample.sold_as_id = declared
    bench.session.commit()
    with_prior, without = only_fit(bench, run), only_fit(bench, run, with_prior=False)
    assert order(with_prior)[0] == "mda"
    assert without.ranking is not None and not without.ranking.prior_used
    first, second = without.ranking.candidates[:2]
    assert first.posterior == pytest.approx(second.posterior)


def test_what_the_network_verified_before_moves_the_prior(bench: Bench) -> None:
    run = plate_with_standard(bench)
    kept = ranked(bench, run)
    mdma = bench.substances["mdma"].id
    decide(bench.session, bench.network.chemist, Decide(kept.id, "accept", mdma))
    bench.submitted(run)
    verify_run(bench.session, bench.network.verifier, VerifyRun(run.id, run.row_version))
    bench.session.commit()
    fit = only_fit(bench, colour_run(bench))
    assert fit.question.prior.counts == {"mdma": 1}
    assert order(fit)[0] == "mdma"


def test_substances_that_the_observations_cannot_tell_apart_are_named_together(
    bench: Bench,
) -> None:
    fit = only_fit(bench, colour_run(bench))
    assert fit.ranking is not None
    assert set(fit.ranking.groups[0]) == {"mdma", "mda"}


def test_a_run_without_spots_or_colours_is_not_compared(bench: Bench) -> None:
    run = bench.start("ftir")
    with pytest.raises(Refused):
        queries.preview(bench.session, bench.network.chemist, run.id)


def test_a_neutral_fact_is_never_counted_against(bench: Bench) -> None:
    fit = only_fit(bench, plate_with_standard(bench))
    assert fit.ranking is not None
    for line in fit.ranking.candidates:
        for term in line.evidence:
            assert (term.log_ratio == 0) == (term.stance is Stance.NEUTRAL)
