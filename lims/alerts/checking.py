"""The steps of verification: measured again, by a second laboratory, against a standard."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from lims.foundation.errors import Problem
from lims.foundation.words import Message, _


class Step(StrEnum):
    """What verification asks for."""

    REPLICATE = "replicate"
    SECOND_LABORATORY = "second-laboratory"
    STANDARD = "standard"


class Answer(StrEnum):
    """How far a step is, and what came of it."""

    ASKED = "asked"
    AGREES = "agrees"
    DISAGREES = "disagrees"
    NOT_POSSIBLE = "not-possible"


STEP_WORDS: Mapping[Step, Message] = {
    Step.REPLICATE: _("Measured again (replicate)"),
    Step.SECOND_LABORATORY: _("Second laboratory"),
    Step.STANDARD: _("Compared with a reference standard"),
}
ANSWER_WORDS: Mapping[Answer, Message] = {
    Answer.ASKED: _("asked, not there yet"),
    Answer.AGREES: _("agrees"),
    Answer.DISAGREES: _("disagrees"),
    Answer.NOT_POSSIBLE: _("not possible"),
}
WITH_RECORD = (Answer.AGREES, Answer.DISAGREES)
"""Answers that name the run or sample that shows them."""
LONGEST = 400


def problems(step: str, answer: str, record: str, words: str) -> list[Problem]:
    """Return what is wrong with a step as it is ticked, by field."""
    choices = (("step", step, tuple(Step)), ("answer", answer, tuple(Answer)))
    found = [
        Problem(name, _("Choose one of the list."))
        for name, given, listed in choices
        if given not in listed
    ]
    if answer in WITH_RECORD and not record.strip():
        found.append(Problem("record", _("Name the run or the sample that shows it.")))
    if answer == Answer.NOT_POSSIBLE and not words.strip():
        found.append(Problem("words", _("Say why in a few words.")))
    if len(words) > LONGEST:
        found.append(Problem("words", _("At most %(n)s characters, please.", n=LONGEST)))
    return found
