"""Strip plots of times, as plain numbers that a template writes as SVG: every sample is a dot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lims.overview.rules import Spread, scale_end

LEFT, RIGHT, TOP, ROW, FOOT = 190.0, 700.0, 10.0, 34.0, 34.0
WIDTH = 760.0
MOST_DOTS = 150
JITTER = (0.0, -4.0, 4.0, -7.0, 7.0)


class Timed(Protocol):
    """What is drawn: a place with the spread of its times."""

    @property
    def place(self) -> str: ...
    @property
    def spread(self) -> Spread | None: ...


@dataclass(frozen=True)
class Strip:
    """One row: its middle, the band of its quarters, the line of its median, its dots."""

    place: str
    n: int
    y: float
    band_x: float
    band_width: float
    median_x: float
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class StripChart:
    """A chart of strips with its scale in days."""

    width: float
    height: float
    left: float
    right: float
    bottom: float
    ticks: tuple[tuple[float, int], ...]
    strips: tuple[Strip, ...]


def strips(rows: Sequence[Timed]) -> StripChart | None:
    """Return the chart of some spreads, or None when there is nothing to draw."""
    shown = [(row.place, row.spread) for row in rows if row.spread is not None]
    if not shown:
        return None
    end = scale_end(max(spread.most for _place, spread in shown))
    bottom = TOP + ROW * len(shown)
    steps = 5 if end % 5 == 0 else end
    ticks = tuple((_x(end * step / steps, end), end * step // steps) for step in range(steps + 1))
    drawn = tuple(_strip(place, spread, end, index) for index, (place, spread) in enumerate(shown))
    return StripChart(WIDTH, bottom + FOOT, LEFT, RIGHT, bottom, ticks, drawn)


def _x(days: float, end: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * days / end, 1)


def _strip(place: str, spread: Spread, end: int, index: int) -> Strip:
    y = TOP + ROW * (index + 0.5)
    low, high = _x(spread.quarter, end), _x(spread.three_quarters, end)
    step = max(1, -(-len(spread.days) // MOST_DOTS))
    dots = tuple(
        (_x(days, end), y + JITTER[number % len(JITTER)])
        for number, days in enumerate(spread.days[::step])
    )
    return Strip(
        place, spread.n, y, low, max(2.0, round(high - low, 1)), _x(spread.median, end), dots
    )
