"""Many series are judged at once: which of their small probabilities still mean something.

Benjamini, Hochberg, J R Stat Soc B 1995;57:289-300: with the m probabilities in order, all up to
the largest k with p(k) <= q k / m are kept; of these, the expected share of false ones is at most
q when the series are independent.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lims.surveillance.detectors.detection import checked_share


def benjamini_hochberg(p: ArrayLike, q: float = 0.05) -> NDArray[np.bool_]:
    """Say which probabilities are kept at false discovery rate q; nan counts as not asked."""
    values = np.asarray(p, np.float64)
    checked_share(q, "q")
    asked = ~np.isnan(values)
    if ((values[asked] < 0) | (values[asked] > 1)).any():
        raise ValueError("p: between 0 and 1")
    ordered = np.sort(values[asked], axis=None)
    below = ordered <= q * np.arange(1, ordered.size + 1) / max(ordered.size, 1)
    if not below.any():
        return np.zeros(values.shape, np.bool_)
    limit = ordered[np.flatnonzero(below)[-1]]
    kept: NDArray[np.bool_] = asked & (values <= limit)
    return kept
