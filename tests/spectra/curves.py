"""Synthetic curves for tests: invented Gaussian bands, of no substance."""

from __future__ import annotations

import numpy as np

from lims.spectra.spectrum import Floats, Kind, Spectrum

RANGES = {Kind.IR: (400.0, 4000.0), Kind.RAMAN: (150.0, 1900.0), Kind.UV: (190.0, 450.0)}
UNITS = {Kind.IR: "cm-1", Kind.RAMAN: "cm-1", Kind.UV: "nm"}
Y_UNITS = {Kind.IR: "absorbance", Kind.RAMAN: "arbitrary", Kind.UV: "absorbance"}


def points(kind: Kind = Kind.IR, count: int = 1800) -> Floats:
    """Return evenly spread points over more than the grid of a technique."""
    return np.linspace(*RANGES[kind], count)


def bands(seed: int, x: Floats, count: int = 25, width: float = 8.0) -> Floats:
    """Return invented bands; the same seed gives the same substance on any points."""
    draw = np.random.default_rng(seed)
    places = draw.uniform(float(x.min()), float(x.max()), count)
    heights, widths = draw.uniform(0.05, 1.0, count), draw.uniform(0.6, 1.6, count) * width
    shapes = np.exp(-0.5 * ((x[:, None] - places) / widths) ** 2)
    return np.asarray(shapes @ heights)


def curve(
    y: Floats, kind: Kind = Kind.IR, x: Floats | None = None, y_unit: str | None = None
) -> Spectrum:
    """Return a spectrum of these values."""
    where = points(kind, y.size) if x is None else x
    return Spectrum(kind, where, y, UNITS[kind], y_unit or Y_UNITS[kind], sticks=False)


def invented(seed: int, kind: Kind = Kind.IR, noise: float = 0.0) -> Spectrum:
    """Return an invented substance's spectrum, with noise of its own when asked."""
    x = points(kind)
    y = bands(seed, x, width=40.0 if kind is Kind.UV else 8.0)
    extra = np.random.default_rng(seed + 1_000_000).normal(0.0, noise, x.size) if noise else 0.0
    return curve(y + extra, kind, x)
