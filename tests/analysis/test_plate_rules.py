from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.analysis.rules import (
    ExpectedReference,
    LotUsed,
    PlateFacts,
    ReferenceSpot,
    corrected_hrf,
    hrf,
    is_accepted,
    plate_acceptance,
)
from lims.foundation.errors import Invalid

EXPECTED = tuple(
    ExpectedReference(name, D(value), D(4))
    for name, value in [
        ("atropine", 18),
        ("codeine", 33),
        ("chlorprothixene", 56),
        ("diazepam", 75),
    ]
)
FOUND = (
    ReferenceSpot("atropine", D("16.0")),
    ReferenceSpot("codeine", D("31.0")),
    ReferenceSpot("chlorprothixene", D("57.0")),
    ReferenceSpot("diazepam", D("77.0")),
)
GOOD = PlateFacts(
    front_mm=D(70),
    shortest_front_mm=D(60),
    longest_front_mm=D(80),
    expected=EXPECTED,
    found=FOUND,
    spots_in_blanks=(0,),
    lots=(LotUsed("Marquis A1", date(2027, 1, 1)),),
    developed_on=date(2026, 11, 22),
)


def failures(plate: PlateFacts) -> list[str]:
    return [str(check.message) for check in plate_acceptance(plate) if not check.passed]


def test_hrf_is_a_hundred_times_spot_over_front():
    assert hrf(D("22.4"), D(70)) == D("32.0")


@pytest.mark.parametrize(("spot", "front"), [("-1", "70"), ("71", "70"), ("10", "0"), ("0", "-5")])
def test_a_spot_outside_the_plate_is_refused(spot, front):
    with pytest.raises(Invalid):
        hrf(D(spot), D(front))


def test_a_reference_is_corrected_onto_its_tabulated_value():
    for spot, item in zip(FOUND, EXPECTED, strict=True):
        assert corrected_hrf(spot.hrf, EXPECTED, FOUND) == item.tabulated


def test_between_two_references_the_correction_is_linear():
    assert corrected_hrf(D("44.0"), EXPECTED, FOUND) == D("44.5")  # midway 31-57 gives midway 33-56
    assert corrected_hrf(D(0), EXPECTED, FOUND) == 0
    assert corrected_hrf(D(100), EXPECTED, FOUND) == 100


@given(st.decimals(0, 100, places=1), st.decimals(0, 100, places=1))
def test_the_correction_keeps_the_order_of_spots(one, other):
    low, high = sorted((one, other))
    below, above = (corrected_hrf(value, EXPECTED, FOUND) for value in (low, high))
    assert below is not None and above is not None and below <= above


def test_without_references_or_with_references_out_of_order_nothing_is_corrected():
    assert corrected_hrf(D(40), EXPECTED, ()) is None
    swapped = (ReferenceSpot("atropine", D(40)), ReferenceSpot("codeine", D(30)))
    assert corrected_hrf(D(40), EXPECTED, swapped) is None


def test_a_reference_in_two_lanes_counts_by_its_mean():
    twice = (*FOUND, ReferenceSpot("codeine", D("33.0")))
    assert corrected_hrf(D("32.0"), EXPECTED, twice) == D("33.0")


def test_a_good_plate_is_accepted_and_every_check_says_why():
    checks = plate_acceptance(GOOD)
    assert is_accepted(checks)
    assert {check.code for check in checks} == {
        "front",
        "reference-window",
        "order",
        "blank",
        "lot",
    }
    assert all(str(check.message) for check in checks)


def test_a_plate_whose_references_are_out_of_order_fails():
    swapped = (replace(FOUND[0], hrf=D("34.0")), *FOUND[1:])
    assert any("out of order" in words for words in failures(replace(GOOD, found=swapped)))


def test_a_plate_with_one_reference_outside_its_window_names_that_reference():
    off = (*FOUND[:3], ReferenceSpot("diazepam", D("79.1")))
    assert failures(replace(GOOD, found=off)) == [
        "diazepam ran to hRf 79.1, outside its window (75 ± 4)."
    ]


def test_the_edge_of_a_window_is_inside():
    edge = (*FOUND[:3], ReferenceSpot("diazepam", D("79.0")))
    assert not failures(replace(GOOD, found=edge))


def test_a_plate_without_one_of_its_references_fails():
    assert failures(replace(GOOD, found=FOUND[1:])) == [
        "The reference atropine was not found on the plate."
    ]


def test_a_spot_in_the_blank_or_no_blank_fails_the_plate():
    assert failures(replace(GOOD, spots_in_blanks=(0, 2))) == ["The blank shows spots: 2."]
    assert failures(replace(GOOD, spots_in_blanks=())) == ["The plate has no blank lane."]
    assert not failures(replace(GOOD, spots_in_blanks=(), blank_required=False))


@pytest.mark.parametrize("front", ["59.9", "80.1"])
def test_a_front_that_is_not_credible_fails_the_plate(front):
    assert "protocol allows 60 to 80 mm" in failures(replace(GOOD, front_mm=D(front)))[0]


def test_an_expired_lot_fails_the_plate_and_its_last_day_still_counts():
    lots = (LotUsed("Marquis A1", date(2026, 11, 21)), LotUsed("TA", date(2026, 11, 22)))
    assert failures(replace(GOOD, lots=lots)) == ["The lot Marquis A1 expired on 21 Nov 2026."]
    assert not failures(replace(GOOD, lots=(LotUsed("TA", None),)))
