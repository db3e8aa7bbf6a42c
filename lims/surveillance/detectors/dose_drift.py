"""The amounts found lately against those before: a dose that creeps up.

One-sided Mann-Whitney test (Mann, Whitney, Ann Math Stat 1947;18:50-60) of the amounts of the
window against those of up to `history` weeks before it: is an amount of the window larger more
often than not? Normal approximation with correction for ties and continuity; exact for few
amounts without ties (the choice of scipy.stats.mannwhitneyu). The statistic is the share of pairs
in which the newer amount is larger, ties counted half: 0.5 where nothing changed. Expected is the
median of the history.

When to trust it: units of one batch are not independent, so a big batch that is handed in many
times looks like a drift. Amounts have to be of one substance, in one unit and one expression
(base or salt). A fall is not looked for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import mannwhitneyu

from lims.surveillance.detectors.detection import (
    Detection,
    Floats,
    checked_share,
    checked_weeks,
    checked_whole,
    judged,
)

# Fewer amounts on either side are an anecdote.
LEAST_NEW, LEAST_BEFORE = 2, 5


def dose_drift(
    values: Sequence[NDArray[np.float64]],
    at: ArrayLike,
    *,
    window: int = 4,
    history: int = 52,
    alpha: float = 0.01,
) -> Detection:
    """Judge the amounts of the `window` weeks that end with each asked week; one array a week."""
    amounts = [np.asarray(week, np.float64).ravel() for week in values]
    if not all(np.isfinite(week).all() for week in amounts):
        raise ValueError("values: an amount that is no number")
    weeks = checked_weeks(at, len(amounts))
    window, history = checked_whole(window, "window"), checked_whole(history, "history")
    checked_share(alpha, "alpha")
    rows = np.full((3, len(weeks)), np.nan)
    for place, week in enumerate(weeks):
        begin = max(week - window + 1, 0)
        new = _together(amounts[begin : week + 1])
        before = _together(amounts[max(begin - history, 0) : begin])
        if len(new) >= LEAST_NEW and len(before) >= LEAST_BEFORE:
            rows[:, place] = _compared(new, before)
    expected, statistic, p = rows
    return judged(
        weeks,
        p.shape,
        alarm=p <= alpha,
        known=~np.isnan(p),
        expected=expected,
        statistic=statistic,
        p_value=p,
    )


def _together(weeks: Sequence[Floats]) -> Floats:
    return np.concatenate(weeks) if weeks else np.empty(0)


def _compared(new: Floats, before: Floats) -> tuple[float, float, float]:
    middle = float(np.median(before))
    if np.ptp(np.concatenate([new, before])) == 0:
        return middle, 0.5, 1.0
    found = mannwhitneyu(new, before, alternative="greater")
    return middle, float(found.statistic) / (len(new) * len(before)), float(found.pvalue)
