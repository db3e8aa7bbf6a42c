"""The reference values of Bayes and RKI: the weeks just before, and the same weeks of past years.

Riebler, Empirischer Vergleich von statistischen Methoden zur Ausbruchserkennung, LMU München 2004.
"""

from __future__ import annotations

import numpy as np

from lims.surveillance.detectors.detection import Floats, Weeks, checked_whole
from lims.surveillance.detectors.reference_weeks import WEEKS_OF_A_YEAR


def reference_values(
    y: Floats, weeks: Weeks, *, b: int, w: int, current_year: bool
) -> tuple[Floats, Floats]:
    """Return the reference values of each asked week (last dimension), and which weeks have all.

    The `w` weeks before, if `current_year`, and `w` on either side of the week in `b` past years.
    """
    b, w = checked_whole(b, "b", 0), checked_whole(w, "w", 0)
    shifts = list(range(-w, 0)) if current_year else []
    for year in range(1, b + 1):
        shifts += range(-WEEKS_OF_A_YEAR * year - w, -WEEKS_OF_A_YEAR * year + w + 1)
    if not shifts or max(shifts) >= 0:
        raise ValueError("b, w: no week to compare with, or not only weeks of the past")
    places = weeks[:, None] + np.array(shifts)
    known = places.min(axis=1, initial=0) >= 0
    return y[..., np.clip(places, 0, None)], known
