"""A figure in words: the number with its unit, what it stands on, and why there is none."""

from __future__ import annotations

from collections.abc import Mapping

from lims.foundation.shares import SMALLEST_TOLD
from lims.foundation.words import NBSP, Message, _, number, say
from lims.overview.indicator_figures import Figure, Kind, Standing

WHY_NOT: Mapping[Standing, Message] = {
    Standing.NO_DATA: _("no data"),
    Standing.NOT_MEASURED: _("not measured yet"),
    Standing.KEPT_BACK: _("kept back"),
}
SPLIT_WORDS: Mapping[str, Message] = {
    "service type": _("By service type"),
    "area": _("By area"),
    "month": _("By month"),
    "site": _("By testing point"),
    "language": _("By language"),
    "age band": _("By age band"),
    "reason": _("By reason"),
    "form": _("By dosage form"),
    "declared product": _("By declared product"),
    "laboratory": _("By laboratory"),
    "source": _("By source"),
    "match": _("By match to what was expected"),
    "intention": _("By intention"),
    "technique": _("By technique"),
    "runs under the version": _("Runs under each version in force"),
    "version in force": _("Version in force"),
    "level": _("By level"),
    "audience": _("By audience"),
    "kind": _("By kind"),
    "kind of site": _("By kind of site"),
    "site without anything": _("Sites without anything in this period"),
    "partner": _("By partner"),
    "topic": _("By topic"),
    "report": _("Reports"),
}
FEWEST = 4
"""With fewer cases there is no half in the middle to speak of."""
MANY = 100
"""With fewer cases a share has no decimal: one case is more than one percent."""


def value_words(figure: Figure, language: str) -> str:
    """Return the figure itself; its unit stands with its title."""
    if figure.value is None or not figure.is_told:
        return say(WHY_NOT.get(figure.standing, WHY_NOT[Standing.NO_DATA]), language)
    if figure.kind is Kind.SHARE:
        return percent(figure.value, figure.n, language)
    return number(rounded(figure.value), language)


def percent(value: float, n: int, language: str) -> str:
    """Return a share of one as percent, with a decimal only where there are many cases."""
    told = round(100 * value, 1 if n >= MANY else 0)
    return f"{number(int(told) if told == int(told) else told, language)}{NBSP}%"


def rounded(value: float) -> int | float:
    """Return a number to one decimal; a whole one without."""
    told = round(value, 1)
    return int(told) if told == int(told) else told


def stands_on(figure: Figure, language: str, about: str = "") -> list[str]:
    """Return the sentences beside a figure: of how many, the interval, the middle half, missing."""
    if figure.standing is Standing.KEPT_BACK and about != "line":
        words = _(
            "a number from 1 to %(n)s stands behind it or behind a neighbour", n=SMALLEST_TOLD - 1
        )
        return [say(words, language)]
    found: list[Message] = []
    if figure.is_told and figure.kind is Kind.SHARE:
        found.append(_("%(counted)s of %(n)s", counted=figure.counted, n=figure.n))
        if figure.low is not None and figure.high is not None:
            low, high = percent(figure.low, MANY, language), percent(figure.high, MANY, language)
            found.append(_("95 %% interval: %(low)s to %(high)s", low=low, high=high))
        elif about != "line":
            found.append(_("all of them counted: no interval"))
    if figure.is_told and figure.kind in (Kind.TIMES, Kind.INDEX):
        found.append(_("n = %(n)s", n=figure.n))
    if figure.n >= FEWEST and figure.quarter is not None and figure.three_quarters is not None:
        low, high = (
            number(rounded(one), language) for one in (figure.quarter, figure.three_quarters)
        )
        found.append(_("middle half: %(low)s to %(high)s", low=low, high=high))
    if figure.missing:
        found.append(_("without an answer or not countable: %(n)s", n=figure.missing))
    return [say(one, language) for one in found]


def split_words(by: str, language: str) -> str:
    """Return the heading of a split."""
    return say(SPLIT_WORDS[by], language)
