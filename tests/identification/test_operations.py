from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from lims.analysis.lanes import Sighting
from lims.analysis.operations import (
    RecordPlate,
    RecordReagents,
    VerifyRun,
    record_plate,
    record_reagents,
    verify_run,
)
from lims.analysis.recording import ReagentGiven
from lims.foundation import clock
from lims.foundation.errors import Invalid, NotPermitted, Refused
from lims.identification import queries
from lims.identification.operations import (
    Decide,
    NumberUnknown,
    SolveUnknown,
    decide,
    number_unknown,
    solve_unknown,
)
from lims.identification.records import CandidateList, Unknown
from lims.identification.rules import NONE_OF_THE_LIBRARY
from lims.library.records import ColourReference, RetentionMeasurement
from tests.analysis.bench import Bench, at_hrf, fields, good_lanes, make_bench, purple, spot
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    made = make_bench(session, network)
    for key, colours in {"mdma": "purple>black", "mda": "purple>black", "caffeine": "none"}.items():
        session.add(
            ColourReference(
                reagent="marquis",
                substance_id=made.substances[key].id,
                colours=colours,
                source="synthetic",
                agreement="agree",
            )
        )
    for key, hrf in (("mdma", 31), ("mdma", 32), ("caffeine", 52)):
        session.add(measurement(made, key, hrf))
    session.commit()
    return made


def measurement(bench: Bench, key: str, hrf: int) -> RetentionMeasurement:
    return RetentionMeasurement(
        substance_id=bench.substances[key].id,
        protocol_id=bench.protocols["tlc-ta"].id,
        site_id=bench.network.laboratory.id,
        run_id=uuid.uuid4(),
        hrf=Decimal(hrf),
        measured_at=clock.now(),
    )


def only(session: Session, run: Any, **given: Any) -> queries.Ranked:
    session.flush()
    return queries.rankings(session, run, **given)[0]


def names(ranked: queries.Ranked) -> list[str]:
    return [one.substance for one in ranked.ranking.candidates]


def deciding(run: Any, ranked: queries.Ranked, **given: Any) -> Decide:
    assert ranked.seen is not None
    values = {"verdict": "accept", "spot_id": ranked.seen.spot.id} | given
    return Decide(run.id, run.row_version, **values)


def test_history_and_colours_rank_the_right_substance_first(bench: Bench, session: Session) -> None:
    ranked = only(session, bench.plate(bench.sample()))
    assert names(ranked)[0] == "mdma"
    assert names(ranked)[-1] == "caffeine"
    assert NONE_OF_THE_LIBRARY in names(ranked)


def test_a_standard_on_the_same_plate_counts_more_than_history(
    bench: Bench, session: Session
) -> None:
    run = bench.plate(bench.sample(), [spot(31)], standard=(bench.standard("cocaine"), 31.0))
    assert names(only(session, run))[0] == "cocaine"


def test_a_spot_that_fits_nothing_is_none_of_the_library(bench: Bench, session: Session) -> None:
    seen = (Sighting("marquis", ("green",)),)
    ranked = only(session, bench.plate(bench.sample(), [spot(90, sightings=seen)]))
    assert names(ranked)[0] == NONE_OF_THE_LIBRARY


def test_a_substance_without_reference_is_named_as_not_assessed(
    bench: Bench, session: Session
) -> None:
    sample = bench.sample(sold_as_id=bench.substances["cocaine"].id)
    ranked = only(session, bench.plate(sample, [spot(31)]))
    assert "cocaine" in ranked.ranking.not_assessed


def test_the_declared_substance_weighs_until_the_prior_is_switched_off(
    bench: Bench, session: Session
) -> None:
    session.add(measurement(bench, "mda", 31))
    run = bench.plate(bench.sample(sold_as_id=bench.substances["mda"].id))
    assert names(only(session, run))[0] == "mda"
    priors = {one.log_prior for one in only(session, run, use_prior=False).ranking.candidates}
    assert len({round(one, 6) for one in priors}) == 1


def test_what_the_network_verified_weighs_in_the_prior(bench: Bench, session: Session) -> None:
    run = bench.plate(bench.sample())
    decide(
        session,
        bench.network.chemist,
        deciding(run, only(session, run), substance="mdma"),
    )
    run = bench.submitted(run)
    assert only(session, run).knowledge.prior.counts == {}
    verify_run(session, bench.network.verifier, VerifyRun(run.id, run.row_version))
    assert only(session, run).knowledge.prior.counts == {"mdma": 1}


def test_an_accepted_candidate_is_found(bench: Bench, session: Session) -> None:
    run = bench.plate(bench.sample())
    made = decide(
        session, bench.network.chemist, deciding(run, only(session, run), substance="mdma")
    )
    assert [(a.kind, a.substance_id) for a in run.answers] == [
        ("found", bench.substances["mdma"].id)
    ]
    assert run.answers[0].evidence["candidate_list"] == str(made.candidate_list_id)


def test_a_kept_list_gives_the_same_ranking_again_whatever_was_learnt_since(
    bench: Bench, session: Session
) -> None:
    run = bench.plate(bench.sample(sold_as_id=bench.substances["mda"].id))
    decide(session, bench.network.chemist, deciding(run, only(session, run), verdict="undecided"))
    session.add_all(measurement(bench, "mda", 31) for _n in range(20))
    session.commit()
    session.expire_all()
    kept = session.scalars(select(CandidateList)).one()
    assert queries.recompute(session, kept).as_document()["candidates"] == kept.ranked
    assert (kept.algorithm, kept.parameters["colour_error"]) == ("tlc-colour-1", 0.05)


def test_a_spot_that_is_moved_loses_its_accepted_answer(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    run = bench.plate(sample)
    decide(session, bench.network.chemist, deciding(run, only(session, run), substance="mdma"))
    session.flush()

    def again(hrf: float) -> None:
        lanes = good_lanes(sample.id, [spot(hrf, sightings=purple())])
        command = RecordPlate(run.id, run.row_version, at_hrf(100), lanes)
        record_plate(session, bench.network.chemist, command)
        session.flush()

    again(31.0)
    assert len(run.answers) == 1
    again(40.0)
    assert run.answers == []
    assert session.scalars(select(CandidateList)).one().spot_id is not None


def test_deciding_again_replaces_the_answer_and_keeps_both_lists(
    bench: Bench, session: Session
) -> None:
    run = bench.plate(bench.sample())
    decide(session, bench.network.chemist, deciding(run, only(session, run), substance="mdma"))
    rejecting = deciding(run, only(session, run), verdict="reject", why="tails too much")
    decide(session, bench.network.chemist, rejecting)
    session.flush()
    assert run.answers == []
    assert [row[0].verdict for row in queries.decisions(session, run.id)] == ["accept", "reject"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"verdict": "perhaps"}, "verdict"),
        ({"verdict": "reject"}, "why"),
        ({"substance": ""}, "substance"),
        ({"substance": "none-of-the-library"}, "substance"),
        ({"substance": "cocaine"}, "substance"),
        ({"substance": "caffeine"}, "why"),
        ({"substance": "mdma", "why": "x" * 401}, "why"),
        ({"spot_id": uuid.uuid4()}, "spot_id"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_at_its_field(
    bench: Bench, session: Session, given: dict[str, Any], field: str
) -> None:
    run = bench.plate(bench.sample())
    with pytest.raises(Invalid) as refusal:
        decide(session, bench.network.chemist, deciding(run, only(session, run), **given))
    assert fields(refusal) == {field}


def test_nothing_is_concluded_on_a_plate_that_is_not_accepted(
    bench: Bench, session: Session
) -> None:
    sample = bench.sample()
    run = bench.start("tlc-ta", sample)
    lanes = good_lanes(sample.id)[1:]
    record_plate(
        session, bench.network.chemist, RecordPlate(run.id, run.row_version, Decimal(80), lanes)
    )
    with pytest.raises(Refused):
        decide(session, bench.network.chemist, deciding(run, only(session, run), substance="mdma"))


def test_only_the_analyst_decides_and_only_while_the_run_is_open(
    bench: Bench, session: Session
) -> None:
    run = bench.plate(bench.sample())
    command = deciding(run, only(session, run), substance="mdma")
    with pytest.raises(Refused):
        decide(session, bench.network.second_chemist, command)
    with pytest.raises(NotPermitted):
        decide(session, bench.network.verifier, command)
    run = bench.submitted(run)
    with pytest.raises(Refused):
        decide(
            session,
            bench.network.chemist,
            deciding(run, only(session, run), substance="mdma"),
        )


def test_colour_tests_rank_but_never_conclude(bench: Bench, session: Session) -> None:
    sample = bench.sample()
    run = bench.start("colour-reagents", sample)
    tests = (ReagentGiven(sample.id, "marquis", "purple", "black"),)
    record_reagents(session, bench.network.chemist, RecordReagents(run.id, run.row_version, tests))
    ranked = only(session, run)
    assert set(names(ranked)[:2]) == {"mdma", "mda"}
    assert ("mda", "mdma") in [tuple(sorted(group)) for group in ranked.ranking.groups]
    accept = Decide(
        run.id, run.row_version, "accept", sample_id=sample.id, substance="mdma", why="looks so"
    )
    with pytest.raises(Refused):
        decide(session, bench.network.chemist, accept)


def test_a_spot_that_fits_nothing_gets_a_number_and_is_solved_later(
    bench: Bench, session: Session
) -> None:
    seen = (Sighting("marquis", ("green",)),)
    run = bench.plate(bench.sample(), [spot(90, sightings=seen)])
    ranked = only(session, run)
    assert ranked.seen is not None
    command = NumberUnknown(run.id, run.row_version, ranked.seen.spot.id)
    made = number_unknown(session, bench.network.chemist, command)
    assert made.number == "U-0001"
    assert "hRf 90" in made.description
    assert [(a.kind, a.group, a.substance_id) for a in run.answers] == [("found", "U-0001", None)]
    solved = solve_unknown(session, bench.network.chemist, SolveUnknown(made.id, "caffeine"))
    assert solved.substance_id == bench.substances["caffeine"].id
    with pytest.raises(Refused):
        solve_unknown(session, bench.network.chemist, SolveUnknown(made.id, "mdma"))
    with pytest.raises(Invalid):
        other = Unknown(number="U-0002", description="?", sample_id=made.sample_id)
        session.add(other)
        session.flush()
        solve_unknown(session, bench.network.chemist, SolveUnknown(other.id, "pixie dust"))


def test_more_spots_ask_no_more_queries(bench: Bench, session: Session) -> None:
    def asked(n: int) -> int:
        run = bench.plate(bench.sample(), [spot(10 + 7 * place) for place in range(n)])
        session.flush()
        session.commit()
        session.expire_all()
        counted: list[str] = []

        def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            counted.append(statement)

        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", count)
        found = queries.candidates(session, bench.network.chemist, run.id)
        event.remove(engine, "before_cursor_execute", count)
        assert len(found) == n
        return len(counted)

    assert asked(2) == asked(9)
