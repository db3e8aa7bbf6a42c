"""What the plates and colour tests of one sample say together, for the fusion.

The latest accepted plate of each system speaks; on each, the spot that fits a substance best. A
reagent counts once, on whichever plate or test it was seen first. A failed plate says nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lims.analysis.queries import system_of
from lims.analysis.records import Answer, Run
from lims.analysis.states import RunState
from lims.foundation.errors import Refused
from lims.identification import calibration
from lims.identification.fusion import Setting, Statement
from lims.identification.queries import Fit, fits_of_run
from lims.identification.records import Calibration, CandidateList
from lims.identification.rules import NONE_OF_THE_LIBRARY, Candidate
from lims.identification.scoring import Scored, scored_of
from lims.intake.records import Sample

Calibrations = Mapping[tuple[str, str, str], Calibration]
"""The newest calibration by technique, protocol and the algorithm that it serves."""


@dataclass(frozen=True)
class Told:
    """What one technique says, with the runs, lists and calibration that it stands on."""

    statement: Statement
    runs: tuple[Run, ...]
    answers: tuple[Answer, ...] = ()
    lists: tuple[CandidateList, ...] = ()
    calibration: Calibration | None = None
    systems: tuple[str, ...] = ()
    reagents: tuple[str, ...] = ()


def of_sample(run: Run, sample_id: uuid.UUID) -> tuple[Answer, ...]:
    """Return the answers of a run about one of its samples."""
    return tuple(one for one in run.answers if one.sample_id == sample_id)


def plates_and_colours(
    session: Session,
    sample: Sample,
    runs: Sequence[Run],
    calibrations: Calibrations,
    demonstration: bool,
) -> Told | None:
    """Let the latest accepted plate of each system speak, and the colours no plate has shown."""
    by_system, colours = _speaking(session, runs, sample, demonstration)
    spoken = [*by_system.values(), *reversed(colours)]
    if not spoken:
        return None
    ratios, reagents = _added([fits for _run, fits in spoken])
    named, accepted, nothing = _names(spoken)
    run_list = tuple(run for run, _fits in spoken)
    calibrated = _calibrated_plate(spoken, calibrations) if len(spoken) == 1 else None
    statement = Statement(
        technique="tlc" if by_system else "reagent",
        setting=_setting(len(by_system), bool(reagents)),
        runs=tuple(run.number for run in run_list),
        ratios=ratios,
        named=named if by_system else (),
        accepted=accepted,
        fits_nothing=nothing and bool(by_system),
        calibrated=calibrated[0] if calibrated else None,
        bound=calibrated[1].bound if calibrated else 0.0,
        verified=all(run.state == RunState.VERIFIED for run in run_list),
    )
    answers = tuple(one for run in run_list for one in of_sample(run, sample.id))
    used = calibrated[2] if calibrated else None
    return Told(statement, run_list, answers, (), used, tuple(by_system), tuple(sorted(reagents)))


_Spoken = tuple[Run, list[Fit]]


def _speaking(
    session: Session, runs: Sequence[Run], sample: Sample, demonstration: bool
) -> tuple[dict[str, _Spoken], list[_Spoken]]:
    """Return the latest plate of each system with what fits, and the runs of colour tests."""
    by_system: dict[str, _Spoken] = {}
    colours: list[_Spoken] = []
    for run in runs:
        fits = _fits(session, run, sample.id, demonstration)
        if fits and run.technique == "tlc":
            by_system[system_of(run.protocol.name)] = (run, fits)
        elif fits:
            colours.append((run, fits))
    return by_system, colours


def _fits(session: Session, run: Run, sample_id: uuid.UUID, demonstration: bool) -> list[Fit]:
    """Return what fits the spots or colours of a sample; nothing for a plate that failed."""
    try:
        fits = fits_of_run(session, run, False, demonstration=demonstration)
    except Refused:
        return []
    if fits.obstacles:
        return []
    return [one for one in fits.fits if one.sample.id == sample_id and one.ranking is not None]


def _setting(systems: int, with_colours: bool) -> str:
    if systems >= 2 and with_colours:
        return Setting.TWO_TLC_SYSTEMS_AND_COLOURS
    return Setting.ONE_TLC_SYSTEM if systems else Setting.NONE_STATED


def _added(spoken: Sequence[Sequence[Fit]]) -> tuple[dict[str, float], set[str]]:
    """Add log-ratios over runs: the spot that fits best in each run, each reagent once."""
    total: dict[str, float] = {}
    reagents: set[str] = set()
    for fits in spoken:
        best: dict[str, float] = {}
        seen: set[str] = set()
        for fit in fits:
            for one in _candidates(fit):
                ratio = _ratio(one, reagents)
                best[one.substance] = max(ratio, best.get(one.substance, ratio))
                seen |= {term.about for term in one.evidence if term.kind == "colour"}
        for key, ratio in best.items():
            total[key] = total.get(key, 0.0) + ratio
        reagents |= seen
    return total, reagents


def _candidates(fit: Fit) -> list[Candidate]:
    assert fit.ranking is not None
    return [one for one in fit.ranking.candidates if one.substance != NONE_OF_THE_LIBRARY]


def _ratio(one: Candidate, counted: set[str]) -> float:
    return sum(
        term.log_ratio
        for term in one.evidence
        if not (term.kind == "colour" and term.about in counted)
    )


def _names(spoken: Sequence[tuple[Run, list[Fit]]]) -> tuple[tuple[str, ...], bool, bool]:
    """Return what plates name, accepted or first of a spot; and whether nothing fits."""
    accepted: list[str] = []
    first: list[str] = []
    fits = [fit for run, fits in spoken if run.technique == "tlc" for fit in fits]
    for fit in fits:
        assert fit.ranking is not None
        if fit.answer is not None and fit.answer.substance is not None:
            accepted.append(fit.answer.substance.key)
        elif not _is_closed(fit):
            first.append(fit.ranking.candidates[0].substance)
    named = accepted or [key for key in first if key != NONE_OF_THE_LIBRARY]
    return tuple(dict.fromkeys(named)), bool(accepted), bool(fits) and not named


def _is_closed(fit: Fit) -> bool:
    """Tell whether a person rejected the list of a spot or numbered it as an unknown."""
    return fit.answer is not None or (fit.decision is not None and fit.decision.verdict != "accept")


def _calibrated_plate(
    spoken: Sequence[tuple[Run, list[Fit]]],
    calibrations: Calibrations,
) -> tuple[dict[str, float], calibration.Coefficients, Calibration] | None:
    """Return calibrated ratios of a single plate or colour run, the best spot for each."""
    run, fits = spoken[0]
    rankings = [fit.ranking for fit in fits if fit.ranking is not None]
    kept = calibrations.get((run.technique, run.protocol.name, rankings[0].algorithm))
    if kept is None:
        return None
    scored = [scored_of(one.as_document()["candidates"], "spot") for one in rankings]
    weights = calibration.coefficients_of(kept.coefficients)
    return best_ratios(scored, weights), weights, kept


def best_ratios(
    scored: Iterable[Sequence[Scored]], weights: calibration.Coefficients
) -> dict[str, float]:
    found: dict[str, float] = {}
    for lines in scored:
        for one in lines:
            ratio = weights.log_ratio(one.score, one.gap)
            found[one.substance] = max(ratio, found.get(one.substance, ratio))
    return found
