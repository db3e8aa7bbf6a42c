"""The index of fragment spectra (MS/MS): spectral entropy, with or without the precursor.

Three questions: which known ion of this very mass is it (10 ppm), which spectrum resembles it
whatever its mass (open), and of which known substance is it an analogue (hybrid: a fragment may
also match when it lost the same neutral part, or carries the same change).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from lims.identification import mass_fragments, mass_peaks, mass_store
from lims.identification.mass_differences import explain
from lims.identification.mass_fragments import TOLERANCE, Fragments
from lims.identification.mass_hits import Hit
from lims.identification.mass_peaks import Doubles, Ints, Places, spread

ALGORITHM = "msms-1"
PRECURSOR_PPM = 10.0
# An analogue differs by at most this mass, Da.
GREATEST_SHIFT = 300.0
# A difference below this is none, Da.
LEAST_SHIFT = 0.02

Entry = tuple[str, Any, Any, float | None]


class Question(StrEnum):
    """What is asked of the library."""

    SAME_PRECURSOR = "precursor"
    OPEN = "open"
    ANALOGUES = "analogues"


@dataclass(frozen=True, eq=False)
class MsmsIndex:
    """A library of fragment spectra; all peaks in one row by m/z, and again by neutral loss."""

    ids: Any
    precursor: Doubles
    mz: Doubles
    row: Ints
    share: Doubles
    loss: Doubles
    # Place in `mz` of each peak of `loss`.
    loss_place: Ints

    def __len__(self) -> int:
        return len(self.precursor)

    @classmethod
    def build(cls, spectra: Iterable[Entry]) -> MsmsIndex:
        """Return the index of (id, m/z, intensities, precursor m/z or None)."""
        entries = list(spectra)
        counts, mz, heights = mass_peaks.flat((x, y) for _id, x, y, _precursor in entries)
        precursor = np.array([np.nan if one[3] is None else one[3] for one in entries], float)
        clean = mass_fragments.fragments(counts, mz, heights, precursor)
        order = np.argsort(clean.mz, kind="stable")
        row = clean.rows[order]
        losses = precursor[row] - clean.mz[order]
        known = np.flatnonzero(np.isfinite(losses))
        known = known[np.argsort(losses[known], kind="stable")]
        return cls(
            mass_store.names([one[0] for one in entries]),
            precursor,
            clean.mz[order],
            row,
            clean.shares[order],
            losses[known],
            known.astype(np.int32),
        )

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        mass_store.save(folder, self.__dict__, {"algorithm": ALGORITHM})

    @classmethod
    def load(cls, folder: Path) -> MsmsIndex:
        """Return the index of a folder, mapped into memory."""
        arrays, _about = mass_store.load(folder)
        return cls(**arrays)

    def search(
        self,
        mz: Any,
        intensity: Any,
        *,
        precursor: float | None = None,
        question: Question = Question.SAME_PRECURSOR,
        top: int = 50,
    ) -> list[Hit]:
        """Return the spectra most like a peak list; without a precursor the search is open."""
        known = np.array([np.nan if precursor is None else precursor])
        query = mass_fragments.fragments(*mass_peaks.flat([(mz, intensity)]), known)
        if not len(query.mz) or not len(self):
            return []
        allowed = self._allowed(precursor, question)
        if precursor is not None and question is Question.ANALOGUES:
            likeness = self._hybrid(query, precursor)
        else:
            likeness = self._fragments_alike(query)
        # What has the very mass but no common fragment is listed too, last: energies differ.
        listed = question is Question.SAME_PRECURSOR and precursor is not None
        found = np.flatnonzero(allowed & ((likeness > 0) | listed))
        order = found[np.lexsort((found, -likeness[found]))][:top]
        return [self._hit(int(row), float(likeness[row]), precursor, question) for row in order]

    def _allowed(self, precursor: float | None, question: Question) -> np.ndarray[Any, Any]:
        if precursor is None or question is Question.OPEN:
            return np.ones(len(self), bool)
        apart = np.abs(self.precursor - precursor)
        if question is Question.ANALOGUES:
            return (apart > LEAST_SHIFT) & (apart <= GREATEST_SHIFT)
        return apart <= PRECURSOR_PPM * 1e-6 * precursor

    def _fragments_alike(self, query: Fragments) -> Doubles:
        mine, places = _partners(self.mz, query.mz)
        bits = _bits(query.shares[mine], self.share[places])
        return np.bincount(self.row[places], bits, len(self)).astype(np.float64)

    def _hybrid(self, query: Fragments, precursor: float) -> Doubles:
        """Return the likeness when a fragment may match as it is or by its neutral loss."""
        mine, places = _partners(self.mz, query.mz)
        by_loss, found = _partners(self.loss, (precursor - query.mz)[::-1])
        by_loss, lost = len(query.mz) - 1 - by_loss, self.loss_place[found]
        # Each peak has one partner: as it is before by its loss.
        width = len(query.mz)
        taken = self.row[places].astype(np.int64) * width + mine
        free = ~np.isin(self.row[lost].astype(np.int64) * width + by_loss, taken)
        free &= ~np.isin(lost, places)
        mine, places = np.concatenate([mine, by_loss[free]]), np.concatenate([places, lost[free]])
        bits = _bits(query.shares[mine], self.share[places])
        return np.bincount(self.row[places], bits, len(self)).astype(np.float64)

    def _hit(self, row: int, likeness: float, precursor: float | None, question: Question) -> Hit:
        shift, words = 0.0, ""
        if precursor is not None and question is not Question.SAME_PRECURSOR:
            theirs = float(self.precursor[row])
            if np.isfinite(theirs) and abs(precursor - theirs) > LEAST_SHIFT:
                shift = round(precursor - theirs, 4)
                words = explain(shift)
        score = round(999 * min(likeness, 1.0), 1)
        name = mass_store.name(self.ids, row)
        return Hit(row, name, score, score, round(likeness, 4), shift, words)


def _partners(library: Doubles, query: Doubles) -> tuple[Places, Places]:
    """Return the pairs of a query peak and a library place within the tolerance."""
    begins = np.searchsorted(library, query - TOLERANCE, "left")
    counts = np.searchsorted(library, query + TOLERANCE, "right") - begins
    return np.repeat(np.arange(len(query)), counts), spread(begins, counts)


def _bits(p: Doubles, r: Doubles) -> Doubles:
    """Return what each pair adds to 1 - Jensen-Shannon divergence (bits)."""
    both = p + r
    bits: Doubles = 0.5 * (both * np.log2(both) - p * np.log2(p) - r * np.log2(r))
    return bits


def parameters() -> dict[str, Any]:
    """Return everything that decides a ranking, to keep beside it."""
    return {
        "tolerance": TOLERANCE,
        "noise": mass_fragments.NOISE,
        "precursor_zone": mass_fragments.PRECURSOR_ZONE,
        "precursor_ppm": PRECURSOR_PPM,
        "greatest_shift": GREATEST_SHIFT,
        "least_shift": LEAST_SHIFT,
    }
