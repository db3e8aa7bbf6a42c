"""What a public report may tell when others of the same time have been published already.

A year less one of its halves is the other half, and a second edition less the first is what was
corrected: from one to four samples or people may be neither told nor left over. So a number that
would differ that little from an earlier edition stays as it was told, one that would leave a small
rest is kept back, and what was kept back once stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from lims.foundation.shares import SMALLEST_TOLD
from lims.overview.indicator_figures import (
    Figure,
    Indicator,
    Line,
    Split,
    Standing,
    for_everybody,
    read_kept,
)

Days = tuple[date, date]


@dataclass(frozen=True)
class Published:
    """What everybody has read of one period."""

    days: Days
    indicators: Mapping[str, Indicator]
    substances: Mapping[str, Any]


def read_published(told: Iterable[Mapping[str, Any]]) -> list[Published]:
    """Return what was kept of the reports that everybody has read."""
    return [
        Published(
            (date.fromisoformat(one["first"]), date.fromisoformat(one["last"])),
            {key: read_kept(kept) for key, kept in one["now"].items()},
            one["substances"],
        )
        for one in told
    ]


def overlap(one: Days, other: Days) -> bool:
    """Tell whether two periods share a day."""
    return one[0] <= other[1] and other[0] <= one[1]


def is_little(number: float) -> bool:
    """Tell whether so many, more or fewer, would be one to four."""
    return 0 < abs(number) < SMALLEST_TOLD


def told_beside(
    mine: Indicator, days: Days, published: Sequence[Published], *, of_kinds: bool = False
) -> Indicator:
    """Return an indicator as everybody may read it, beside all that they have read before."""
    known = [
        (one.days, one.indicators[mine.key]) for one in published if mine.key in one.indicators
    ]
    figures = [(when, there.figure) for when, there in known]
    figure = mine.figure if of_kinds else _beside(mine.figure, days, figures)
    if figure.standing is Standing.KEPT_BACK:
        return Indicator(mine.key, Figure(figure.kind, Standing.KEPT_BACK))
    splits = tuple(_split(one, days, known) for one in mine.splits)
    return for_everybody(replace(mine, figure=figure, splits=splits), of_kinds=of_kinds)


def _split(split: Split, days: Days, known: Sequence[tuple[Days, Indicator]]) -> Split:
    lines = []
    for line in split.lines:
        there = [(when, _part(one, split.by, line)) for when, one in known]
        lines.append(replace(line, figure=_beside(line.figure, days, there)))
    return replace(split, lines=tuple(lines))


def _part(there: Indicator, by: str, line: Line) -> Figure:
    """Return what was told of a part: kept back with its split, none when it had no line."""
    kind = line.figure.kind
    split = next((one for one in there.splits if one.by == by), None)
    if split is None or (split.kept_back and not split.lines):
        return Figure(kind, Standing.KEPT_BACK)
    found = next((one.figure for one in split.lines if one.key == line.key), None)
    return found or Figure(kind, Standing.NO_DATA)


def _beside(figure: Figure, days: Days, known: Sequence[tuple[Days, Figure]]) -> Figure:
    """Return a figure, the one that was told before, or that it is kept back."""
    hidden = replace(figure, standing=Standing.KEPT_BACK)  # its number is summed, then let go
    same = [there for when, there in known if when == days]
    parts = [there for when, there in known if when != days and _holds(days, when)]
    wholes = [there for when, there in known if when != days and _holds(when, days)]
    if any(one.standing is Standing.KEPT_BACK for one in (*same, *parts)):
        return hidden
    if same:
        return same[-1] if _differs_little([figure], same[-1:]) else figure
    rests = [([figure], [one]) for one in (*parts, *wholes) if one.is_told]
    rests += [([figure], parts)] if len(parts) > 1 else []
    return hidden if any(_differs_little(*one) for one in rests) else figure


def _holds(whole: Days, part: Days) -> bool:
    return whole[0] <= part[0] and part[1] <= whole[1]


def _differs_little(some: Sequence[Figure], others: Sequence[Figure]) -> bool:
    n = sum(one.n for one in some) - sum(one.n for one in others)
    counted = sum(one.counted or 0 for one in some) - sum(one.counted or 0 for one in others)
    return any(is_little(one) for one in (n, counted, n - counted))


# ------------------------------------------------------------------------------------------------
# Substances by declared product.
# ------------------------------------------------------------------------------------------------


def substances_beside(
    mine: Mapping[str, Any], days: Days, published: Sequence[Published]
) -> dict[str, Any]:
    """Return the table of substances as everybody may read it beside the tables before."""
    known = [one for one in published if overlap(days, one.days) and one.substances]
    products = []
    for product in mine["products"]:
        told = _product(product, days, known)
        if told is not None:
            products.append(told)
    n = mine["n"]
    if any(is_little(n - (one.substances["n"] or 0)) for one in known):
        return {**mine, "products": products, "n": None, "others": None}
    others = n - sum(one["n"] for one in products)
    spent = [one.substances["others"] for one in known if one.substances["others"] is not None]
    if is_little(others) or any(is_little(others - one) for one in spent):
        return {**mine, "products": products, "n": None, "others": None}
    return {**mine, "products": products, "others": others}


def _product(
    product: Mapping[str, Any], days: Days, known: Sequence[Published]
) -> dict[str, Any] | None:
    found = dict(product)
    for one in known:
        there = next((p for p in one.substances["products"] if _is(p, product)), None)
        if there is None:
            if not _holds(one.days, days) or one.days == days:
                return None
            continue
        if one.days == days and (is_little(found["n"] - there["n"]) or found["n"] == there["n"]):
            return dict(there)
        if is_little(found["n"] - there["n"]):
            return None
        rest = found["n"] - there["n"]
        found["found"] = [line for line in found["found"] if _may_stay(line, there, rest)]
    return found


def _may_stay(line: Mapping[str, Any], there: Mapping[str, Any], rest: int) -> bool:
    """Tell whether how often a substance was found leaves no small rest; ranges leave none."""
    if line["low"] != line["high"]:
        return True
    before = next((one for one in there["found"] if _is(one, line)), None)
    if before is None or before["low"] != before["high"]:
        return False
    left = line["low"] - before["low"]
    return not is_little(left) and not is_little(rest - left)


def _is(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["label"]["en"] == other["label"]["en"])
