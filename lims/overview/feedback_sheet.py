"""The feedback of an institution on paper, A4, in one language, drawn from plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lims.custody.paper import Paper
from lims.foundation.words import Message, _, number, say

WIDTHS = (88.0, 40.0, 50.0)
KEPT_BACK = _("kept back")
REMARK = _(
    "Numbers of the others are kept back (never one to four, never of a single institution) so "
    "that no other institution can be recognised. Intervals are 95 per cent Wilson intervals, for "
    "chance alone. Samples that were withdrawn are not counted."
)


def draw_feedback(it: Mapping[str, Any], language: str, demonstration: bool) -> bytes:
    """Return the feedback (as `shown_feedback` gives it) as a PDF."""
    title = say(_("Feedback: %(name)s", name=it["institution"]), language)
    paper = Paper(title, language, demonstration=demonstration)
    paper.title(title)
    period = {"first": it["since"], "last": it["until"]}
    paper.line(say(_("Samples handed in from %(first)s to %(last)s", **period), language), 10)
    for heading, lines in (
        (_("Samples"), it["states"]),
        (_("By form"), it["forms"]),
        (_("Level of danger"), it["dangers"]),
        (_("Not analysed, because"), it["reasons"]),
    ):
        if lines:
            _compared(paper, heading, lines, language)
    _declared(paper, it["declared"], language)
    _times(paper, it, language)
    _dangerous(paper, it["dangerous"], language)
    paper.line(say(REMARK, language), 9)
    return paper.bytes()


def _heading(paper: Paper, words: Message, language: str) -> None:
    paper.line(say(words, language), 12, bold=True)


def _compared(
    paper: Paper, heading: Message, lines: Sequence[Mapping[str, Any]], language: str
) -> None:
    _heading(paper, heading, language)
    head = ["", say(_("Your samples"), language), say(_("All others together"), language)]
    rows = [
        [one["words"], str(one["own"]), _kept(one["others"], language)]
        for one in lines
        if one["own"] or one["others"] != 0
    ]
    paper.table([head, *rows], WIDTHS, right=(1, 2))


def _kept(value: int | None, language: str) -> str:
    return say(KEPT_BACK, language) if value is None else str(value)


def _declared(paper: Paper, lines: Sequence[Mapping[str, Any]], language: str) -> None:
    if not lines:
        return
    _heading(paper, _("Held what it was sold as"), language)
    titles = (_("Sold as"), _("Your samples"), _("Yours, per cent"), _("Others, per cent"))
    rows = [
        [
            one["words"],
            str(one["own"]),
            _share(one["held"], language),
            say(KEPT_BACK, language) if one["others"] is None else _share(one["others"], language),
        ]
        for one in lines
    ]
    head = [say(words, language) for words in titles]
    paper.table([head, *rows], (58, 30, 45, 45), right=(1, 2, 3))


def _share(one: Mapping[str, Any], language: str) -> str:
    if one["percent"] is None:
        return "–"
    told = {name: number(one[name], language) for name in ("percent", "low", "high")}
    return f"{told['percent']} ({told['low']}–{told['high']}), n = {one['of']}"


def _times(paper: Paper, it: Mapping[str, Any], language: str) -> None:
    _heading(paper, _("From hand-in to released finding, in days"), language)
    titles = ("", _("Number"), _("Median"), _("Middle half"))
    rows = [
        [say(words, language), *_spread(it[name], language)]
        for words, name in (
            (_("Your samples"), "own_days"),
            (_("All others together"), "others_days"),
        )
    ]
    head = [say(one, language) if one else "" for one in titles]
    paper.table([head, *rows], (70, 28, 34, 46), right=(1, 2, 3))


def _spread(one: Mapping[str, Any] | None, language: str) -> list[str]:
    if one is None:
        return ["–", "–", "–"]
    half = f"{number(one['quarter'], language)}–{number(one['three_quarters'], language)}"
    return [str(one["n"]), number(one["median"], language), half]


def _dangerous(paper: Paper, lines: Sequence[Mapping[str, Any]], language: str) -> None:
    _heading(paper, _("Your dangerous findings"), language)
    if not lines:
        paper.line(say(_("None in this time."), language), 10)
        return
    titles = (_("Sample"), _("Week"), _("Sold as"), _("Found"), _("Level"))
    rows = [
        [one["code"], one["week"], one["sold_as"], ", ".join(one["found"]), one["level"]]
        for one in lines
    ]
    head = [say(words, language) for words in titles]
    paper.table([head, *rows], (30, 26, 36, 54, 32))
