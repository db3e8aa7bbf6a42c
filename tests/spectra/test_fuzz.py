"""No file crashes, hangs or fills the memory; `scripts/fuzz_readers.py` goes on for hours."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.spectra.reading import each
from scripts.fuzz_readers import look, mutated
from tests.spectra import files

#: Seconds of a processor for a file of a few kilobytes; what else the machine does is not counted.
LONGEST = 2.0
UNFORESEEN = "no reader foresees"


def look_in_time(data: bytes, name: str) -> None:
    started = time.process_time()
    for said in look(data, name):
        assert UNFORESEEN not in said, (said, data)
    assert time.process_time() - started < LONGEST


@pytest.mark.parametrize("name", files.EVERY)
def test_a_file_cut_anywhere_is_read_or_refused(name: str) -> None:
    data = files.EVERY[name]
    for end in range(0, len(data), max(len(data) // 150, 1)):
        look_in_time(data[:end], name)


@pytest.mark.parametrize("name", files.EVERY)
@settings(max_examples=80)
@given(seed=st.integers(0, 2**63), times=st.integers(1, 12))
def test_a_damaged_file_is_read_or_refused(name: str, seed: int, times: int) -> None:
    look_in_time(mutated(files.EVERY[name], seed, times), name)


@settings(max_examples=120)
@given(data=st.binary(max_size=3000), name=st.sampled_from([*files.EVERY, "upload"]))
def test_bytes_without_meaning_are_read_or_refused(data: bytes, name: str) -> None:
    look_in_time(data, name)
    for first in (
        b"\n\n\xfe\xfe",
        b"CDF\x01",
        b"\0K\0\0",
        b"##TITLE=\n",
        b"Name: \nNum Peaks: 1\n",
    ):
        look_in_time(first + data, name)


@settings(max_examples=100)
@given(text=st.text(max_size=600), name=st.sampled_from([*files.EVERY, "upload"]))
def test_text_without_meaning_is_read_or_refused(text: str, name: str) -> None:
    look_in_time(text.encode("utf-8", errors="replace"), name)


@settings(max_examples=80)
@given(
    rows=st.lists(st.text("0123456789+-.,;eE@ABCabcJKLjklSTUs% ?\t()nX", max_size=60), max_size=30)
)
def test_numbers_without_meaning_are_read_or_refused(rows: list[str]) -> None:
    look_in_time(files.jcamp(rows, [1, 2]), "x.dx")
    look_in_time("\n".join(rows).encode(), "x.csv")
    look_in_time(b"Name: a\nNum Peaks: 2\n" + "\n".join(rows).encode(), "x.msp")


@pytest.mark.parametrize(
    "data",
    [
        files.jcamp(["0A1" + "s99" * 20_000]),
        files.jcamp(["0A1S1999999"] * 3),
        b"##TITLE=\n" * 30_000,
        b"##TITLE=\n##NTUPLES=\n" + b"##PAGE=1\n##DATA TABLE=(XY..XY)\n1,1\n" * 5_000,
        b"Name: a\nNum Peaks: 1\n" + b"4" * 400_000,
        b"1," * 200_000,
        b"(" * 200_000 + b"\n1,2\n3,4",
        b"##TITLE=a\n##XYDATA=" + b"(" * 100_000 + b"\n",
        b"> <" + b"<" * 100_000 + b"\n$$$$\n",
        b"<mzML>" * 20_000,
        b"Name: a\nNum Peaks: 1\n" + b"\n" * 3_000_000,
        b"##TITLE=a\n##XYDATA=(X++(Y..Y))\n1 2" + b" " * 1_000_000 + b"!",
        b"1 2\n3 4\n" + b" " * 300_000 + b"!",
        b"##TITLE=a\n##FIRSTX=" + b"4" * 1_000_000 + b"x\n##XYDATA=(X++(Y..Y))\n1 2\n",
        b"\n" * 60_000 + b"1 2\n",
    ],
    ids=lambda data: str(len(data)),
)
def test_files_made_to_hang_or_to_swell_do_neither(data: bytes) -> None:
    started = time.process_time()
    for said in look(data, "upload"):
        assert UNFORESEEN not in said
    assert time.process_time() - started < 10 * LONGEST
    tracemalloc.start()  # it slows what it watches, so the time is taken before
    assert all(look(data, "upload"))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 250_000_000


def test_a_stream_without_line_ends_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.msp"
    with path.open("wb") as file:
        file.write(b"Name: a\nNum Peaks: 1\n")
        for _each in range(40):
            file.write(b" " * 1_000_000)
    tracemalloc.start()
    with path.open("rb") as file:
        records = list(each(file, "x.msp"))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(records) == 1 and "larger than any spectrum" in str(records[0].refusal)
    assert peak < 40_000_000
