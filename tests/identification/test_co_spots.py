from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.analysis.lanes import LaneGiven, SpotGiven
from lims.analysis.operations import RecordPlate, record_plate
from lims.identification import queries
from lims.identification.co_spots import CoSpotObservation, CoSpotOutcome, LaneSpot, read_co_spot
from lims.identification.documents import observed_document, question_of
from lims.identification.evidence import SpotEvidence, Stance
from lims.identification.rules import Library, rank
from tests.analysis.bench import Bench, at_hrf, good_lanes, spot
from tests.identification.known import PALETTE, hrf
from tests.identification.plates import make_colour_bench
from tests.makers import Network

ONE, SPLIT = CoSpotOutcome.ONE, CoSpotOutcome.SPLIT


def lane(*places: float, tailing: bool = False) -> list[LaneSpot]:
    return [LaneSpot(place, tailing) for place in places]


def test_one_round_spot_at_the_place_of_both_speaks_for_the_standard() -> None:
    assert read_co_spot(31.0, [], lane(31.4), 31.2) == ONE
    assert read_co_spot(31.0, [], lane(31.4), None) == ONE


def test_two_spots_where_one_was_expected_are_two_substances() -> None:
    assert read_co_spot(31.0, [], lane(29.5, 33.0), None) == SPLIT
    assert read_co_spot(31.0, [], lane(31.0, 36.0), 36.0) == SPLIT


def test_a_standard_that_runs_elsewhere_in_the_lane_parts_from_the_spot() -> None:
    assert read_co_spot(31.0, [], lane(31.0, 70.0), 70.0) == SPLIT


def test_a_tail_says_nothing() -> None:
    assert read_co_spot(31.0, [], lane(31.0, tailing=True), 31.0) is None


def test_an_empty_place_says_nothing() -> None:
    assert read_co_spot(31.0, [], lane(), 31.0) is None
    assert read_co_spot(31.0, [], lane(80.0), None) is None


def test_another_spot_of_the_sample_is_not_a_split() -> None:
    assert read_co_spot(31.0, [36.0], lane(31.0, 36.0), 31.0) == ONE
    assert read_co_spot(31.0, [36.0], lane(31.0, 36.0), 36.0) is None


def test_with_several_spots_a_standard_that_never_ran_alone_says_nothing() -> None:
    assert read_co_spot(31.0, [70.0], lane(31.0, 70.0), None) is None


def ranked(*co_spots: CoSpotObservation) -> Any:
    library = Library((hrf("a", 31.0), hrf("b", 31.0)), (), PALETTE)
    from lims.identification.evidence import HrfObservation

    evidence = SpotEvidence((HrfObservation("TA", 31.0),), (), co_spots)
    found = rank(evidence, ("a", "b", "c"), library)
    return {one.substance: one for one in found.candidates}


def test_a_co_spot_moves_its_own_standard_only() -> None:
    before, after = ranked(), ranked(CoSpotObservation("a", ONE, 3))
    assert after["a"].loglik > before["a"].loglik
    assert after["b"].loglik == pytest.approx(before["b"].loglik)


def test_a_split_speaks_against_the_standard_in_plain_words() -> None:
    found = ranked(CoSpotObservation("a", SPLIT, 3))
    term = found["a"].evidence[-1]
    assert term.stance == Stance.AGAINST
    assert "parts from its standard" in str(term.fact)
    assert found["b"].rank < found["a"].rank


def test_a_standard_without_any_reference_is_assessed_by_its_co_spot() -> None:
    assert "c" in ranked(CoSpotObservation("c", ONE, 3))


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_colour_bench(session, network)


def with_co_spot(bench: Bench, *places: float) -> Any:
    """Return what fits the only spot of a plate with a co-spot lane of cocaine."""
    sample = bench.sample()
    run = bench.start("tlc-ta", sample)
    lot = bench.standard("cocaine")
    spots = tuple(SpotGiven(at_hrf(place)) for place in places)
    co_spot = LaneGiven("co-spot", sample.id, lot.id, spots)
    lanes = (*good_lanes(sample.id, (spot(31.0),)), co_spot)
    chemist = bench.network.chemist
    record_plate(bench.session, chemist, RecordPlate(run.id, run.row_version, Decimal(80), lanes))
    return queries.preview(bench.session, chemist, run.id).fits[0]


@pytest.mark.parametrize(("places", "outcome"), [((31.0,), ONE), ((29.0, 34.0), SPLIT)])
def test_the_co_spot_lane_of_a_plate_is_evidence_on_the_spot_of_its_sample(
    bench: Bench, places: tuple[float, ...], outcome: CoSpotOutcome
) -> None:
    (seen,) = with_co_spot(bench, *places).question.evidence.co_spots
    assert (seen.substance, seen.outcome) == ("cocaine", outcome)


def test_a_list_with_a_co_spot_is_computed_again_from_what_was_kept(bench: Bench) -> None:
    fit = with_co_spot(bench, 31.0)
    keys = tuple(one.substance for one in fit.ranking.candidates)
    kept = observed_document(fit.question, keys)
    again = question_of(kept, fit.ranking.parameters.as_dict())
    assert again.ranking().as_document()["candidates"] == fit.ranking.as_document()["candidates"]
    assert replace(again).evidence.co_spots == fit.question.evidence.co_spots
