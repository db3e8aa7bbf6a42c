from __future__ import annotations

import dataclasses
import io
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.exchange.sources import read_files
from lims.exchange.sources.rows import PartnerSampleRow, Reading
from lims.exchange.sources.sheets import LIMITS, MOST_COLUMNS
from lims.foundation.errors import Refused
from lims.foundation.settings import Settings
from tests.exchange.books import table, workbook
from tests.exchange.deliveries import ECSTASY, TEMPLATE, WEDINOS
from tests.exchange.test_doors import app, client, how_many, network, run, sent
from tests.intake.sheets import with_part
from tests.makers import api_headers

__all__ = ["app", "client", "network"]
TODAY = date(2026, 6, 1)
HEADER = ["sample_id", "received", "mass_mg", "analysed", "substance", "amount", "unit"]


def read(content: bytes, source: str = "csv", name: str = "results.xlsx") -> Reading:
    return read_files({name: content}, source, TODAY)


def refused(content: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        read(content)
    return str(refusal.value.message)


def said(reading: Reading) -> list[PartnerSampleRow]:
    return [dataclasses.replace(one, file="") for one in reading.samples]


def test_a_table_and_the_same_rows_as_a_workbook_say_the_same() -> None:
    from_text = read(TEMPLATE, name="results.csv")
    from_book = read(workbook(table()))
    assert said(from_book) == said(from_text) and len(from_book.samples) == 3
    assert from_book.detection_rows == from_text.detection_rows == 3


def test_the_tables_of_every_source_may_be_workbooks() -> None:
    rows = table(WEDINOS, ",")
    for row in rows:
        row.extend([""] * (len(rows[0]) - len(row)))
    book = read(workbook(rows), "wedinos", "samples.xlsx")
    assert said(book) == said(read(WEDINOS, "wedinos", "samples.csv"))
    two = {
        name.replace("csv", "xlsx"): workbook(table(content, ","))
        for name, content in ECSTASY.items()
    }
    text = read_files(ECSTASY, "ecstasydata", TODAY)
    assert said(read_files(two, "ecstasydata", TODAY)) == said(text)


def test_days_numbers_and_ticks_of_a_spreadsheet_are_read_as_they_were_typed() -> None:
    rows = [
        HEADER,
        ["A", datetime(2025, 2, 1, 13, 5), 0.1 + 0.2, True, "MDMA", 120.30000000000001, "mg"],  # noqa: DTZ001
        ["B", date(2025, 2, 3), 250, 1, "MDMA", 0.00001, "mg"],
        [1001.0, "31/12/2024", 168.123456789, "nee", None, None, None],
    ]
    one, two, three = read(workbook(rows)).samples
    assert (one.received, two.received) == (date(2025, 2, 1), date(2025, 2, 3))
    assert three.received == date(2024, 12, 31) and three.source_id == "1001"
    assert [one.mass_mg, two.mass_mg] == [Decimal("0.3"), Decimal("250")]
    assert three.mass_mg == Decimal("168.123456789")
    assert one.detections[0].amount == Decimal("120.3")
    assert two.detections[0].amount == Decimal("0.00001")
    assert [one.analysed, two.analysed, three.analysed] == [True, True, False]
    assert (one.raw["received"], one.raw["mass_mg"]) == ("2025-02-01", "0.3")


def test_an_amount_that_the_spreadsheet_made_a_day_is_no_number() -> None:
    row = ["A", "2025-01-01", None, "yes", "MDMA", datetime(2026, 5, 1), "mg"]  # noqa: DTZ001
    reading = read(workbook([HEADER, row]))
    assert reading.samples[0].detections[0].amount is None
    assert [(p.row, p.column) for p in reading.problems] == [(2, "amount")]


@pytest.mark.parametrize(
    ("cell", "words"),
    [("=40*3", "formula"), ("#DIV/0!", "error"), ((0.35, "0.0%"), "percentage")],
)
def test_a_cell_that_does_not_hold_what_it_shows_leaves_its_whole_sample_out(
    cell: Any, words: str
) -> None:
    rows = [
        HEADER,
        ["A", "2025-01-01", None, "yes", "MDMA", 120, "mg"],
        ["A", None, None, "yes", "Caffeine", cell, "%"],
        ["B", "2025-01-01", None, "yes", "MDMA", 80, "mg"],
    ]
    reading = read(workbook(rows))
    assert [one.source_id for one in reading.samples] == ["B"]
    told = [(p.row, p.column, p.left_out) for p in reading.problems]
    assert told == [(2, "sample_id", True), (3, "amount", True)]
    assert words in str(reading.problems[1].message)
    assert reading.left_out == 2


def test_a_sample_of_which_a_detection_cannot_be_read_is_left_out_whole() -> None:
    rows = table(ECSTASY["detections.csv"], ",")
    rows[3][2] = "=20"
    files = {"samples.csv": ECSTASY["samples.csv"], "detections.xlsx": workbook(rows)}
    reading = read_files(files, "ecstasydata", TODAY)
    assert [one.source_id for one in reading.samples] == ["1", "3"]
    assert {(p.file, p.row) for p in reading.problems if p.left_out} == {
        ("samples.csv", 3),
        ("detections.csv", 3),
        ("detections.csv", 4),
    }
    rows[3][0] = "=2"
    with pytest.raises(Refused):
        read_files({**files, "detections.xlsx": workbook(rows)}, "ecstasydata", TODAY)


def test_a_percentage_sign_that_is_only_written_beside_a_number_changes_nothing() -> None:
    row = ["A", "2025-01-01", None, "yes", "MDMA", (35, '0.0" %"'), "%"]
    assert read(workbook([HEADER, row])).samples[0].detections[0].amount == 35


def test_a_row_whose_sample_cannot_be_known_refuses_the_delivery() -> None:
    rows = [
        HEADER,
        ["A", "2025-01-01", None, "yes", "MDMA", 1, "mg"],
        ["=A2", None, None, "yes", "PMMA", 1, "mg"],
    ]
    assert "row 3" in refused(workbook(rows))


def test_a_heading_that_is_a_formula_refuses_the_delivery() -> None:
    assert "heading" in refused(workbook([[*HEADER, "=1"], ["A"]]))


def test_the_sheet_with_the_columns_is_read_and_never_one_of_two() -> None:
    cover = [["Results of the service"], ["Made by", "x"]]
    reading = read(workbook(cover, [[], *table()]))
    assert [one.row for one in reading.samples] == [3, 5, 6]
    assert "several sheets" in refused(workbook(table(), cover, table()))
    assert "lacks these columns" in refused(workbook(cover))
    assert "holds no rows" in refused(workbook(table()[:1]))
    assert refused(workbook([]))


def test_a_row_that_goes_beyond_the_columns_is_told() -> None:
    rows = table()
    rows[3].append("more")
    reading = read(workbook(rows))
    assert [(p.row, p.left_out) for p in reading.problems if "columns" in str(p.message)] == [
        (4, True)
    ]


def test_a_formula_in_a_column_that_is_not_used_is_told_and_costs_no_sample() -> None:
    rows = [[*row, "" if n else "Total"] for n, row in enumerate(table())]
    rows[1][-1] = "=K2*2"
    reading = read(workbook(rows))
    assert len(reading.samples) == 3 and reading.left_out == 0
    assert [(p.row, p.column) for p in reading.problems if "formula" in str(p.message)] == [
        (2, "Total")
    ]


@pytest.mark.parametrize("as_book", [True, False])
def test_a_sample_with_a_row_of_too_many_cells_is_left_out_whole(as_book: bool) -> None:
    content = TEMPLATE.decode().replace("168,5;mg;\n", "168;5;mg;more\n")
    named = (
        {"r.xlsx": workbook(table(content.encode()))} if as_book else {"r.csv": content.encode()}
    )
    reading = read_files(named, "csv", TODAY)
    assert [one.source_id for one in reading.samples] == ["A2", "A3"]
    assert sorted(p.row for p in reading.problems if p.left_out) == [2, 3]


def test_a_short_row_without_anything_in_it_costs_no_sample() -> None:
    reading = read(TEMPLATE.replace(b"A2;2025", b";;\nA2;2025"), name="r.csv")
    assert len(reading.samples) == 3 and reading.left_out == 1


def test_columns_and_rows_beyond_the_limits_are_refused_in_words() -> None:
    assert "columns" in refused(workbook([[*HEADER, *map(str, range(MOST_COLUMNS))], ["A"]]))
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.cell(LIMITS.deepest_row + 1, 1).value = "A"
    kept = io.BytesIO()
    book.save(kept)
    assert "beyond row" in refused(kept.getvalue())


def test_two_tables_at_once_are_refused_by_name() -> None:
    with pytest.raises(Refused) as refusal:
        read_files({"a.csv": TEMPLATE, "b.xlsx": workbook(table())}, "csv", TODAY)
    assert "a.csv" in str(refusal.value.message) and "b.xlsx" in str(refusal.value.message)


WHOLE = workbook(table())
SHEET = "xl/worksheets/sheet1.xml"
CODED = '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE'
HOSTILE = {
    "entities": with_part(WHOLE, "xl/sharedStrings.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><sst/>"),
    "entities under another name": with_part(WHOLE, "xl/rows.bin", b"<!DOCTYPE a SYSTEM 'x'>"),
    "another coding": with_part(WHOLE, "xl/sharedStrings.xml", CODED.encode()),
    "macros": with_part(WHOLE, "xl/vbaProject.bin", b"\xd0\xcf"),
    "swollen": with_part(WHOLE, "xl/zeros.bin", bytes(LIMITS.unpacked_bytes + 1)),
    "tags": with_part(WHOLE, SHEET, b"<worksheet>" + b"<c/>" * LIMITS.tags),
    "old": b"\xd0\xcf\x11\xe0" + bytes(600),
    "cut off": WHOLE[: len(WHOLE) // 2],
    "another packed file": b"PK\x05\x06" + bytes(18),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_workbook_is_refused_at_every_door(
    kind: str, app: Any, client: Any, session: Session, settings: Settings, tmp_path: Path
) -> None:
    form = {"source": "csv", "act": "import"}
    page = client.post("/partners", data={**form, "files": [(io.BytesIO(HOSTILE[kind]), "r.xlsx")]})
    assert page.status_code == 409 and 'id="f-files-e"' in page.text
    told = app.test_client().post(
        "/api/exchange/imports?source=csv",
        data={"samples": (io.BytesIO(HOSTILE[kind]), "r.xlsx")},
        headers=api_headers(session, "coordinator"),
    )
    assert told.status_code == 409 and "orkbook" in told.json["detail"]
    (tmp_path / "r.xlsx").write_bytes(HOSTILE[kind])
    done = run(settings, str(tmp_path / "r.xlsx"), "--source", "csv")
    assert done.exit_code == 5 and done.stdout == "" and "orkbook" in done.stderr
    assert how_many(session) == 0


def test_a_workbook_comes_in_once_through_any_door(
    app: Any, client: Any, session: Session, settings: Settings, tmp_path: Path
) -> None:
    done = client.post("/partners", data=sent_book("import"), follow_redirects=True)
    assert done.status_code == 200 and "Samples added: 3." in done.text
    assert "Nothing new" in client.post("/partners", data=sent_book("import")).text
    again = app.test_client().post(
        "/api/exchange/imports?source=csv",
        data={"samples": (io.BytesIO(WHOLE), "r.xlsx")},
        headers=api_headers(session, "coordinator"),
    )
    assert (again.json["added"], again.json["already_known"]) == (0, 3)
    assert again.json["conflicts"] == []
    (tmp_path / "r.xlsx").write_bytes(WHOLE)
    at_terminal = run(settings, str(tmp_path), "--source", "csv", "--json")
    assert json.loads(at_terminal.stdout)["already_known"] == 3
    as_text = client.post("/partners", data=sent("import", "csv", results=TEMPLATE))
    assert "Nothing new" in as_text.text
    assert how_many(session) == 3


def sent_book(act: str) -> dict[str, Any]:
    return {"source": "csv", "act": act, "files": [(io.BytesIO(WHOLE), "r.xlsx")]}


PLAIN = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=60
).filter(lambda text: not text.startswith("=") and "_x" not in text and text not in ERRORS)
ERRORS = openpyxl.cell.cell.ERROR_CODES


@settings(max_examples=60)
@given(st.lists(st.tuples(PLAIN, PLAIN), min_size=1, max_size=5))
def test_texts_come_out_of_a_workbook_as_they_went_in(texts: list[tuple[str, str]]) -> None:
    header = ["sample_id", "analysed", "substance", "sold_as", "logo"]
    rows = [[f"S{n}", "yes", "MDMA", *cells] for n, cells in enumerate(texts)]
    reading = read(workbook([header, *rows]))
    assert len(reading.samples) == len(texts)
    for sample, cells in zip(reading.samples, texts, strict=True):
        kept = (sample.raw["sold_as"], sample.raw["logo"])
        assert kept == tuple(unmarked(cell.strip()) for cell in cells)


def unmarked(text: str) -> str:
    return text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text


@settings(max_examples=60)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.booleans())
def test_a_damaged_workbook_is_read_or_refused_and_never_a_fault(
    place: int, byte: int, cut: bool
) -> None:
    damaged = WHOLE[:place] if cut else WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :]
    try:
        read(damaged)
    except Refused as refusal:
        assert str(refusal.message)
