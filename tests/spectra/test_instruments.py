from __future__ import annotations

import io

import numpy as np
import pytest

from lims.spectra.reading import read
from lims.spectra.runs import MOST_APEXES, chosen_scans
from lims.spectra.spectrum import Kind
from tests.spectra import files
from tests.spectra.asked import only, refusal, remarks


@pytest.mark.parametrize(
    ("name", "data", "z"),
    [
        ("even", files.spc(), [0.0]),
        ("one x", files.spc(flags=128), [0.0]),
        ("floats", files.spc(exponent=-128), [0.0]),
        ("sixteen bits", files.spc(flags=1, exponent=4), [0.0]),
        ("many", files.spc(flags=4, traces=3), [0.0, 1.5, 3.0]),
        ("own x", files.spc(flags=4 | 64 | 128, traces=2), [0.0, 1.5]),
        ("other byte order", files.spc(order=">"), [0.0]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_layout_of_spc_gives_the_same_curve(name: str, data: bytes, z: list[float]) -> None:
    found = read(data, "x.spc")
    assert [one.z for one in found] == z
    for number, one in enumerate(found):
        assert one.kind is Kind.IR
        assert one.x.tolist() == [400, 402, 404, 406, 408]
        assert one.y.tolist() == [1000 * (n + number) / 4096 for n in range(5)]


def test_the_old_spc_has_its_words_in_the_other_order() -> None:
    one = only(files.old_spc(), "x.spc")
    assert one.x.tolist() == [400, 402, 404, 406, 408]
    assert one.y.tolist() == [(1000 * n - 2000) / 4096 for n in range(5)]


def test_an_spc_that_claims_more_than_it_holds_is_refused_with_the_byte() -> None:
    said = refusal(files.spc()[:-4], "x.spc")
    assert said == "Galactic SPC, byte 544: 5 points are announced, but 4 are there."
    lying = bytearray(files.spc())
    lying[4:8] = (2_000_000_000).to_bytes(4, "little")
    assert "2000000000 points are announced, but 5 are there" in refusal(bytes(lying), "x.spc")


def test_an_opus_result_is_read_with_its_sample_and_without_its_operator() -> None:
    one = only(files.opus(), "x.0")
    assert one.kind is Kind.IR and one.y_unit == "absorbance" and one.title == "synthetic"
    assert one.x.tolist() == [2000, 1998, 1996, 1994, 1992, 1990]
    assert one.y.tolist() == [0, 0.25, 0.5, 0.75, 1.0, 1.25]
    assert "somebody" not in str(one.facts)


def test_an_opus_file_that_claims_more_points_than_its_block_is_refused() -> None:
    said = refusal(files.opus(announced=2**30), "x.0")
    assert said == "Bruker OPUS, byte 60: 1073741824 points are announced, but 6 are there."


def test_every_scan_of_a_short_run_is_a_spectrum_with_its_time_in_seconds() -> None:
    found = read(files.andi(), "run.cdf")
    assert [one.z for one in found] == [60.0, 60.5, 61.0]
    assert found[1].kind is Kind.EI and found[1].y.tolist() == pytest.approx(files.HEIGHTS)


def test_of_a_long_run_the_top_of_each_peak_is_kept_unmixed() -> None:
    (one,) = read(files.andi(scans=81), "run.cdf")
    assert one.z == 80.0 and one.y.tolist() == pytest.approx(files.HEIGHTS)
    assert remarks(one) == ["Of the run only the scans at the top of a peak are kept."]


def test_two_peaks_of_a_run_are_two_spectra_and_noise_is_none() -> None:
    time = np.arange(400.0)
    total = 1000 * np.exp(-(((time - 100) / 5) ** 2)) + 60 * np.exp(-(((time - 300) / 5) ** 2))
    assert chosen_scans(total + 1 + np.sin(time)) == [100, 300]
    assert len(chosen_scans(np.ones(5000))) <= MOST_APEXES


def test_an_andi_header_that_claims_more_than_there_is_is_refused() -> None:
    data = files.andi()
    assert "are announced" in refusal(data[:-8], "run.cdf")
    at = data.index(b"point_number") + 12
    lying = data[:at] + (2**31 - 1).to_bytes(4, "big") + data[at + 4 :]
    assert "2147483647 points are announced" in refusal(lying, "run.cdf")


def test_an_entity_in_xml_is_refused_before_anything_is_expanded() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cc">]><mzML>&b;</mzML>'
    assert refusal(bomb, "x.mzml").startswith("mzML, byte 33: a document type")
    assert "the XML is damaged" in refusal(files.mzml()[:-20], "x.mzml")


def test_a_run_of_electrospray_is_no_spectrum_of_electron_ionisation() -> None:
    assert {one.kind for one in read(files.mzml(), "x.mzml")} == {Kind.EI}
    assert {one.kind for one in read(files.mzml(source="MS:1000073"), "x.mzml")} == {Kind.OTHER}


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("grows", [False, True], ids=["fixed", "records"])
def test_a_run_that_another_program_wrote_is_read_alike(version: int, grows: bool) -> None:
    from scipy.io import netcdf_file

    stream = io.BytesIO()
    file = netcdf_file(stream, "w", version=version)
    file.test_ionization_mode = b"Electron Impact"
    file.createDimension("point_number", None if grows else 8)
    file.createDimension("scan_number", 2)
    for name, form, dimension, values in (
        ("scan_index", "i4", "scan_number", [0, 4]),
        ("point_count", "i4", "scan_number", [4, 4]),
        ("scan_acquisition_time", "f8", "scan_number", [1.0, 2.0]),
        ("mass_values", "f4", "point_number", [41, 58, 77, 105] * 2),
        ("intensity_values", "i2", "point_number", list(range(1, 9))),
    ):
        file.createVariable(name, form, (dimension,))[: len(values)] = values
    file.variables["intensity_values"].scale_factor = 2.0
    file.flush()
    found = read(stream.getvalue(), "run.cdf")
    assert [(one.z, one.y.tolist()) for one in found] == [
        (1.0, [2, 4, 6, 8]),
        (2.0, [10, 12, 14, 16]),
    ]
    assert found[1].x.tolist() == [41, 58, 77, 105] and found[1].kind is Kind.EI
