from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lims.analysis.operations import RecordPlate, record_plate
from lims.analysis.records import Answer
from lims.foundation.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lims.identification import queries
from lims.identification.operations import (
    Decide,
    DecideNow,
    RankSampleColours,
    RankSpot,
    decide,
    decide_now,
    rank_sample_colours,
    rank_spot,
)
from lims.identification.records import CandidateList, Decision
from lims.identification.unknowns import (
    NumberUnknown,
    SolveUnknown,
    number_unknown,
    solve_unknown,
)
from lims.journal.records import JournalEntry, JournalSubject
from tests.analysis.bench import Bench, good_lanes, spot
from tests.identification.plates import (
    PURPLE,
    colour_run,
    failed_plate,
    make_colour_bench,
    measure,
    only_fit,
    plate_with_standard,
    ranked,
)
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


# -------------------------------------------------------------------------------- what is kept


def test_looking_keeps_nothing(bench: Bench, session: Session) -> None:
    only_fit(bench, plate_with_standard(bench))
    assert session.scalar(select(func.count()).select_from(CandidateList)) == 0


def test_a_kept_list_computed_again_is_the_same_whatever_was_learnt_since(
    bench: Bench, session: Session
) -> None:
    run = plate_with_standard(bench)
    list_id = ranked(bench, run).id
    session.commit()
    measure(bench, run, "mda", "31", "31", "31")
    session.expire_all()
    kept = queries.kept_list(session, list_id)
    again = queries.compute_again(kept)
    assert again.as_document()["candidates"] == kept.ranked
    assert again.parameters.as_dict() == kept.parameters
    assert (again.algorithm, again.library) == (kept.algorithm, str(kept.library_version))
    assert only_fit(bench, run).ranking != again


def test_ranking_stands_in_the_journal_of_the_sample(bench: Bench, session: Session) -> None:
    run = plate_with_standard(bench)
    ranked(bench, run)
    acts = session.scalars(
        select(JournalEntry.act)
        .join(JournalSubject, JournalSubject.seq == JournalEntry.seq)
        .where(JournalSubject.subject_id == str(run.samples[0].sample_id))
        .order_by(JournalEntry.seq)
    ).all()
    assert acts[-1] == "rank spot"


def test_the_candidates_of_a_colour_test_are_kept_for_the_sample(bench: Bench) -> None:
    run = colour_run(bench)
    sample_id = run.samples[0].sample_id
    command = RankSampleColours(run.id, sample_id)
    kept = rank_sample_colours(bench.session, bench.network.chemist, command)
    assert kept.spot_id is None and kept.sample_id == sample_id
    assert {one["substance"] for one in kept.ranked[:2]} == {"mdma", "mda"}


def test_nothing_is_kept_of_what_was_not_observed(bench: Bench) -> None:
    run = bench.start("colour-reagents")
    with pytest.raises(Refused):
        command = RankSampleColours(run.id, run.samples[0].sample_id)
        rank_sample_colours(bench.session, bench.network.chemist, command)


def test_only_the_analyst_ranks_and_only_while_the_run_is_open(bench: Bench) -> None:
    run = plate_with_standard(bench)
    spot_id = only_fit(bench, run).key[1]
    assert spot_id is not None
    with pytest.raises(NotPermitted):
        rank_spot(bench.session, bench.network.verifier, RankSpot(run.id, spot_id))
    with pytest.raises(Refused):
        rank_spot(bench.session, bench.network.second_chemist, RankSpot(run.id, spot_id))
    bench.submitted(run)
    with pytest.raises(Refused):
        rank_spot(bench.session, bench.network.chemist, RankSpot(run.id, spot_id))


# ----------------------------------------------------------------------------- what is decided


def test_an_accepted_candidate_is_an_answer_that_names_its_evidence(bench: Bench) -> None:
    run = plate_with_standard(bench)
    kept = ranked(bench, run)
    mdma = bench.substances["mdma"].id
    made = decide(bench.session, bench.network.chemist, Decide(kept.id, "accept", mdma))
    (answer,) = run.answers
    assert made.substance_id == answer.substance_id == mdma
    assert (answer.kind, answer.evidence["candidate_list_id"]) == ("found", str(kept.id))
    assert answer.evidence["rank"] == 1
    assert only_fit(bench, run).answer is answer


def test_an_accepted_group_says_what_it_is_not_separated_from(bench: Bench) -> None:
    run = plate_with_standard(bench)
    measure(bench, run, "mda", "31", "31", "31")
    kept = ranked(bench, run)
    mdma = bench.substances["mdma"].id
    decide(bench.session, bench.network.chemist, Decide(kept.id, "accept", mdma))
    assert run.answers[0].evidence["not_separated_from"] == ["mda"]


def test_the_last_decision_on_a_spot_is_the_one_that_counts(bench: Bench) -> None:
    run = plate_with_standard(bench)
    kept = ranked(bench, run)
    chemist, mdma = bench.network.chemist, bench.substances["mdma"].id
    decide(bench.session, chemist, Decide(kept.id, "accept", mdma))
    decide(bench.session, chemist, Decide(kept.id, "undecided", None, "needs a second technique"))
    assert run.answers == []
    assert len(bench.session.scalars(select(Decision)).all()) == 2


@pytest.mark.parametrize("verdict", ["reject", "undecided"])
def test_to_reject_or_to_wait_needs_a_reason(bench: Bench, verdict: str) -> None:
    kept = ranked(bench, plate_with_standard(bench))
    chemist = bench.network.chemist
    with pytest.raises(Invalid):
        decide(bench.session, chemist, Decide(kept.id, verdict, None, "  "))
    made = decide(bench.session, chemist, Decide(kept.id, verdict, None, "the spot tails"))
    assert (made.verdict, made.why, made.substance_id) == (verdict, "the spot tails", None)


def test_what_is_not_on_the_list_is_not_accepted(bench: Bench) -> None:
    kept = ranked(bench, plate_with_standard(bench))
    chemist = bench.network.chemist
    for substance_id in (None, bench.substances["caffeine"].id, kept.id):
        with pytest.raises(Invalid):
            decide(bench.session, chemist, Decide(kept.id, "accept", substance_id))
    with pytest.raises(Invalid):
        decide(bench.session, chemist, Decide(kept.id, "perhaps"))


def test_a_failed_plate_is_ranked_and_never_concluded_on(bench: Bench) -> None:
    run = failed_plate(bench)
    kept = ranked(bench, run)
    chemist, mdma = bench.network.chemist, bench.substances["mdma"].id
    with pytest.raises(Refused) as refusal:
        decide(bench.session, chemist, Decide(kept.id, "accept", mdma))
    assert "outside its window" in str(refusal.value.message)
    decide(bench.session, chemist, Decide(kept.id, "reject", None, "the plate failed"))
    unknown = NumberUnknown(run.id, kept.sample_id, kept.spot_id, "a spot")  # type: ignore[arg-type]
    with pytest.raises(Refused):
        number_unknown(bench.session, chemist, unknown)


def test_colours_alone_confirm_nothing(bench: Bench) -> None:
    run = colour_run(bench)
    chemist, mdma = bench.network.chemist, bench.substances["mdma"].id
    command = RankSampleColours(run.id, run.samples[0].sample_id)
    kept = rank_sample_colours(bench.session, chemist, command)
    with pytest.raises(Refused):
        decide(bench.session, chemist, Decide(kept.id, "accept", mdma))
    decide(bench.session, chemist, Decide(kept.id, "undecided", None, "a plate comes next"))


def test_a_list_of_a_spot_that_was_moved_since_is_not_decided_on(bench: Bench) -> None:
    run = plate_with_standard(bench)
    kept = ranked(bench, run)
    lanes = good_lanes(kept.sample_id, [spot(50.0, label="a", sightings=PURPLE)])
    command = RecordPlate(run.id, run.row_version, Decimal(80), lanes)
    record_plate(bench.session, bench.network.chemist, command)
    with pytest.raises(Refused):
        mdma = bench.substances["mdma"].id
        decide(bench.session, bench.network.chemist, Decide(kept.id, "accept", mdma))


def test_an_accepted_answer_falls_when_its_spot_is_moved(bench: Bench) -> None:
    run = plate_with_standard(bench)
    kept = ranked(bench, run)
    chemist, mdma = bench.network.chemist, bench.substances["mdma"].id
    decide(bench.session, chemist, Decide(kept.id, "accept", mdma))
    bench.session.commit()
    lanes = good_lanes(kept.sample_id, [spot(50.0, label="a", sightings=PURPLE)])
    record_plate(bench.session, chemist, RecordPlate(run.id, run.row_version, Decimal(80), lanes))
    assert bench.session.scalars(select(Answer)).all() == []


def test_deciding_now_keeps_the_list_and_refuses_what_was_read_before_a_change(
    bench: Bench,
) -> None:
    run = plate_with_standard(bench)
    fit = only_fit(bench, run)
    chemist, mdma = bench.network.chemist, bench.substances["mdma"].id
    now = DecideNow(run.id, run.row_version, "accept", fit.key[0], fit.key[1], mdma)
    with pytest.raises(Stale):
        decide_now(bench.session, chemist, replace(now, row_version=run.row_version - 1))
    made = decide_now(bench.session, chemist, now)
    assert queries.kept_list(bench.session, made.candidate_list_id).run_id == run.id
    bench.session.commit()
    with pytest.raises(Stale):
        decide_now(bench.session, chemist, now)


# ------------------------------------------------------------------------------------ unknowns


def numbered(bench: Bench, run: Any, description: str = "faint, no colour", **given: Any) -> Any:
    sample_id, spot_id = only_fit(bench, run).key
    assert spot_id is not None
    command = NumberUnknown(run.id, sample_id, spot_id, description, **given)
    return number_unknown(bench.session, bench.network.chemist, command)


def test_an_unknown_has_a_number_that_answers_the_run(bench: Bench) -> None:
    run = plate_with_standard(bench, hrf=50.0)
    unknown = numbered(bench, run)
    (answer,) = run.answers
    assert unknown.number == answer.group == "U-0001"
    assert (answer.kind, answer.substance_id) == ("found", None)


def test_the_same_spot_keeps_its_number_and_another_spot_has_the_next(bench: Bench) -> None:
    run = plate_with_standard(bench, hrf=50.0)
    assert numbered(bench, run).number == numbered(bench, run, "again").number == "U-0001"
    assert len(run.answers) == 1
    assert numbered(bench, plate_with_standard(bench, hrf=60.0)).number == "U-0002"


def test_an_unknown_that_was_met_before_keeps_its_number(bench: Bench) -> None:
    numbered(bench, plate_with_standard(bench, hrf=50.0))
    later = plate_with_standard(bench, hrf=50.0)
    assert numbered(bench, later, "", number="u-0001").number == "U-0001"
    with pytest.raises(Invalid):
        numbered(bench, plate_with_standard(bench, hrf=50.0), "", number="U-9999")


@pytest.mark.parametrize("description", ["", "   ", "x" * 401])
def test_an_unknown_is_described_in_a_few_words(bench: Bench, description: str) -> None:
    with pytest.raises(Invalid):
        numbered(bench, plate_with_standard(bench), description)


def test_a_spot_of_another_run_is_not_numbered(bench: Bench) -> None:
    run, other = plate_with_standard(bench), plate_with_standard(bench)
    sample_id, spot_id = only_fit(bench, other).key
    assert spot_id is not None
    with pytest.raises(NotFound):
        command = NumberUnknown(run.id, sample_id, spot_id, "a spot")
        number_unknown(bench.session, bench.network.chemist, command)


def test_an_unknown_is_solved_once_and_its_answers_stay(bench: Bench) -> None:
    run = plate_with_standard(bench, hrf=50.0)
    unknown, chemist = numbered(bench, run), bench.network.other_chemist
    mdma, mda = bench.substances["mdma"].id, bench.substances["mda"].id
    assert solve_unknown(bench.session, chemist, SolveUnknown(unknown.id, mdma)) is unknown
    assert unknown.substance_id == mdma and run.answers[0].group == "U-0001"
    with pytest.raises(Refused):
        solve_unknown(bench.session, chemist, SolveUnknown(unknown.id, mda))
    with pytest.raises(NotPermitted):
        solve_unknown(bench.session, bench.network.worker, SolveUnknown(unknown.id, mdma))
    with pytest.raises(NotFound):
        solve_unknown(bench.session, chemist, SolveUnknown(run.id, mdma))
