from __future__ import annotations

import re

import numpy as np
import pytest

from lims.foundation.errors import Invalid
from lims.spectra.reading import read
from lims.spectra.runs import MOST_APEXES, chosen_scans
from lims.spectra.spectrum import Kind, Spectrum
from tests.spectra import files


def refusal(data: bytes, name: str) -> str:
    """Return the one sentence with which a file is refused."""
    with pytest.raises(Invalid) as caught:
        read(data, name)
    (problem,) = caught.value.problems
    assert problem.field == "file"
    return str(problem.message)


def only(data: bytes, name: str = "file") -> Spectrum:
    (one,) = read(data, name)
    return one


def remarks(one: Spectrum) -> list[str]:
    return one.facts.get("remarks", "").split("\n")


# --- JCAMP-DX


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


# --- binary formats


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
    assert refusal(bomb, "x.mzml").startswith("mzML, byte 21: a document type")
    assert "the XML is damaged" in refusal(files.mzml()[:-20], "x.mzml")


# --- libraries and tables


@pytest.mark.parametrize("name", ["library.msl", "library.sdf", "record.mb", "ions.mgf"])
def test_every_library_format_gives_the_same_peaks(name: str) -> None:
    one = only(files.EVERY[name], name)
    assert one.sticks and (one.x.tolist(), one.y.tolist()) == (files.MASSES, files.HEIGHTS)
    assert one.facts["name"] == "synthetic"


def test_what_a_record_says_has_one_name_and_its_author_is_not_kept() -> None:
    facts = read(files.msp(), "x.msp")[0].facts
    assert (facts["cas"], facts["licence"], facts["retention_index"]) == ("0-00-0", "CC0", "1183")
    assert "Somebody" not in str(facts)
    record = only(files.massbank()).facts
    assert (record["precursor_mz"], record["collision_energy"]) == ("120.5", "20 eV")
    assert "Somebody" not in str(record)


def test_facts_that_stand_in_a_comment_are_found() -> None:
    data = b'Name: a\nComments: "SMILES=CCO" "author=Somebody"\nNum Peaks: 1\n41 1\n'
    facts = only(data).facts
    assert facts["smiles"] == "CCO" and "Somebody" not in str(facts)


def test_a_record_with_fewer_peaks_than_announced_is_refused_with_the_line() -> None:
    data = files.msp().replace(b"Num Peaks: 4", b"Num Peaks: 400000000")
    assert refusal(data, "x.msp") == (
        "NIST MSP, line 12: 400000000 peaks are announced, but 4 are there."
    )


@pytest.mark.parametrize(
    ("peaks", "problem"),
    [
        ("41 nan", "not a number"),
        ("41 inf", "not a number"),
        ("41 -5", "less than no intensity"),
        ("-41 5", "no mass"),
        ("0 5", "no mass"),
        ("41 0", "intensity zero"),
        ("41", "not a pair"),
        ("41 x", "is not a number"),
        ("41 1_0", "not a pair"),
        ("41 1e999", "not a number"),
    ],
)
def test_a_peak_that_cannot_be_is_refused_with_its_line(peaks: str, problem: str) -> None:
    said = refusal(f"Name: a\nNum Peaks: 1\n{peaks}\n".encode(), "x.msp")
    assert said.startswith("NIST MSP, line 3: ") and problem in said


@pytest.mark.parametrize(
    ("separator", "decimal"), [(";", ","), (",", "."), ("\t", ","), ("\t", "."), ("  ", ",")]
)
def test_separator_and_decimal_sign_are_found(separator: str, decimal: str) -> None:
    data = files.table(separator, decimal, f"wavenumber{separator}absorbance")
    one = only(data, "x.csv")
    assert one.kind is Kind.IR and (one.x_unit, one.y_unit) == ("cm-1", "absorbance")
    assert one.x[:2].tolist() == [2000, 1997.5] and one.y[:2].tolist() == [0, 0.125]


def test_an_old_instrument_text_with_a_long_head_is_read() -> None:
    head = "PE IR  SPECTRUM ASCII\n-1\n07/01/21\n10.5\n#GR\ncm-1\n%T\n1.0\n#DATA"
    rows = "\n".join(f"{2000 - n}.0\t{90 + n}.5" for n in range(20))
    one = only(f"{head}\n{rows}\n".encode(), "x.asc")
    assert one.kind is Kind.IR and one.y_unit == "percent transmittance" and one.x.size == 20


def test_a_column_that_only_counts_the_rows_is_no_spectrum() -> None:
    rows = "\n".join(f"{n},{2000 - n},{n / 10}" for n in range(9))
    one = only(f",wavenumber,absorbance\n{rows}\n".encode(), "x.csv")
    assert one.x[0] == 2000 and one.y[-1] == 0.8


def test_a_table_in_sixteen_bit_letters_is_read() -> None:
    data = b"\xff\xfe" + files.table().decode().encode("utf-16-le")
    assert only(data, "x.csv").x.size == 12


def test_a_file_without_units_is_read_and_says_so_and_names_no_technique() -> None:
    one = only(files.table(",", ".", ""), "x.csv")
    assert one.kind is Kind.OTHER and one.x_unit == "cm-1"
    assert "The file names no unit of y." in remarks(one)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("10,1\n11,2\n11,3\n12,4", "CSV, line 4: x = 11 stands there twice with different y."),
        ("10,1\n11,2\n13,3\n12,4\n14,5", "CSV, line 5: x turns back from 13 to 12."),
        ("10,1\n11,2\n12,NaN\n13,4", "CSV, line 4: “12,NaN” has no number in a column."),
        ("10,nan\n11,2\n12,3", "CSV, line 2: “10,nan” has no number in a column."),
        ("10,1\n11,2\n12,\n13,4", "CSV, line 4: “12,” is no row of numbers."),
        ("10,1\n11,2\n12,a\n13,4", "CSV, line 4: “12,a” is no row of numbers."),
        ("10,1\n11,2\n12,3,4\n13,4", "CSV, line 4: 3 columns, but 2 before."),
        ("10,1\n11,2\n12,1e40", "CSV, line 4: a value is not a number, or no measurement can be"),
    ],
)
def test_damage_among_the_rows_is_refused_with_its_line(rows: str, said: str) -> None:
    assert refusal(f"cm-1,absorbance\n{rows}\n".encode(), "x.csv").startswith(said)


def test_x_in_two_units_at_once_is_refused() -> None:
    data = b"XUNITS,nm\ncm-1,absorbance\n400,1\n401,2\n402,3\n"
    assert refusal(data, "x.csv") == "CSV, line 2: x is in nm and in cm-1."


def test_a_row_that_stands_there_twice_is_kept_once_and_said() -> None:
    one = only(b"cm-1,absorbance\n400,1\n401,2\n401,2\n402,3\n", "x.csv")
    assert one.x.tolist() == [400, 401, 402]
    assert remarks(one) == ["Rows that stand in the file twice are kept once."]


def test_peaks_may_stand_in_any_order_and_twice() -> None:
    one = only(b"Name: a\nNum Peaks: 3\n58 2\n41 1\n58 3\n", "x.msp")
    assert one.x.tolist() == [58, 41, 58] and one.y.tolist() == [2, 1, 3]
