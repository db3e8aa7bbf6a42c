"""Ions as people type them: masses with their heights, such as 58:100 105:31."""

from __future__ import annotations

import re

from lims.foundation.errors import refuse_field
from lims.foundation.words import _

FIELD = "ions"
FEWEST, HEAVIEST = 3, 5000.0
_PAIR = re.compile(r"(\d+(?:\.\d+)?)\s*(?:[:=/]\s*(\d+(?:\.\d+)?)|\(\s*(\d+(?:\.\d+)?)\s*%?\s*\))")
_BETWEEN = re.compile(r"[\s,;]*")


def read_ions(text: str) -> list[tuple[float, float]]:
    """Return m/z and height of each ion; raises Invalid for what is not both, or too few."""
    found: list[tuple[float, float]] = []
    at = 0
    while at < len(text):
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if at >= len(text):
            break
        pair = _PAIR.match(text, at)
        if pair is None:
            words = _("Type each ion with its height, such as 58:100 105:31.")
            raise refuse_field(FIELD, words)
        found.append((float(pair[1]), float(pair[2] or pair[3])))
        at = pair.end()
    if len(found) < FEWEST:
        raise refuse_field(FIELD, _("At least %(n)s ions are needed to search.", n=FEWEST))
    if any(not 0 < mz <= HEAVIEST or height <= 0 for mz, height in found):
        words = _("An ion is between 0 and %(most)s, its height above zero.", most=int(HEAVIEST))
        raise refuse_field(FIELD, words)
    return found
