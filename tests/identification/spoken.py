"""Synthetic samples on which several techniques have spoken."""

from __future__ import annotations

from typing import Any

from lims.analysis.records import Answer
from lims.identification import gathering
from lims.identification.gathering import SampleEvidence
from lims.identification.records import CandidateList
from tests.analysis.bench import Bench


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
