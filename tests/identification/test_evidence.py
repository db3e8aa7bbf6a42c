from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from math import isclose, log
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lims.analysis.records import Answer
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused
from lims.identification import available, fusing, gathering, recomputing
from lims.identification.calibration import Coefficients
from lims.identification.fusing import KeepFusion, RecordBenchTime
from lims.identification.fusion import Basis, Setting
from lims.identification.gathering import SampleEvidence
from lims.identification.operations import Decide, decide
from lims.identification.records import Calibration, CandidateList, Decision
from lims.identification.sameness import Outcome
from lims.quality.records import Instrument
from tests.analysis.bench import Bench, spot
from tests.identification.plates import (
    PURPLE,
    colour_run,
    failed_plate,
    make_colour_bench,
    plate_with_standard,
)
from tests.makers import Network, api_headers, log_in_client

LANGUAGES = ("en", "fr", "nl")


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


def evidence(bench: Bench, sample_id: Any, actor: Any = None, **given: Any) -> SampleEvidence:
    who = actor or bench.network.chemist
    return gathering.sample_evidence(bench.session, who, sample_id, **given)


def add_spectrum(
    bench: Bench,
    sample: Any,
    ranked: list[tuple[str, float]],
    technique: str = "ftir",
    **given: Any,
) -> CandidateList:
    """Return a kept list of a search on a sample, as a spectrum's run keeps it."""
    name = {"gcms": "gc-ms"}.get(technique, technique)
    run = bench.start(name, sample)
    kept = CandidateList(
        run_id=run.id,
        sample_id=sample.id,
        method="search",
        library_version=1,
        algorithm="bands-1",
        parameters=given,
        observed={},
        ranked=[
            {"rank": place, "substance": key, "score": score}
            for place, (key, score) in enumerate(ranked, start=1)
        ],
    )
    bench.session.add(kept)
    bench.session.commit()
    return kept


def answer(
    bench: Bench, run: Any, sample: Any, key: str, kind: str = "found", **given: Any
) -> None:
    what = bench.substances[key].id
    run.answers.append(Answer(sample_id=sample.id, substance_id=what, kind="found", **given))
    bench.session.commit()


def line(found: SampleEvidence, key: str) -> float:
    return next(one.llr for one in found.fused.lines if one.substance == key)


def sample_of(run: Any) -> Any:
    return run.samples[0].sample


# ------------------------------------------------------------------------------------ gathering


def test_a_plate_and_a_spectrum_add_up(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    add_spectrum(bench, sample, [("mdma", 0.9), ("mda", 0.7)])
    found = evidence(bench, sample.id)
    assert [one.statement.technique for one in found.told] == ["tlc", "ftir"]
    assert isclose(line(found, "mdma"), log(10) + log(5))
    assert [one.basis for one in found.fused.techniques] == [Basis.DEFAULT, Basis.DEFAULT]
    assert not found.fused.disagreements


def test_two_spectra_of_one_technique_do_not_count_twice(bench: Bench) -> None:
    sample = bench.sample()
    add_spectrum(bench, sample, [("mdma", 0.9)])
    latest = add_spectrum(bench, sample, [("mdma", 0.8)])
    found = evidence(bench, sample.id)
    assert isclose(line(found, "mdma"), log(5))
    (told,) = found.told
    assert [one.id for one in told.lists] == [latest.id] and len(found.silent) == 1


def test_what_a_person_accepted_counts_and_not_what_stood_first(bench: Bench) -> None:
    sample = bench.sample()
    kept = add_spectrum(bench, sample, [("mda", 0.9), ("mdma", 0.8)])
    accepted = bench.substances["mdma"].id
    bench.session.add(
        Decision(candidate_list_id=kept.id, substance_id=accepted, verdict="accept", by="chemist")
    )
    bench.session.commit()
    found = evidence(bench, sample.id)
    assert found.statements[0].named == ("mdma",) and found.statements[0].accepted


def test_a_rejected_list_names_nothing(bench: Bench) -> None:
    sample = bench.sample()
    kept = add_spectrum(bench, sample, [("mda", 0.9)])
    bench.session.add(Decision(candidate_list_id=kept.id, verdict="reject", why="-", by="chemist"))
    bench.session.commit()
    found = evidence(bench, sample.id)
    assert found.statements[0].named == () and found.statements[0].fits_nothing


def test_gas_chromatography_counts_with_a_retention_index_only(bench: Bench) -> None:
    bare, indexed = bench.sample(), bench.sample()
    add_spectrum(bench, bare, [("mdma", 900)], "gcms")
    add_spectrum(bench, indexed, [("mdma", 900)], "gcms", retention_index=1500.0)
    assert line(evidence(bench, bare.id), "mdma") == 0.0
    assert isclose(line(evidence(bench, indexed.id), "mdma"), log(1000))


def test_a_plate_that_names_another_substance_disagrees(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    add_spectrum(bench, sample, [("cocaine", 0.9)])
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
    add_spectrum(bench, sample, [("mdma", 0.9)])
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
    add_spectrum(bench, sample, [("mdma", 0.9), ("mda", 0.2)])
    weights = Coefficients(0.0, 20.0, 0.0, 0.5, 1.0, 0.0, 1.0, 0.0, log(61))
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
    add_spectrum(bench, few, [("mdma", 0.9)])
    add_spectrum(bench, many, [(key, 1 / n) for n, key in enumerate(bench.substances, start=1)])
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


# -------------------------------------------------------------------------------- the next test


def advice_on(bench: Bench, sample: Any) -> available.NextTests:
    found = evidence(bench, sample.id)
    tests = available.tests_on(bench.session, bench.network.chemist, found)
    assert tests is not None
    return tests


def test_only_tests_that_stand_in_the_laboratory_are_advised(bench: Bench) -> None:
    sample = bench.sample()
    add_spectrum(bench, sample, [("mdma", 0.9), ("fentanyl", 0.8)])
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


# -------------------------------------------------------------------------------------- keeping


def test_kept_evidence_comes_out_again_and_is_read_where_the_sample_is(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    add_spectrum(bench, sample, [("mdma", 0.9)])
    kept = fusing.keep_fusion(bench.session, bench.network.chemist, KeepFusion(sample.id))
    bench.session.commit()
    bench.session.expire_all()
    assert kept.run_id is None and kept.method == "fusion"
    found = recomputing.recomputed_list(bench.session, bench.network.second_chemist, kept.id)
    assert found.outcome == Outcome.EQUAL, found.differences
    with pytest.raises(NotFound):
        recomputing.recomputed_list(bench.session, bench.network.other_chemist, kept.id)


def test_nothing_is_kept_of_a_sample_that_nothing_was_observed_of(bench: Bench) -> None:
    sample = bench.sample()
    bench.session.commit()
    with pytest.raises(Refused):
        fusing.keep_fusion(bench.session, bench.network.chemist, KeepFusion(sample.id))
    with pytest.raises(NotPermitted):
        fusing.keep_fusion(bench.session, bench.network.head, KeepFusion(sample.id))
    with pytest.raises(NotFound):
        fusing.keep_fusion(bench.session, bench.network.other_chemist, KeepFusion(sample.id))


def test_nobody_decides_on_all_evidence(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    kept = fusing.keep_fusion(bench.session, bench.network.chemist, KeepFusion(sample.id))
    with pytest.raises(Refused):
        decide(bench.session, bench.network.chemist, Decide(kept.id, "undecided", why="-"))


def test_another_laboratory_does_not_see_the_evidence(bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    with pytest.raises(NotFound):
        evidence(bench, sample.id, bench.network.other_chemist)
    with pytest.raises(NotPermitted):
        evidence(bench, sample.id, bench.network.worker)


# ---------------------------------------------------------------------------------------- doors


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_everything_in_every_language(
    app: Any, session: Session, bench: Bench, language: str
) -> None:
    sample = sample_of(plate_with_standard(bench))
    bench.session.add(Instrument(site_id=bench.network.laboratory.id, name="GC", technique="gcms"))
    add_spectrum(bench, sample, [("cocaine", 0.9)])
    address, empty = f"/samples/{sample.id}/evidence", f"/samples/{bench.sample().id}/evidence"
    bench.session.commit()
    client = log_in_client(app, session, "chemist")
    page = client.get(f"{address}?lang={language}")
    assert page.status_code == 200
    words = {"en": "Techniques disagree", "fr": "ne sont pas d’accord", "nl": "niet eens"}
    assert words[language] in page.text and "MDMA" in page.text and "GC-MS" in page.text
    assert client.get(f"{address}?lang={language}&prior=off").status_code == 200
    assert 'class="empty' in client.get(f"{empty}?lang={language}").text


def test_the_chemist_keeps_the_evidence_on_the_page(
    app: Any, session: Session, bench: Bench
) -> None:
    sample = sample_of(plate_with_standard(bench))
    address = f"/samples/{sample.id}/evidence"
    bench.session.commit()
    client = log_in_client(app, session, "chemist")
    done = client.post(f"{address}/kept", data={"with_prior": "false"})
    assert done.status_code == 303
    page = client.get(done.headers["Location"])
    assert page.status_code == 200 and "equal" in page.text
    assert log_in_client(app, session, "worker").get(address).status_code == 403
    assert log_in_client(app, session, "other_chemist").get(address).status_code == 404


def test_the_head_records_a_bench_time_on_the_page(
    app: Any, session: Session, bench: Bench
) -> None:
    address = f"/laboratories/{bench.network.laboratory.id}/bench-times"
    bench.session.commit()
    client = log_in_client(app, session, "head")
    assert client.get(address).status_code == 200
    wrong = client.post(address, data={"protocol": "ftir", "minutes": "-3"})
    assert wrong.status_code == 422 and "-3" in wrong.text
    assert client.post(address, data={"protocol": "ftir", "minutes": "7,5"}).status_code == 303
    assert "7.5" in client.get(address).text
    chemist = log_in_client(app, session, "chemist")
    assert chemist.get(address).status_code == 200
    assert chemist.post(address, data={"protocol": "ftir", "minutes": "5"}).status_code == 403


def test_the_api_gives_the_evidence_and_keeps_it(app: Any, session: Session, bench: Bench) -> None:
    sample = sample_of(plate_with_standard(bench))
    sample_id, where = str(sample.id), str(bench.network.laboratory.id)
    bench.session.commit()
    client = app.test_client()
    chemist, head = api_headers(session, "chemist"), api_headers(session, "head")
    found = client.get(f"/api/identification/samples/{sample_id}/evidence", headers=chemist).json
    assert found["lines"][0]["substance"] == "mdma" and found["techniques"][0]["basis"] == "default"
    assert {one["substance"] for one in found["lines"]} >= {"none-of-the-library"}
    missing = f"/api/identification/samples/{uuid.uuid4()}/evidence"
    assert client.get(missing, headers=chemist).status_code == 404
    kept = client.post(
        "/api/identification/fusions", headers=chemist, json={"sample_id": sample_id}
    )
    assert kept.status_code == 201 and kept.json["run_id"] is None
    again = client.get(f"/api/identification/lists/{kept.json['id']}", headers=chemist)
    assert again.json["outcome"] == "equal"
    told = {"site_id": where, "protocol": "ftir", "minutes": "4"}
    address = "/api/identification/bench-times"
    assert client.post(address, headers=chemist, json=told).status_code == 403
    assert client.post(address, headers=head, json=told).status_code == 201
    times = f"/api/identification/laboratories/{where}/bench-times"
    rows = {one["protocol"]: one for one in client.get(times, headers=chemist).json}
    assert rows["ftir"]["own"]["minutes"] == "4" and rows["tlc-ta"]["stated"] == "60"


def test_a_plate_of_two_spots_gives_each_substance_its_best_spot(bench: Bench) -> None:
    sample = bench.sample()
    spots = [spot(31.0, sightings=PURPLE), spot(70.0)]
    bench.plate(sample, spots, standard=(bench.standard("mdma"), 31.0))
    bench.session.commit()
    assert line(evidence(bench, sample.id), "mdma") > 1.5
