"""Bars of a split as plain numbers: one for each part, with the interval of a share as a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lims.overview.indicator_figures import Kind, Line, Split
from lims.overview.indicator_words import value_words

WIDTH, LEFT, RIGHT, ROW, TOP = 640.0, 230.0, 560.0, 26.0, 4.0
LONGEST_LABEL = 34
MOST_BARS = 16
"""More parts than these stand in the table alone."""


@dataclass(frozen=True)
class Bar:
    """One part: its words, its bar, the whisker of its interval, and where its number stands."""

    words: str
    y: float
    width: float
    whisker: tuple[float, float] | None
    value_x: float
    value: str


@dataclass(frozen=True)
class BarChart:
    """The bars of a split, from the left edge on."""

    width: float
    height: float
    left: float
    bars: tuple[Bar, ...]


def bars(split: Split, language: str) -> BarChart | None:
    """Return the chart of a split, or None when it has fewer than two parts to show."""
    told = [one for one in split.lines if one.figure.is_told and one.figure.value is not None]
    if not 2 <= len(told) <= MOST_BARS:
        return None
    most = _scale(told)
    if not most:
        return None
    drawn = tuple(_bar(line, most, place, language) for place, line in enumerate(told))
    return BarChart(WIDTH, TOP + ROW * len(told) + TOP, LEFT, drawn)


def _scale(lines: Sequence[Line]) -> float:
    if any(one.figure.kind is Kind.SHARE for one in lines):
        return 1.0
    return max(one.figure.three_quarters or one.figure.value or 0.0 for one in lines)


def _bar(line: Line, most: float, place: int, language: str) -> Bar:
    figure = line.figure
    width = (RIGHT - LEFT) * (figure.value or 0.0) / most
    low = figure.low if figure.low is not None else figure.quarter
    high = figure.high if figure.high is not None else figure.three_quarters
    whisker = None
    if low is not None and high is not None:
        whisker = (_x(low, most), _x(high, most))
    end = max(LEFT + width, whisker[1] if whisker else 0.0)
    words = line.label[language]
    short = words if len(words) <= LONGEST_LABEL else f"{words[: LONGEST_LABEL - 1]}…"
    y = TOP + ROW * place
    told = value_words(figure, language)
    return Bar(short, y, round(width, 1), whisker, round(end + 8, 1), told)


def _x(value: float, most: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * value / most, 1)
