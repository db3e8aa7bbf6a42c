"""Means of a trial with their 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from lims.foundation.shares import Z95


def mean_with_interval(name: str, values: Sequence[float]) -> dict[str, Any]:
    """Return a mean and its 95 % interval (normal) under the keys `name` and `name_ci`."""
    if not values:
        return {name: None, f"{name}_ci": None}
    middle = fmean(values)
    half = Z95 * stdev(values) / sqrt(len(values)) if len(values) > 1 else 0.0
    return {
        name: round(middle, 3),
        f"{name}_ci": [round(middle - half, 3), round(middle + half, 3)],
    }
