from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.errors import Invalid
from lims.foundation.measures import (
    Comparison,
    Quantity,
    as_base,
    compare,
    converted,
    read_decimal,
)

MDMA = D("0.8413")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12.5", "12.5"),
        ("12,5", "12.5"),
        (" 0,250 ", "0.250"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234\u202f567", "1234567"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1.234.567", "1234567"),
        ("1,234", "1.234"),
        (",5", "0.5"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("１２，５", "12.5"),
        ("007", "7"),
    ],
)
def test_a_number_is_read_as_belgians_and_balances_write_it(typed, read):
    assert read_decimal(typed, "mass") == D(read)


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "abc", "NaN", "inf", "Infinity", "1e3", "1,2,3", "1.23.4", "12 mg", "1 23", "10²",
     "٣", ",", "-", "1.234,567.8", "1 234.567 8", "0x10", "1_000", "--3", "5."],
)  # fmt: skip
def test_what_is_no_number_is_refused_on_its_field(typed):
    with pytest.raises(Invalid) as refused:
        read_decimal(typed, "mass")
    assert refused.value.problems[0].field == "mass"


@given(st.text(max_size=60))
def test_any_text_is_a_finite_number_or_is_refused(typed):
    try:
        assert read_decimal(typed, "mass").is_finite()
    except Invalid as refused:
        assert len(str(refused.problems[0].message)) < 200


@given(st.decimals(-99999, 99999, places=4))
def test_comma_and_point_read_alike(number):
    assert read_decimal(str(number), "x") == read_decimal(str(number).replace(".", ","), "x")


def test_more_than_twelve_digits_are_refused_and_long_text_is_cut_in_the_words():
    with pytest.raises(Invalid):
        read_decimal("1" * 13, "mass")
    with pytest.raises(Invalid) as refused:
        read_decimal("9" * 10_000_000, "mass")
    assert len(str(refused.value.problems[0].message)) < 200


def test_units_convert_with_their_uncertainty():
    in_mg = converted(Quantity(D("250"), "ug", "base", D("10")), "mg")
    assert (in_mg.value, in_mg.unit, in_mg.uncertainty) == (D("0.250"), "mg", D("0.010"))
    assert converted(Quantity(D(5), "%"), "mg/g").value == D(50)
    assert converted(Quantity(D("0.12"), "g per dosage unit"), "mg/unit").value == D(120)
    assert Quantity(D(1), "\u03bcg").unit == Quantity(D(1), "ug").unit == "µg"


@pytest.mark.parametrize(("one", "other"), [("mg/unit", "%"), ("mg", "mg/unit"), ("mg", "mm")])
def test_units_of_other_kinds_are_refused(one, other):
    with pytest.raises(Invalid) as refused:
        compare(Quantity(D(1), one), ">", Quantity(D(1), other), None)
    assert refused.value.problems[0].field == "unit"


def test_base_and_salt_convert_with_the_factor_of_mdma():
    salt = Quantity(D(100), "mg", "HCl", D(10))
    base = as_base(salt, MDMA)
    assert (base.value, base.uncertainty, base.expressed_as) == (D("84.13"), D("8.413"), "base")
    assert as_base(base, MDMA) is base


def test_an_amount_that_does_not_state_base_or_salt_does_not_convert():
    with pytest.raises(Invalid):
        as_base(Quantity(D(100), "mg"), MDMA)
    with pytest.raises(Invalid):
        as_base(Quantity(D(100), "mg", "HCl"), D("1.19"))


def mg(value, expressed_as="base", uncertainty=None):
    return Quantity(D(value), "mg/unit", expressed_as, uncertainty and D(uncertainty))


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (mg("120", uncertainty="12"), Comparison.CANNOT_BE_EXCLUDED),
        (mg("133", uncertainty="12"), Comparison.ABOVE),
        (mg("107", uncertainty="12"), Comparison.BELOW),
        (mg("132", uncertainty="12"), Comparison.CANNOT_BE_EXCLUDED),
        (mg("120.1"), Comparison.ABOVE),
        (mg("120"), Comparison.BELOW),
        (Quantity(D("0.2"), "g/unit", "base"), Comparison.ABOVE),
    ],
)
def test_uncertainty_counts_when_an_amount_is_compared_with_a_limit(found, answer):
    assert compare(found, ">", mg("120"), MDMA) is answer


@pytest.mark.parametrize(
    ("operator", "answer"), [(">", "below"), (">=", "above"), ("<", "above"), ("<=", "below")]
)
def test_the_operator_says_where_the_limit_itself_belongs(operator, answer):
    assert compare(mg("120"), operator, mg("120"), None) == answer


@pytest.mark.parametrize(
    ("found", "limit", "answer"),
    [
        (mg("130", "HCl"), mg("120", "base"), Comparison.BELOW),  # 109 as base
        (mg("110", "base"), mg("120", "HCl"), Comparison.ABOVE),  # limit is 101 as base
        (mg("130", None), mg("120", "base"), Comparison.CANNOT_BE_EXCLUDED),
        (mg("150", None), mg("120", "base"), Comparison.ABOVE),
        (mg("90", None), mg("120", None), Comparison.BELOW),
        (mg("110", "base"), mg("120", None), Comparison.CANNOT_BE_EXCLUDED),
        (mg("130", "sulfate"), mg("120", "HCl"), Comparison.CANNOT_BE_EXCLUDED),
    ],
)
def test_base_or_salt_counts_and_what_is_not_stated_is_read_both_ways(found, limit, answer):
    assert compare(found, ">", limit, MDMA) is answer


def test_without_a_salt_factor_base_against_salt_cannot_be_excluded():
    assert compare(mg("500", "HCl"), ">", mg("120"), None) is Comparison.CANNOT_BE_EXCLUDED
    assert compare(mg("500", None), ">", mg("120", None), None) is Comparison.ABOVE


def test_a_quantity_that_is_no_number_is_refused():
    with pytest.raises(Invalid):
        Quantity(D("NaN"), "mg")
    with pytest.raises(Invalid):
        Quantity(D(1), "mg", uncertainty=D(-1))
