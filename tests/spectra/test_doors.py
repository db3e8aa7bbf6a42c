from __future__ import annotations

import gzip
import io
import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from lims.cli import main
from lims.foundation.errors import Invalid
from lims.foundation.words import say
from lims.spectra.places import LARGEST_FILE
from lims.spectra.reading import each, read
from tests.spectra import files
from tests.spectra.asked import refusal

# --- one file


@pytest.mark.parametrize("name", files.EVERY)
def test_a_format_is_known_by_what_it_holds_whatever_its_name(name: str) -> None:
    assert len(read(files.EVERY[name], "upload")) == len(read(files.EVERY[name], name))
    assert len(read(gzip.compress(files.EVERY[name]), name + ".gz")) >= 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file: it is empty."),
        (b" \r\n\0", "The file: it is empty."),
        (b"PK\x03\x04rest", "The file: ZIP, XLSX, DOCX is no format that is read here."),
        (b"%PDF-1.7", "The file: PDF is no format that is read here."),
        (b"Dear laboratory,\nsee you.\n", "it holds no spectrum in a format that is known here."),
        (bytes(range(256)) * 40, "it holds no spectrum in a format that is known here."),
        (gzip.compress(b"x" * 999)[:-9], "The file: the file is damaged or cut off."),
        (gzip.compress(b""), "The file: it is empty."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_spectrum_is_refused_in_one_sentence(data: bytes, said: str) -> None:
    assert refusal(data, "upload").endswith(said)


def test_a_small_file_that_unpacks_into_gigabytes_is_refused_early() -> None:
    bomb = gzip.compress(bytes(LARGEST_FILE + 10))
    started = time.perf_counter()
    assert "larger than 64 MB" in refusal(bomb, "x.gz")
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_a_refusal_is_said_in_the_readers_language(language: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(files.spc()[:-4], "x.spc")
    spoken = say(caught.value.problems[0].message, language)
    assert "Galactic SPC" in spoken and "544" in spoken and "announced" not in spoken


# --- a library


def library(count: int) -> bytes:
    return files.msp([f"number {n}" for n in range(count)])


def test_a_library_goes_on_from_the_byte_where_it_was_left() -> None:
    data = library(5)
    whole = list(each(io.BytesIO(data), "x.msp"))
    assert [one.spectrum.title for one in whole if one.spectrum] == [
        f"number {n}" for n in range(5)
    ]
    for done, record in enumerate(whole):
        rest = list(each(io.BytesIO(data), "x.msp", record.position))
        assert [one.position for one in rest] == [one.position for one in whole[done + 1 :]]
    assert whole[-1].position == len(data)


def test_a_packed_library_counts_the_bytes_of_what_it_holds() -> None:
    data = library(4)
    stream = io.BytesIO(gzip.compress(data))
    second = list(each(stream, "x.msp.gz"))[1].position
    rest = list(each(io.BytesIO(gzip.compress(data)), "x.msp.gz", second))
    assert [one.spectrum.title for one in rest if one.spectrum] == ["number 2", "number 3"]


def test_one_bad_record_is_refused_with_its_byte_and_the_next_one_is_read() -> None:
    data = library(3).replace(b"58.1 999.0", b"58.1 many", 2).replace(b"58.1 many", b"58.1 9", 1)
    records = list(each(io.BytesIO(data), "x.msp"))
    assert [one.spectrum is not None for one in records] == [True, False, True]
    start = records[0].position
    assert str(records[1].refusal) == (
        f"Record at byte {start}: NIST MSP, line 10: “many” is not a number."
    )


def test_a_record_larger_than_any_spectrum_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lims.spectra.pieces.LARGEST_RECORD", 400)
    data = library(1) + b"\n" + b"0 0\n" * 200 + library(2)
    records = list(each(io.BytesIO(data), "x.msp"))
    assert "larger than any spectrum" in str(records[0].refusal)
    assert [one.spectrum is not None for one in records] == [False, True, True]


def test_a_packed_library_that_was_cut_off_says_so_at_the_end() -> None:
    packed = gzip.compress(library(2000), mtime=0)
    records = list(each(io.BytesIO(packed[: len(packed) // 2]), "x.msp.gz"))
    assert len(records) > 10 and "damaged or cut off" in str(records[-1].refusal)


def test_collections_of_every_library_format_are_cut_into_records() -> None:
    for name in ("library.sdf", "record.mb", "ions.mgf", "linked.jdx", "fixed.dx", "library.msl"):
        data = files.EVERY[name] * 2
        records = list(each(io.BytesIO(data), name))
        assert all(one.refusal is None for one in records), name
        assert len(records) == (4 if name == "linked.jdx" else 2), name


def test_a_file_that_is_no_library_is_given_as_a_whole() -> None:
    records = list(each(io.BytesIO(files.spc(flags=4, traces=3)), "x.spc"))
    assert [one.spectrum.z for one in records if one.spectrum] == [0.0, 1.5, 3.0]


# --- the command line


def spectra_read(path: Path, *options: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["spectra", "read", str(path), *options])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_says_what_a_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "x.jdx"
    path.write_bytes(files.linked())
    code, out, _err = spectra_read(path)
    assert code == 0
    assert out.splitlines() == [
        "0: ir, 37 points, x 0 to 36 cm-1, y 0 to 10.09 absorbance  synthetic",
        "1: ei, 4 peaks, x 41 to 105.25 m/z, y 3.5 to 999 relative  synthetic",
    ]
    code, out, _err = spectra_read(path, "--json")
    document = json.loads(out)
    assert [one["points"] for one in document["spectra"]] == [37, 4]
    assert document["spectra"][1]["facts"]["cas"] == "0-00-0"


def test_the_command_refuses_with_one_sentence_and_its_own_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "x.spc"
    path.write_bytes(files.spc()[:-4])
    code, out, err = spectra_read(path)
    assert (code, out) == (2, "")
    assert err == "Galactic SPC, byte 544: 5 points are announced, but 4 are there.\n"
