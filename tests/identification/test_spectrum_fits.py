from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.identification.mixture_fits import mixture_of
from lims.library.spectra import SpectrumLibrary
from lims.library.versions import note_library_change
from tests.analysis.bench import Bench
from tests.analysis.instrument import curve, infrared
from tests.identification.spectra import (
    fits,
    make_spectral_bench,
    mixed,
    run_of,
    spectrum_of,
)
from tests.library.makers import make_reference_spectrum
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_spectral_bench(session, network)


# ------------------------------------------------------------------------------- what fits


def test_the_substance_that_was_measured_comes_first_with_facts_for_it(
    bench: Bench, tmp_path: Path
) -> None:
    found = fits(bench, spectrum_of(bench, tmp_path), tmp_path)
    first = found.candidates[0]
    assert first.substance_key == "synthetic-a" and first.score > 950
    assert first.gap and first.gap > 100 and not found.none_fits
    assert {stance for stance, _words in first.facts} >= {"pro"}
    assert found.searched == 4 and found.alike == ()


def test_none_of_the_library_is_a_normal_answer(bench: Bench, tmp_path: Path) -> None:
    unlike = spectrum_of(bench, tmp_path, infrared((1000, 40, 1.0), (1700, 30, 0.8)))
    found = fits(bench, unlike, tmp_path)
    assert found.none_fits and found.candidates and found.refusal is None


def test_an_empty_library_finds_nothing_and_says_so(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    for library in session.scalars(select(SpectrumLibrary)):
        library.state = "retired"
    note_library_change(session)
    found = fits(bench, spectrum_of(bench, tmp_path), tmp_path)
    assert found.searched == 0 and found.candidates == () and found.refusal is None


def test_two_references_that_score_alike_are_named_as_not_told_apart(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    library = session.scalars(select(SpectrumLibrary)).one()
    x, y = curve()
    make_reference_spectrum(session, library, x, y + 0.001, name="synthetic twin")
    note_library_change(session)
    found = fits(bench, spectrum_of(bench, tmp_path), tmp_path)
    assert {one.reference.name for one in found.alike} == {"synthetic-a", "synthetic twin"}


def test_a_second_spectrum_of_one_substance_is_no_second_candidate(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    library = session.scalars(select(SpectrumLibrary)).one()
    x, y = curve()
    own = bench.substances["synthetic-a"].id
    make_reference_spectrum(session, library, x, 2 * y, name="again", substance_id=own)
    note_library_change(session)
    found = fits(bench, spectrum_of(bench, tmp_path), tmp_path)
    keys = [one.substance_key for one in found.candidates]
    assert keys.count("synthetic-a") == 1 and found.candidates[0].others == 1


def test_a_library_of_another_laboratory_is_not_searched_here(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    library = session.scalars(select(SpectrumLibrary)).one()
    library.site_id = bench.network.second_laboratory.id
    session.flush()
    found = fits(bench, spectrum_of(bench, tmp_path), tmp_path)
    assert found.candidates == ()


def test_a_mixture_is_resolved_into_what_it_was_made_of(bench: Bench, tmp_path: Path) -> None:
    measured = spectrum_of(bench, tmp_path, mixed(synthetic_a=0.7, synthetic_b=0.3))
    found = mixture_of(bench.session, run_of(bench, measured), measured, tmp_path)
    assert [part.reference.name for part in found.parts] == ["synthetic-a", "synthetic-b"]
    assert found.parts[0].fraction == pytest.approx(0.7, abs=0.03)
    assert any("semi-quantitative" in str(words) for words in found.words)
    assert any("5–10" in str(words) for words in found.words)
