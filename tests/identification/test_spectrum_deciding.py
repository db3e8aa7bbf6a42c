from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis import holdings
from lims.analysis.answers import Figures
from lims.analysis.operations import RecordResults, record_results
from lims.analysis.results import AnswerGiven
from lims.analysis.uploading import RemoveFile, remove_file
from lims.foundation.errors import Invalid, Refused
from lims.identification.deciding import Decide
from lims.identification.operations import decide
from lims.identification.recomputing import recompute
from lims.identification.records import CandidateList, Decision
from lims.identification.sameness import Outcome
from lims.identification.spectrum_deciding import (
    MIXTURE,
    DecideOnSpectrum,
    KeepFits,
    decide_on_spectrum,
    keep_fits,
)
from lims.identification.spectrum_fits import fits_of
from lims.library.spectra import ReferenceSpectrum
from lims.library.versions import note_library_change
from tests.analysis.bench import Bench, fields
from tests.analysis.instrument import IONS, curve, give, infrared, mass_file
from tests.identification.spectra import (
    MASS_SPECTRA,
    make_mass_library,
    make_spectral_bench,
    mixed,
    spectrum_of,
)
from tests.library.makers import make_reference_spectrum
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_spectral_bench(session, network)


def names(found: Any) -> list[str]:
    return [one.reference.name for one in found.candidates]


def run_of(bench: Bench, measured: Any) -> Any:
    from lims.analysis.records import Run

    return bench.session.get_one(Run, measured.upload.run_id)


def fits(bench: Bench, measured: Any, folder: Path) -> Any:
    return fits_of(bench.session, run_of(bench, measured), measured, folder)


def decided(bench: Bench, measured: Any, folder: Path, verdict: str, **given: Any) -> list[Any]:
    """Decide as the analyst; `names` are the references meant."""
    wanted = given.pop("names", ())
    ids = tuple(
        bench.session.scalars(
            select(ReferenceSpectrum.id).where(ReferenceSpectrum.name == name)
        ).one()
        for name in wanted
    )
    command = DecideOnSpectrum(
        spectrum_id=measured.id,
        row_version=run_of(bench, measured).row_version,
        verdict=verdict,
        folder=folder,
        reference_ids=given.pop("reference_ids", ids),
        **given,
    )
    made = decide_on_spectrum(bench.session, bench.network.chemist, command)
    bench.session.flush()
    return made


# ------------------------------------------------------------------------------- decisions


def test_an_accepted_candidate_becomes_an_answer_that_stands_on_its_list(
    bench: Bench, tmp_path: Path
) -> None:
    measured = spectrum_of(bench, tmp_path)
    (made,) = decided(bench, measured, tmp_path, "accept", names=["synthetic-a"])
    run = run_of(bench, measured)
    (answer,) = run.answers
    assert (answer.substance.key, answer.kind) == ("synthetic-a", "found")
    assert answer.evidence["spectrum_id"] == str(measured.id)
    assert answer.evidence["candidate_list_id"] == str(made.candidate_list_id)
    assert answer.evidence["rank"] == 1 and answer.evidence["score"] > 950
    kept = bench.session.get_one(CandidateList, made.candidate_list_id)
    assert kept.method == "search" and kept.observed["sha256"] == measured.upload.sha256
    assert kept.ranked[0]["substance"] == "synthetic-a" and kept.ranked[0]["licence"]


@pytest.mark.parametrize("verdict", ["reject", "undecided"])
def test_rejecting_and_leaving_undecided_need_a_reason_and_answer_nothing(
    bench: Bench, tmp_path: Path, verdict: str
) -> None:
    measured = spectrum_of(bench, tmp_path)
    with pytest.raises(Invalid) as refusal:
        decided(bench, measured, tmp_path, verdict)
    assert fields(refusal) == {"why"}
    (made,) = decided(bench, measured, tmp_path, verdict, why="bands shifted")
    assert made.why == "bands shifted" and run_of(bench, measured).answers == []


def test_what_is_not_clearly_first_is_accepted_with_a_reason_only(
    bench: Bench, tmp_path: Path
) -> None:
    measured = spectrum_of(bench, tmp_path)
    with pytest.raises(Invalid) as refusal:
        decided(bench, measured, tmp_path, "accept", names=["synthetic-b"])
    assert fields(refusal) == {"why"}
    decided(bench, measured, tmp_path, "accept", names=["synthetic-b"], why="by eye")
    assert run_of(bench, measured).answers[0].substance.key == "synthetic-b"


def test_a_reference_without_a_substance_is_linked_before_it_is_accepted(
    bench: Bench, tmp_path: Path
) -> None:
    data = infrared((780, 14, 1.0), (1120, 9, 0.9), (1600, 20, 0.8))
    measured = spectrum_of(bench, tmp_path, data)
    with pytest.raises(Invalid) as refusal:
        decided(bench, measured, tmp_path, "accept", names=["synthetic without a substance"])
    assert fields(refusal) == {"reference_ids"}
    assert "Link it or add the substance" in str(refusal.value.problems[0].message)


def test_the_last_decision_counts(bench: Bench, tmp_path: Path) -> None:
    measured = spectrum_of(bench, tmp_path)
    decided(bench, measured, tmp_path, "accept", names=["synthetic-a"])
    decided(bench, measured, tmp_path, "reject", why="the background was dirty")
    assert run_of(bench, measured).answers == []
    assert len(bench.session.scalars(select(Decision)).all()) == 2


def test_a_mixture_accepts_several_components_with_their_abundance(
    bench: Bench, tmp_path: Path
) -> None:
    measured = spectrum_of(bench, tmp_path, mixed(synthetic_a=0.7, synthetic_b=0.3))
    made = decided(
        bench,
        measured,
        tmp_path,
        "accept",
        names=["synthetic-a", "synthetic-b"],
        method=MIXTURE,
    )
    answers = {one.substance.key: one for one in run_of(bench, measured).answers}
    assert {key: one.abundance for key, one in answers.items()} == {
        "synthetic-a": "major",
        "synthetic-b": "minor",
    }
    assert len(made) == 2 and "fraction" in answers["synthetic-b"].evidence


def test_two_portions_stand_behind_one_answer(bench: Bench, tmp_path: Path) -> None:
    first = spectrum_of(bench, tmp_path)
    run = run_of(bench, first)
    second = spectrum_of(bench, tmp_path, infrared(), run=run)
    for measured in (first, second):
        decided(bench, measured, tmp_path, "accept", names=["synthetic-a"])
    (answer,) = run.answers
    assert len(answer.evidence["spectra"]) == 2
    decided(bench, first, tmp_path, "reject", why="smudged")
    (answer,) = run.answers
    assert answer.evidence["spectrum_id"] == str(second.id)


def test_an_answer_written_by_hand_keeps_its_figures_and_gains_the_evidence(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    measured = spectrum_of(bench, tmp_path)
    run = run_of(bench, measured)
    typed = AnswerGiven(
        measured.upload.sample_id, Figures("found", abundance="major"), "synthetic-a"
    )
    record_results(
        session, bench.network.chemist, RecordResults(run.id, run.row_version, (), (typed,))
    )
    session.flush()
    decided(bench, measured, tmp_path, "accept", names=["synthetic-a"])
    (answer,) = run.answers
    assert answer.abundance == "major" and answer.evidence["spectrum_id"] == str(measured.id)
    decided(bench, measured, tmp_path, "undecided", why="again tomorrow")
    (answer,) = run.answers
    assert "spectrum_id" not in answer.evidence


def test_saving_the_form_of_the_run_keeps_what_an_answer_stands_on(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    measured = spectrum_of(bench, tmp_path)
    decided(bench, measured, tmp_path, "accept", names=["synthetic-a"])
    run = run_of(bench, measured)
    typed = AnswerGiven(
        measured.upload.sample_id, Figures("found", abundance="minor"), "synthetic-a"
    )
    record_results(
        session, bench.network.chemist, RecordResults(run.id, run.row_version, (), (typed,))
    )
    (answer,) = run.answers
    assert answer.abundance == "minor" and answer.evidence["spectrum_id"] == str(measured.id)


def test_a_file_under_an_accepted_answer_cannot_be_taken_off(
    bench: Bench, session: Session, tmp_path: Path
) -> None:
    measured = spectrum_of(bench, tmp_path)
    decided(bench, measured, tmp_path, "accept", names=["synthetic-a"])
    with pytest.raises(Refused):
        remove_file(session, bench.network.chemist, RemoveFile(measured.upload_id))


def test_a_background_is_looked_at_and_never_decided_on(bench: Bench, tmp_path: Path) -> None:
    run = bench.start("ftir")
    made = give(bench, run, infrared(), tmp_path, role="background", sample_id=None)
    with pytest.raises(Refused):
        decided(bench, made.spectra[0], tmp_path, "reject", why="x")


def test_ultraviolet_alone_never_confirms(bench: Bench, session: Session, tmp_path: Path) -> None:
    from tests.analysis.instrument import csv_file
    from tests.library.makers import make_spectrum_library

    library = make_spectrum_library(session, name="Synthetic UV", kind="uv")
    x, y = curve((280, 15, 1.0), low=200, high=400)
    own = bench.substances["synthetic-a"].id
    make_reference_spectrum(session, library, x, y, name="uv a", substance_id=own, x_unit="nm")
    note_library_change(session)
    run = bench.start("uv-spectrum")
    made = give(bench, run, csv_file(x, y, "nm,absorbance"), tmp_path)
    assert made.state == "read", made.refusal
    found = fits(bench, made.spectra[0], tmp_path)
    assert names(found) == ["uv a"]
    with pytest.raises(Refused):
        decided(bench, made.spectra[0], tmp_path, "accept", names=["uv a"])
    decided(bench, made.spectra[0], tmp_path, "reject", why="another shape")


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
