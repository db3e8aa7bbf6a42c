from __future__ import annotations

import contextlib
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.exchange.sources import SOURCES, read_files
from lims.exchange.sources.rows import Reading
from lims.exchange.sources.tables import read_table
from lims.foundation.errors import Refusal, Refused
from tests.exchange.deliveries import ECSTASY, TEMPLATE, WEDINOS, WEDINOS_HEADER

TODAY = date(2026, 6, 1)


def wedinos(content: bytes = WEDINOS) -> Reading:
    return read_files({"samples.csv": content}, "wedinos", TODAY)


def with_row(*rows: str) -> bytes:
    return WEDINOS + "".join(row + "\n" for row in rows).encode()


def reads(reading: Reading) -> list[str]:
    return [sample.source_id for sample in reading.samples]


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.77, 0.9, 0.98])
def test_a_table_that_was_cut_off_is_refused_whole_and_the_row_is_named(share: float) -> None:
    with pytest.raises(Refused) as refused:
        wedinos(WEDINOS[: int(len(WEDINOS) * share)])
    assert "row" in str(refused.value) or "column" in str(refused.value)


def test_a_table_shorter_than_its_json_was_cut_off() -> None:
    records = [{"referenceCode": f"X{n}", "analysed": False} for n in range(9)]
    files = {"samples.csv": WEDINOS, "wedinos_raw.json": json.dumps({"records": records}).encode()}
    with pytest.raises(Refused):
        read_files(files, "wedinos", TODAY)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_json_that_was_cut_off_is_refused_whole(share: float) -> None:
    whole = json.dumps({"records": [{"referenceCode": "X", "analysed": False}] * 5}).encode()
    with pytest.raises(Refused):
        read_files({"wedinos_raw.json": whole[: int(len(whole) * share)]}, "wedinos", TODAY)


def test_json_with_fewer_records_than_it_says_was_cut_off() -> None:
    content = json.dumps({"metadata": {"totalRecords": 2}, "records": [{}]}).encode()
    with pytest.raises(Refused):
        read_files({"wedinos_raw.json": content}, "wedinos", TODAY)


@pytest.mark.parametrize("name", ["samples.csv", "detections.csv"])
@pytest.mark.parametrize("cut", [1, 2, 5, 12, 40])
def test_either_table_of_two_cut_off_refuses_both(name: str, cut: int) -> None:
    with pytest.raises(Refused):
        read_files({**ECSTASY, name: ECSTASY[name][:-cut]}, "ecstasydata", TODAY)


def test_a_detection_of_a_sample_that_is_not_there_refuses_both_files() -> None:
    lines = ECSTASY["samples.csv"].splitlines(keepends=True)
    with pytest.raises(Refused) as refused:
        read_files({**ECSTASY, "samples.csv": b"".join(lines[:-1])}, "ecstasydata", TODAY)
    assert "row 5" in str(refused.value)


def test_a_missing_table_is_named() -> None:
    with pytest.raises(Refused) as refused:
        read_files({"samples.csv": ECSTASY["samples.csv"]}, "ecstasydata", TODAY)
    assert "detections.csv" in str(refused.value)


def test_rows_of_one_sample_that_disagree_are_all_left_out() -> None:
    content = TEMPLATE.replace(b"A1;;;;;;oui", b"A1;;;;;311;oui")
    reading = read_files({"results.csv": content}, "csv", TODAY)
    assert reads(reading) == ["A2", "A3"]
    assert sorted(p.row for p in reading.problems if p.left_out) == [2, 3]


def test_a_repeated_row_counts_once_and_is_said() -> None:
    again = WEDINOS.decode().splitlines()[1]
    reading = wedinos(with_row(again))
    assert len(reading.samples) == 5
    assert reading.repeated_rows == 1
    assert [p.row for p in reading.problems if "repeats" in str(p.message)] == [7]


def test_one_reference_with_two_contents_is_left_out_both_times() -> None:
    reading = wedinos(with_row("X1,1,,2025-03-04,Pill,Ketamine,,ZZ1,,Blue,Tablet,Oral,,0,,0"))
    assert "X1" not in reads(reading)
    assert reading.left_out == 2


def test_every_row_is_a_sample_or_a_problem() -> None:
    content = with_row(
        "Z1,1,,2025-01-01,x,MDMA,,ZZ1,,Blue,Tablet,Oral,,0,,0",
        "Z2,perhaps,,2025-01-01,x,MDMA,,ZZ1,,Blue,Tablet,Oral,,0,,0",
        ",1,,2025-01-01,x,MDMA,,ZZ1,,Blue,Tablet,Oral,,0,,0",
        "Z3,1,too,many,columns,2025-01-01,x,MDMA,,ZZ1,,Blue,Tablet,Oral,,0,,0,,",
        "Z4,1",
        ",,,,,,,,,,,,,,,",
        f"Z5,1,,2025-01-01,x,{'M' * 10_001},,ZZ1,,Blue,Tablet,Oral,,0,,0",
        "Z1,1,,2025-01-01,x,MDMA,,ZZ1,,Blue,Tablet,Oral,,0,,0",
    )
    reading = wedinos(content)
    assert len(reading.samples) + reading.left_out + reading.repeated_rows == reading.sample_rows
    assert reading.sample_rows == 13


def test_a_problem_names_its_row_and_column() -> None:
    problem = wedinos(with_row("Z2,perhaps,,,,,,,,,,,,,,")).problems[-1]
    assert (problem.file, problem.row, problem.column) == ("samples.csv", 7, "analysed")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Refused) as refused:
        wedinos(b"reference_code,analysed\nX,1\n")
    assert "major_substances" in str(refused.value)


def test_characters_that_are_not_utf8_are_said_with_their_row() -> None:
    with pytest.raises(Refused) as refused:
        wedinos(WEDINOS.replace(b"Relaxed", b"Relax\xe9"))
    assert "row 2" in str(refused.value)


def test_a_stray_quotation_mark_is_said_with_its_row() -> None:
    with pytest.raises(Refused):
        wedinos(WEDINOS.replace(b"Pill", b'"Pi"ll'))


def test_a_line_break_inside_a_quoted_cell_keeps_the_rows_counted() -> None:
    content = WEDINOS.replace(b",Pill,", b',"Pill\nred",').replace(b"X4,1,", b"X4,maybe,")
    assert [p.row for p in wedinos(content).problems if p.left_out] == [6]


@given(
    source=st.sampled_from(SOURCES),
    content=st.binary(max_size=400),
    more=st.binary(max_size=200),
    name=st.sampled_from(["samples.csv", "wedinos_raw.json", "detections.csv"]),
)
def test_no_bytes_break_a_reader(source: str, content: bytes, more: bytes, name: str) -> None:
    with contextlib.suppress(Refusal):
        read_files({name: content, "samples.csv": more}, source, TODAY)


@given(st.text(max_size=300), st.integers(0, 16))
def test_no_cells_break_a_reader(text: str, place: int) -> None:
    cells = ["X9", "1", "", "2025-01-01", *["x"] * 12]
    cells.insert(place, text)
    row = ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in cells[:16]) + "\n"
    try:
        reading = wedinos((WEDINOS_HEADER + row).encode("utf-8", "surrogatepass"))
    except Refused:
        return
    assert len(reading.samples) + reading.left_out == 1


def test_detections_that_end_before_the_last_sample_were_cut_off() -> None:
    lines = ECSTASY["detections.csv"].splitlines(keepends=True)
    with pytest.raises(Refused):
        read_files({**ECSTASY, "detections.csv": b"".join(lines[:-2])}, "ecstasydata", TODAY)


def test_a_table_with_no_row_is_refused() -> None:
    with pytest.raises(Refused):
        wedinos(WEDINOS_HEADER.encode())


def test_a_table_of_thousands_of_columns_is_refused_at_once() -> None:
    wide = ",".join(f"column {at}" for at in range(50_000))
    with pytest.raises(Refused) as refused:
        read_table(f"{wide}\n".encode(), "wide.csv", {"column": ()}, ())
    assert refused.value.message.params["columns"] == 500


def test_more_records_than_anybody_has_are_refused_before_they_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lims.exchange.sources.tables.MOST_RECORDS", 10)
    with pytest.raises(Refused):
        read_table(b"column\n" + b"x\n" * 20, "long.csv", {"column": ()}, ())
