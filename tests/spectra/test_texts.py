from __future__ import annotations

import pytest

from lims.spectra.reading import read
from lims.spectra.spectrum import Kind
from lims.spectra.units import may_be
from tests.spectra import files
from tests.spectra.asked import only, refusal, remarks


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


def test_the_head_of_a_text_names_sample_units_and_instrument() -> None:
    head = "TITLE\tpowder\r\nDATA TYPE\tINFRARED SPECTRUM\r\nXUNITS\t1/CM\r\nYUNITS\tABSORBANCE\r\n"
    rows = "NPOINTS\t3\r\nXYDATA\r\n399.2\t0.01\r\n399.6\t0.02\r\n400.0\t0.03\r\n"
    one = only((head + rows + "\r\n##### More\r\n[Comments]\r\n").encode(), "x.txt")
    assert (one.kind, one.x.size, one.title) == (Kind.IR, 3, "powder")
    marked = b"#Instrument=\tsynthetic\n#AxisUnit[1]=\t1/cm\n#Laser=\t532nm\n100\t5\n102\t6\n"
    other = only(marked, "x.txt")
    assert (other.x_unit, other.title, other.facts["instrument"]) == ("cm-1", "", "synthetic")


def test_columns_in_two_units_are_two_spectra_with_their_own() -> None:
    found = read(b"cm-1,A,%T\n400,0.1,80\n401,0.2,70\n402,0.3,60\n", "x.csv")
    assert [one.y_unit for one in found] == ["absorbance", "percent transmittance"]


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


def test_a_file_that_says_nothing_may_be_what_its_axis_allows_and_nmr_is_never_infrared() -> None:
    nothing = only(files.table(",", ".", "cm-1,intensity"), "x.csv")
    assert [kind for kind in Kind if may_be(nothing, kind)] == [Kind.IR, Kind.RAMAN]
    labels = {"DATATYPE": "NMR SPECTRUM", "XUNITS": "HZ", "YUNITS": "ARBITRARY UNITS"}
    nuclear = only(files.jcamp(files.fixed(files.ORDINATES), **labels))
    assert not any(may_be(nuclear, kind) for kind in Kind if kind is not Kind.OTHER)
    near = only(files.spc(x_type=3, y_type=3), "x.spc")
    assert [kind for kind in Kind if may_be(near, kind)] == [Kind.UV]
    assert [kind for kind in Kind if may_be(only(files.msl()), kind)] == [Kind.EI]
