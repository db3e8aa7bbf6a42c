"""Bars of a queue's weeks as plain numbers: what came beside what ended, week by week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

WIDTH, HEIGHT, TOP, FOOT = 480.0, 130.0, 8.0, 20.0


class Counted(Protocol):
    """A week with what came and what ended."""

    @property
    def monday(self) -> date: ...
    @property
    def came(self) -> int: ...
    @property
    def left(self) -> int: ...


@dataclass(frozen=True)
class Bar:
    """One week: two bars beside each other, by their left edge, height and top."""

    monday: date
    x: float
    wide: float
    came: int
    came_y: float
    left: int
    left_y: float


@dataclass(frozen=True)
class WeekChart:
    """A chart of weeks with the number at its top."""

    width: float
    height: float
    floor: float
    most: int
    bars: tuple[Bar, ...]


def weeks(rows: Sequence[Counted]) -> WeekChart | None:
    """Return the chart of some weeks, or None when nothing came and nothing ended."""
    most = max((max(one.came, one.left) for one in rows), default=0)
    if not most:
        return None
    floor = HEIGHT - FOOT
    step = WIDTH / len(rows)
    wide = round(step * 0.36, 1)

    def y(n: int) -> float:
        return round(floor - (floor - TOP) * n / most, 1)

    bars = tuple(
        Bar(
            one.monday,
            round(at * step + step * 0.1, 1),
            wide,
            one.came,
            y(one.came),
            one.left,
            y(one.left),
        )
        for at, one in enumerate(rows)
    )
    return WeekChart(WIDTH, HEIGHT, floor, most, bars)
