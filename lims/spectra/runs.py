"""Which scans of a chromatographic run are spectra to look at.

A run holds thousands of scans of a few substances. Adding them all up would mix the substances,
and the strongest scan alone would hide all but one. So the scan at the top of every peak of the
total ion current is given, as it was measured: no neighbour added, no background taken off.
"""

from __future__ import annotations

import numpy as np

from lims.spectra.spectrum import Floats

#: A run of at most so many scans is given whole; of a longer one at most so many peaks.
MOST_APEXES = 40
#: Scans to each side that an apex must not be lower than.
_REACH = 4
#: Part of the strongest apex, above the median of the run, below which a peak is noise.
_LOWEST = 0.01


def chosen_scans(total: Floats) -> list[int]:
    """Return the numbers of the scans to keep, in the order of the run."""
    if total.size <= MOST_APEXES:
        return list(range(total.size))
    height = np.nan_to_num(total) - np.median(np.nan_to_num(total))
    floor = _LOWEST * float(height.max())
    padded = np.pad(height, _REACH, mode="constant", constant_values=-np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH + 1).max(axis=1)
    tops = np.flatnonzero((height >= around) & (height > floor))
    # A flat top is one peak: keep its first scan.
    tops = tops[np.concatenate(([True], np.diff(tops) > _REACH))] if tops.size else tops
    if tops.size == 0:
        return [int(np.argmax(height))]
    strongest = tops[np.argsort(-height[tops], kind="stable")[:MOST_APEXES]]
    return sorted(int(one) for one in strongest)
