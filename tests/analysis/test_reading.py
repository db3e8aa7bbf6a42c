from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import queries
from lims.analysis.answers import Figures
from lims.analysis.operations import (
    RecordResults,
    RecordStrips,
    StartRun,
    VerifyRun,
    record_results,
    record_strips,
    start_run,
    verify_run,
)
from lims.analysis.recording import StripGiven
from lims.analysis.records import Answer, Run
from lims.analysis.results import AnswerGiven
from lims.foundation.errors import Invalid, NotPermitted, Refusal
from tests.analysis.bench import Bench, make_bench
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_bench(session, network)


def record(bench: Bench, name: str, sample: Any, **results: Any) -> Any:
    run = bench.start(name, sample)
    return record_results(
        bench.session, bench.network.chemist, RecordResults(run.id, run.row_version, **results)
    )


def measured(value: str = "121", **given: Any) -> Figures:
    values = {"unit": "mg/unit", "expressed_as": "hcl", "uncertainty": Decimal(12)} | given
    return Figures("measured", Decimal(value), **values)


def test_only_verified_runs_speak_of_a_sample(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    run = record(bench, "hplc-uv", sample, answers=(AnswerGiven(sample.id, measured(), "mdma"),))
    assert queries.answers_for_sample(session, sample.id) == []
    assert len(queries.answers_for_sample(session, sample.id, verified_only=False)) == 1
    run = bench.submitted(run)
    verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))
    session.flush()
    answers = queries.answers_for_sample(session, sample.id)
    assert [(one.run.protocol.name, one.kind) for one in answers] == [("hplc-uv", "measured")]
    scopes = queries.scope_for_sample(session, sample.id)
    assert [one.run.number for one in scopes] == [run.number]
    assert "mdma" in {entry.key for entry in scopes[0].looked_for}


def test_the_methods_stand_side_by_side(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    quantity = AnswerGiven(sample.id, measured(), "mdma")
    caffeine = AnswerGiven(sample.id, Figures("found"), "caffeine")
    runs = [
        record(bench, "hplc-uv", sample, answers=(quantity,)),
        record(bench, "ftir", sample, answers=(caffeine,)),
        bench.plate(sample),
    ]
    strip = bench.start("strip-fentanyl", sample)
    negative = (StripGiven(sample.id, "negative"),)
    runs.append(
        record_strips(
            session, bench.network.chemist, RecordStrips(strip.id, strip.row_version, negative)
        )
    )
    for run in runs:
        sent = bench.submitted(run)
        verify_run(session, bench.network.verifier, VerifyRun(sent.id, sent.row_version))
        session.flush()
    table = {
        row.key: [cell.kind for cell in row.cells]
        for row in queries.method_table(session, sample.id)
    }
    assert table == {
        "mdma": ["measured", "not-detected", "not-detected", "not-looked-for"],
        "caffeine": ["not-detected", "found", "not-detected", "not-looked-for"],
        "fentanyls": ["not-looked-for", "not-looked-for", "not-looked-for", "not-detected"],
    }


def test_the_list_of_runs_is_of_ones_own_laboratory(bench: Bench, session: Session) -> None:
    bench.start("ftir")
    bench.start("gc-ms")
    listed, total = queries.runs(session, bench.network.chemist, queries.RunFilters())
    assert total == 2 and {run.technique for run in listed} == {"ftir", "gcms"}
    assert queries.runs(session, bench.network.other_chemist, queries.RunFilters()) == ([], 0)
    only = queries.RunFilters(technique="ftir")
    assert queries.runs(session, bench.network.verifier, only)[1] == 1
    with pytest.raises(NotPermitted):
        queries.runs(session, bench.network.worker, queries.RunFilters())


def test_a_run_of_another_laboratory_is_not_there(bench: Bench, session: Session) -> None:
    run = bench.start("ftir")
    with pytest.raises(Refusal):
        queries.run(session, bench.network.other_chemist, run.id)


def test_answers_are_kept_with_their_run(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    run = record(bench, "ftir", sample, answers=(AnswerGiven(sample.id, Figures("found"), "mdma"),))
    session.flush()
    assert session.scalars(select(Answer.run_id)).all() == [run.id]
    assert session.get(Run, run.id) is run


def test_starting_needs_a_sample(bench: Bench, session: Session) -> None:
    with pytest.raises(Invalid):
        start_run(session, bench.network.chemist, StartRun(bench.protocols["ftir"].id, ()))
