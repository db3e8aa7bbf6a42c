"""Same look, different content: a product whose new sample does not hold what the others held.

The look does not tell what is in it, and people rely on it all the same. Only what a sample is
taken for counts (its active substances), and only where it is identified.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ALGORITHM, VERSION = "same-look", 1


@dataclass(frozen=True)
class Parameters:
    """How far one looks back, and after how many samples an added substance is news."""

    days: int = 730
    least_for_addition: int = 2


class Difference(StrEnum):
    """How the content differs from what stood under this look."""

    NONE = "none"
    OTHER = "nothing in common"
    ADDED = "something more"


def compare(
    now: Sequence[str], earlier: Sequence[Sequence[str]], parameters: Parameters
) -> tuple[Difference, list[str]]:
    """Say how the active content of a sample differs from that of the earlier ones of its look.

    Returns the difference and the substances (keys) that are new. Samples in which nothing active
    was found say nothing of what is sold under the look.
    """
    known = [set(one) for one in earlier if one]
    if not now or not known:
        return Difference.NONE, []
    ever = set().union(*known)
    new = sorted(set(now) - ever)
    if not set(now) & ever:
        return Difference.OTHER, new
    if new and len(known) >= parameters.least_for_addition:
        return Difference.ADDED, new
    return Difference.NONE, []


def computed(inputs: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Compute again from what was kept."""
    difference, new = compare(inputs["now"], inputs["earlier"], Parameters(**parameters))
    return {"difference": str(difference), "new": new}
