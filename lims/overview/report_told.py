"""A report in one language as plain values, ready to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lims.foundation.words import LANGUAGES, NBSP, Message, _, day, say
from lims.overview import indicator_told, report_contents
from lims.overview.acts import LEVELS as LEVEL_WORDS
from lims.overview.indicator_periods import Period
from lims.overview.indicators import Board
from lims.overview.report_records import NetworkReport


@dataclass(frozen=True)
class Edition:
    """A report as it is to be told: its period, its contents, and what people wrote."""

    period: str
    edition: int
    contents: Mapping[str, Any]
    commentary: Mapping[str, str]
    changes: Mapping[str, str]
    network: str
    approved: bool = False
    demonstration: bool = False


@dataclass(frozen=True)
class Told:
    """A report in one language."""

    language: str
    title: str
    subtitle: str
    marks: tuple[str, ...]
    changes: str
    commentary: str
    sections: list[dict[str, Any]]
    alerts: list[list[str]]
    products: list[dict[str, Any]]
    products_words: tuple[str, ...]
    remarks: tuple[str, ...]
    draft: bool


def edition_of(report: NetworkReport, network: str, demonstration: bool) -> Edition:
    """Return a report as it is told and drawn."""
    return Edition(
        period=report.period,
        edition=report.edition,
        contents=report.contents,
        commentary=report.commentary,
        changes=report.changes,
        network=network,
        approved=report.state != "draft",
        demonstration=demonstration,
    )


def told(edition: Edition, language: str, *, public: bool) -> Told:
    """Return a report in one language; the public one without places and small numbers."""
    board = report_contents.board_of(edition.contents, edition.period, public=public)
    contents = edition.contents
    products = report_contents.public_substances(contents) if public else contents["substances"]
    return Told(
        language=language,
        title=say(title_words(board.period), language),
        subtitle=edition.network,
        marks=tuple(say(one, language) for one in _marks(edition, board, public)),
        changes=edition.changes.get(language, ""),
        commentary=edition.commentary.get(language, ""),
        sections=indicator_told.shown_sections(board, language),
        alerts=[_alert(one, language) for one in edition.contents["alerts"]],
        products=[_product(one, language) for one in products["products"]],
        products_words=tuple(say(one, language) for one in _products_words(products, public)),
        remarks=tuple(say(one, language) for one in REMARKS),
        draft=not edition.approved,
    )


def boards(edition: Edition, *, public: bool) -> dict[str, dict[str, Any]]:
    """Return the indicators of a report in each language, for its tables."""
    board = report_contents.board_of(edition.contents, edition.period, public=public)
    return {code: indicator_told.told_board(board, code) for code in LANGUAGES}


def title_words(period: Period) -> Message:
    """Return the title of a report."""
    if period.is_half_year:
        return _("Half-yearly report %(name)s", name=period.name)
    return _("Yearly report %(name)s", name=period.name)


REMARKS = (
    _("Proficiency rounds: none is kept in this system, so none is reported."),
    _("Times in days stand on hand-ins whose day is still known; older ones are timed in weeks."),
    _("Nothing here follows a person: visits are counted, nobody is recognised."),
)


def _marks(edition: Edition, board: Board, public: bool) -> list[Message]:
    found = [
        _("%(first)s to %(last)s", first=board.period.first, last=board.period.last),
        _("Edition %(n)s", n=edition.edition),
        _("Public version: without places, numbers from 1 to 4 kept back")
        if public
        else _("For the network: names places, not to be passed on"),
    ]
    if not edition.approved:
        found.append(_("Draft: not approved, not to be quoted"))
    if edition.demonstration:
        found.append(_("Demonstration: invented data"))
    return found


KINDS = {"alert": _("Alert"), "update": _("Update"), "withdrawal": _("Withdrawal")}


def _alert(one: Mapping[str, Any], language: str) -> list[str]:
    kind = KINDS[one["kind"]]
    level = say(LEVEL_WORDS[one["level"]], language)
    when = day(date.fromisoformat(one["day"]), language)
    return [when, one["number"], say(kind, language), level, one["headline"][language]]


def _product(one: Mapping[str, Any], language: str) -> dict[str, Any]:
    n = one["n"]
    lines = [(line["label"][language], _among(line, n, language)) for line in one["found"]]
    return {"label": one["label"][language], "n": n, "lines": lines}


def _among(line: Mapping[str, Any], n: int, language: str) -> tuple[str, str]:
    """Return in how many of n and the share; a number that is kept back is told as a range."""
    low, high = line["low"], line["high"]
    if low != high:
        words = _("%(low)s to %(high)s of %(n)s", low=low, high=high, n=n)
        return say(words, language), "–"
    share = f"{round(100 * low / n)}{NBSP}%"
    return say(_("%(counted)s of %(n)s", counted=low, n=n), language), share


def _products_words(told: Mapping[str, Any], public: bool) -> list[Message]:
    agreed = _("Among samples whose person agreed that the data are used again.")
    if told["n"] is not None:
        n = told["n"]
        agreed = _(
            "Among samples whose person agreed that the data are used again: n = %(n)s.", n=n
        )
    words = [
        agreed,
        _("A sample can hold several substances."),
        _("Numbers from 1 to 4, and numbers that leave 1 to 4, are told as a range."),
    ]
    if told["others"]:
        words.append(_("Other declared products and products not known: %(n)s.", n=told["others"]))
    if told["without_agreement"] and not public:
        n = told["without_agreement"]
        words.append(_("Left out, without that agreement: %(n)s.", n=n))
    return words
