"""Synthetic samples on which several techniques have spoken."""

from __future__ import annotations

from typing import Any

from lims.analysis.measured import MeasuredSpectrum, Upload
from lims.analysis.records import Answer
from lims.identification import gathering
from lims.identification.gathering import SampleEvidence
from lims.identification.records import CandidateList
from tests.analysis.bench import Bench
from tests.library.makers import make_reference_spectrum, make_spectrum_library


def evidence(bench: Bench, sample_id: Any, actor: Any = None, **given: Any) -> SampleEvidence:
    who = actor or bench.network.chemist
    return gathering.sample_evidence(bench.session, who, sample_id, **given)


def add_spectrum(
    bench: Bench,
    sample: Any,
    ranked: list[tuple[str, float]],
    technique: str = "ftir",
    **given: Any,
) -> CandidateList:
    """Return a kept list of a search on a sample, as a spectrum's run keeps it."""
    name = {"gcms": "gc-ms"}.get(technique, technique)
    run = bench.start(name, sample)
    kept = CandidateList(
        run_id=run.id,
        sample_id=sample.id,
        method="search",
        library_version=1,
        algorithm="bands-1",
        parameters=given,
        observed={},
        ranked=[
            {"rank": place, "substance": key, "score": score}
            for place, (key, score) in enumerate(ranked, start=1)
        ],
    )
    bench.session.add(kept)
    bench.session.commit()
    return kept


def answer(
    bench: Bench, run: Any, sample: Any, key: str, kind: str = "found", **given: Any
) -> None:
    what = bench.substances[key].id
    run.answers.append(Answer(sample_id=sample.id, substance_id=what, kind="found", **given))
    bench.session.commit()


def line(found: SampleEvidence, key: str) -> float:
    return next(one.llr for one in found.fused.lines if one.substance == key)


def sample_of(run: Any) -> Any:
    return run.samples[0].sample


def with_index(bench: Bench, kept: CandidateList, measured: str, reference: float | None) -> None:
    """Stand a kept list on a measured spectrum and a reference with retention indexes."""
    upload = Upload(
        run_id=kept.run_id,
        sample_id=kept.sample_id,
        name="synthetic.msp",
        sha256="0" * 64,
        size=1,
        state="read",
        by="chemist",
    )
    spectrum = MeasuredSpectrum(
        kind="ei",
        x=b"",
        y=b"",
        points=0,
        x_unit="m/z",
        y_unit="relative",
        facts={"retention_index": measured},
    )
    upload.spectra.append(spectrum)
    bench.session.add(upload)
    library = make_spectrum_library(bench.session)
    listed = make_reference_spectrum(bench.session, library, retention_index=reference)
    bench.session.flush()
    kept.spectrum_id = spectrum.id
    kept.ranked = [{**one, "reference_id": str(listed.id)} for one in kept.ranked]
    bench.session.commit()
