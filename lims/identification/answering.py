"""The answer that a conclusion on a spot gives its run: when it may be given, added, taken away."""

from __future__ import annotations

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
