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
    StartRun,
    record_results,
    start_run,
)
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
