from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lims.foundation.errors import Invalid
from lims.identification.band_search import BandIndex, cautions, parameters
from lims.spectra.spectrum import Kind, Spectrum
from tests.spectra.curves import curve, invented


def library(kind: Kind = Kind.IR, count: int = 60) -> BandIndex:
    return BandIndex.build(kind, ((number, invented(number, kind)) for number in range(count)))


def cut(spectrum: Spectrum, low: float, high: float) -> Spectrum:
    kept = (spectrum.x >= low) & (spectrum.x <= high)
    return replace(spectrum, x=spectrum.x[kept], y=spectrum.y[kept])


@pytest.mark.parametrize("kind", [Kind.IR, Kind.RAMAN, Kind.UV])
def test_a_noisy_spectrum_on_another_baseline_finds_its_own_reference(kind: Kind) -> None:
    index = library(kind)
    for number in (0, 17, 59):
        query = invented(number, kind, noise=0.03)
        query = replace(query, y=2 * query.y + (0.5 if kind is Kind.UV else 1e-4 * query.x))
        best = index.search(query, top=5)[0]
        assert best.id == number and best.score > 900


def test_a_hit_is_the_same_whether_the_index_was_saved_or_not(tmp_path: Path) -> None:
    index, query = library(), invented(11, noise=0.05)
    index.save(tmp_path / "ir" / "7")
    index.save(tmp_path / "ir" / "7")
    assert BandIndex.load(tmp_path / "ir" / "7").search(query, top=8) == index.search(query, top=8)
    assert [path.name for path in (tmp_path / "ir").iterdir()] == ["7"], "nothing half-made stays"


def test_a_query_that_lacks_a_part_of_the_range_is_compared_on_the_rest() -> None:
    hit = library().search(cut(invented(12, noise=0.02), 1000, 4000))[0]
    assert hit.id == 12 and hit.score > 950
    assert 0.6 < hit.compared < 0.95
    assert hit.parts[0].correlation is None and hit.parts[0].verdict == "neutral"


def test_a_reference_that_lacks_a_part_of_the_range_is_still_found() -> None:
    spectra = [(number, invented(number)) for number in range(40)]
    spectra[13] = (13, cut(spectra[13][1], 600, 1850))
    hit = BandIndex.build(Kind.IR, spectra).search(invented(13, noise=0.02))[0]
    assert hit.id == 13 and hit.score > 950 and hit.compared < 0.6


def test_curves_with_too_little_in_common_are_not_compared() -> None:
    spectra = [(1, cut(invented(1), 600, 1850)), (2, invented(2))]
    query = cut(invented(1), 1200, 4000)
    assert [hit.id for hit in BandIndex.build(Kind.IR, spectra).search(query)] == [2]


def test_a_part_of_the_range_that_does_not_agree_speaks_against_the_reference() -> None:
    query, other = invented(20), invented(21)
    mixed = np.where((query.x > 1000) & (query.x < 1350), other.y, query.y)
    hit = library().search(curve(mixed, Kind.IR, query.x))[0]
    verdicts = {(part.low, part.high): part.verdict for part in hit.parts}
    assert hit.id == 20
    assert verdicts[1000, 1350] == "against" and verdicts[1350, 1800] == "for"


def test_a_spectrum_of_nothing_in_the_library_scores_low() -> None:
    assert library().search(invented(900))[0].score < 500


def test_a_spectrum_that_cannot_be_compared_is_left_out_of_the_index_with_its_reason() -> None:
    flat = curve(np.full(1800, 1.0))
    index = BandIndex.build(Kind.IR, [(1, flat), (2, invented(2)), (3, invented(3, Kind.RAMAN))])
    assert list(index.ids) == [2]
    assert "flat" in str(index.refused[1]) and "another technique" in str(index.refused[3])


def test_a_query_that_cannot_be_compared_is_refused_in_words() -> None:
    with pytest.raises(Invalid):
        library(count=3).search(curve(np.full(1800, 1.0)))


def test_an_empty_library_gives_no_hits() -> None:
    assert BandIndex.build(Kind.IR, []).search(invented(1)) == []


def test_fewer_references_than_asked_are_all_listed() -> None:
    assert len(library(count=4).search(invented(1), top=50)) == 4


def test_ultraviolet_alone_never_identifies_and_says_so() -> None:
    assert any("never identifies" in str(words) for words in cautions(Kind.UV))
    assert cautions(Kind.IR)


def test_what_a_search_depends_on_is_named() -> None:
    assert parameters(Kind.IR)["algorithm"] and parameters(Kind.IR)["step"] == 2.0
