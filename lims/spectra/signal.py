"""Continuous spectra made comparable: infrared, Raman and ultraviolet curves on one common grid.

A curve is written in absorbance (or Raman intensity) on rising wavenumbers, averaged or
interpolated on the grid and never extrapolated: what the spectrum does not reach stays empty.
Atmospheric carbon dioxide is masked; the bands of a diamond crystal and the strong band of carbon
dioxide lie between the two regions of the infrared grid, which are compared and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lims.foundation.errors import refuse_field
from lims.foundation.words import Message, _
from lims.spectra.spectrum import Floats, Kind, Spectrum

ALGORITHM_VERSION = "signal-1"
FIELD = "spectrum"

# Less than these shares of the grid, and of its first region (in the infrared: the fingerprint),
# cannot be compared with a library.
SMALLEST_SHARE, SMALLEST_FIRST = 0.4, 0.5
# Between two points of the file further apart than this many steps nothing is interpolated.
LARGEST_GAP_STEPS = 5.0
# Absorbance of a transmittance that is nought or negative: the detector saw nothing.
GREATEST_ABSORBANCE = 4.0
FEWEST_POINTS = 20

Span = tuple[float, float]
Mask = NDArray[np.bool_]

WAVENUMBERS = frozenset({"cm-1", "cm^-1", "1/cm", "cm⁻¹", "wavenumber", "wavenumbers"})
NANOMETRES = frozenset({"nm", "nanometer", "nanometers", "nanometre", "nanometres"})
MICROMETRES = frozenset({"um", "µm", "μm", "micrometer", "micrometers", "micrometre", "micron"})


@dataclass(frozen=True)
class Grid:
    """The common points of one technique. `masked` is left out, `parts` are told apart."""

    kind: Kind
    regions: tuple[Span, ...]
    step: float
    unit: str
    masked: tuple[Span, ...]
    #: Points of the Savitzky–Golay window, and whether curves are compared by their slope.
    window: int
    slope: bool
    parts: tuple[Span, ...]

    @cached_property
    def x(self) -> Floats:
        """Return the points, rising."""
        points = np.concatenate(
            [np.arange(low, high + self.step / 2, self.step) for low, high in self.regions]
        )
        keep = np.ones(points.size, dtype=bool)
        for low, high in self.masked:
            keep &= (points < low) | (points > high)
        return np.asarray(points[keep], dtype=np.float64)

    @cached_property
    def runs(self) -> tuple[slice, ...]:
        """Return the stretches of points without a gap between them."""
        return stretches(np.ones(self.x.size, dtype=bool), self)


@dataclass(frozen=True, eq=False)
class Curve:
    """A spectrum on its grid: not a number where it does not reach. `notes` say what was done."""

    grid: Grid
    y: Floats
    covered: Mask
    notes: tuple[Message, ...] = ()


GRIDS: dict[Kind, Grid] = {
    # Carbon dioxide bends at 667 cm-1 (NIST WebBook, CO2); its stretch at 2349 cm-1 and the bands
    # of diamond (1800-2700 cm-1) lie between the regions.
    Kind.IR: Grid(
        kind=Kind.IR,
        regions=((650.0, 1800.0), (2700.0, 3700.0)),
        step=2.0,
        unit="cm⁻¹",
        masked=((662.0, 674.0),),
        window=9,
        slope=True,
        parts=((650, 1000), (1000, 1350), (1350, 1800), (2700, 3100), (3100, 3700)),
    ),
    Kind.RAMAN: Grid(
        kind=Kind.RAMAN,
        regions=((200.0, 1800.0),),
        step=2.0,
        unit="cm⁻¹",
        masked=(),
        window=15,
        slope=True,
        parts=((200, 600), (600, 1000), (1000, 1400), (1400, 1800)),
    ),
    Kind.UV: Grid(
        kind=Kind.UV,
        regions=((200.0, 400.0),),
        step=1.0,
        unit="nm",
        masked=(),
        window=9,
        slope=False,
        parts=((200, 240), (240, 300), (300, 400)),
    ),
}


def stretches(covered: Mask, grid: Grid) -> tuple[slice, ...]:
    """Return the stretches of covered points that follow each other on the grid without a gap."""
    places = np.flatnonzero(covered)
    if not places.size:
        return ()
    apart = np.diff(places) > 1
    apart |= np.diff(grid.x[places]) > grid.step * 1.5
    starts = np.concatenate([[0], np.flatnonzero(apart) + 1])
    ends = np.concatenate([starts[1:], [places.size]]) - 1
    return tuple(
        slice(int(places[start]), int(places[end]) + 1)
        for start, end in zip(starts, ends, strict=True)
    )


def prepare(spectrum: Spectrum, shift: float = 0.0) -> Curve:
    """Return the spectrum as absorbance or intensity on the common grid of its technique.

    `shift` (unit of the grid) is added to every place, for a miscalibrated axis.
    Raises Invalid, in one sentence, for what cannot be compared: peaks, a technique without a
    grid, too few or too many impossible numbers, a flat line, too little of the grid.
    """
    grid = _grid_of(spectrum)
    x, y, notes = _numbers(spectrum)
    x, unit_note = _in_unit_of(grid, x, spectrum.x_unit)
    y, scale_notes = _as_absorbance(grid.kind, y, spectrum.y_unit)
    x, y, double = _rising(x + shift, y)
    if double:
        notes.append(_("Points at the same place were averaged: %(n)s.", n=double))
    covered = _reached(x, grid)
    _refuse_too_little(covered, grid)
    on_grid = np.full(grid.x.size, np.nan)
    on_grid[covered] = _resampled(x, y, grid)[covered]
    _refuse_flat(on_grid[covered])
    return Curve(grid, on_grid, covered, (*notes, *unit_note, *scale_notes))


def _grid_of(spectrum: Spectrum) -> Grid:
    if spectrum.sticks or spectrum.kind not in GRIDS:
        raise refuse_field(
            FIELD,
            _("Only infrared, Raman and ultraviolet curves are compared by their bands."),
        )
    return GRIDS[spectrum.kind]


def _numbers(spectrum: Spectrum) -> tuple[Floats, Floats, list[Message]]:
    x = np.asarray(spectrum.x, dtype=np.float64).ravel()
    y = np.asarray(spectrum.y, dtype=np.float64).ravel()
    if x.size != y.size:
        raise refuse_field(
            FIELD,
            _("The two columns differ in length: %(x)s and %(y)s values.", x=x.size, y=y.size),
        )
    good = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < 1e9) & (np.abs(y) < 1e30)
    lost = int(x.size - good.sum())
    if good.sum() < FEWEST_POINTS:
        raise refuse_field(
            FIELD,
            _(
                "The spectrum has %(n)s usable points; at least %(least)s are needed.",
                n=int(good.sum()),
                least=FEWEST_POINTS,
            ),
        )
    notes = [_("Values that are not numbers were left out: %(n)s.", n=lost)] if lost else []
    return x[good], y[good], notes


def _in_unit_of(grid: Grid, x: Floats, unit: str) -> tuple[Floats, list[Message]]:
    written = unit.strip().lower()
    wanted = NANOMETRES if grid.kind is Kind.UV else WAVENUMBERS
    if written in wanted or not written:
        missing = [] if written else [_("No unit is given; %(unit)s is assumed.", unit=grid.unit)]
        return x, missing
    scale = _to_reciprocal(written)
    if scale is None or grid.kind is Kind.RAMAN:
        raise refuse_field(
            FIELD,
            _(
                "The horizontal axis is in %(unit)s; %(wanted)s is needed.",
                unit=unit,
                wanted=grid.unit,
            ),
        )
    if np.any(x <= 0):
        raise refuse_field(FIELD, _("A wavelength or wavenumber is nought or negative."))
    return scale / x, [_("Converted from %(unit)s to %(wanted)s.", unit=unit, wanted=grid.unit)]


def _to_reciprocal(unit: str) -> float | None:
    """Return what divided by a value in this unit gives the other: cm⁻¹ from nm, nm from cm⁻¹."""
    if unit in NANOMETRES or unit in WAVENUMBERS:
        return 1e7
    return 1e4 if unit in MICROMETRES else None


def _as_absorbance(kind: Kind, y: Floats, unit: str) -> tuple[Floats, list[Message]]:
    """Return A = -log10(T) of a transmittance; anything else as it is."""
    written = unit.strip().lower()
    if kind is Kind.RAMAN or "transmi" not in written:
        doubt = kind is not Kind.RAMAN and written.startswith("abs") and bool(np.median(y) > 10)
        words = _("Called absorbance, but the values look like per cent transmittance.")
        return y, [words] if doubt else []
    per_cent = "percent" in written or "per cent" in written or "%" in written
    if not per_cent and float(np.percentile(y, 95)) > 2.0:
        per_cent = True
    share = y / 100.0 if per_cent else y
    least = 10.0**-GREATEST_ABSORBANCE
    dark = int(np.sum(share < least))
    notes = [_("Converted from transmittance to absorbance.")]
    if dark:
        notes.append(
            _("Points without any light were set to the greatest absorbance: %(n)s.", n=dark)
        )
    return -np.log10(np.maximum(share, least)), notes


def _rising(x: Floats, y: Floats) -> tuple[Floats, Floats, int]:
    places, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    means = np.bincount(inverse, weights=y) / counts
    return places, means, int(x.size - places.size)


def _reached(x: Floats, grid: Grid) -> Mask:
    """Say which points of the grid lie between two points of the file that are near enough."""
    right = np.searchsorted(x, grid.x, side="left")
    exact = x[np.minimum(right, x.size - 1)] == grid.x
    inside = (right > 0) & (right < x.size)
    upper = np.clip(right, 1, max(1, x.size - 1))
    near = (x[upper] - x[upper - 1]) <= LARGEST_GAP_STEPS * grid.step if x.size > 1 else False
    return np.asarray(exact | (inside & near), dtype=bool)


def _refuse_too_little(covered: Mask, grid: Grid) -> None:
    share, first = float(covered.mean()), covered[grid.x <= grid.regions[0][1]]
    if share >= SMALLEST_SHARE and float(first.mean()) >= SMALLEST_FIRST:
        return
    raise refuse_field(
        FIELD,
        _(
            "The spectrum covers %(share)s %% of what is compared; missing: %(missing)s %(unit)s.",
            share=round(share * 100),
            missing=", ".join(f"{low:g}–{high:g}" for low, high in missing_spans(covered, grid)),
            unit=grid.unit,
        ),
    )


def missing_spans(covered: Mask, grid: Grid) -> list[Span]:
    """Return what of the grid the spectrum does not reach."""
    return [
        (float(grid.x[run.start]), float(grid.x[run.stop - 1])) for run in stretches(~covered, grid)
    ]


def _resampled(x: Floats, y: Floats, grid: Grid) -> Floats:
    """Average a fine curve over each step, so that no point is thrown away; interpolate a coarse
    one.
    """
    if float(np.median(np.diff(x))) >= grid.step:
        return np.interp(grid.x, x, y)
    areas = np.concatenate([[0.0], np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2)])
    low = np.clip(grid.x - grid.step / 2, x[0], x[-1])
    high = np.clip(grid.x + grid.step / 2, x[0], x[-1])
    width = np.where(high > low, high - low, 1.0)
    return (_area_up_to(high, x, y, areas) - _area_up_to(low, x, y, areas)) / width


def _area_up_to(places: Floats, x: Floats, y: Floats, areas: Floats) -> Floats:
    left = np.clip(np.searchsorted(x, places, side="right") - 1, 0, x.size - 2)
    heights = np.interp(places, x, y)
    return np.asarray(areas[left] + (places - x[left]) * (y[left] + heights) / 2)


def _refuse_flat(y: Floats) -> None:
    if float(np.ptp(y)) <= 1e-9 * max(1.0, float(np.max(np.abs(y)))):
        raise refuse_field(FIELD, _("The curve is flat: there is nothing to compare."))
