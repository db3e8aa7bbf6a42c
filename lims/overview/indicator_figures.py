"""What an indicator says: a count, a share, times or a diversity, each with what it stands on.

"No data" is not nought, and "not measured yet" is neither. Small numbers about people are kept
back here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from lims.foundation.shares import SMALLEST_TOLD, wilson

Label = Mapping[str, str]
"""Words by language; a name has the same in each."""


class Standing(StrEnum):
    """Whether there is a figure, and why not."""

    MEASURED = "measured"
    NO_DATA = "no data"
    NOT_MEASURED = "not measured"
    KEPT_BACK = "kept back"


class Kind(StrEnum):
    """How a figure is made."""

    COUNT = "count"
    SHARE = "share"
    TIMES = "times"
    INDEX = "index"


@dataclass(frozen=True)
class Figure:
    """One figure: `n` is what it stands on, `counted` the numerator of a share."""

    kind: Kind
    standing: Standing
    value: float | None = None
    n: int = 0
    counted: int | None = None
    low: float | None = None
    high: float | None = None
    quarter: float | None = None
    three_quarters: float | None = None
    missing: int = 0

    @property
    def is_told(self) -> bool:
        return self.standing is Standing.MEASURED


@dataclass(frozen=True)
class Line:
    """One part of a split: its code, its words, its figure."""

    key: str
    label: Label
    figure: Figure


@dataclass(frozen=True)
class Split:
    """An indicator by site, month … `by` is what it is split by."""

    by: str
    lines: tuple[Line, ...]
    kept_back: bool = False


@dataclass(frozen=True)
class Indicator:
    """The figure of one definition for one period, with its splits."""

    key: str
    figure: Figure
    splits: tuple[Split, ...] = field(default_factory=tuple)


def kept(indicator: Indicator) -> dict[str, Any]:
    """Return an indicator as plain values that JSON can hold."""
    return asdict(indicator)


def read_kept(told: Mapping[str, Any]) -> Indicator:
    """Return the indicator that was kept as plain values."""
    splits = tuple(
        Split(
            one["by"],
            tuple(
                Line(line["key"], line["label"], _figure(line["figure"])) for line in one["lines"]
            ),
            one["kept_back"],
        )
        for one in told["splits"]
    )
    return Indicator(told["key"], _figure(told["figure"]), splits)


def _figure(told: Mapping[str, Any]) -> Figure:
    given = {**told, "kind": Kind(told["kind"]), "standing": Standing(told["standing"])}
    return Figure(**given)


NOT_MEASURED = Figure(Kind.COUNT, Standing.NOT_MEASURED)


def count(n: int, missing: int = 0) -> Figure:
    """Return a count; nought is a figure."""
    return Figure(Kind.COUNT, Standing.MEASURED, float(n), n, n, missing=missing)


def nothing(kind: Kind, missing: int = 0) -> Figure:
    """Return that there is nothing to count in or to time."""
    return Figure(kind, Standing.NO_DATA, missing=missing)


def share(counted: int, n: int, missing: int = 0, *, whole: bool = False) -> Figure:
    """Return a share with its interval of 95 %, or that there is no data.

    `whole`: every case there is was counted, so that there is no interval.
    """
    if not n:
        return nothing(Kind.SHARE, missing)
    low, high = (None, None) if whole else wilson(counted, n)
    return Figure(
        Kind.SHARE, Standing.MEASURED, counted / n, n, counted, low, high, missing=missing
    )


def times(spent: Mapping[float, int], missing: int = 0) -> Figure:
    """Return the median and the quartiles of times, given as time → how many took it.

    By linear interpolation between the closest ranks (Hyndman and Fan 1996, type 7).
    """
    n = sum(spent.values())
    if not n:
        return nothing(Kind.TIMES, missing)
    ordered = sorted((at, many) for at, many in spent.items() if many)
    low, middle, high = (_quantile(ordered, n, part) for part in (0.25, 0.5, 0.75))
    return Figure(
        *(Kind.TIMES, Standing.MEASURED, middle, n),
        quarter=low,
        three_quarters=high,
        missing=missing,
    )


def _quantile(ordered: Sequence[tuple[float, int]], n: int, part: float) -> float:
    place = (n - 1) * part
    below = int(place)
    first = _ranked(ordered, below)
    second = _ranked(ordered, min(below + 1, n - 1))
    return first + (second - first) * (place - below)


def _ranked(ordered: Sequence[tuple[float, int]], rank: int) -> float:
    seen = 0
    for at, many in ordered:
        seen += many
        if rank < seen:
            return at
    return ordered[-1][0]


def effective_kinds(counts: Sequence[int]) -> Figure:
    """Return how many kinds there would be if all were equally frequent: 1 / Σ p².

    E. H. Simpson, Nature 163 (1949) 688; the number of order 2 of M. O. Hill, Ecology 54 (1973)
    427–432. One kind alone gives 1, k equally frequent kinds give k.
    """
    n = sum(counts)
    if not n:
        return nothing(Kind.INDEX)
    value = n * n / sum(one * one for one in counts)
    return Figure(Kind.INDEX, Standing.MEASURED, value, n)


# ------------------------------------------------------------------------------------------------
# Small numbers.
# ------------------------------------------------------------------------------------------------


def is_small(figure: Figure) -> bool:
    """Tell whether a figure shows one to four people: in all, with a trait or without it."""
    parts = [figure.n]
    if figure.kind is Kind.SHARE and figure.counted is not None:
        parts += [figure.counted, figure.n - figure.counted]
    return any(0 < one < SMALLEST_TOLD for one in parts)


def guarded(whole: Figure, split: Split) -> Split:
    """Return a split in which no part shows one to four people, nor does a difference.

    A whole below the smallest number is not split. Parts that are too small are kept back, and
    with them the next smallest, until those kept back are two at least and together no longer
    small: what is missing from the whole is then no small number either. Parts that are counts
    have their own sum as whole: an indicator may count kinds, and its parts how many of each.
    """
    counts = [line.figure.n for line in split.lines if line.figure.kind is Kind.COUNT]
    n = sum(counts) if len(counts) == len(split.lines) else whole.n
    if n < SMALLEST_TOLD or not whole.is_told:
        return Split(split.by, (), kept_back=whole.is_told and bool(split.lines))
    small = {line.key for line in split.lines if _must_hide(line.figure)}
    if not small:
        return split
    by_size = sorted(
        (line for line in split.lines if line.figure.n), key=lambda one: (one.figure.n, one.key)
    )
    for line in by_size:
        hidden = [one for one in split.lines if one.key in small]
        if len(hidden) > 1 and _leaves_open(hidden):
            break
        small.add(line.key)
    lines = tuple(
        replace(line, figure=Figure(line.figure.kind, Standing.KEPT_BACK))
        if line.key in small
        else line
        for line in split.lines
    )
    return Split(split.by, lines, kept_back=True)


def _must_hide(figure: Figure) -> bool:
    return is_small(figure) or figure.standing is Standing.KEPT_BACK


def _leaves_open(hidden: Sequence[Line]) -> bool:
    """Tell whether any of these parts could be five: none has nought, for that would be told."""
    together = _together(hidden)
    spare = together.n - (len(hidden) - 1) >= SMALLEST_TOLD
    return spare and not is_small(together)


def _together(lines: Sequence[Line]) -> Figure:
    n = sum(one.figure.n for one in lines)
    counted = sum(one.figure.counted or 0 for one in lines)
    return Figure(lines[0].figure.kind, Standing.MEASURED, None, n, counted)


def for_people(indicator: Indicator) -> Indicator:
    """Return an indicator about people with its splits guarded."""
    splits = tuple(guarded(indicator.figure, one) for one in indicator.splits)
    return replace(indicator, splits=splits)


def for_everybody(indicator: Indicator, *, of_kinds: bool = False) -> Indicator:
    """Return an indicator as it may be published: its whole kept back too when it is small.

    `of_kinds`: the whole counts kinds, of which four are no four samples.
    """
    if is_small(indicator.figure) and not of_kinds:
        hidden = Figure(indicator.figure.kind, Standing.KEPT_BACK)
        return Indicator(indicator.key, hidden)
    return for_people(indicator)
