"""Search of infrared, Raman and ultraviolet libraries by the correlation of whole curves.

Infrared and Raman curves are compared by the standard normal variate of their first derivative,
ultraviolet ones by their shape. A hit says on how much of the range it was compared, and which
parts of the range speak for it and against it. The index of a library is kept in a folder of
plain arrays that processes share in memory.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lims.foundation.errors import Invalid
from lims.foundation.words import Message, _
from lims.identification.band_facts import Bits, PartFact, Rows, correlations, parts_of, products
from lims.spectra import shaping, signal
from lims.spectra.spectrum import Floats, Kind, Spectrum

__all__ = ["BandHit", "BandIndex", "PartFact", "cautions", "parameters"]

ALGORITHM_VERSION = "bands-1"

# Two curves that have less than this share of the grid in common are not compared.
SMALLEST_COMMON = 0.35
# So many of the best are compared exactly, where curves do not cover the whole grid.
COMPARED_EXACTLY = 120
BLOCKS = 32
_ARRAYS = ("ids", "rows", "curves", "scales", "known", "known_share", "energy")


@dataclass(frozen=True)
class BandHit:
    """One reference: its id, hit quality 0 to 999, and what stands behind it."""

    id: int
    score: int
    correlation: float
    #: Share of the grid on which both curves are known.
    compared: float
    parts: tuple[PartFact, ...]


@dataclass(eq=False)
class BandIndex:
    """The curves of one technique, ready to be searched."""

    kind: Kind
    ids: NDArray[np.int64]
    rows: Rows
    #: The curves themselves on the grid, for mixtures and for drawing, divided by their scale.
    curves: Rows
    scales: Floats
    known: Bits
    #: Share of each block of the grid that a curve covers, and how much of its structure is there.
    known_share: Rows
    energy: Rows
    #: Spectra that could not be taken, and why.
    refused: dict[int, Message]

    @property
    def grid(self) -> signal.Grid:
        """Return the grid on which the curves stand."""
        return signal.GRIDS[self.kind]

    @classmethod
    def build(cls, kind: Kind, spectra: Iterable[tuple[int, Spectrum]]) -> BandIndex:
        """Prepare each spectrum once; one that cannot be compared is kept in `refused`."""
        ids: list[int] = []
        made: list[tuple[Rows, Floats, Bits]] = []
        refused: dict[int, Message] = {}
        for key, spectrum in spectra:
            try:
                curve = signal.prepare(spectrum)
            except Invalid as refusal:
                refused[key] = refusal.problems[0].message
                continue
            if curve.grid.kind is not kind:
                refused[key] = _("It was measured by another technique.")
                continue
            row, known = shaping.fingerprint(curve)
            ids.append(key)
            made.append((row, curve.y, known))
        return cls._of(kind, ids, made, refused)

    @classmethod
    def _of(
        cls,
        kind: Kind,
        ids: list[int],
        made: list[tuple[Rows, Floats, Bits]],
        refused: dict[int, Message],
    ) -> BandIndex:
        width = signal.GRIDS[kind].x.size
        rows = np.array([one[0] for one in made], dtype=np.float32).reshape(-1, width)
        scales = np.array([float(np.nanmax(np.abs(one[1]))) for one in made])
        curves = np.empty((len(made), width), dtype=np.float32)
        for number, (_row, y, _known) in enumerate(made):
            curves[number] = y / scales[number]
        known = np.array([one[2] for one in made], dtype=bool).reshape(-1, width)
        return cls(
            kind,
            np.array(ids, dtype=np.int64),
            rows,
            curves,
            scales,
            known,
            blocks_of(known.astype(np.float32)) / blocks_of(np.ones((1, width), np.float32)),
            blocks_of(rows**2),
            refused,
        )

    def save(self, folder: Path) -> None:
        """Write the index beside `folder` and then put it in its place in one step."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        for name in _ARRAYS:
            np.save(made / f"{name}.npy", getattr(self, name))
        facts: dict[str, Any] = {"kind": self.kind.value, **parameters(self.kind)}
        facts["refused"] = {str(key): str(words) for key, words in self.refused.items()}
        (made / "index.json").write_text(json.dumps(facts), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(made, folder)

    @classmethod
    def load(cls, folder: Path) -> BandIndex:
        """Open an index that was saved; its arrays are mapped, not read."""
        facts = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        arrays = {name: _opened(folder / f"{name}.npy") for name in _ARRAYS}
        refused = {int(key): Message(words) for key, words in facts["refused"].items()}
        return cls(kind=Kind(facts["kind"]), refused=refused, **arrays)

    def search(self, query: Spectrum | signal.Curve, *, top: int = 50) -> list[BandHit]:
        """Return the references that correlate best, the best first.

        Raises Invalid when the query cannot be compared.
        """
        curve = query if isinstance(query, signal.Curve) else signal.prepare(query)
        if curve.grid.kind is not self.kind or not self.ids.size:
            return []
        row, known = shaping.fingerprint(curve)
        places, values = self._best(row, known, max(top, 1))
        return self._hits(places[:top], values[:top], row, known)

    @cached_property
    def reach(self) -> Bits:
        """Return which points of the grid each curve reaches."""
        return np.asarray(np.isfinite(self.curves))

    @cached_property
    def whole(self) -> bool:
        """Say whether every curve covers the whole grid, so that none needs a second look."""
        return bool((self.known == shaping.reachable(self.grid)).all())

    def _best(self, row: Rows, known: Bits, top: int) -> tuple[NDArray[np.int64], Floats]:
        rough = products(self.rows, row)
        whole = self.whole and bool((known == shaping.reachable(self.grid)).all())
        if not whole:
            rough = rough * self._widening(row, known)
        wanted = min(self.ids.size, top if whole else max(top, COMPARED_EXACTLY))
        places = np.argpartition(-rough, wanted - 1)[:wanted].astype(np.int64)
        values = rough[places].astype(np.float64)
        if not whole:
            values = self._exact(places, row, known)
        order = np.lexsort((self.ids[places], -values))
        order = order[np.isfinite(values[order])]
        return places[order], values[order]

    def _widening(self, row: Rows, known: Bits) -> Rows:
        """Return what makes up for the parts of the range that only one of two curves covers."""
        width = blocks_of(np.ones((1, known.size), np.float32))[0]
        share = blocks_of(known.astype(np.float32)[None, :])[0] / width
        theirs = np.maximum(products(self.energy, share), 0.05)
        mine = np.maximum(products(self.known_share, blocks_of(row[None, :] ** 2)[0]), 0.05)
        return np.asarray(1.0 / np.sqrt(theirs * mine), dtype=np.float32)

    def _exact(self, places: NDArray[np.int64], row: Rows, known: Bits) -> Floats:
        both = self.known[places] & known
        values = correlations(self.rows[places], row, both)
        enough = both.mean(axis=1) >= SMALLEST_COMMON * known_at_most(self.grid)
        return np.where(enough, values, -np.inf)

    def _hits(
        self, places: NDArray[np.int64], values: Floats, row: Rows, known: Bits
    ) -> list[BandHit]:
        both = self.known[places] & known
        compared = both.mean(axis=1) / known_at_most(self.grid)
        facts = parts_of(self.grid, self.rows[places], row, both)
        return [
            BandHit(
                id=int(self.ids[place]),
                score=min(999, max(0, round(float(value) * 999))),
                correlation=float(value),
                compared=float(share),
                parts=tuple(parts),
            )
            for place, value, share, parts in zip(places, values, compared, facts, strict=True)
        ]

    def places_of(self, ids: Sequence[int]) -> NDArray[np.int64]:
        """Return where these references stand in the index; those that are absent are left out."""
        return np.flatnonzero(np.isin(self.ids, np.asarray(list(ids), dtype=np.int64)))


def parameters(kind: Kind) -> dict[str, Any]:
    """Return what a search depends on, to be kept with its list of candidates."""
    grid = signal.GRIDS[kind]
    return {
        "algorithm": ALGORITHM_VERSION,
        "signal": signal.ALGORITHM_VERSION,
        "regions": [list(span) for span in grid.regions],
        "masked": [list(span) for span in grid.masked],
        "step": grid.step,
        "window": grid.window,
        "derivative": int(grid.slope),
        "smallest_common": SMALLEST_COMMON,
    }


def cautions(kind: Kind) -> tuple[Message, ...]:
    """Return what must be said beside every list of hits of this technique."""
    if kind is Kind.UV:
        return (
            _("An ultraviolet spectrum alone never identifies: many substances share one shape."),
        )
    return (_("A hit of a mixture shows its strongest component; look at what is left over."),)


def known_at_most(grid: signal.Grid) -> float:
    """Return the share of the grid on which a curve that covers all of it can be compared."""
    return float(shaping.reachable(grid).mean())


def blocks_of(values: Rows) -> Rows:
    """Return the sums of the rows over the blocks of the grid."""
    edges = np.linspace(0, values.shape[1], BLOCKS + 1).astype(int)[:-1]
    return np.asarray(np.add.reduceat(values, edges, axis=1), dtype=np.float32)


def _opened(path: Path) -> NDArray[Any]:
    if path.stat().st_size > 1 << 16:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    return np.asarray(np.load(path, allow_pickle=False))
