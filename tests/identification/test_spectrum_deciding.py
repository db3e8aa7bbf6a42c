from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.analysis.answers import Figures
from lims.analysis.operations import RecordResults, record_results
from lims.analysis.results import AnswerGiven
from lims.analysis.uploading import RemoveFile, remove_file
from lims.foundation.errors import Invalid, Refused
from lims.identification.records import CandidateList, Decision
from lims.identification.spectrum_deciding import (
    MIXTURE,
)
from lims.library.versions import note_library_change
from tests.analysis.bench import Bench, fields
from tests.analysis.instrument import curve, give, infrared
from tests.identification.spectra import (
    decided,
    fits,
    make_spectral_bench,
    mixed,
    names,
    run_of,
    spectrum_of,
)
from tests.library.makers import make_reference_spectrum
from tests.makers import Network


@pytest.fixture
def bench(session: Session, network: Network) -> Bench:
    return make_spectral_bench(session, network)


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
