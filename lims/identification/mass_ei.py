"""The index of electron-ionisation spectra: built once, mapped into memory, searched in two steps.

First the inverted index finds the spectra that share the heaviest peaks; then the most promising
are compared term by term, with the retention index where both are known. Adding a peak list twice,
or in another order, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from lims.identification import mass_columns, mass_peaks, mass_profiles, mass_store, mass_terms
from lims.identification.mass_columns import Columns
from lims.identification.mass_hits import Hit
from lims.identification.mass_peaks import Doubles, Floats, Places
from lims.identification.mass_profiles import Profiles

ALGORITHM = "ei-1"
CANDIDATES = 300
# A log-likelihood this far below that of the spectrum itself scores 999 / e.
SCORE_SCALE = 40.0
# Retention indices of one compound on columns of one kind: spread between laboratories, share of
# values that are simply wrong, and the range over which any compound may lie. Ours, not measured.
RETENTION_SPREAD, RETENTION_WRONG, RETENTION_RANGE = 15.0, 0.05, 3000.0

_PERFECT = mass_terms.perfect()

Entry = tuple[str, Any, Any, float | None]


@dataclass(frozen=True, eq=False)
class EiIndex:
    """A library of electron-ionisation spectra, ready to be searched."""

    ids: Any
    retention: Floats
    profiles: Profiles
    columns: Columns

    def __len__(self) -> int:
        return len(self.profiles)

    @classmethod
    def build(cls, spectra: Iterable[Entry]) -> EiIndex:
        """Return the index of (id, m/z, intensities, retention index or None)."""
        entries = list(spectra)
        counts, mz, heights = mass_peaks.flat((mz, height) for _id, mz, height, _ri in entries)
        ri = [np.nan if index is None else index for _id, _mz, _height, index in entries]
        return cls.of_arrays([entry[0] for entry in entries], counts, mz, heights, ri)

    @classmethod
    def of_arrays(
        cls, ids: list[str], counts: Places, mz: Doubles, heights: Doubles, retention: Any
    ) -> EiIndex:
        """Return the index of spectra that stand one after the other."""
        sticks = mass_peaks.nominal(counts, mz, heights)
        return cls(
            mass_store.names(ids),
            np.asarray(retention, np.float32),
            mass_profiles.profiles(sticks),
            mass_columns.build(sticks),
        )

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        arrays: dict[str, Any] = {"ids": self.ids, "retention": self.retention}
        for part in (self.profiles, self.columns):
            arrays |= {one.name: getattr(part, one.name) for one in fields(part)}
        mass_store.save(folder, arrays, {"algorithm": ALGORITHM})

    @classmethod
    def load(cls, folder: Path) -> EiIndex:
        """Return the index of a folder, mapped into memory."""
        arrays, _about = mass_store.load(folder)
        profiles = Profiles(**{one.name: arrays[one.name] for one in fields(Profiles)})
        columns = Columns(**{one.name: arrays[one.name] for one in fields(Columns)})
        return cls(arrays["ids"], arrays["retention"], profiles, columns)

    def search(
        self, mz: Any, intensity: Any, *, retention_index: float | None = None, top: int = 50
    ) -> list[Hit]:
        """Return the spectra most like a peak list, the most likely first; none for no peaks."""
        sticks = mass_peaks.one(mz, intensity)
        if not len(sticks.bins) or not len(self):
            return []
        rows = mass_columns.nearest(self.columns, sticks, CANDIDATES)
        found = mass_terms.terms(mass_profiles.profiles(sticks), self.profiles, rows)
        likelihood = mass_terms.combined(found)
        if retention_index is not None:
            likelihood = likelihood + self._retention(rows, retention_index)
        order = np.lexsort((rows, -likelihood))[:top]
        return [self._hit(int(rows[i]), float(likelihood[i]), found[i]) for i in order]

    def _retention(self, rows: Places, asked: float) -> Doubles:
        """Return what the retention index adds; a spectrum without one gains and loses nothing."""
        apart = (self.retention[rows].astype(np.float64) - asked) / RETENTION_SPREAD
        density = np.exp(-0.5 * apart**2) / (RETENTION_SPREAD * np.sqrt(2 * np.pi))
        ratio = (1 - RETENTION_WRONG) * density * RETENTION_RANGE + RETENTION_WRONG
        return np.where(np.isnan(apart), 0.0, np.log(ratio))

    def _hit(self, row: int, likelihood: float, found: Doubles) -> Hit:
        below = min(0.0, likelihood - _PERFECT)
        match = 999 * float(found[mass_terms.TERMS.index("cosine_weighted")])
        score = 999 * float(np.exp(below / SCORE_SCALE))
        return Hit(
            row, mass_store.name(self.ids, row), round(score, 1), round(match, 1),
            round(likelihood, 4),
        )  # fmt: skip


def parameters() -> dict[str, Any]:
    """Return everything that decides a ranking, to keep beside it."""
    return {
        "prefilter": {
            "intensity_power": mass_columns.INTENSITY_POWER,
            "mass_power": mass_columns.MASS_POWER,
            "peaks": mass_columns.HEAVIEST,
            "candidates": CANDIDATES,
        },
        "coefficients": dict(zip(mass_terms.TERMS, mass_terms.COEFFICIENTS, strict=True)),
        "same_record": [mass_terms.SAME_RECORD, mass_terms.SAME_RECORD_BONUS],
        "score_scale": SCORE_SCALE,
        "retention": [RETENTION_SPREAD, RETENTION_WRONG, RETENTION_RANGE],
    }
