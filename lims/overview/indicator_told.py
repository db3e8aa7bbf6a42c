"""The indicators as plain values in one language: for programs, files, pages and reports."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lims.overview import indicator_charts, indicator_words
from lims.overview.indicator_definitions import Definition, definitions
from lims.overview.indicator_figures import Figure, Indicator, Kind, Split
from lims.overview.indicator_periods import Period
from lims.overview.indicators import Board, Row


def told_board(board: Board, tongue: str) -> dict[str, Any]:
    """Return the indicators as plain values in one language."""
    return {
        "period": told_period(board.period),
        "compared": told_period(board.compared),
        "sites": None if board.sites is None else list(board.sites),
        "definitions_version": definitions().version,
        "indicators": [_told_row(row, tongue) for row in board.rows],
    }


def told_period(period: Period) -> dict[str, Any]:
    """Return a period as plain values."""
    return {
        "name": period.name,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "weeks": period.weeks,
    }


def _told_row(row: Row, tongue: str) -> dict[str, Any]:
    return {
        **told_definition(row.definition, tongue),
        "now": told_figure(row.now.figure),
        "before": told_figure(row.before.figure),
        "splits": [_told_split(one, tongue) for one in row.now.splits],
    }


def told_definition(one: Definition, tongue: str) -> dict[str, Any]:
    """Return a definition as plain values in one language."""
    return {
        "key": one.key,
        "section": one.section.title[tongue],
        "title": one.title[tongue],
        "kind": str(one.kind),
        "unit": one.unit[tongue],
        "counts": one.counts[tongue],
        "among": one.among[tongue] if one.among else None,
        "cannot_say": one.cannot[tongue],
        "source": one.source[tongue],
        "about": one.about,
        "scope": "network" if one.whole_network else "own",
    }


def told_figure(figure: Figure) -> dict[str, Any]:
    """Return a figure as plain values; what is not known is null."""
    told = asdict(figure)
    return {
        key: str(value) if key in ("kind", "standing") else value for key, value in told.items()
    }


def _told_split(one: Split, tongue: str) -> dict[str, Any]:
    lines = [
        {"key": line.key, "label": line.label[tongue], "figure": told_figure(line.figure)}
        for line in one.lines
    ]
    return {"by": one.by, "kept_back": one.kept_back, "lines": lines}


# ------------------------------------------------------------------------------------------------
# The page.
# ------------------------------------------------------------------------------------------------


def shown_sections(board: Board, tongue: str) -> list[dict[str, Any]]:
    """Return the sections of the page, each with its indicators in words."""
    rows = {row.definition.key: row for row in board.rows}
    return [
        {
            "key": section.key,
            "title": section.title[tongue],
            "indicators": [_shown(rows[one.key], tongue) for one in definitions().within(section)],
        }
        for section in definitions().sections
    ]


def _shown(row: Row, tongue: str) -> dict[str, Any]:
    one = row.definition
    return {
        **told_definition(one, tongue),
        "counted_in": _counted_in(one, tongue),
        "value": indicator_words.value_words(row.now.figure, tongue),
        "is_told": row.now.figure.is_told,
        "beside": indicator_words.stands_on(row.now.figure, tongue),
        "before": indicator_words.value_words(row.before.figure, tongue),
        "before_beside": indicator_words.stands_on(row.before.figure, tongue),
        "splits": shown_splits(row.now, tongue),
    }


def _counted_in(one: Definition, tongue: str) -> str:
    """Return the unit to stand with a title; nothing where the title says it or it is percent."""
    unit = one.unit[tongue]
    return "" if one.kind is Kind.SHARE or unit.lower() == one.title[tongue].lower() else unit


def shown_splits(indicator: Indicator, tongue: str) -> list[dict[str, Any]]:
    """Return the splits of an indicator in words, each with its chart."""
    return [
        {
            "title": indicator_words.split_words(one.by, tongue),
            "kept_back": one.kept_back,
            "chart": indicator_charts.bars(one, tongue),
            "lines": [
                {
                    "label": line.label[tongue],
                    "value": indicator_words.value_words(line.figure, tongue),
                    "is_told": line.figure.is_told,
                    "n": line.figure.n if line.figure.is_told else None,
                    "beside": indicator_words.stands_on(line.figure, tongue, "line"),
                }
                for line in one.lines
            ],
        }
        for one in indicator.splits
        if one.lines or one.kept_back
    ]
