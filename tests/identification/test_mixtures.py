from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.foundation.errors import Invalid
from lims.identification.band_search import BandIndex
from lims.identification.mixtures import Mixture, Parameters, resolve
from lims.spectra.spectrum import Kind, Spectrum
from tests.spectra.curves import bands, curve, invented, points

LIBRARY = 400
UNKNOWN = 5000


@cache
def library(kind: Kind = Kind.IR) -> BandIndex:
    return BandIndex.build(kind, ((number, invented(number, kind)) for number in range(LIBRARY)))


def mixture_of(
    ids: Sequence[int],
    shares: Sequence[float],
    kind: Kind = Kind.IR,
    noise: float = 0.01,
    slope: float = 0.0,
    hump: float = 0.0,
    shift: float = 0.0,
    seed: int = 1,
) -> Spectrum:
    """Return a synthetic mixture: noise, slope and hump are parts of its highest point."""
    x = points(kind)
    y = sum(
        (share * bands(number, x) for number, share in zip(ids, shares, strict=True)),
        np.zeros(x.size),
    )
    y = np.interp(x - shift, x, y)
    top, along = float(y.max()), (x - x[0]) / (x[-1] - x[0])
    extra = slope * along + hump * np.exp(-(((along - 0.4) / 0.3) ** 2))
    draw = np.random.default_rng(seed).normal(0.0, noise, x.size)
    return curve(y + top * (extra + draw), kind, x)


def found(mixture: Mixture) -> dict[int, float]:
    return {one.id: one.fraction for one in mixture.components}


def shares_of(ids: Sequence[int], shares: Sequence[float], index: BandIndex) -> dict[int, float]:
    """Return the parts of the spectrum: each reference counts by its own highest point."""
    parts = [share * index.scales[number] for number, share in zip(ids, shares, strict=True)]
    return {number: part / sum(parts) for number, part in zip(ids, parts, strict=True)}


CASES = {
    "quiet": {"noise": 0.005},
    "noisy": {"noise": 0.03},
    "slope": {"noise": 0.01, "slope": 0.6},
    "fluorescence": {"noise": 0.005, "slope": 0.3, "hump": 0.8},
    "shift": {"noise": 0.01, "shift": 1.5},
    "hump over all": {"noise": 0.005, "slope": 0.3, "hump": 1.0, "shift": -2.2},
    "all": {"noise": 0.01, "slope": 0.4, "hump": 0.4, "shift": -2.0},
}


@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("kind", [Kind.IR, Kind.RAMAN])
@pytest.mark.parametrize(
    ("ids", "shares"),
    [((7,), (1.0,)), ((7, 90), (0.7, 0.3)), ((7, 90, 201), (0.5, 0.3, 0.2))],
    ids=["pure", "two", "three"],
)
def test_exactly_the_components_of_a_mixture_are_found(
    case: str, kind: Kind, ids: tuple[int, ...], shares: tuple[float, ...]
) -> None:
    index = library(kind)
    mixture = resolve(mixture_of(ids, shares, kind, **CASES[case]), index)
    assert found(mixture) == pytest.approx(shares_of(ids, shares, index), abs=0.02)


def test_a_tenth_beside_nine_tenths_is_found_when_the_curve_is_quiet() -> None:
    mixture = resolve(mixture_of((7, 90), (0.9, 0.1), noise=0.005), library())
    assert set(found(mixture)) == {7, 90}


def test_the_standard_error_grows_with_the_noise_and_holds_the_truth() -> None:
    errors = []
    for noise in (0.005, 0.05):
        off = []
        for seed in range(12):
            query = mixture_of((7, 90), (0.6, 0.4), noise=noise, seed=seed)
            mixture = resolve(query, library(), among=(7, 90), fixed=True)
            truth = shares_of((7, 90), (0.6, 0.4), library())
            off += [(one.fraction - truth[one.id]) / one.error for one in mixture.components]
        errors.append(mixture.components[0].error)
        assert 0.4 < float(np.sqrt(np.mean(np.square(off)))) < 2.0
    assert errors[1] > 4 * errors[0]


def test_a_substance_that_the_library_lacks_is_no_mixture_of_strangers() -> None:
    for number in range(8):
        mixture = resolve(mixture_of((UNKNOWN + number,), (1.0,)), library())
        assert not mixture.components and mixture.unexplained > 0.5
        assert any("No reference of this library" in str(words) for words in mixture.words)


def test_an_unknown_beside_a_known_substance_is_left_over_with_its_strongest_bands() -> None:
    x = points()
    band = np.exp(-0.5 * ((x - 1234) / 8) ** 2)
    query = mixture_of((7,), (1.0,), noise=0.005)
    mixture = resolve(curve(query.y + 0.8 * float(query.y.max()) * band, x=x), library())
    assert set(found(mixture)) == {7}
    assert mixture.remainder[0].position == pytest.approx(1234, abs=4)
    assert any("fractions are parts of what is explained" in str(one) for one in mixture.words)
    assert any("Strongest bands of what is left over: 123" in str(one) for one in mixture.words)


def test_what_is_left_over_can_be_searched() -> None:
    query = mixture_of((7, 90), (0.6, 0.4), noise=0.002)
    mixture = resolve(query, library(), among=(7,), fixed=True)
    assert library().search(mixture.left_over())[0].id == 90


def test_nothing_is_left_over_when_everything_is_explained() -> None:
    mixture = resolve(mixture_of((7, 90), (0.7, 0.3)), library())
    assert mixture.unexplained < 0.02 and not mixture.remainder
    assert mixture.measured == pytest.approx(mixture.fitted + mixture.baseline + mixture.residual)


def test_references_that_cannot_be_told_apart_here_are_named_together() -> None:
    twin = mixture_of((7,), (1.0,), noise=0.002, seed=9)
    spectra = [(number, invented(number)) for number in range(40)]
    index = BandIndex.build(Kind.IR, [*spectra, (900, twin)])
    mixture = resolve(mixture_of((7, 20), (0.6, 0.4), noise=0.02), index)
    pairs = {frozenset((one.id, one.other)) for one in mixture.rivals}
    assert pairs == {frozenset((7, 900))}


def test_a_shifted_axis_is_moved_and_told() -> None:
    mixture = resolve(mixture_of((7, 90), (0.6, 0.4), shift=2.0), library())
    assert mixture.shift == pytest.approx(-2.0, abs=0.2)
    assert any("moved by" in str(words) for words in mixture.words)
    assert resolve(mixture_of((7, 90), (0.6, 0.4)), library()).shift == 0.0


def test_no_more_than_six_components_are_claimed() -> None:
    ids = tuple(range(9))
    mixture = resolve(mixture_of(ids, [1 / 9] * 9, noise=0.002), library())
    assert len(mixture.components) <= 6


def test_an_accepted_component_of_which_there_is_nothing_has_no_share() -> None:
    mixture = resolve(mixture_of((7,), (1.0,)), library(), among=(7, 90), fixed=True)
    assert found(mixture)[7] > 0.98 and found(mixture).get(90, 0.0) < 0.02


def test_the_references_own_scales_count_only_when_they_mean_something() -> None:
    index = BandIndex.build(
        Kind.RAMAN,
        [(1, invented(1, Kind.RAMAN)), (2, replace_y(invented(2, Kind.RAMAN), 50.0))],
    )
    x = points(Kind.RAMAN)
    query = curve(0.5 * bands(1, x) + 0.5 * 50.0 * bands(2, x), Kind.RAMAN, x)
    as_measured = resolve(query, index, parameters=Parameters(as_measured=True))
    assert found(as_measured) == pytest.approx({1: 0.5, 2: 0.5}, abs=0.01)
    assert found(resolve(query, index))[2] > 0.9


def replace_y(spectrum: Spectrum, times: float) -> Spectrum:
    return replace(spectrum, y=spectrum.y * times)


def test_an_infrared_result_says_what_it_cannot_exclude() -> None:
    words = [str(one) for one in resolve(mixture_of((7,), (1.0,)), library()).words]
    assert "Not detected above about 5–10 %: potent substances can be below." in words
    assert any("semi-quantitative" in one for one in words)


def test_a_query_of_another_technique_is_refused() -> None:
    with pytest.raises(Invalid):
        resolve(invented(1, Kind.RAMAN), library(Kind.IR))


def test_references_that_do_not_reach_the_query_are_refused_in_words() -> None:
    low = invented(1)
    kept = low.x < 1850
    index = BandIndex.build(Kind.IR, [(1, replace(low, x=low.x[kept], y=low.y[kept]))])
    query = invented(1)
    high = query.x > 1200
    with pytest.raises(Invalid) as refusal:
        resolve(replace(query, x=query.x[high], y=query.y[high]), index)
    assert "No reference covers enough" in str(refusal.value.problems[0].message)


def test_an_empty_library_is_refused_in_words() -> None:
    with pytest.raises(Invalid):
        resolve(invented(1), BandIndex.build(Kind.IR, []))


def test_the_same_query_gives_the_same_result() -> None:
    query = mixture_of((7, 90, 201), (0.5, 0.3, 0.2))
    assert resolve(query, library()).as_document() == resolve(query, library()).as_document()


def test_a_mixture_is_resolved_while_one_waits() -> None:
    index, query = library(), mixture_of((7, 90, 201), (0.5, 0.3, 0.2), slope=0.3)
    resolve(query, index)
    begun = perf_counter()
    resolve(query, index)
    assert perf_counter() - begun < 5.0


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    scale=st.floats(1e-6, 1e9),
    steps=st.booleans(),
)
def test_any_curve_gives_fractions_that_add_up_to_one_or_no_components(
    seed: int, scale: float, steps: bool
) -> None:
    draw = np.random.default_rng(seed)
    y = draw.normal(0.0, scale, 1800)
    mixture = resolve(curve(np.cumsum(y) if steps else y), library())
    total = sum(one.fraction for one in mixture.components)
    assert total == pytest.approx(1.0) or not mixture.components
    assert all(one.fraction > 0 and np.isfinite(one.error) for one in mixture.components)
    assert np.isfinite(mixture.rmse)
