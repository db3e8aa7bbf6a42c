from __future__ import annotations

import re

import pytest

from lims.spectra.reading import read
from lims.spectra.spectrum import Kind
from tests.spectra import files
from tests.spectra.asked import only, refusal, remarks


@pytest.mark.parametrize("encoding", files.ENCODINGS)
def test_four_encodings_of_one_curve_decode_to_the_same_numbers(encoding: str) -> None:
    one = only(files.jcamp(files.ENCODINGS[encoding](files.ORDINATES)))
    assert one.kind is Kind.IR and one.x_unit == "cm-1" and one.y_unit == "absorbance"
    assert one.x.tolist() == list(range(len(files.ORDINATES)))
    assert one.y.tolist() == pytest.approx([v * 0.01 for v in files.ORDINATES])
    assert "remarks" not in one.facts


def test_a_broken_check_value_refuses_the_curve_with_its_line() -> None:
    rows = files.differences(files.ORDINATES)
    rows[2] = re.sub(r"^(\d+)[@A-I]", r"\1H1", rows[2])
    said = refusal(files.jcamp(rows), "x.dx")
    assert said.startswith("JCAMP-DX, line 15: the check value is 81")


def test_a_curve_that_lost_its_last_lines_is_refused_with_the_line() -> None:
    rows = files.fixed(files.ORDINATES)[:-1]
    said = refusal(files.jcamp(rows), "x.dx")
    assert said == "JCAMP-DX, line 16: 37 points are announced, but 32 are there."


def test_a_curve_that_lost_a_line_in_the_middle_is_refused() -> None:
    rows = files.fixed(files.ORDINATES)
    del rows[2]
    assert "37 points are announced, but 29 are there" in refusal(files.jcamp(rows), "x.dx")


def test_a_count_that_only_lies_is_noted_and_everything_is_read() -> None:
    one = only(files.jcamp(files.fixed(files.ORDINATES), NPOINTS=99))
    assert one.x.size == 37
    assert remarks(one) == [
        "The header announces another number of points than there are; all are read."
    ]


def test_a_range_that_lies_gives_way_to_the_lines_themselves() -> None:
    one = only(files.jcamp(files.fixed(files.ORDINATES), FIRSTX=5000, LASTX=4000))
    assert one.x.tolist() == list(range(37))
    assert "that of the data is used" in remarks(one)[0]


def test_a_first_ordinate_that_lies_is_noted() -> None:
    one = only(files.jcamp(files.fixed(files.ORDINATES), FIRSTY=77))
    assert remarks(one) == ["The header gives another first y than the data."]


def test_a_count_of_billions_and_a_repeat_of_billions_cost_nothing() -> None:
    said = refusal(files.jcamp(["0 1 2 3"], NPOINTS=999_999_999), "x.dx")
    assert "999999999 points are announced, but 3 are there" in said
    said = refusal(files.jcamp(["0A1S99999999"]), "x.dx")
    assert said == "JCAMP-DX, line 13: a value is repeated 199999999 times."


def test_a_repeat_that_is_a_number_of_hundreds_of_digits_is_refused() -> None:
    assert "is repeated" in refusal(files.jcamp(["0A1S" + "9" * 400]), "x.dx")


def test_a_file_without_its_end_is_read_when_every_point_is_there() -> None:
    whole = files.jcamp(files.fixed(files.ORDINATES)).replace(b"##END=", b"")
    assert remarks(only(whole)) == [
        "The file ends without ##END=, but all announced points are there."
    ]
    uncounted = files.jcamp(files.fixed(files.ORDINATES), NPOINTS=None).replace(b"##END=", b"")
    assert "the file ends without ##END=" in refusal(uncounted, "x.dx")


def test_points_that_a_file_marks_as_missing_are_left_out_and_that_is_said() -> None:
    one = only(files.jcamp(["0 1 ? 3 4"], [1, 0, 3, 4], FIRSTY=0.01))
    assert one.x.tolist() == [0, 2, 3]
    assert remarks(one) == ["Points that the file marks as missing are left out."]


def test_letters_among_the_numbers_are_refused_with_the_line() -> None:
    said = refusal(files.jcamp(["0 1 2 3", "3 4 !5"]), "x.dx")
    assert said == "JCAMP-DX, line 14: “!5” is no JCAMP-DX number."


def test_peaks_pages_and_linked_blocks_are_one_spectrum_each() -> None:
    peaks = only(files.jcamp_peaks())
    assert peaks.sticks and peaks.kind is Kind.EI and peaks.x.tolist() == files.MASSES
    pages = read(files.n_tuples(), "x.jdx")
    assert [(one.z, one.y.tolist()) for one in pages] == [(1.0, [2.0, 40.0]), (2.5, [5.0, 40.0])]
    both = read(files.linked(), "x.jdx")
    assert [(one.block, one.kind) for one in both] == [(0, Kind.IR), (1, Kind.EI)]


def test_percent_transmittance_is_told_from_a_fraction_by_its_values() -> None:
    labels = {"YUNITS": "TRANSMITTANCE", "YFACTOR": 0.1, "FIRSTY": None}
    one = only(files.jcamp(files.fixed(files.ORDINATES), **labels))
    assert one.y_unit == "percent transmittance"
    assert "in percent" in remarks(one)[0]


def test_an_absorbance_that_no_instrument_reads_is_another_unit_and_refused() -> None:
    said = refusal(files.jcamp(files.fixed(files.ORDINATES), YFACTOR=1), "x.dx")
    assert "the file says absorbance, but reaches 1009" in said
