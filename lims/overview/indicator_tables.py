"""The indicators as a table of one line for each number, as CSV and as a workbook.

Every line carries its unit, what it stands on and what it counts. Texts stay texts: no cell is
computed by whoever opens it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lims.foundation.words import Message, _, say
from lims.intake.batch_sheet import harmless

Cell = str | int | float | None
FIGURES = ("value", "n", "counted", "low", "high", "quarter", "three_quarters", "missing")
COLUMNS: Mapping[str, Message] = {
    "period": _("Period"),
    "key": _("Key"),
    "section": _("Section"),
    "title": _("Indicator"),
    "split": _("Split by"),
    "part": _("Part"),
    "value": _("Value"),
    "unit": _("Unit"),
    "n": _("n (stands on)"),
    "counted": _("Counted"),
    "low": _("Interval of 95 %, low"),
    "high": _("Interval of 95 %, high"),
    "quarter": _("First quartile"),
    "three_quarters": _("Third quartile"),
    "missing": _("Without an answer or not countable"),
    "standing": _("Standing"),
}
EXPLAINED: Mapping[str, Message] = {
    "key": _("Key"),
    "section": _("Section"),
    "title": _("Indicator"),
    "unit": _("Unit"),
    "counts": _("What is counted"),
    "among": _("Among what"),
    "cannot_say": _("What it cannot say"),
    "source": _("Source of the definition"),
}
#: So that the same figures give the same file, byte for byte.
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 a workbook holds no zone


@dataclass(frozen=True)
class Sheet:
    """A table with its name; the first row is its head."""

    name: str
    rows: Sequence[Sequence[Cell]]


def sheets(told: Mapping[str, Any], language: str) -> list[Sheet]:
    """Return the numbers and the definitions of the indicators as two tables."""
    explained = [[say(words, language) for words in EXPLAINED.values()]]
    explained += [[one[key] or "" for key in EXPLAINED] for one in told["indicators"]]
    return [
        Sheet(say(_("Numbers"), language), list(numbers(told, language))),
        Sheet(say(_("Definitions"), language), explained),
    ]


def numbers(told: Mapping[str, Any], language: str) -> Iterable[list[Cell]]:
    """Give the head and one line for each figure: now, in the period before, and each part."""
    yield [say(words, language) for words in COLUMNS.values()]
    now, before = (_period(told[key]) for key in ("period", "compared"))
    for one in told["indicators"]:
        yield _line(now, one, "", "", one["now"])
        yield _line(before, one, "", "", one["before"])
        for split in one["splits"]:
            for line in split["lines"]:
                yield _line(now, one, split["by"], line["label"], line["figure"])


def _period(told: Mapping[str, Any]) -> str:
    days = f"{told['first']} – {told['last']}"
    return f"{told['name']} ({days})" if told["name"] else days


def _line(
    period: str, one: Mapping[str, Any], by: str, part: str, figure: Mapping[str, Any]
) -> list[Cell]:
    stands = figure["standing"] == "measured"
    figures: list[Cell] = [figure[key] if stands or key == "missing" else None for key in FIGURES]
    # A part may be a share where its whole is a count: a share of one has no unit.
    unit = "" if figure["kind"] == "share" else one["unit"]
    words: list[Cell] = [period, one["key"], one["section"], one["title"], by, part]
    return [*words, figures[0], unit, *figures[1:], figure["standing"]]


def csv_bytes(sheet: Sheet) -> bytes:
    """Return a table as CSV with semicolons, as Belgian spreadsheets open it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([[_plain(cell) for cell in row] for row in sheet.rows])
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    return harmless(cell) if isinstance(cell, str) else f"{cell:.10g}"


def workbook(tables: Sequence[Sheet]) -> bytes:
    """Return some tables as one workbook."""
    from openpyxl import Workbook  # heavy, and only needed here
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.active)
    for table in tables:
        sheet = book.create_sheet(table.name[:31])
        for at, row in enumerate(table.rows, start=1):
            for place, value in enumerate(row, start=1):
                _write(sheet.cell(at, place), value)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
    book.properties.created = book.properties.modified = MADE
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _write(cell: Any, value: Cell) -> None:
    """Write a number as a number, and a text that stays a text whatever it begins with."""
    if isinstance(value, str):
        cell.value = harmless(value)
        cell.data_type = "s"
    elif value is not None:
        cell.value = value
