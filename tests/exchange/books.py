"""Makers of workbooks for the tests of deliveries. Everything in them is synthetic."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import openpyxl

from tests.exchange.deliveries import TEMPLATE


def workbook(*sheets: Sequence[Sequence[Any]]) -> bytes:
    """Return sheets of rows as XLSX; a cell is a value, or a value with its number format."""
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.worksheets[0] if number == 0 else book.create_sheet()
        for down, row in enumerate(rows, start=1):
            for across, value in enumerate(row, start=1):
                plain, shown = value if isinstance(value, tuple) else (value, None)
                cell = sheet.cell(down, across)
                cell.value = plain
                cell.number_format = shown or cell.number_format
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def table(content: bytes = TEMPLATE, delimiter: str = ";") -> list[list[Any]]:
    """Return the cells of a delivery as texts."""
    return [list(row) for row in csv.reader(io.StringIO(content.decode()), delimiter=delimiter)]
