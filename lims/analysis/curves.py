"""Spectra as lengths on paper: paths, sticks and ticks that a page writes as SVG.

Curves are thinned to what a screen shows, keeping the highest and lowest point of each column.
Wavenumbers run from high to low, as infrared spectra are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import numpy as np

from lims.spectra.spectrum import Floats

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 30
COLUMNS = 600
LABELLED_STICKS = 8
LABEL_APART = 30.0
TICKS = 7


@dataclass(frozen=True, eq=False)
class Series:
    """A curve or a set of sticks: `css` says what it stands for (query, other, rest)."""

    css: str
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Tick:
    """A mark on an axis and the number beside it."""

    at: float
    value: Decimal


@dataclass(frozen=True)
class Drawing:
    """What a page draws: paths by class, ticks of both axes, words beside the tallest sticks."""

    width: int
    height: int
    left: int
    bottom: float
    right: float
    top: float
    zero: float
    paths: tuple[tuple[str, str], ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    labels: tuple[tuple[float, float, str], ...] = ()


def draw_curves(
    series: Sequence[Series], *, falling: bool = False, height: int = HEIGHT
) -> Drawing:
    """Draw curves on one pair of axes; `falling`: the x axis runs from high to low."""
    frame = _frame(series, falling=falling, height=height, with_zero=False)
    paths = tuple((one.css, frame.path(one)) for one in series if one.x.size)
    return frame.drawing(paths)


def draw_sticks(
    up: Series, down: Series | None = None, *, height: int = HEIGHT, plain: bool = False
) -> Drawing:
    """Draw a spectrum of peaks, a second one mirrored below it; each scaled to 100."""
    above = Series(up.css, up.x, _relative(up.y))
    series = [above]
    if down is not None:
        series.append(Series(down.css, down.x, -_relative(down.y)))
    frame = _frame(series, falling=False, height=height, with_zero=True)
    paths = tuple((one.css, frame.sticks(one)) for one in series if one.x.size)
    labels = () if plain else tuple(label for one in series for label in frame.labels(one))
    return frame.drawing(paths, labels)


def _relative(y: Floats) -> Floats:
    most = float(np.max(y)) if y.size else 0.0
    return np.asarray(100.0 * y / most if most > 0 else y, dtype=np.float64)


@dataclass(frozen=True)
class _Frame:
    """From numbers to places on the paper."""

    low: float
    high: float
    least: float
    most: float
    falling: bool
    height: int

    def x(self, value: Floats) -> Floats:
        share = (value - self.low) / (self.high - self.low)
        share = 1.0 - share if self.falling else share
        return np.asarray(LEFT + share * (WIDTH - LEFT - RIGHT))

    def y(self, value: Floats) -> Floats:
        share = (value - self.least) / (self.most - self.least)
        return np.asarray(self.height - BOTTOM - share * (self.height - TOP - BOTTOM))

    def path(self, one: Series) -> str:
        x, y = thinned(one.x, one.y)
        return _path(self.x(x), self.y(y))

    def sticks(self, one: Series) -> str:
        zero = float(self.y(np.zeros(1))[0])
        pairs = zip(self.x(one.x), self.y(one.y), strict=True)
        return "".join(f"M{at:.1f} {zero:.1f}V{top:.1f}" for at, top in pairs)

    def labels(self, one: Series) -> list[tuple[float, float, str]]:
        """Return the masses of the tallest sticks, where they do not stand on each other."""
        chosen: list[tuple[float, float, str]] = []
        for place in np.argsort(-np.abs(one.y))[: 4 * LABELLED_STICKS]:
            at = float(self.x(one.x[place : place + 1])[0])
            if all(abs(at - other[0]) > LABEL_APART for other in chosen):
                top = float(self.y(one.y[place : place + 1])[0])
                below = one.y[place] < 0
                chosen.append((at, top + 11 if below else top - 3, mass(float(one.x[place]))))
            if len(chosen) == LABELLED_STICKS:
                break
        return chosen

    def drawing(
        self, paths: tuple[tuple[str, str], ...], labels: tuple[tuple[float, float, str], ...] = ()
    ) -> Drawing:
        zero = float(self.y(np.zeros(1))[0])
        floor = float(self.height - BOTTOM)
        return Drawing(
            width=WIDTH,
            height=self.height,
            left=LEFT,
            bottom=floor,
            right=float(WIDTH - RIGHT),
            top=float(TOP),
            zero=min(max(zero, TOP), floor),
            paths=paths,
            x_ticks=tuple(
                Tick(round(float(self.x(np.array([one]))[0]), 1), Decimal(f"{one:g}"))
                for one in nice_ticks(self.low, self.high)
            ),
            y_ticks=tuple(
                Tick(
                    round(float(self.y(np.array([one]))[0]), 1),
                    Decimal(f"{abs(one) if labels else one:g}"),
                )
                for one in nice_ticks(self.least, self.most, 5)
            ),
            labels=labels,
        )


def _frame(series: Sequence[Series], *, falling: bool, height: int, with_zero: bool) -> _Frame:
    x = np.concatenate([one.x for one in series]) if series else np.zeros(0)
    y = np.concatenate([one.y for one in series]) if series else np.zeros(0)
    x, y = x[np.isfinite(x)], y[np.isfinite(y)]
    low, high = (float(x.min()), float(x.max())) if x.size else (0.0, 1.0)
    least, most = (float(y.min()), float(y.max())) if y.size else (0.0, 1.0)
    if with_zero:
        low, high = low - 0.02 * (high - low) - 1, high + 0.02 * (high - low) + 1
        least, most = min(least * 1.15, 0.0), max(most * 1.1, 0.0)
    else:
        least, most = least - 0.04 * (most - least), most + 0.04 * (most - least)
    high = high if high > low else low + 1.0
    most = most if most > least else least + 1.0
    return _Frame(low, high, least, most, falling, height)


def thinned(x: Floats, y: Floats, columns: int = COLUMNS) -> tuple[Floats, Floats]:
    """Return a curve with two points a column: its highest and its lowest."""
    if x.size <= 2 * columns:
        return x, y
    edges = np.linspace(0, x.size, columns + 1).astype(int)
    chosen: list[int] = []
    safe = np.where(np.isfinite(y), y, np.nan)
    for start, end in pairwise(edges):
        part = safe[start:end]
        if np.isnan(part).all():
            chosen.append(start)
            continue
        chosen += sorted({start + int(np.nanargmin(part)), start + int(np.nanargmax(part))})
    return x[chosen], y[chosen]


def _path(x: Floats, y: Floats) -> str:
    """Return a path that breaks where a value is missing."""
    parts, pen = [], "M"
    for at, top in zip(x, y, strict=True):
        if not np.isfinite(top):
            pen = "M"
            continue
        parts.append(f"{pen}{at:.1f} {top:.1f}")
        pen = "L"
    return "".join(parts)


def nice_ticks(low: float, high: float, wanted: int = TICKS) -> list[float]:
    """Return round numbers inside a range: steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    if not np.isfinite(span) or span <= 0:
        return []
    rough = span / wanted
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * one for one in (1.0, 2.0, 5.0, 10.0) if power * one >= rough * 0.999)
    first = np.ceil(low / step) * step
    count = int(np.floor((high - first) / step + 1e-9)) + 1
    return [float(round(first + step * place, 10)) for place in range(max(0, count))]


def mass(value: float) -> str:
    """Write a mass: whole when it is, else with up to four decimals."""
    return f"{value:.0f}" if abs(value - round(value)) < 0.005 else f"{value:.4f}".rstrip("0")
