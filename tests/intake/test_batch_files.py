from __future__ import annotations

import io
import uuid
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lims.foundation.errors import Refused
from lims.foundation.words import Message
from lims.intake import batch_columns, batch_files
from lims.intake.batch_columns import Column, Kind
from lims.intake.batch_files import read_book
from lims.intake.batch_reading import address, read_batch, yes_or_no
from tests.intake.sheets import row, text_sheet, with_part

SITE = uuid.UUID(int=7)


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for one in rows:
        book.active.append(one)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        read_book(content)
    return str(refusal.value.message)


def test_a_file_beyond_the_limit_is_not_read() -> None:
    assert "larger than 5 MB" in refused(b"x" * (batch_files.LARGEST_FILE + 1))


def test_a_workbook_that_unpacks_to_too_much_is_not_opened() -> None:
    bomb = with_part(workbook(["form"]), "xl/media/zeros.bin", bytes(50 * 1024 * 1024))
    assert len(bomb) < 200_000
    assert "too large when it is unpacked" in refused(bomb)


def test_a_workbook_of_many_parts_is_not_opened() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        for n in range(1000):
            packed.writestr(f"xl/{n}.xml", "<a/>")
    assert "too large when it is unpacked" in refused(kept.getvalue())


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("declared", ["<!DOCTYPE a [<!ENTITY b 'c'>]>", "<!doctype a SYSTEM 'x'>"])
def test_a_workbook_that_declares_entities_is_not_opened(declared: str, coding: str) -> None:
    part = f'<?xml version="1.0" encoding="{coding}"?>{declared}<sst>&b;</sst>'
    content = with_part(workbook(["form"]), "xl/sharedStrings.xml", part.encode(coding))
    assert "declares entities" in refused(content)


def test_other_files_are_named_for_what_they_are() -> None:
    assert "password" in refused(b"\xd0\xcf\x11\xe0" + bytes(600))
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        packed.writestr("content.xml", "<office/>")
    assert "no workbook" in refused(kept.getvalue())
    assert "CSV UTF-8" in refused("form;sold_as\ncomprimé;x".encode("cp1252"))
    assert "damaged" in refused(workbook(["form"])[:700])
    assert "quotation mark" in refused(b'form;sold_as\n"a"b;c\n')


def test_a_sheet_that_goes_far_down_is_refused_in_words() -> None:
    book = openpyxl.Workbook()
    book.active.cell(1, 1).value = "form"
    book.active.cell(batch_files.DEEPEST_ROW + 5, 1).value = "tablet"
    kept = io.BytesIO()
    book.save(kept)
    assert "beyond row" in refused(kept.getvalue())


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("bom", [True, False])
def test_csv_is_read_with_any_usual_separator_and_mark(delimiter: str, bom: bool) -> None:
    book = read_book(text_sheet(row(logo="é; , x"), delimiter=delimiter, bom=bom))
    assert [cell.text for cell in book.tables[0].rows[1].cells][-1] == "é; , x"


def test_cells_are_addressed_as_a_spreadsheet_does() -> None:
    assert [address(at, 7) for at in (0, 2, 25, 26, 51, 52, 701, 702)] == [
        *("A7", "C7", "Z7", "AA7", "AZ7", "BA7", "ZZ7", "AAA7")
    ]
    assert address(None, 7) == ""


@pytest.mark.parametrize("yes", ["Yes", "oui", "JA", "x", "1", "true", "✓", "vrai", "waar"])
def test_a_yes_in_any_usual_way_is_a_yes(yes: str) -> None:
    assert yes_or_no(yes) == "yes"


COLUMNS = tuple(
    Column(key, Message(key), kind, of_visit, 40, terms)
    for key, kind, of_visit, terms in (
        ("visit", Kind.TEXT, True, {}),
        ("day", Kind.DAY, True, {}),
        ("form", Kind.CHOICE, False, {"tablet": {"fr": "comprimé", "nl": "tablet", "en": "pill"}}),
        ("sold_as", Kind.TEXT, False, {}),
        ("mass_mg", Kind.NUMBER, False, {}),
        ("effects", Kind.SEVERAL, False, {"calm": {"fr": "calme", "nl": "rustig", "en": "calm"}}),
        ("consent_destroy", Kind.YES_NO, False, {}),
    )
)
WRITTEN = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["=1", "+1", "-1", "@x", "'=1", "tablet", "comprimé", "2026-11-20", "", "oui"]),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.datetimes(),
)


def legal(value: Any) -> Any:
    if isinstance(value, str):
        return openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value)
    return value


@settings(max_examples=60)
@given(st.lists(st.lists(WRITTEN, min_size=7, max_size=7), min_size=1, max_size=6))
def test_any_cells_of_a_workbook_are_read_or_complained_about_by_their_address(
    rows: list[list[Any]],
) -> None:
    header = [one.key for one in COLUMNS]
    book = read_book(workbook(header, *([legal(value) for value in one] for one in rows)))
    try:
        told = read_batch(book, COLUMNS, SITE)
    except Refused:
        return
    for one in told.problems:
        assert one.address and one.row >= 1 and str(one.message)
    complained = {one.row for one in told.problems}
    tried = {number for visit in told.visits for number in visit.rows}
    assert tried | complained | visits_of(told, complained) == {one.number for one in told.rows}


def visits_of(told: Any, complained: set[int]) -> set[int]:
    """Return the rows that stand in one visit with a row that was complained about."""
    labels = {one.cells[0].text for one in told.rows if one.number in complained}
    return {one.number for one in told.rows if one.cells[0].text and one.cells[0].text in labels}


@settings(max_examples=80)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_sheet_or_a_refusal(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b"form;sold_as\n"):
        try:
            read_batch(read_book(start + content), COLUMNS, SITE)
        except Refused as refusal:
            assert str(refusal.message)


WHOLE = workbook(["form", "sold_as", "day"], ["tablet", "MDMA", "2026-11-20"])


@settings(max_examples=80)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.booleans())
def test_a_damaged_workbook_is_read_or_refused_and_never_a_fault(
    place: int, byte: int, cut: bool
) -> None:
    damaged = WHOLE[:place] if cut else WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :]
    try:
        read_batch(read_book(damaged), COLUMNS, SITE)
    except Refused as refusal:
        assert str(refusal.message)


def test_two_thousand_rows_are_taken_and_one_more_is_refused(session: Session) -> None:
    rows = [row(logo=str(n)) for n in range(batch_files.MOST_ROWS)]
    told = read_batch(read_book(text_sheet(*rows)), batch_columns.columns(session), SITE)
    assert len(told.rows) == batch_files.MOST_ROWS
    with pytest.raises(Refused) as refusal:
        read_batch(read_book(text_sheet(*rows, row())), batch_columns.columns(session), SITE)
    assert "at most 2000 rows" in str(refusal.value.message)


def test_a_small_workbook_of_millions_of_cells_is_not_opened() -> None:
    plain = workbook(["form", "sold_as"])
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(plain)) as packed:
        sheet = packed.read(name)
    cells = b'<row r="2">' + b"<c/>" * 6_000_000 + b"</row></sheetData>"
    bomb = with_part(plain, name, sheet.replace(b"</sheetData>", cells))
    assert len(bomb) < 200_000
    assert "too large when it is unpacked" in refused(bomb)


def test_rows_beyond_what_the_file_says_of_itself_are_not_lost() -> None:
    plain = workbook(["form", "sold_as"], ["tablet", "MDMA"], ["powder", "MDMA"])
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(plain)) as packed:
        sheet = packed.read(name)
    assert b'ref="A1:B3"' in sheet
    for said in (b'ref="A1:B2"', b'ref="A1"', b'ref="A1:XFD1048576"'):
        read = read_book(with_part(plain, name, sheet.replace(b'ref="A1:B3"', said)))
        assert [row.number for row in read.tables[0].rows] == [1, 2, 3], said


def test_a_hundred_thousand_empty_rows_with_a_colour_are_no_rows() -> None:
    plain = workbook(["form", "sold_as"], ["tablet", "MDMA"])
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(plain)) as packed:
        sheet = packed.read(name)
    empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 100_003))
    read = read_book(
        with_part(plain, name, sheet.replace(b"</sheetData>", empty + b"</sheetData>"))
    )
    assert [row.number for row in read.tables[0].rows] == [1, 2]
