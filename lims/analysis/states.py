"""The states of a run and the answers it may give: tables of allowed moves, and plain refusals.

A result is verified by another person. A retest is a new run: the old one stays as it is, and one
that nobody had verified yet ends as retested.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from lims.foundation.errors import Refused
from lims.foundation.words import Message, _


class RunState(StrEnum):
    """Where a run is on its way."""

    RECORDED = "recorded"
    TO_VERIFY = "to verify"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"
    RETESTED = "retested"


S = RunState
MOVES: Mapping[RunState, frozenset[RunState]] = {
    S.RECORDED: frozenset({S.TO_VERIFY, S.WITHDRAWN, S.RETESTED}),
    # Back to recorded: the verifier sent it back with a reason.
    S.TO_VERIFY: frozenset({S.VERIFIED, S.RECORDED, S.WITHDRAWN, S.RETESTED}),
    S.VERIFIED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.RETESTED: frozenset(),
}
STATE_WORDS: Mapping[RunState, Message] = {
    S.RECORDED: _("Recorded"),
    S.TO_VERIFY: _("To verify"),
    S.VERIFIED: _("Verified"),
    S.WITHDRAWN: _("Withdrawn"),
    S.RETESTED: _("Retested"),
}


class AnswerKind(StrEnum):
    """The answers that a run gives of a substance; measured and found are one sign on a page."""

    MEASURED = "measured"
    FOUND = "found"
    BELOW_LOQ = "below-loq"
    NOT_DETECTED = "not-detected"
    NOT_LOOKED_FOR = "not-looked-for"


class LaneRole(StrEnum):
    """What was put on a lane of a plate."""

    SAMPLE = "sample"
    REFERENCE = "reference"
    CO_SPOT = "co-spot"
    BLANK = "blank"


class StripResult(StrEnum):
    """What a test strip shows; invalid says nothing about the sample."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INVALID = "invalid"


ROLE_WORDS: Mapping[LaneRole, Message] = {
    LaneRole.SAMPLE: _("sample"),
    LaneRole.REFERENCE: _("reference"),
    LaneRole.CO_SPOT: _("co-spot"),
    LaneRole.BLANK: _("blank"),
}
KIND_WORDS: Mapping[AnswerKind, Message] = {
    AnswerKind.MEASURED: _("measured"),
    AnswerKind.FOUND: _("found"),
    AnswerKind.BELOW_LOQ: _("found, below the limit of quantification"),
    AnswerKind.NOT_DETECTED: _("not detected"),
    AnswerKind.NOT_LOOKED_FOR: _("not looked for"),
}
STRIP_WORDS: Mapping[StripResult, Message] = {
    StripResult.POSITIVE: _("positive"),
    StripResult.NEGATIVE: _("negative"),
    StripResult.INVALID: _("invalid"),
}
INTENSITY_WORDS: Mapping[str, Message] = {
    "strong": _("strong"),
    "medium": _("medium"),
    "faint": _("faint"),
}
ULTRAVIOLET_WORDS: Mapping[str, Message] = {
    "dark": _("dark"),
    "bright": _("bright"),
    "none": _("nothing seen"),
}
INTENSITIES = tuple(INTENSITY_WORDS)
ABUNDANCES = ("major", "minor", "trace", "present")
ULTRAVIOLET = ("uv254", "uv365")
UNDER_ULTRAVIOLET = tuple(ULTRAVIOLET_WORDS)


def refuse_move(present: str, wanted: RunState) -> None:
    """Raise Refused when the table of states does not hold this move."""
    if wanted not in MOVES[RunState(present)]:
        raise Refused(
            _(
                "A run that is “%(present)s” cannot become “%(wanted)s”.",
                present=STATE_WORDS[RunState(present)],
                wanted=STATE_WORDS[wanted],
            )
        )


def refuse_unless_open(present: str) -> None:
    """Raise Refused when a run is no longer being recorded."""
    if present != RunState.RECORDED:
        raise Refused(
            _(
                "This run is “%(present)s”: nothing in it can be changed.",
                present=STATE_WORDS[RunState(present)],
            )
        )
