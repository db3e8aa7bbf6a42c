"""Drawings of weekly series as SVG from plain values: a line of a list, and the chart of a page.

Words come in already said. Bars are what was found, an outline what was back-dated, the band what
would still be usual; an alarm is a bar of another colour and a mark above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

NARROW_LINE = 40
"""Letters of a title that fit into the width of the narrow chart."""


@dataclass(frozen=True)
class Week:
    """One week: its name, what was found, back-dated of it, and what was analysed."""

    name: str
    positives: int
    late: int
    total: int
    upper: float | None = None
    expected: float | None = None
    alarm: bool = False


@dataclass(frozen=True)
class SeriesChart:
    """What is drawn: `title` and `summary` are read to the blind, `axis` stands below."""

    title: str
    summary: str
    axis: str
    weeks: tuple[Week, ...]
    narrow: bool = False
    name: str = "series"


def spark(values: Sequence[int], alarm: bool, words: str) -> str:
    """Return a small drawing of weekly numbers, one thin bar a week."""
    width, height = 4.0 * max(len(values), 1), 28.0
    most = max([*values, 1])
    bars = []
    for place, value in enumerate(values):
        if value:
            tall = round((height - 2) * value / most, 1)
            kind = "bar--late" if alarm and place >= len(values) - 4 else "bar"
            bars.append(
                f'<rect class="{kind}" x="{4 * place}" y="{height - tall:g}" width="3" '
                f'height="{tall:g}"/>'
            )
    return (
        f'<svg class="chart spark" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(words, quote=True)}">{"".join(bars)}'
        f'<path class="axis" d="M0 {height:g}H{width:g}"/></svg>'
    )


@dataclass
class _Frame:
    left: float
    right: float
    top: float
    bottom: float
    most: float
    step: float

    def x(self, place: int) -> float:
        return round(self.left + self.step * (place + 0.5), 1)

    def y(self, value: float) -> float:
        return round(self.bottom - (self.bottom - self.top) * min(value, self.most) / self.most, 1)


def weekly(chart: SeriesChart) -> str:
    """Return the chart of a series: bars over weeks, band, expected line, totals below."""
    width, height = (332, 236) if chart.narrow else (820, 280)
    frame = _framed(chart, width, height)
    parts = [*_title(chart), *_grid(frame), *_bound(frame, chart)]
    for place, week in enumerate(chart.weeks):
        parts += _bar(frame, place, week)
    parts += _names(frame, chart)
    parts.append(f'<path class="axis" d="M{frame.left} {frame.bottom}H{frame.right}"/>')
    parts.append(_text(frame.right, height - 4, chart.axis, anchor="end"))
    title, described = f"{chart.name}-t-{width}", f"{chart.name}-d-{width}"
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{title} {described}"><title id="{title}">{escape(chart.title)}</title>'
        f'<desc id="{described}">{escape(chart.summary)}</desc>{"".join(parts)}</svg>'
    )


def _title(chart: SeriesChart) -> list[str]:
    """Write the title, on a narrow screen over as many lines as it needs."""
    lines = wrap(chart.title, NARROW_LINE) if chart.narrow else [chart.title]
    return [_text(2, 12 + 14 * n, line, kind="strong") for n, line in enumerate(lines)]


def _framed(chart: SeriesChart, width: float, height: float) -> _Frame:
    tops = [float(week.positives) for week in chart.weeks]
    tops += [week.upper for week in chart.weeks if week.upper is not None]
    most = float(max([*tops, 3.0])) * 1.08
    left, right = 34.0, width - 10.0
    step = (right - left) / max(len(chart.weeks), 1)
    return _Frame(left, right, 46.0 if chart.narrow else 30.0, height - 62.0, most, step)


def _grid(frame: _Frame) -> list[str]:
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 500, 5000) if frame.most / n <= 5)
    parts, value = [], 0
    while value <= frame.most:
        y = frame.y(value)
        parts.append(f'<path class="grid" d="M{frame.left} {y}H{frame.right}"/>')
        parts.append(_text(frame.left - 6, y + 4, str(value), anchor="end"))
        value += every
    return parts


def _bound(frame: _Frame, chart: SeriesChart) -> list[str]:
    """Draw the band up to the bound and the line of what is expected, where they are known."""
    upper = [(n, week.upper) for n, week in enumerate(chart.weeks) if week.upper is not None]
    usual = [(n, week.expected) for n, week in enumerate(chart.weeks) if week.expected is not None]
    parts = []
    if len(upper) > 1:
        over = " L".join(f"{frame.x(n)} {frame.y(value)}" for n, value in upper)
        last, first = frame.x(upper[-1][0]), frame.x(upper[0][0])
        ground = f"{last} {frame.bottom} L{first} {frame.bottom}"
        parts.append(f'<path class="band" d="M{over} L{ground}z"/>')
    if len(usual) > 1:
        line = " L".join(f"{frame.x(n)} {frame.y(value)}" for n, value in usual)
        parts.append(f'<path class="exp" d="M{line}"/>')
    return parts


def _bar(frame: _Frame, place: int, week: Week) -> list[str]:
    wide = round(min(frame.step * 0.62, 26), 1)
    x, parts = frame.x(place), []
    timely = week.positives - week.late
    if timely:
        y = frame.y(timely)
        kind = "bar--late" if week.alarm else "bar"
        parts.append(_rect(kind, x - wide / 2, y, wide, frame.bottom - y))
    if week.late:
        y, ground = frame.y(week.positives), frame.y(timely)
        parts.append(_rect("bar--ended", x - wide / 2, y, wide, ground - y))
    if week.alarm:
        top = frame.y(week.positives) - 6
        parts.append(f'<path class="bar--late" d="M{x - 5:g} {top - 8:g}h10l-5 8z"/>')
    elif week.positives and frame.step > 18:
        above = frame.y(week.positives) - 4
        parts.append(_text(x, above, str(week.positives), anchor="middle", kind="strong halo"))
    return parts


def _names(frame: _Frame, chart: SeriesChart) -> list[str]:
    """Write week and number analysed under as many weeks as there is room for, the last always."""
    every = max(1, round(44 / frame.step))
    parts, last = [], len(chart.weeks) - 1
    for place, week in enumerate(chart.weeks):
        if (last - place) % every == 0:
            x = frame.x(place)
            parts.append(_text(x, frame.bottom + 15, week.name.partition("-")[2], anchor="middle"))
            parts.append(_text(x, frame.bottom + 31, f"/{week.total}", anchor="middle"))
    return parts


def _rect(kind: str, x: float, y: float, wide: float, tall: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{wide:g}" height="{max(tall, 0):.1f}"/>'
    )


def _text(x: float, y: float, words: str, anchor: str = "", kind: str = "") -> str:
    more = f' text-anchor="{anchor}"' if anchor else ""
    more += f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{more}>{escape(words)}</text>'
