"""Drawings of a product as SVG from plain values: every sample a dot, never a mean.

Words come in already said, so that one drawing serves three languages. Nothing here needs a style
or a script inside the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from html import escape
from math import floor, log10


@dataclass(frozen=True)
class Dot:
    """One sample: day of hand-in, content, half width of its uncertainty (k = 2)."""

    day: date
    value: Decimal
    uncertainty: Decimal | None = None


@dataclass(frozen=True)
class Line:
    """A limit, with its words."""

    value: Decimal
    words: str


@dataclass(frozen=True)
class Other:
    """Samples that hold something else instead: drawn on the ground line, by day."""

    words: str
    days: tuple[date, ...]
    late: bool = False


@dataclass(frozen=True)
class MiddleBand:
    """The middle value, and its interval where there are samples enough."""

    median: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class StripPlot:
    """What is drawn: `title` names unit and salt or base, `summary` is read to the blind."""

    title: str
    summary: str
    axis: str
    week: str
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...] = ()
    others: tuple[Other, ...] = ()
    narrow: bool = False
    name: str = "strip"
    middle: MiddleBand | None = None


@dataclass
class _Frame:
    """Where values and days lie in the picture."""

    left: float
    right: float
    top: float
    bottom: float
    first: date
    last: date
    most: float
    parts: list[str] = field(default_factory=list)

    def x(self, day: date) -> float:
        span = max((self.last - self.first).days, 1)
        inside = self.right - self.left - 30
        if self.first == self.last:
            return self.left + 15 + inside / 2
        return self.left + 15 + inside * (day - self.first).days / span

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * value / self.most


def strip_plot(plot: StripPlot) -> str:
    """Return the picture of one spread: dots with whiskers over weeks, limits as dashed lines."""
    width, height = (332, 260) if plot.narrow else (820, 330)
    frame = _framed(plot, height)
    _middle(frame, plot.middle)
    _grid(frame, plot)
    _limits(frame, plot)  # below the dots: the words of a limit hide no measurement
    for dot in plot.dots:
        _dot(frame, dot, 4.5 if plot.narrow else 5)
    _others(frame, plot.others)
    _weeks(frame, plot)
    frame.parts.append(f'<path class="axis" d="M{frame.left} {frame.bottom}H{frame.right}"/>')
    frame.parts.append(_text(frame.right, height - 8, plot.axis, anchor="end"))
    title, described = f"{plot.name}-t-{width}", f"{plot.name}-d-{width}"
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{title} {described}"><title id="{title}">{escape(plot.title)}</title>'
        f'<desc id="{described}">{escape(plot.summary)}</desc>'
        f"{_text(2, 14, plot.title, kind='strong')}{''.join(frame.parts)}</svg>"
    )


def _framed(plot: StripPlot, height: float) -> _Frame:
    days = [dot.day for dot in plot.dots] + [day for other in plot.others for day in other.days]
    first, last = (min(days), max(days)) if days else (date(2000, 1, 3), date(2000, 1, 3))
    tops = [float(dot.value + (dot.uncertainty or 0)) for dot in plot.dots]
    tops += [float(line.value) * 1.05 for line in plot.lines]
    most = max([*tops, 0.001])
    step = tick_step(most, 3 if plot.narrow else 5)
    left, right = (44, 324) if plot.narrow else (46, 664)
    top = step * (int(most / step) + 1)
    bottom = height - (44 if plot.narrow else 40)
    return _Frame(left, right, 40, bottom, first, last, top)


def tick_step(most: float, about: int) -> float:
    """Return a round distance between lines, 1, 2 or 5 times a power of ten."""
    rough = most / about
    power: float = 10.0 ** floor(log10(rough))
    return next(part * power for part in (1, 2, 5, 10) if part * power >= rough)


def _grid(frame: _Frame, plot: StripPlot) -> None:
    step = tick_step(frame.most, 3 if plot.narrow else 5)
    value = 0.0
    while value <= frame.most * 1.0001:
        y = round(frame.y(value), 1)
        frame.parts.append(f'<path class="grid" d="M{frame.left} {y}H{frame.right}"/>')
        frame.parts.append(_text(frame.left - 6, y + 4, f"{value:g}", anchor="end"))
        value += step


def _middle(frame: _Frame, middle: MiddleBand | None) -> None:
    """Draw the interval of the middle value as a band and the value itself as a dotted line."""
    if middle is None:
        return
    if middle.low is not None and middle.high is not None:
        top, bottom = frame.y(float(middle.high)), frame.y(float(middle.low))
        sides = f'x="{frame.left}" width="{frame.right - frame.left}"'
        high = max(1.0, bottom - top)
        frame.parts.append(f'<rect class="band" {sides} y="{top:.1f}" height="{high:.1f}"/>')
    y = round(frame.y(float(middle.median)), 1)
    frame.parts.append(f'<path class="exp" d="M{frame.left} {y}H{frame.right}"/>')


def _limits(frame: _Frame, plot: StripPlot) -> None:
    for line in plot.lines:
        y = round(frame.y(float(line.value)), 1)
        frame.parts.append(f'<path class="limit" d="M{frame.left} {y}H{frame.right}"/>')
        if plot.narrow:
            frame.parts.append(_text(frame.left + 4, y - 5, line.words, kind="halo"))
        else:
            frame.parts.append(_text(frame.right + 8, y + 4, line.words))


def _dot(frame: _Frame, dot: Dot, radius: float) -> None:
    x, value = round(frame.x(dot.day), 1), float(dot.value)
    if dot.uncertainty:
        spread = float(dot.uncertainty)
        ends = round(frame.y(value + spread), 1), round(frame.y(max(value - spread, 0)), 1)
        frame.parts.append(f'<path class="whisk" d="M{x} {ends[0]}V{ends[1]}"/>')
    y = round(frame.y(value), 1)
    frame.parts.append(f'<circle class="dot" cx="{x}" cy="{y}" r="{radius}"/>')


def _others(frame: _Frame, others: Iterable[Other]) -> None:
    """Draw what was found instead as lozenges near the ground, one row per substance."""
    for row, other in enumerate(others):
        y = frame.bottom - 16 - 18 * row
        kind = "dot--late" if other.late else "dot dot--alt"
        places = sorted({round(frame.x(day), 1) for day in other.days})
        for x in places:
            frame.parts.append(f'<path class="{kind}" d="M{x} {y}l7 7-7 7-7-7z"/>')
        on_left = places[0] > (frame.left + frame.right) / 2
        x = places[0] - 14 if on_left else places[-1] + 14
        anchor = "end" if on_left else "start"
        frame.parts.append(_text(x, y + 11, other.words, anchor=anchor, kind="strong halo"))


def _weeks(frame: _Frame, plot: StripPlot) -> None:
    """Mark the weeks of hand-in (ISO 8601), as many as there is room for."""
    weeks = _mondays(frame.first, frame.last)
    every = -(-len(weeks) // (5 if plot.narrow else 12))
    before = -100.0
    for place, monday in enumerate(weeks):
        x = round(frame.x(min(max(monday, frame.first), frame.last)), 1)
        if place % every == 0 and x - before > 30:
            before = x
            words = plot.week.replace("%", str(monday.isocalendar().week))
            frame.parts.append(_text(x, frame.bottom + 17, words, anchor="middle"))
            frame.parts.append(f'<path class="axis" d="M{x} {frame.bottom}v4"/>')


def _mondays(first: date, last: date) -> Sequence[date]:
    monday = first - timedelta(days=first.weekday())
    count = (last - monday).days // 7 + 1
    return [monday + timedelta(weeks=place) for place in range(count)]


def _text(x: float, y: float, words: str, anchor: str = "", kind: str = "") -> str:
    more = f' text-anchor="{anchor}"' if anchor else ""
    more += f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{more}>{escape(words)}</text>'
