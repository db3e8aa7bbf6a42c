import json
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.errors import Invalid
from lims.foundation.words import say
from lims.identification.evidence import ColourObservation, HrfObservation, SpotEvidence, Stance
from lims.identification.likelihood import HrfBasis, Parameters
from lims.identification.rules import (
    ALGORITHM_VERSION,
    NONE_OF_THE_LIBRARY,
    Library,
    Prior,
    rank,
)
from tests.identification.known import PALETTE, colour, hrf


def ranked(evidence, hrfs=(), colours=(), prior=None, extra=()):
    substances = sorted({item.substance for item in (*hrfs, *colours)} | set(extra))
    library = Library(tuple(hrfs), tuple(colours), PALETTE, "synthetic")
    return rank(evidence, substances, library, prior)


def spot(value, system="TA", corrected=True):
    return SpotEvidence(hrfs=(HrfObservation(system, value, corrected),))


def seen(*codes, reagent="Marquis"):
    return SpotEvidence(colours=(ColourObservation(reagent, codes),))


def by_key(ranking):
    return {item.substance: item for item in ranking.candidates}


def test_one_hrf_is_enough_to_start_and_the_nearest_reference_leads():
    ranking = ranked(spot(32.0), [hrf("a", 32.5), hrf("b", 50.0)])
    assert [item.substance for item in ranking.candidates] == ["a", NONE_OF_THE_LIBRARY, "b"]
    assert sum(item.posterior for item in ranking.candidates) == pytest.approx(1)


def test_none_of_the_library_wins_when_nothing_fits():
    ranking = ranked(spot(90.0), [hrf("a", 10.0), hrf("b", 50.0)])
    assert ranking.candidates[0].substance == NONE_OF_THE_LIBRARY
    assert by_key(ranking)["a"].evidence[0].stance is Stance.AGAINST


def test_the_hrf_term_is_the_normal_density_with_the_basis_own_sigma():
    term = by_key(ranked(spot(33.0), [hrf("a", 30.0)]))["a"].evidence[0]
    assert term.log_likelihood == pytest.approx(log(exp(-0.5 * (3 / 4) ** 2) / (4 * 2.5066283)))
    assert term.log_ratio == pytest.approx(term.log_likelihood - log(0.01))


def test_a_standard_on_the_same_plate_takes_the_place_of_cited_values():
    known = [hrf("a", 60.0, HrfBasis.CITED_CORRECTED), hrf("a", 32.0, HrfBasis.SAME_PLATE)]
    fact = str(by_key(ranked(spot(32.0), known))["a"].evidence[0].fact)
    assert fact == "TA: hRf 32.0 is inside 28.0–36.0 (standard on the same plate)."


def test_missing_reference_data_is_neutral_and_says_so():
    evidence = SpotEvidence(
        (HrfObservation("TA", 32.0),), (ColourObservation("Mecke", ("green",)),)
    )
    ranking = ranked(evidence, [hrf("a", 32.0)], [colour("b", "green", "Mecke")])
    found = by_key(ranking)
    assert found["a"].evidence[1].log_ratio == 0 == found["b"].evidence[0].log_ratio
    assert found["a"].evidence[1].stance is Stance.NEUTRAL
    alone = by_key(ranked(spot(32.0), [hrf("a", 32.0)]))["a"].evidence[0].log_ratio
    total = found["a"].loglik - found[NONE_OF_THE_LIBRARY].loglik
    assert total == pytest.approx(alone)


def test_a_substance_without_any_reference_is_named_and_never_ranked_or_excluded():
    ranking = ranked(spot(32.0), [hrf("a", 32.0)], extra=["c"])
    assert ranking.not_assessed == ("c",)
    assert "c" not in by_key(ranking)


def test_having_a_reference_that_does_not_fit_loses_to_having_none():
    evidence = SpotEvidence(
        (HrfObservation("TA", 32.0), HrfObservation("TB", 20.0)),
    )
    known = [hrf("a", 32.0), hrf("b", 32.0), hrf("b", 60.0, system="TB")]
    found = by_key(ranked(evidence, known))
    assert found["a"].rank < found["b"].rank


def test_an_exact_colour_sequence_speaks_for_and_another_against():
    known = [colour("mdma", "purple/brown>black"), colour("ketamine", "none")]
    found = by_key(ranked(seen("purple", "black", "black"), colours=known))
    assert found["mdma"].evidence[0].stance is Stance.FOR
    assert found["ketamine"].evidence[0].stance is Stance.AGAINST
    assert "purple, violet, then black seen" in str(found["mdma"].evidence[0].fact)
    assert str(found["mdma"].evidence[0].fact).endswith("it agrees.")


def test_the_order_of_colours_counts():
    known = [colour("a", "yellow>blue"), colour("b", "blue>yellow")]
    found = by_key(ranked(seen("yellow", "blue"), colours=known))
    assert found["a"].loglik > found["b"].loglik + 3


def test_the_prior_moves_the_score_only_when_switched_on():
    known = [hrf("a", 32.0), hrf("b", 32.0)]
    counts = Prior({"b": 99}, frozenset(), True)
    assert ranked(spot(32.0), known, prior=counts).candidates[0].substance == "b"
    off = ranked(spot(32.0), known, prior=Prior({"b": 99}, frozenset({"b"}), False))
    assert by_key(off)["a"].posterior == pytest.approx(by_key(off)["b"].posterior)
    assert not off.prior_used


def test_what_was_declared_weighs_but_does_not_overrule_the_plate():
    elsewhere = [hrf(f"elsewhere {at}", 90.0) for at in range(10)]
    known = [hrf("declared", 70.0), hrf("other", 32.0), *elsewhere]
    ranking = ranked(spot(32.0), known, prior=Prior({}, frozenset({"declared"})))
    assert ranking.candidates[0].substance == "other"
    assert by_key(ranking)["declared"].log_prior > by_key(ranking)["other"].log_prior


def test_the_likelihood_ratio_compares_the_evidence_with_the_next_line_only():
    first, second, *_rest, last = ranked(spot(32.0), [hrf("a", 32.0), hrf("b", 37.0)]).candidates
    assert first.likelihood_ratio == pytest.approx(exp(first.loglik - second.loglik))
    assert last.likelihood_ratio is None


def test_substances_that_the_system_cannot_separate_are_named_together():
    known = [hrf("a", 31.5), hrf("b", 34.0), hrf("c", 43.0)]
    assert ranked(spot(32.0), known).groups == (("a", "b"),)


def test_a_reagent_that_differs_separates_what_the_plate_cannot():
    known = [hrf("a", 31.5), hrf("b", 34.0)]
    evidence = SpotEvidence((HrfObservation("TA", 32.0),), (ColourObservation("Mecke", ("grey",)),))
    alike = [colour("a", "green", "Mecke"), colour("b", "green>black", "Mecke")]
    assert ranked(evidence, known, alike).groups == (("a", "b"),)
    unlike = [colour("a", "green", "Mecke"), colour("b", "red", "Mecke")]
    assert ranked(evidence, known, unlike).groups == ()


def test_more_evidence_sharpens_the_ranking():
    known = [
        hrf("a", 32.0),
        hrf("a", 20.0, system="TB"),
        hrf("b", 32.0),
        hrf("b", 60.0, system="TB"),
    ]
    first = by_key(ranked(spot(32.0), known))["a"].posterior
    both = SpotEvidence((HrfObservation("TA", 32.0), HrfObservation("TB", 20.0)))
    assert by_key(ranked(both, known))["a"].posterior > first


def test_nothing_observed_or_a_colour_outside_the_palette_is_refused_in_words():
    with pytest.raises(Invalid):
        ranked(SpotEvidence(), [hrf("a", 32.0)])
    with pytest.raises(Invalid) as refused:
        ranked(seen("mauve"), colours=[colour("a", "purple")])
    assert "mauve" in str(refused.value.problems[0].message)


def test_a_ranking_can_be_stored_with_all_that_is_needed_to_compute_it_again():
    document = json.loads(json.dumps(ranked(spot(32.0), [hrf("a", 32.0)]).as_document()))
    assert document["algorithm"] == ALGORITHM_VERSION
    assert Parameters(**document["parameters"]) == Parameters()
    assert document["candidates"][0]["evidence"][0]["fact"]["msgid"]


def test_facts_are_said_in_french_and_dutch_with_the_colour_words():
    fact = by_key(ranked(seen("purple", "black"), colours=[colour("a", "purple>black")]))["a"]
    assert "violet, puis noir" in say(fact.evidence[0].fact, "fr")
    assert "paars, violet, dan zwart" in say(fact.evidence[0].fact, "nl")


CODES = st.sampled_from([item.code for item in PALETTE])


@given(st.floats(0, 100), st.lists(CODES, min_size=1, max_size=3))
def test_any_observation_gives_a_whole_ranking(value, codes):
    evidence = SpotEvidence(
        (HrfObservation("TA", value),), (ColourObservation("Marquis", tuple(codes)),)
    )
    known = [colour("a", "purple>black"), colour("b", "none/yellow-light")]
    ranking = ranked(evidence, [hrf("a", 32.0), hrf("c", 99.0)], known)
    assert sum(item.posterior for item in ranking.candidates) == pytest.approx(1)
    assert [item.rank for item in ranking.candidates] == [1, 2, 3, 4]
