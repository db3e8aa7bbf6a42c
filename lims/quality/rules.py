"""Rules of quality: when a reagent lot or an instrument may be used, in words when it may not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from lims.foundation.errors import Problem
from lims.foundation.words import Message, _


def lot_obstacles(
    *, expires: date, checked_on: date | None, check_failed: bool, on: date
) -> Sequence[Message]:
    """Return why a reagent lot should not be used on a day; nothing when it may be.

    A lot may be used up to and on its last day.
    """
    obstacles = []
    if expires < on:
        obstacles.append(_("Expired since %(day)s", day=expires))
    if check_failed:
        obstacles.append(_("The last check failed"))
    elif checked_on is None:
        obstacles.append(_("Not checked yet with a positive and a negative"))
    return obstacles


def instrument_obstacles(
    *, calibrated_until: date | None, out_of_service: bool, on: date
) -> Sequence[Message]:
    """Return why an instrument should not be used on a day; nothing when it may be."""
    obstacles = []
    if out_of_service:
        obstacles.append(_("Out of service"))
    if calibrated_until is not None and calibrated_until < on:
        obstacles.append(_("Calibration ended on %(day)s", day=calibrated_until))
    return obstacles


def check_problems(checked_on: date, on: date) -> list[Problem]:
    """Return what cannot be right about the day of a check."""
    return [Problem("checked_on", _("This day has not come yet."))] if checked_on > on else []


class TrainingState(StrEnum):
    """How a training stands on a day."""

    NONE = "none"
    VALID = "valid"
    ENDS_SOON = "ends soon"
    ENDED = "ended"


TRAINING_SOON = timedelta(days=60)
"""A training that ends sooner than this is to be renewed."""


def training_state(kept: bool, until: date | None, on: date) -> TrainingState:
    """Return how a training stands; it holds up to and on its last day."""
    if not kept:
        return TrainingState.NONE
    if until is None:
        return TrainingState.VALID
    if until < on:
        return TrainingState.ENDED
    return TrainingState.ENDS_SOON if until - on <= TRAINING_SOON else TrainingState.VALID


def training_words(state: TrainingState, until: date | None) -> Message:
    """Say how a training stands."""
    if state == TrainingState.NONE:
        return _("no training written down")
    if until is None:
        return _("trained, without a last day")
    if state == TrainingState.ENDED:
        return _("training ended on %(day)s", day=until)
    return _("trained until %(day)s", day=until)


def training_problems(trained_on: date, valid_until: date | None, on: date) -> list[Problem]:
    """Return what cannot be right about the days of a training."""
    problems = []
    if trained_on > on:
        problems.append(Problem("trained_on", _("This day has not come yet.")))
    if valid_until is not None and valid_until < trained_on:
        words = _("A training cannot end before it was given.")
        problems.append(Problem("valid_until", words))
    return problems
