from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.analysis.answers import Figures
from lims.analysis.operations import (
    RecordReagents,
    RecordResults,
    RecordStrips,
    RecordWeighings,
    record_reagents,
    record_results,
    record_strips,
    record_weighings,
)
from lims.analysis.recording import ReagentGiven, StripGiven, WeighingGiven
from lims.analysis.results import AnswerGiven, PeakGiven
from lims.foundation import clock
from lims.foundation.errors import Invalid, Refusal
from tests.analysis.bench import Bench, fields, make_bench
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


def test_a_colour_test_keeps_colours_in_time_and_answers_nothing(
    bench: Bench, session: Session
) -> None:
    sample = bench.sample()
    run = bench.start("colour-reagents", sample)
    lot = bench.reagent("marquis")
    tests = (ReagentGiven(sample.id, "Marquis", "purple", "black", "black", lot.id),)
    record_reagents(session, bench.network.chemist, RecordReagents(run.id, 1, tests))
    assert bench.submitted(run).answers == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"at_0": "mauve"}, "at_0"),
        ({"at_0": ""}, "at_0"),
        ({"at_30": "", "at_60": "black"}, "at_30"),
        ({"reagent": ""}, "reagent"),
        ({"sample_id": uuid.uuid4()}, "sample_id"),
        ({"lot_id": uuid.uuid4()}, "lot_id"),
    ],
)
def test_a_colour_test_that_cannot_be_is_refused_at_its_field(
    bench: Bench, wrong: dict[str, Any], field: str
) -> None:
    sample = bench.sample()
    run = bench.start("colour-reagents", sample)
    values = {"sample_id": sample.id, "reagent": "marquis", "at_0": "none"} | wrong
    with pytest.raises(Invalid) as refusal:
        record_reagents(
            bench.session,
            bench.network.chemist,
            RecordReagents(run.id, run.row_version, (ReagentGiven(**values),)),
        )
    assert fields(refusal) == {f"tests.0.{field}"}


def test_a_lot_that_failed_its_check_or_is_past_its_date_is_refused(bench: Bench) -> None:
    sample = bench.sample()
    run = bench.start("colour-reagents", sample)
    for lot in (
        bench.reagent("marquis", expires=clock.today() - timedelta(days=1)),
        bench.reagent("marquis", check_failed=True),
    ):
        test = ReagentGiven(sample.id, "marquis", "none", lot_id=lot.id)
        with pytest.raises(Invalid) as refusal:
            record_reagents(
                bench.session,
                bench.network.chemist,
                RecordReagents(run.id, run.row_version, (test,)),
            )
        assert fields(refusal) == {"tests.0.lot_id"}


def test_a_strip_answers_for_its_group_with_what_the_lot_states(
    bench: Bench, session: Session
) -> None:
    positive, negative, void = bench.sample(), bench.sample(), bench.sample()
    run = bench.start("strip-fentanyl", positive, negative, void)
    lot = bench.reagent("fentanyl", stated_lod="200 ng/ml fentanyl (synthetic)")
    strips = (
        StripGiven(positive.id, "positive", lot_id=lot.id),
        StripGiven(negative.id, "negative", dilution_mg_ml=Decimal(5), lot_id=lot.id),
        StripGiven(void.id, "invalid"),
    )
    record_strips(session, bench.network.chemist, RecordStrips(run.id, run.row_version, strips))
    assert [(a.sample_id, a.group, a.kind, a.remark) for a in run.answers] == [
        (positive.id, "fentanyls", "found", ""),
        (negative.id, "fentanyls", "not-detected", "200 ng/ml fentanyl (synthetic)"),
    ]


def test_a_strip_answers_only_for_what_its_protocol_looks_for(bench: Bench) -> None:
    sample = bench.sample()
    run = bench.start("strip-fentanyl", sample)
    strip = StripGiven(sample.id, "positive", target="nitazenes")
    with pytest.raises(Invalid):
        record_strips(
            bench.session,
            bench.network.chemist,
            RecordStrips(run.id, run.row_version, (strip,)),
        )


def record(bench: Bench, name: str, sample: Any, **results: Any) -> Any:
    run = bench.start(name, sample)
    return record_results(
        bench.session, bench.network.chemist, RecordResults(run.id, run.row_version, **results)
    )


def test_an_assigned_peak_is_found(bench: Bench) -> None:
    sample = bench.sample()
    peaks = (
        PeakGiven(
            sample.id, Decimal("8.21"), ions="58,135,77", substance="mdma", match_score="941"
        ),
        PeakGiven(sample.id, Decimal("9.70"), ions="194,109", substance="caffeine"),
        PeakGiven(sample.id, Decimal("11.02"), ions="91"),
    )
    said = AnswerGiven(sample.id, Figures("found", abundance="major"), "mdma")
    run = record(bench, "gc-ms", sample, peaks=peaks, answers=(said,))
    assert [(a.substance_id, a.kind, a.abundance) for a in run.answers] == [
        (bench.substances["mdma"].id, "found", "major"),
        (bench.substances["caffeine"].id, "found", ""),
    ]


def measured(value: str = "121", **given: Any) -> Figures:
    values = {"unit": "mg/unit", "expressed_as": "hcl", "uncertainty": Decimal(12)} | given
    return Figures("measured", Decimal(value), **values)


def test_a_quantity_states_unit_salt_and_uncertainty(bench: Bench) -> None:
    sample = bench.sample()
    run = record(bench, "hplc-uv", sample, answers=(AnswerGiven(sample.id, measured(), "mdma"),))
    answer = run.answers[0]
    assert (answer.value, answer.unit, answer.expressed_as) == (Decimal(121), "mg/unit", "HCl")


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        (measured(expressed_as="sulfate"), "expressed_as"),
        (measured(expressed_as=""), "expressed_as"),
        (measured(unit=""), "unit"),
        (measured(unit="mg per slice"), "unit"),
        (measured("-5"), "value"),
        (measured("120", unit="%"), "value"),
        (measured("3", loq=Decimal(5)), "value"),
        (measured(loq=Decimal(1), lod=Decimal(2)), "loq"),
        (measured(uncertainty=Decimal(-1)), "uncertainty"),
        (measured(replicates=0), "replicates"),
        (Figures("below-loq"), "loq"),
        (Figures("found", Decimal(5), "mg/unit"), "value"),
        (Figures("perhaps"), "kind"),
        (Figures("found", abundance="lots"), "abundance"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_at_its_field(
    bench: Bench, figures: Figures, field: str
) -> None:
    sample = bench.sample()
    with pytest.raises(Invalid) as refusal:
        record(bench, "hplc-uv", sample, answers=(AnswerGiven(sample.id, figures, "mdma"),))
    assert f"answers.0.{field}" in fields(refusal)


def test_not_detected_needs_that_somebody_looked(bench: Bench) -> None:
    sample = bench.sample()
    looked = AnswerGiven(sample.id, Figures("not-detected"), "mdma")
    assert record(bench, "hplc-uv", sample, answers=(looked,)).answers[0].kind == "not-detected"
    unlooked = AnswerGiven(sample.id, Figures("not-detected"), "fentanyl")
    with pytest.raises(Invalid):
        record(bench, "hplc-uv", sample, answers=(unlooked,))
    stated = replace(unlooked, figures=Figures("not-detected", unit="%", lod=Decimal("0.1")))
    assert record(bench, "hplc-uv", sample, answers=(stated,)).answers[0].lod == Decimal("0.1")


@given(
    kind=st.sampled_from(["measured", "found", "below-loq", "not-detected", "", "☃"]),
    value=st.one_of(st.none(), st.decimals(allow_nan=True, allow_infinity=True)),
    unit=st.sampled_from(["mg/unit", "%", "", "stone"]),
    salt=st.sampled_from(["base", "HCl", "", "oxalate", "\u202ebase"]),
    name=st.text(max_size=12),
)
def test_nonsense_in_an_answer_is_refused_in_words(
    bench: Bench, kind: str, value: Decimal | None, unit: str, salt: str, name: str
) -> None:
    sample = bench.sample()
    figures = Figures(kind, value, unit, salt)
    try:
        run = record(bench, "hplc-uv", sample, answers=(AnswerGiven(sample.id, figures, name),))
    except Refusal as refusal:
        assert str(refusal)
    else:
        assert all(answer.substance_id for answer in run.answers)


def test_a_weighing_is_kept_with_its_uncertainty(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    run = bench.start("weighing", sample)
    weighings = (WeighingGiven(sample.id, Decimal("301.5"), Decimal("0.5"), "unit"),)
    record_weighings(session, bench.network.chemist, RecordWeighings(run.id, 1, weighings))
    assert bench.submitted(run).state == "to verify"
    with pytest.raises(Invalid):
        wrong = (WeighingGiven(sample.id, Decimal(0)),)
        other = bench.start("weighing", sample)
        record_weighings(session, bench.network.chemist, RecordWeighings(other.id, 1, wrong))
