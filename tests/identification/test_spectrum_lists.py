from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from lims.analysis import holdings
from lims.analysis.uploading import RemoveFile, remove_file
from lims.foundation.errors import Invalid, Refused
from lims.identification.deciding import Decide
from lims.identification.operations import decide
from lims.identification.recomputing import recompute
from lims.identification.sameness import Outcome
from lims.identification.spectrum_deciding import (
    KeepFits,
    keep_fits,
)
from lims.identification.spectrum_fits import fits_of
from tests.analysis.bench import Bench
from tests.analysis.instrument import IONS, give, mass_file
from tests.identification.spectra import (
    MASS_SPECTRA,
    decided,
    fits,
    make_mass_library,
    make_spectral_bench,
    mixed,
    run_of,
    spectrum_of,
)
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_spectral_bench(session, network)


# ----------------------------------------------------------------------------- kept lists


@pytest.mark.parametrize("method", ["search", "mixture"])
def test_a_kept_list_is_computed_again_to_the_same(
    bench: Bench, session: Session, tmp_path: Path, method: str
) -> None:
    measured = spectrum_of(bench, tmp_path, mixed(synthetic_a=0.6, synthetic_b=0.4))
    kept = keep_fits(session, bench.network.chemist, KeepFits(measured.id, tmp_path, method))
    again = recompute(session, kept)
    assert again.outcome == Outcome.EQUAL, (again.words, again.differences)


def test_a_list_whose_file_is_gone_says_so(bench: Bench, session: Session, tmp_path: Path) -> None:
    measured = spectrum_of(bench, tmp_path)
    kept = keep_fits(session, bench.network.chemist, KeepFits(measured.id, tmp_path))
    remove_file(session, bench.network.chemist, RemoveFile(measured.upload_id))
    assert recompute(session, kept).outcome == Outcome.NOT_COMPUTED


def test_a_kept_list_is_decided_on_like_every_other(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    measured = spectrum_of(bench, tmp_path)
    kept = keep_fits(session, bench.network.chemist, KeepFits(measured.id, tmp_path))
    own = bench.substances["synthetic-a"].id
    made = decide(session, bench.network.chemist, Decide(kept.id, "accept", own))
    assert made.substance_id == own
    assert run_of(bench, measured).answers[0].substance_id == own
    with pytest.raises(Invalid):
        other = bench.substances["mdma"].id
        decide(session, bench.network.chemist, Decide(kept.id, "accept", other))


def test_only_the_analyst_decides(bench: Bench, session: Session, tmp_path: Path) -> None:
    measured = spectrum_of(bench, tmp_path)
    command = KeepFits(measured.id, tmp_path)
    with pytest.raises(Refused):
        keep_fits(session, bench.network.second_chemist, command)
    assert holdings.spectrum_of(measured).x.size > 100


# --------------------------------------------------------------------------- mass spectra


def ions_of(bench: Bench, folder: Path, protocol: str, data: bytes) -> Any:
    run = bench.start(protocol)
    made = give(bench, run, data, folder, name="a.msp")
    assert made.state == "read", made.refusal
    return made.spectra[0]


def test_a_mass_spectrum_finds_its_substance_with_the_ions_that_agree(
    bench: Bench, tmp_path: Path
) -> None:
    make_mass_library(bench)
    measured = ions_of(bench, tmp_path, "gc-ms", mass_file())
    found = fits(bench, measured, tmp_path)
    assert found.candidates[0].substance_key == "synthetic-a" and not found.none_fits
    assert any("m/z 58" in str(words) for _stance, words in found.candidates[0].facts)
    decided(bench, measured, tmp_path, "accept", reference_ids=(found.candidates[0].reference.id,))
    assert run_of(bench, measured).answers[0].substance.key == "synthetic-a"


def test_an_unlike_mass_spectrum_fits_none_of_the_library(bench: Bench, tmp_path: Path) -> None:
    make_mass_library(bench)
    strange = ((43, 100.0), (71, 80.0), (99, 40.0), (127, 20.0))
    found = fits(bench, ions_of(bench, tmp_path, "gc-ms", mass_file(strange)), tmp_path)
    assert found.none_fits


def test_fragments_are_searched_by_their_precursor_and_for_analogues(
    bench: Bench, tmp_path: Path
) -> None:
    masses = {"synthetic-a": 194.1176, "synthetic-b": 208.1332, "synthetic-c": 300.2}
    make_mass_library(bench, "msms", precursor_mz=masses)
    data = mass_file(IONS, PrecursorMZ="194.1177", Spectrum_type="MS2")
    measured = ions_of(bench, tmp_path, "lc-msms", data)
    found = fits(bench, measured, tmp_path)
    assert [one.substance_key for one in found.candidates] == ["synthetic-a"]
    shifted = tuple((mz + 14.0157 if mz > 100 else mz, height) for mz, height in IONS)
    data = mass_file(shifted, PrecursorMZ="208.1333", Spectrum_type="MS2")
    measured = ions_of(bench, tmp_path, "lc-msms", data)
    run = run_of(bench, measured)
    related = fits_of(bench.session, run, measured, tmp_path, None, "analogues")
    assert related.candidates[0].substance_key == "synthetic-a"
    assert any("CH2" in str(words) for _stance, words in related.candidates[0].facts)


@pytest.mark.parametrize("protocol", ["gc-ms", "lc-msms"])
def test_a_kept_list_of_ions_is_computed_again_to_the_same(
    bench: Bench, session: Session, tmp_path: Path, protocol: str
) -> None:
    masses = dict.fromkeys(MASS_SPECTRA, 194.1176)
    make_mass_library(bench)
    make_mass_library(bench, "msms", precursor_mz=masses)
    data = mass_file(IONS, PrecursorMZ="194.1177") if protocol == "lc-msms" else mass_file()
    measured = ions_of(bench, tmp_path, protocol, data)
    kept = keep_fits(session, bench.network.chemist, KeepFits(measured.id, tmp_path))
    again = recompute(session, kept)
    assert kept.ranked and again.outcome == Outcome.EQUAL, (again.words, again.differences)
