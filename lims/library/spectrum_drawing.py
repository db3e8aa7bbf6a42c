"""A spectrum as SVG from plain numbers: sticks for peaks, a line for curves; ink only.

Words come in already said. A curve of very many points is drawn through the least and the most of
each step, so that no band is lost in the picture; the numbers stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

WIDTH, HEIGHT = 820, 320
LEFT, RIGHT, TOP, BOTTOM = 46.0, 806.0, 34.0, 274.0
STEPS = 700
LABELLED = 8
"""Strongest peaks that get their m/z as a label, as far as there is room."""


@dataclass(frozen=True)
class Drawn:
    """What is drawn: `title` names the axes, `summary` is read to the blind."""

    x: Sequence[float]
    y: Sequence[float]
    sticks: bool
    title: str
    summary: str
    x_axis: str
    descending: bool = False
    name: str = "spectrum"


def drawing(spectrum: Drawn) -> str:
    """Return the picture of one spectrum."""
    frame = _Frame(spectrum)
    parts = [*_grid(frame), *(_sticks(frame) if spectrum.sticks else _line(frame))]
    parts.append(f'<path class="axis" d="M{LEFT} {BOTTOM}H{RIGHT}"/>')
    parts.append(_text(RIGHT, HEIGHT - 6, spectrum.x_axis, "end"))
    title, described = f"{spectrum.name}-t", f"{spectrum.name}-d"
    return (
        f'<svg class="chart spectrum" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{title} {described}"><title id="{title}">{escape(spectrum.title)}'
        f'</title><desc id="{described}">{escape(spectrum.summary)}</desc>'
        f"{_text(2, 14, spectrum.title, kind='strong')}{''.join(parts)}</svg>"
    )


class _Frame:
    """Where values lie in the picture."""

    def __init__(self, spectrum: Drawn) -> None:
        self.spectrum = spectrum
        least, most = min(spectrum.x), max(spectrum.x)
        margin = (most - least or 1.0) * (0.04 if spectrum.sticks else 0.0)
        self.first, self.last = least - margin, most + margin
        if self.first == self.last:
            self.first, self.last = self.first - 0.5, self.last + 0.5
        self.top = max(spectrum.y)
        self.ground = 0.0 if spectrum.sticks else min(spectrum.y)
        if self.top <= self.ground:
            self.top = self.ground + 1.0

    def x(self, value: float) -> float:
        share = (value - self.first) / (self.last - self.first)
        return LEFT + (RIGHT - LEFT) * (1 - share if self.spectrum.descending else share)

    def y(self, value: float) -> float:
        share = (value - self.ground) / (self.top - self.ground)
        return BOTTOM - (BOTTOM - TOP) * max(0.0, share)


def _grid(frame: _Frame) -> list[str]:
    step = _round((frame.last - frame.first) / 8)
    parts: list[str] = []
    value = step * (floor(frame.first / step) + 1)
    while value < frame.last and len(parts) < 60:
        x = round(frame.x(value), 1)
        parts.append(f'<path class="grid" d="M{x} {TOP}V{BOTTOM}"/>')
        parts.append(_text(x, BOTTOM + 17, f"{value:g}", "middle"))
        value += step
    return parts


def _sticks(frame: _Frame) -> list[str]:
    spectrum = frame.spectrum
    drawn = "".join(
        f"M{frame.x(x):.1f} {BOTTOM}V{frame.y(y):.1f}"
        for x, y in zip(spectrum.x, spectrum.y, strict=True)
    )
    parts = [f'<path class="stick" d="{drawn}"/>']
    taken: list[float] = []
    strongest = sorted(range(len(spectrum.x)), key=lambda place: -spectrum.y[place])
    for place in strongest[: 3 * LABELLED]:
        x = frame.x(spectrum.x[place])
        if len(taken) < LABELLED and all(abs(x - other) > 62 for other in taken):
            taken.append(x)
            words = f"{spectrum.x[place]:.10g}"
            parts.append(_text(x, frame.y(spectrum.y[place]) - 5, words, "middle", "halo"))
    return parts


def _line(frame: _Frame) -> list[str]:
    points = sorted(zip(frame.spectrum.x, frame.spectrum.y, strict=True))
    size = max(1, len(points) // STEPS)
    drawn: list[str] = []
    for start in range(0, len(points), size):
        part = points[start : start + size]
        ends = {min(part, key=_height), max(part, key=_height)}
        drawn += [f"{frame.x(x):.1f} {frame.y(y):.1f}" for x, y in sorted(ends)]
    return [f'<path class="curve" d="M{"L".join(drawn)}"/>']


def _height(point: tuple[float, float]) -> float:
    return point[1]


def _round(rough: float) -> float:
    """Return a round step, 1, 2 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return float(next(part * power for part in (1, 2, 5, 10) if part * power >= rough))


def _text(x: float, y: float, words: str, anchor: str = "", kind: str = "") -> str:
    more = f' text-anchor="{anchor}"' if anchor else ""
    more += f' class="{kind}"' if kind else ""
    return f'<text x="{x:.6g}" y="{y:.6g}"{more}>{escape(words)}</text>'
