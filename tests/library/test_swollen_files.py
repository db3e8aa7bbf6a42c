"""Small packed files that unpack without end: a page looks at them only so far."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lims.library import previews
from lims.spectra.places import LARGEST_RECORD
from lims.spectra.reading import each
from tests.library.makers import written_msp


class Counting:
    """A packed file that tells how much of it was unpacked."""

    unpacked = 0


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    seen = Counting()
    read1 = gzip.GzipFile.read1

    def counted(self: gzip.GzipFile, size: int = -1) -> bytes:
        part = read1(self, size)
        seen.unpacked += len(part)
        return part

    monkeypatch.setattr(gzip.GzipFile, "read1", counted)
    return seen


def swollen(folder: Path, parts: list[bytes], times: int) -> Path:
    path = folder / "swollen.msp.gz"
    with gzip.open(path, "wb") as file:
        for _each in range(times):
            for part in parts:
                file.write(part)
    return path


@pytest.mark.parametrize("filling", [b"\n", b" ", b"x" * 999 + b"\n"], ids=["lines", "space", "x"])
def test_a_record_without_an_end_is_not_unpacked_to_its_end(
    tmp_path: Path, counting: Counting, filling: bytes
) -> None:
    part = filling * (1_000_000 // len(filling))
    path = swollen(tmp_path, [b"Name: a\nNum Peaks: 1\n", *[part] * 120], 1)
    assert path.stat().st_size < 1_000_000
    preview = previews.look(path, path.name)
    assert "larger than any spectrum" in str(preview.refusal)
    assert counting.unpacked < 8 * LARGEST_RECORD


def test_a_page_looks_only_at_the_beginning_of_a_file_that_swells(
    tmp_path: Path, counting: Counting
) -> None:
    record = written_msp(1).rstrip() + b"\nComment: " + b"x" * 3_000_000 + b"\n\n"
    path = swollen(tmp_path, [record], 40)
    previews.look(path, path.name)
    assert counting.unpacked < 2 * previews.LOOKED_BYTES


def test_a_large_record_among_others_is_passed_over(tmp_path: Path) -> None:
    large = b"Name: large\nNum Peaks: 1\n" + b" " * (2 * LARGEST_RECORD) + b"\n\n"
    path = tmp_path / "a.msp"
    path.write_bytes(written_msp(1) + large + written_msp(2, 5))
    with path.open("rb") as file:
        found = [one.spectrum is not None for one in each(file, path.name)]
    assert found == [True, False, True, True]
