"""What a co-spot lane says: the sample and a standard put on one place and run together.

They stay one round spot, at the place of both: that speaks for the standard. They part into two:
the spot of the sample is something else. A tail, or a lane that shows nothing there, says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

#: Two spots of one lane that are two: nearer ones are read as one spot by eye, in hRf.
APART = 2.0
#: How far from the sample's spot the co-spot lane is looked at, in hRf.
REACH = 8.0


class CoSpotOutcome(StrEnum):
    """What a co-spot lane shows at the place of a spot."""

    ONE = "one"
    SPLIT = "split"


@dataclass(frozen=True)
class CoSpotObservation:
    """What a co-spot lane with a standard of one substance shows at the place of a spot."""

    substance: str
    outcome: CoSpotOutcome
    lane: int


@dataclass(frozen=True)
class LaneSpot:
    """A spot of a lane by its hRf; a tail is not round."""

    hrf: float
    tailing: bool = False


def read_co_spot(
    spot: float, others: Sequence[float], lane: Sequence[LaneSpot], standard: float | None
) -> CoSpotOutcome | None:
    """Return what a co-spot lane says of a sample's spot; None when it says nothing.

    `others` are the hRf of the sample's other spots, which the lane shows too; `standard` is where
    the standard ran alone on this plate, when it did. All in the same hRf, raw or corrected.
    """
    there = [one for one in lane if abs(one.hrf - spot) <= REACH]
    # another substance of the sample runs here as on its own lane: it is not the standard
    strange = [
        one
        for one in there
        if abs(one.hrf - spot) <= APART or all(abs(one.hrf - other) > APART for other in others)
    ]
    if len(strange) >= 2 and _spread(strange) >= APART:
        return CoSpotOutcome.SPLIT
    if standard is not None and abs(standard - spot) > REACH:
        alone = any(abs(one.hrf - standard) <= APART for one in lane)
        return CoSpotOutcome.SPLIT if alone and strange else None
    if len(strange) != 1 or strange[0].tailing or abs(strange[0].hrf - spot) > APART:
        return None
    if standard is None:  # into which of several spots the standard went is not known then
        return None if others else CoSpotOutcome.ONE
    return CoSpotOutcome.ONE if abs(strange[0].hrf - standard) <= APART else None


def _spread(spots: Sequence[LaneSpot]) -> float:
    return max(one.hrf for one in spots) - min(one.hrf for one in spots)
