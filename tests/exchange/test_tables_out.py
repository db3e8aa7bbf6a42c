from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.exchange import regions
from lims.exchange.column_sets import GRAINS, coarse
from lims.exchange.tables_out import neutral, write_csv, write_xlsx
from tests.exchange.leaving import WEEK


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\ufeff=1",
        "＝1",
        "＋1",
        "﹣1",
    ],
)
def test_no_text_begins_as_a_formula(text: str) -> None:
    out, book = io.BytesIO(), io.BytesIO()
    write_csv(out, ["a"], [[text]])
    cell = next(csv.reader(io.StringIO(out.getvalue().decode().split("\r\n", 1)[1], newline="")))[0]
    write_xlsx(book, ["a"], [[text]], title="=x")
    kept = openpyxl.load_workbook(io.BytesIO(book.getvalue())).active["A2"]
    for shown in (cell, kept.value):
        assert shown.startswith("'"), shown
    assert kept.data_type == "s"


@given(st.text(max_size=40))
def test_any_text_is_written_and_none_is_computed(text: str) -> None:
    out = io.BytesIO()
    shown = neutral(text)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return
    write_csv(out, ["a", "b"], [[text, "x"]], separator=";")
    rows = list(csv.reader(io.StringIO(out.getvalue().decode(), newline=""), delimiter=";"))
    assert rows[1] == [shown, "x"]
    assert not shown.lstrip().startswith(("=", "+", "-", "@"))


def test_numbers_stay_numbers() -> None:
    out = io.BytesIO()
    write_csv(out, ["a", "b", "c", "d"], [[Decimal("-1.50"), -3, True, None]])
    assert out.getvalue() == b"a,b,c,d\r\n-1.50,-3,true,\r\n"


def test_a_million_rows_are_written_without_keeping_them() -> None:
    class Nowhere(io.BytesIO):
        def write(self, data: Any) -> int:
            return len(data)

    written = write_csv(Nowhere(), ["a"], ([n] for n in range(1_000_000)))
    assert written.rows == 1_000_000


@pytest.mark.parametrize(
    ("area", "region"),
    [
        ("Ixelles", "BE1"),
        ("Bruxelles / Brussel", "BE1"),
        ("LIEGE", "BE3"),
        ("Vlaanderen", "BE2"),
        ("", "BE"),
        ("Somewhere", "BE"),
        ("Gent, Liège", "BE"),
    ],
)
def test_a_place_is_told_as_its_region_or_as_the_country(area: str, region: str) -> None:
    assert regions.region_of(area) == region


def test_days_leave_as_weeks_months_or_years() -> None:
    assert [coarse(WEEK, grain) for grain in GRAINS] == [
        "2026-W38",
        "2026-09-14",
        "2026-09",
        "2026",
    ]
