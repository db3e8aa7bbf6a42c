from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.identification import mass_columns, mass_peaks, mass_profiles, mass_terms
from lims.identification.mass_differences import explain
from lims.identification.mass_ei import EiIndex
from lims.identification.mass_fragments import fragments
from lims.identification.mass_hits import Hit
from lims.identification.mass_msms import MsmsIndex, Question
from lims.identification.synthetic_spectra import queries_of, synthetic_ei

NOTHING = [(), (0.0,), (float("nan"),), (-5.0,)]
# Synthetic spectra: no compound is meant.
A = ([41, 58, 77, 91, 119, 149], [200, 999, 150, 300, 80, 60])
B = ([41, 58, 77, 105, 119, 163], [180, 999, 160, 280, 90, 50])
C = ([55, 82, 94, 182, 198, 303], [300, 999, 250, 850, 120, 200])


def small() -> EiIndex:
    return EiIndex.build([("a", *A, 1500.0), ("b", *B, None), ("c", *C, 2200.0)])


def ids(hits: list[Hit]) -> list[str]:
    return [hit.id for hit in hits]


def test_a_spectrum_finds_itself_first_with_the_full_score() -> None:
    for name, spectrum in {"a": A, "b": B, "c": C}.items():
        best = small().search(*spectrum)[0]
        assert (best.id, best.score, best.match) == (name, 999.0, 999.0)


def test_the_order_of_peaks_and_the_scale_of_intensities_change_nothing() -> None:
    mz, heights = A
    turned = small().search(mz[::-1], [7.5 * one for one in heights[::-1]])
    assert turned == small().search(mz, heights)


def test_a_peak_that_is_listed_twice_counts_once() -> None:
    mz, heights = A
    assert small().search([*mz, 58.02], [*heights, 400]) == small().search(mz, heights)


@pytest.mark.parametrize("heights", NOTHING, ids=["none", "zero", "no number", "negative"])
def test_a_peak_list_with_nothing_in_it_finds_nothing(heights: tuple[float, ...]) -> None:
    assert small().search([100.0] * len(heights), heights) == []
    assert MsmsIndex.build([("a", *A, 200.0)]).search([100.0] * len(heights), heights) == []


def test_a_spectrum_in_huge_counts_leaves_its_neighbours_alone() -> None:
    tiny = ("tiny", A[0], [1e-9 * one for one in A[1]], 200.0)
    huge = ("huge", C[0], [1e200 * one for one in C[1]], 400.0)
    assert small().search(*A)[0].score == 999.0
    for index in (EiIndex.build([huge, tiny]), MsmsIndex.build([huge, tiny])):
        assert (index.search(*A)[0].id, index.search(*A)[0].score) == ("tiny", 999.0)


def test_an_empty_library_finds_nothing() -> None:
    assert EiIndex.build([]).search(*A) == []
    assert MsmsIndex.build([]).search(*A) == []


def test_a_library_spectrum_without_peaks_is_never_found() -> None:
    index = EiIndex.build([("empty", [], [], None), ("a", *A, None)])
    assert ids(index.search(*A)) == ["a"]


def test_masses_out_of_range_are_left_out() -> None:
    mz, heights = A
    beyond = small().search([*mz, 1e9, -3.0, float("inf")], [*heights, 999, 999, 999])
    assert beyond == small().search(mz, heights)


def test_a_retention_index_that_agrees_lifts_and_one_that_does_not_sinks() -> None:
    twins = EiIndex.build([("far", *A, 1900.0), ("none", *A, None), ("near", *A, 1505.0)])
    assert ids(twins.search(*A, retention_index=1500.0)) == ["near", "none", "far"]


def test_the_likeness_of_two_spectra_is_the_same_from_both_sides() -> None:
    sticks = [mass_peaks.one(*one) for one in (A, B)]
    first, second = (mass_profiles.profiles(one) for one in sticks)
    there = mass_terms.terms(first, second, np.array([0]))
    back = mass_terms.terms(second, first, np.array([0]))
    assert there == pytest.approx(back, abs=1e-5)


def test_no_spectrum_is_more_alike_than_the_spectrum_itself_by_any_term() -> None:
    library = synthetic_ei(300, 7)
    sticks = mass_peaks.nominal(np.diff(library.starts), library.mz, library.heights)
    every = mass_profiles.profiles(sticks)
    own = mass_profiles.profiles(mass_peaks.one(*library.peaks(11)))
    found = mass_terms.terms(own, every, np.arange(300))
    smaller_is_better = ["deviation_tilted", "deviation_plain"]
    sign = np.array([-1 if name in smaller_is_better else 1 for name in mass_terms.TERMS])
    assert ((found * sign).max(0) <= found[11] * sign + 1e-4).all()
    assert mass_terms.combined(found)[11] == pytest.approx(mass_terms.perfect(), abs=0.05)


def test_what_another_instrument_measured_of_a_synthetic_library_is_found() -> None:
    library = synthetic_ei(3_000, 1)
    index = EiIndex.build((str(at), *library.peaks(at), None) for at in range(3_000))
    chosen, asked = queries_of(library, 60, 2)
    right = [index.search(*asked.peaks(at), top=1)[0].position for at in range(60)] == chosen
    assert np.mean(right) >= 0.95


def test_the_index_agrees_with_a_comparison_of_every_spectrum() -> None:
    library = synthetic_ei(2_000, 3)
    sticks = mass_peaks.nominal(np.diff(library.starts), library.mz, library.heights)
    index = mass_columns.build(sticks)
    query = mass_peaks.one(*library.peaks(5))
    weights = np.zeros(mass_peaks.BINS)
    weights[query.bins] = mass_columns.weights(query)
    exact = np.bincount(
        sticks.rows, weights[sticks.bins] * mass_columns.weights(sticks), minlength=2_000
    )
    best = set(np.argsort(-exact)[:50].tolist())
    assert len(best & set(mass_columns.nearest(index, query, 300).tolist())) >= 48


def test_a_saved_index_gives_the_same_hits(tmp_path: Path) -> None:
    built = small()
    built.save(tmp_path / "ei")
    assert EiIndex.load(tmp_path / "ei").search(*A) == built.search(*A)
    known = MsmsIndex.build([("a", *A, 200.0), ("c", *C, None)])
    known.save(tmp_path / "msms")
    asked: dict[str, Any] = {"precursor": 214.0, "question": Question.ANALOGUES}
    assert MsmsIndex.load(tmp_path / "msms").search(*A, **asked) == known.search(*A, **asked)


def test_only_the_very_mass_is_found_with_a_precursor() -> None:
    index = MsmsIndex.build([("same", *A, 300.1000), ("other", *A, 300.1100)])
    assert ids(index.search(*A, precursor=300.1010)) == ["same"]
    assert set(ids(index.search(*A))) == {"same", "other"}


def test_the_very_mass_is_listed_even_when_no_fragment_is_common() -> None:
    index = MsmsIndex.build([("other energy", [40.0, 50.0], [1, 2], 300.1)])
    found = index.search(*A, precursor=300.1)
    assert [(one.id, one.score) for one in found] == [("other energy", 0.0)]


def test_an_analogue_matches_by_fragments_that_carry_the_change() -> None:
    known = ([58.065, 91.054, 119.086], [999, 600, 300])
    changed = ([72.081, 91.054, 119.086], [999, 600, 300])
    index = MsmsIndex.build([("known", *known, 150.128)])
    asked: dict[str, Any] = {"precursor": 164.1434, "question": Question.ANALOGUES}
    (analogue,) = index.search(*changed, **asked)
    (open_hit,) = index.search(*changed, question=Question.OPEN)
    assert analogue.explanation == "+CH2"
    assert analogue.shift == pytest.approx(14.0154)
    assert open_hit.score < analogue.score


def test_one_peak_has_one_partner() -> None:
    index = MsmsIndex.build([("a", [100.0], [1.0], 200.0)])
    found = index.search([100.0, 100.005, 110.0], [1, 1, 1], precursor=210.0)
    assert not found or found[0].score <= 999


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (14.01565, "+CH2"),
        (-14.01565, "−CH2"),
        (15.99491, "+O"),
        (33.96103, "+Cl −H"),
        (77.91051, "+Br −H"),
        (17.99058, "+F −H"),
        (42.01056, "+C2H2O"),
        (28.0313, "+C2H4"),
    ],
)
def test_a_mass_difference_is_explained_by_atoms(difference: float, words: str) -> None:
    assert explain(difference).split(" / ")[0] == words


def test_a_difference_that_no_formula_has_is_left_unexplained() -> None:
    assert explain(0.4) == ""
    assert explain(299.5) == ""


def test_a_fragment_spectrum_of_the_precursor_alone_keeps_it() -> None:
    counts = np.array([2])
    kept = fragments(counts, np.array([299.9, 300.1]), np.array([5.0, 99.0]), np.array([300.1]))
    assert len(kept.mz) == 2
    assert kept.shares.sum() == pytest.approx(1)


peaks = st.lists(
    st.tuples(st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True)),
    max_size=40,
)


@settings(deadline=None, max_examples=150)
@given(peaks)
def test_no_peak_list_breaks_the_search_or_leaves_the_scale(found: list[Any]) -> None:
    mz, heights = [one for one, _ in found], [one for _, one in found]
    known = MsmsIndex.build([("a", *A, 200.0), ("x", mz, heights, None)])
    hits = small().search(mz, heights) + known.search(mz, heights, precursor=200.0)
    own = EiIndex.build([("x", mz, heights, None), ("a", *A, None)])
    hits += own.search(*A) + own.search(mz, heights)
    assert all(0 <= one.score <= 999 and np.isfinite(one.likelihood) for one in hits)
