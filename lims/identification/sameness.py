"""Whether two lists of candidates say the same: line by line, figure by figure.

A kept list that cannot be computed again is not evidence; one that comes out otherwise says where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isclose
from typing import Any

from lims.foundation.words import Message, _

#: Floats are compared to nine digits: sums in another order may differ in the last few.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
MOST_SHOWN = 20


class Outcome(StrEnum):
    """What computing a kept list again gave."""

    EQUAL = "equal"
    DIFFERENT = "different"
    NOT_COMPUTED = "not-computed"


OUTCOME_WORDS: Mapping[Outcome, Message] = {
    Outcome.EQUAL: _("Computed again: equal"),
    Outcome.DIFFERENT: _("Computed again: different"),
    Outcome.NOT_COMPUTED: _("Cannot be computed again"),
}


@dataclass(frozen=True)
class Difference:
    """One place where the list as computed now is not the list as kept."""

    place: str
    kept: Any
    now: Any


def differences(kept: Any, now: Any) -> list[Difference]:
    """Return where two lists differ, the first places only; nothing when they are the same."""
    return _between("", kept, now)[:MOST_SHOWN]


def _between(place: str, kept: Any, now: Any) -> list[Difference]:
    if isinstance(kept, Mapping) and isinstance(now, Mapping):
        keys = dict.fromkeys((*kept, *now))
        return [
            one
            for key in keys
            for one in _between(f"{place}.{key}".lstrip("."), kept.get(key), now.get(key))
        ]
    if _is_list(kept) and _is_list(now):
        if len(kept) != len(now):
            return [Difference(f"{place}.length".lstrip("."), len(kept), len(now))]
        return [
            one
            for row, pair in enumerate(zip(kept, now, strict=True), start=1)
            for one in _between(f"{place}.{row}".lstrip("."), *pair)
        ]
    return [] if _is_same(kept, now) else [Difference(place, kept, now)]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _is_same(kept: Any, now: Any) -> bool:
    numbers = (int, float)
    if isinstance(kept, numbers) and isinstance(now, numbers):
        return isclose(kept, now, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return bool(kept == now)
