"""The answer that a conclusion gives its run, on a spot or a spectrum: given, added, taken away."""

from __future__ import annotations

import uuid
from typing import Any

from lims.analysis.records import Answer, Run
from lims.analysis.states import AnswerKind
from lims.foundation.errors import Refused
from lims.foundation.words import _
from lims.identification import queries
from lims.identification.queries import Fit, Fits
from lims.library.records import Substance


def refuse_to_conclude(fits: Fits, fit: Fit) -> None:
    """Refuse a conclusion on colours alone, or on a plate that is not accepted."""
    if fit.seen is None:
        words = _("Colours alone exclude; they never confirm. Conclude with another technique.")
        raise Refused(words)
    if fits.obstacles:
        why = fits.obstacles[0]
        raise Refused(_("This plate is not accepted and cannot be concluded on: %(why)s", why=why))


def withdraw_answer(run: Run, fit: Fit) -> None:
    """Take away the answer that stood on a spot: its last decision is the one that counts."""
    for answer in list(run.answers):
        if fit.seen is not None and queries.answered_key(answer) == fit.key:
            run.answers.remove(answer)


def add_answer(
    run: Run, fit: Fit, found: Substance | None, group: str, why: str, evidence: dict[str, Any]
) -> None:
    """Add the answer that a spot gives: a substance, or the number of an unknown."""
    assert fit.seen is not None  # refuse_to_conclude was asked first
    stands_on = {"spot_id": str(fit.seen.spot.id), "seen": fit.seen.seen}
    run.answers.append(
        Answer(
            sample_id=fit.sample.id,
            position=1 + max((one.position for one in run.answers), default=0),
            substance_id=found.id if found else None,
            group=group,
            kind=AnswerKind.FOUND,
            abundance="present",
            remark=why,
            evidence={**stands_on, **evidence},
        )
    )


def stand_on_spectrum(
    run: Run,
    sample_id: uuid.UUID,
    found: Substance | None,
    group: str,
    why: str,
    facts: dict[str, Any],
    abundance: str,
) -> Answer:
    """Let an answer stand on a spectrum: a new one, or the one that the run gives already.

    What was written by hand of the same substance keeps its figures and gains the evidence.
    """
    answer = _answer_on(run, sample_id, found, group)
    if answer is None:
        answer = Answer(
            sample_id=sample_id,
            position=1 + max((one.position for one in run.answers), default=0),
            substance_id=found.id if found else None,
            substance=found,
            group=group,
            kind=AnswerKind.FOUND,
            abundance=abundance,
            remark=why,
            evidence={},
        )
        run.answers.append(answer)
        others: list[dict[str, Any]] = []
    else:
        others = list(answer.evidence.get("spectra", ()))
        if not others:
            facts = {**facts, "by_hand": dict(answer.evidence)}
    answer.evidence = {**facts, "spectra": [*others, facts]}
    return answer


def _answer_on(
    run: Run, sample_id: uuid.UUID, found: Substance | None, group: str
) -> Answer | None:
    for answer in run.answers:
        same = answer.substance_id == found.id if found else answer.group == group
        if answer.sample_id == sample_id and same and "spot_id" not in answer.evidence:
            return answer
    return None


def withdraw_from_spectrum(run: Run, spectrum_id: uuid.UUID) -> None:
    """Take away what stood on a spectrum; answers that stand on more than it stay."""
    for answer in list(run.answers):
        spectra = list(answer.evidence.get("spectra", ()))
        mine = [one for one in spectra if one.get("spectrum_id") == str(spectrum_id)]
        if not mine:
            continue
        left = [one for one in spectra if one not in mine]
        by_hand = next((one["by_hand"] for one in spectra if "by_hand" in one), None)
        if left:
            if by_hand is not None:
                left[0] = {**left[0], "by_hand": by_hand}
            answer.evidence = {**left[0], "spectra": left}
        elif by_hand is not None:
            answer.evidence = by_hand
        else:
            run.answers.remove(answer)
