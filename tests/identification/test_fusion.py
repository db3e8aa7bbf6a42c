from __future__ import annotations

import json
from math import exp, isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.identification.fusion import (
    Basis,
    Fused,
    Parameters,
    Setting,
    Statement,
    fuse,
    weigh,
)
from lims.identification.fusion_documents import (
    fuse_document,
    fused_document,
    question_document,
)
from lims.identification.rules import NONE_OF_THE_LIBRARY, Prior

FTIR = Statement("ftir", Setting.FTIR, ("R-0002",), named=("mdma",), accepted=True)
PLATE = Statement(
    "tlc",
    Setting.ONE_TLC_SYSTEM,
    ("R-0001",),
    ratios={"mdma": 2.0, "mda": 1.5, "caffeine": -9.0},
    named=("mdma",),
)


def line(fused: Fused, key: str) -> float:
    return next(one.llr for one in fused.lines if one.substance == key)


def test_log_ratios_add_over_techniques() -> None:
    fused = fuse([PLATE, FTIR])
    assert isclose(line(fused, "mdma"), 2.0 + log(5))
    assert isclose(line(fused, "mda"), 1.5)
    assert fused.leader == "mdma"


def test_none_of_the_library_is_always_a_line_and_weighs_nothing() -> None:
    assert isclose(line(fuse([PLATE]), NONE_OF_THE_LIBRARY), 0.0)
    only = fuse([])
    assert [one.substance for one in only.lines] == [NONE_OF_THE_LIBRARY]
    assert isclose(only.lines[0].posterior, 1.0)


def test_the_posterior_is_that_of_three_hypotheses_by_hand() -> None:
    fused = fuse([PLATE])
    weights = {"mdma": exp(2.0), "mda": exp(1.5), "caffeine": 1 / 10, NONE_OF_THE_LIBRARY: 1.0}
    whole = sum(weights.values())
    for one in fused.lines:
        assert isclose(one.posterior, weights[one.substance] / whole)


def test_a_default_bounds_what_one_technique_may_say_on_both_sides() -> None:
    loud = Statement("tlc", Setting.ONE_TLC_SYSTEM, ratios={"mdma": 9.0, "mda": -9.0})
    found = weigh(loud, Parameters())
    assert found.basis is Basis.DEFAULT and found.most == 10
    assert isclose(found.ratios["mdma"], log(10)) and isclose(found.ratios["mda"], -log(10))


@pytest.mark.parametrize(
    ("setting", "ratio"),
    [
        (Setting.FTIR, 5),
        (Setting.ONE_TLC_SYSTEM, 10),
        (Setting.TWO_TLC_SYSTEMS_AND_COLOURS, 100),
        (Setting.GCMS_WITH_INDEX, 1000),
    ],
)
def test_the_stated_defaults_are_those_of_the_network(setting: Setting, ratio: float) -> None:
    found = weigh(Statement("any", setting, named=("mdma",)), Parameters())
    assert found.most == ratio and isclose(exp(found.ratios["mdma"]), ratio)


def test_a_technique_without_a_stated_default_is_neutral() -> None:
    raman = Statement("raman", named=("mdma",), ratios={"mdma": 7.0})
    assert weigh(raman, Parameters()).basis is Basis.NEUTRAL
    fused = fuse([raman])
    assert line(fused, "mdma") == 0.0 and fused.leader == NONE_OF_THE_LIBRARY


def test_a_calibration_replaces_the_default_and_keeps_its_own_bound() -> None:
    told = Statement("ftir", Setting.FTIR, named=("mdma",), calibrated={"mdma": 9.0}, bound=log(51))
    found = weigh(told, Parameters())
    assert found.basis is Basis.CALIBRATED and isclose(exp(found.ratios["mdma"]), 51)


def test_the_prior_is_switchable_and_shown() -> None:
    counts = Prior(counts={"mda": 500}, declared=frozenset({"mda"}))
    assert fuse([PLATE], counts).leader == "mda"
    without = fuse([PLATE], Prior(counts.counts, counts.declared, used=False))
    assert without.leader == "mdma" and not without.prior_used
    assert len({one.log_prior for one in without.lines}) == 1


def test_what_was_declared_never_hides_what_the_evidence_says() -> None:
    fused = fuse([PLATE], Prior(declared=frozenset({"mda"}), counts={"mda": 500}))
    assert fused.leader == "mda" and fused.leader_by_evidence == "mdma"
    assert fuse([PLATE]).leader_by_evidence == fuse([PLATE]).leader == "mdma"


def test_without_evidence_the_leader_is_first_by_evidence_too() -> None:
    fused = fuse([Statement("raman", named=("mdma",))], Prior(declared=frozenset({"mdma"})))
    assert fused.leader_by_evidence == fused.leader


def test_two_techniques_that_name_different_substances_are_listed_with_both() -> None:
    other = Statement("ftir", Setting.FTIR, named=("caffeine",))
    (found,) = fuse([Statement("gcms", named=("mdma",)), other]).disagreements
    assert (found.one, found.names, found.other, found.against, found.kind) == (
        *("gcms", ("mdma",), "ftir", ("caffeine",), "another"),
    )


def test_a_technique_that_speaks_against_what_another_names_is_listed() -> None:
    (found,) = fuse([PLATE, Statement("ftir", Setting.FTIR, named=("caffeine",))]).disagreements
    assert found.kind == "against" and found.names == ("caffeine",) and found.one == "ftir"


def test_what_was_looked_for_and_not_detected_is_a_disagreement() -> None:
    silent = Statement("lcms", named=("caffeine", "mda"), denied=("mdma",))
    (found,) = fuse([FTIR, silent]).disagreements
    assert found.kind == "against" and found.names == ("mdma",)


def test_nothing_that_fits_disagrees_with_a_name() -> None:
    (found,) = fuse([FTIR, Statement("raman", fits_nothing=True)]).disagreements
    assert found.kind == "nothing" and found.other == "raman"


def test_a_technique_that_sees_more_does_not_disagree() -> None:
    both = Statement("gcms", named=("mdma", "caffeine"))
    assert not fuse([FTIR, both]).disagreements


def test_colours_that_exclude_disagree_in_words_even_though_they_weigh_nothing() -> None:
    colours = Statement("reagent", ratios={"mdma": -4.0})
    fused = fuse([FTIR, colours])
    assert isclose(line(fused, "mdma"), log(5))
    assert fused.disagreements[0].kind == "against"


def test_a_fusion_is_the_same_after_it_was_kept_as_json() -> None:
    prior = Prior({"mdma": 4}, frozenset({"mda"}))
    fused = fuse([PLATE, FTIR], prior)
    document = json.loads(json.dumps(question_document([PLATE, FTIR], prior)))
    again = fuse_document(document, {**vars(Parameters())})
    assert fused_document(again) == fused_document(fused)


@given(st.dictionaries(st.sampled_from("abcdef"), st.floats(-50, 50), max_size=6))
def test_posteriors_always_sum_to_one_and_the_order_is_by_score(ratios: dict[str, float]) -> None:
    fused = fuse([Statement("tlc", Setting.TWO_TLC_SYSTEMS_AND_COLOURS, ratios=ratios)])
    assert isclose(sum(one.posterior for one in fused.lines), 1.0)
    scores = [one.llr + one.log_prior for one in fused.lines]
    assert scores == sorted(scores, reverse=True)
