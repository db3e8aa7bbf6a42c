from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from lims.foundation.errors import Invalid
from lims.spectra.reading import each, read
from lims.spectra.spectrum import Spectrum
from tests.data import shared_data

FORMATS = ("spectra", "formats")
#: The table gives ten significant digits.
DIGITS = 2e-9
NUMBERS = {
    "x_first": lambda one: one.x[0],
    "x_last": lambda one: one.x[-1],
    "x_min": lambda one: one.x.min(),
    "x_max": lambda one: one.x.max(),
    "y_first": lambda one: one.y[0],
    "y_last": lambda one: one.y[-1],
    "y_min": lambda one: one.y.min(),
    "y_max": lambda one: one.y.max(),
    "y_sum": lambda one: one.y.sum(),
}


def spectra_of(name: str) -> tuple[Spectrum, ...]:
    return read(shared_data(*FORMATS, name).read_bytes(), name)


@pytest.mark.data
def test_every_row_of_the_golden_table_is_met() -> None:
    with shared_data(*FORMATS, "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 27
    wrong = []
    for row in rows:
        found = spectra_of(row["file"])
        one = found[int(row["block_index"])]
        said = (str(len(found)), str(one.x.size), one.facts["x_written"], one.facts["y_written"])
        wanted = (row["blocks_in_file"], row["n_points"], row["x_unit"], row["y_unit"])
        if said != wanted:
            wrong.append((row["file"], said, wanted))
        for key, value_of in NUMBERS.items():
            # The table's sum of an OPUS file was added up in single precision.
            if key == "y_sum" and row["format"] == "Bruker OPUS":
                one = replace(one, y=one.y.astype(np.float32))
            if not np.isclose(value_of(one), float(row[key]), rtol=DIGITS, atol=1e-12):
                wrong.append((row["file"], row["block_index"], key, value_of(one), row[key]))
        if row["z_value"] and one.z != float(row["z_value"]):
            wrong.append((row["file"], row["block_index"], "z", one.z, row["z_value"]))
    assert not wrong


@pytest.mark.data
def test_one_spectrum_in_four_encodings_is_one_spectrum() -> None:
    names = ("fix", "packed", "squeezed", "difdup")
    found = [spectra_of(f"jcamp-{name}.dx")[0] for name in names]
    for other in found[1:]:
        assert np.array_equal(found[0].x, other.x)
        assert np.array_equal(found[0].y, other.y)


@pytest.mark.data
@pytest.mark.parametrize("name", ["fix", "packed", "squeezed", "difdup"])
def test_a_real_file_that_lost_any_line_of_numbers_is_refused_with_a_line(name: str) -> None:
    lines = shared_data(*FORMATS, f"jcamp-{name}.dx").read_bytes().split(b"\n")
    first = next(n for n, line in enumerate(lines) if line.startswith(b"##XYDATA")) + 1
    last = len(lines) - 4
    for lost in np.linspace(first + 1, last, 9).astype(int):
        for damaged in (lines[:lost] + lines[lost + 1 :], lines[:lost], [*lines[:lost], b"##END="]):
            with pytest.raises(Invalid) as caught:
                read(b"\n".join(damaged), "x.dx")
            assert "JCAMP-DX, line " in str(caught.value.problems[0].message)


@pytest.mark.data
def test_a_header_that_contradicts_its_peaks_is_noted_and_the_peaks_are_read() -> None:
    (one,) = spectra_of("chrom.jdx")
    assert one.sticks and one.kind == "ei"
    assert one.facts["remarks"] == "The header gives another first y than the data."


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "kind", "count"),
    [
        ("ei_ms/massbank_ei_queries.msp.gz", "ei", 585),
        ("msms/msms_library.msp.gz", "msms", 749),
    ],
)
def test_a_packed_library_is_read_record_by_record(name: str, kind: str, count: int) -> None:
    with shared_data("spectra", *name.split("/")).open("rb") as file:
        records = list(each(file, name))
    assert len(records) == count
    assert all(one.spectrum is not None and one.spectrum.kind == kind for one in records)


@pytest.mark.data
def test_a_table_of_raman_mixtures_gives_one_spectrum_for_each_column() -> None:
    path = shared_data("spectra", "carbs", "mixture_spectra.csv")
    found = read(path.read_bytes(), path.name)
    assert [one.title for one in found][:3] == ["mix03", "mix05", "mix06"]
    assert {(one.kind.value, one.x_unit, one.x.size) for one in found} == {("raman", "cm-1", 1401)}
