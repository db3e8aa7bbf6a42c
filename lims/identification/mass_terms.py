"""How alike two electron-ionisation spectra are, in nine terms that are added up.

Laboratories differ in where they begin to scan, in the faintest peak that they keep and in how the
instrument favours light or heavy ions. So peaks that the other instrument would not have kept are
left out, some terms ignore a tilt along the mass axis, and three terms take back what two spectra
share only because they were measured in the same manner. The coefficients were fitted and
cross-validated as docs/identification.md says; nothing of a single spectrum is in them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lims.identification.mass_peaks import BINS, Floats, Places, spread
from lims.identification.mass_profiles import Profiles, entropy_exponent

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]

# Peaks as high as this are kept, however high the faintest peak of the other spectrum is.
HIGHEST_FLOOR = 0.05
# Keeps the logarithm of a perfect likeness finite: a likeness of 1 becomes -ln 0.02.
_SOFT = 0.02
# A regression on few masses is drawn towards no tilt.
_TILT_PRIOR = 0.05
# Deviation of a pair that has too few common peaks to tell.
_UNKNOWN_DEVIATION = 1.0

TERMS = (
    "entropy_heavy",
    "entropy_plain",
    "same_end",
    "deviation_tilted",
    "deviation_plain",
    "cosine_plain",
    "cosine_evened",
    "cosine_weighted",
    "cosine_heavy",
)


COEFFICIENTS = (16.67, -1.56, 0.83, -5.82, 2.21, 1.08, 20.36, -21.12, 8.67)
# Two spectra as alike as this were measured on one instrument or are the same record.
SAME_RECORD, SAME_RECORD_BONUS = 0.998, 4.0
_WEIGHTED = TERMS.index("cosine_weighted")


@dataclass(frozen=True, eq=False)
class Pairs:
    """A query beside its candidates: their peaks in a row, and those that both show."""

    row: Places
    mass: Floats
    height: Floats
    evened: Floats
    kept: Bools
    # The peaks that both show: place in the row above, place in the query, candidate.
    both: Places
    mine: Places
    of: Places
    # Candidate × peak of the query: kept for this comparison.
    mine_kept: Bools
    size: int

    def total(self, values: NDArray[np.floating]) -> Doubles:
        """Add up values of kept candidate peaks by candidate."""
        return np.bincount(self.row, values * self.kept, self.size).astype(np.float64)

    def common(self, values: NDArray[np.floating]) -> Doubles:
        """Add up values of common peaks by candidate."""
        return np.bincount(self.of, values, self.size).astype(np.float64)


def pairs(query: Profiles, library: Profiles, rows: Places) -> Pairs:
    """Lay the candidates beside the query and mark what can be compared."""
    counts = library.starts[rows + 1] - library.starts[rows]
    places = spread(library.starts[rows], counts)
    row = np.repeat(np.arange(len(rows)), counts)
    bins, height = library.bins[places], library.intensities[places]
    lookup = np.full(BINS, -1, np.int64)
    lookup[query.bins] = np.arange(len(query.bins))
    mine = lookup[bins]
    both = np.flatnonzero(mine >= 0)
    mine, of = mine[both], row[both]
    lowest = np.maximum(library.lowest[rows], query.lowest[0])
    shown = np.zeros((len(rows), len(query.bins)), bool)
    shown[of, mine] = True
    floor = np.minimum(library.faintest[rows], HIGHEST_FLOOR)
    mine_kept = query.intensities >= floor[:, None]
    mine_kept |= shown
    mine_kept &= query.bins >= lowest[:, None]
    kept = height >= min(float(query.faintest[0]), HIGHEST_FLOOR)
    kept &= bins >= lowest[row]
    kept[both] = True
    return Pairs(
        row, bins.astype(np.float32), height, library.evened[places], kept, both, mine, of,
        mine_kept, len(rows),
    )  # fmt: skip


def terms(query: Profiles, library: Profiles, rows: Places) -> Doubles:
    """Return the nine terms of each candidate, in the order of TERMS."""
    found = pairs(query, library, rows)
    heavy, plain = _entropies(found, query, library, rows)
    tilted, untilted = _deviations(found, query)
    ends = np.abs(library.end[rows] - query.end[0]) <= 1
    cosines = _cosines(found, query, library, rows)
    return np.column_stack(
        [
            heavy,
            -np.log(1 + _SOFT - plain),
            ends,
            tilted,
            untilted,
            -np.log(1 + _SOFT - cosines[0]),
            *cosines[1:],
        ]
    )


def combined(found: Doubles) -> Doubles:
    """Add the terms up."""
    weighted = found[:, _WEIGHTED]
    same = np.clip((weighted - SAME_RECORD) / (1 - SAME_RECORD), 0, 1)
    added: Doubles = found @ np.array(COEFFICIENTS) + SAME_RECORD_BONUS * same
    return added


def perfect() -> float:
    """Return the log-likelihood of a spectrum against itself."""
    alike = -float(np.log(_SOFT))
    return float(combined(np.array([[1, alike, 1, 0, 0, alike, 1, 1, 1]], float))[0])


def _cosines(
    found: Pairs, query: Profiles, library: Profiles, rows: Places
) -> tuple[Doubles, Doubles, Doubles, Doubles]:
    """Return the cosines: plain, evened, weighted (I^0.5·m) and heavy (I^0.5·m²)."""
    y, x = found.height[found.both], query.intensities[found.mine]
    mass = found.mass[found.both]
    root = np.sqrt(x * y) * mass**2
    mine = query.bins.astype(np.float32)
    squares = np.column_stack([query.evened**2, query.intensities * mine**2])
    own = found.mine_kept.astype(np.float32) @ squares
    evened = found.common(found.evened[found.both] * query.evened[found.mine])
    return (
        _ratio(found.common(x * y), query.plain_length[0] * library.plain_length[rows]),
        _ratio(evened, np.sqrt(own[:, 0] * found.total(found.evened**2))),
        _ratio(found.common(root), np.sqrt(own[:, 1] * found.total(found.height * found.mass**2))),
        _ratio(found.common(root * mass**2), query.heavy_length[0] * library.heavy_length[rows]),
    )


def _entropies(
    found: Pairs, query: Profiles, library: Profiles, rows: Places
) -> tuple[Doubles, Doubles]:
    """Return the entropy similarity of I·m over what can be compared, and of I over everything."""
    mine = np.log(query.intensities * query.bins)
    own = found.mine_kept.astype(np.float32)
    powers = own * np.exp(mine)
    exponent = _exponent(powers.sum(1), powers @ mine)
    powers = own * np.exp(exponent[:, None] * mine)
    p = powers[found.of, found.mine] / powers.sum(1)[found.of]
    theirs = np.log(found.height * found.mass)
    raised = np.exp(theirs)
    exponent = _exponent(found.total(raised), found.total(raised * theirs))
    raised = np.exp(exponent[found.row] * theirs)
    r = raised[found.both] / found.total(raised)[found.of]
    flat = query.intensities[found.mine] ** query.exponent[0] / query.total[0]
    other = found.height[found.both] ** library.exponent[rows][found.of]
    other = other / library.total[rows][found.of]
    return found.common(_shared_bits(p, r)), found.common(_shared_bits(flat, other))


def _exponent(total: Doubles | Floats, weighted: Doubles | Floats) -> Floats:
    safe = np.maximum(total, 1e-12)
    return entropy_exponent((np.log(safe) - weighted / safe).astype(np.float32))


def _shared_bits(p: NDArray[np.floating], r: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return what each common peak adds to 1 - Jensen-Shannon divergence (bits)."""
    both = p + r
    bits: NDArray[np.floating] = 0.5 * (both * np.log2(both) - p * np.log2(p) - r * np.log2(r))
    return bits


def _deviations(found: Pairs, query: Profiles) -> tuple[Doubles, Doubles]:
    """Return how far the logarithms of common peaks lie apart, with and without a tilt fitted."""
    x, y = query.intensities[found.mine], found.height[found.both]
    apart, mass = np.log(x / y), np.log(found.mass[found.both])
    enough = np.bincount(found.of, minlength=found.size) >= 3
    weight = np.sqrt(x * y)
    middle = _mean(found.common(weight * apart), found.common(weight))[found.of]
    plain = np.sqrt(_mean(found.common(weight * (apart - middle) ** 2), found.common(weight)))
    weight = np.sqrt(weight * found.mass[found.both])
    whole = found.common(weight)
    mass = mass - _mean(found.common(weight * mass), whole)[found.of]
    apart = apart - _mean(found.common(weight * apart), whole)[found.of]
    width = _mean(found.common(weight * mass**2), whole) + _TILT_PRIOR
    tilt = _mean(found.common(weight * mass * apart), whole) / width
    tilted = _mean(found.common(weight * np.abs(apart - tilt[found.of] * mass)), whole)
    return (
        np.where(enough, tilted, _UNKNOWN_DEVIATION),
        np.where(enough, plain, _UNKNOWN_DEVIATION),
    )


def _ratio(above: Doubles, below: NDArray[np.floating]) -> Doubles:
    """Return a likeness from 0 to 1, 0 where there is nothing to compare."""
    return np.minimum(_mean(above, below), 1.0)


def _mean(above: Doubles, below: NDArray[np.floating]) -> Doubles:
    mean: Doubles = above / np.maximum(below, 1e-12)
    return mean
