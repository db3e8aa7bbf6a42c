import csv
from math import exp, log

import numpy as np
import pytest

from lims.analysis.colours import ciede2000
from lims.identification.likelihood import (
    HrfBasis,
    Parameters,
    changes,
    sigma,
)
from lims.library.rules import stages
from tests.identification.known import DATA, MODEL, PALETTE, colour, hrf

# Published pairs: Sharma, Wu, Dalal 2005, table 1.
PAIRS = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.0200), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((50, 2.5, 0), (56, -27, -3), 31.9030),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "published"), PAIRS)
def test_ciede2000_gives_the_published_differences_in_both_directions(one, other, published):
    a, b = np.array(one, dtype=float), np.array(other, dtype=float)
    assert round(float(ciede2000(a, b)), 4) == published
    assert round(float(ciede2000(b, a)), 4) == published


@pytest.mark.parametrize(
    ("basis", "sd", "n", "expected"),
    [
        (HrfBasis.SAME_PLATE, None, 0, 2.0),
        (HrfBasis.SAME_PLATE, 0.4, 3, 1.5),
        (HrfBasis.SAME_PLATE, 2.6, 3, 2.6),
        (HrfBasis.SAME_PLATE, 0.4, 1, 2.0),
        (HrfBasis.LABORATORY, None, 0, 4.0),
        (HrfBasis.LABORATORY, 1.1, 12, 3.0),
        (HrfBasis.CITED_CORRECTED, None, 0, 5.0),
        (HrfBasis.CITED_UNCORRECTED, 1.0, 9, 8.0),
    ],
)
def test_sigma_follows_the_most_specific_knowledge(basis, sd, n, expected):
    assert sigma(hrf("a", 30.0, basis, sd=sd, n=n), True, Parameters()) == expected


def test_an_hrf_that_could_not_be_corrected_is_only_as_good_as_an_uncorrected_reference():
    assert sigma(hrf("a", 30.0), False, Parameters()) == 8.0
    assert sigma(hrf("a", 30.0, HrfBasis.SAME_PLATE), False, Parameters()) == 2.0


def test_no_change_is_a_result_and_compares_by_exact_match_only():
    assert MODEL.log_probability("none", ("none",)) == pytest.approx(log(0.95 + 0.05 / 30))
    for code in ("white", "clear", "yellow-light"):
        assert MODEL.log_probability("none", (code,)) == pytest.approx(log(0.05 / 30))
        assert MODEL.log_probability(code, ("none",)) == pytest.approx(log(0.05 / 30))


def test_the_probabilities_of_all_colours_at_one_stage_add_up_to_one():
    for stage in [("purple",), ("purple", "black"), ("none", "yellow-light"), ("grey",)]:
        total = sum(exp(MODEL.log_probability(item.code, stage)) for item in PALETTE)
        assert total == pytest.approx(1)


def test_a_neighbouring_shade_is_nearer_than_another_hue():
    near, far = (MODEL.log_probability(code, ("orange",)) for code in ("orange-dark", "blue"))
    assert near > far


def test_waiting_before_the_first_colour_is_not_held_against_a_reference_without_times():
    assert changes(("none", "none", "blue", "blue")) == ("blue",)
    assert changes(("none", "none")) == ("none",)


def test_two_sources_that_differ_weigh_alike():
    both = [colour("a", "green>black"), colour("a", "black")]
    single = exp(MODEL.log_likelihood(("green",), both[:1]))
    other = exp(MODEL.log_likelihood(("green",), both[1:]))
    assert exp(MODEL.log_likelihood(("green",), both)) == pytest.approx((single + other) / 2)


def test_every_shipped_colour_row_can_be_read_in_the_shipped_palette():
    codes = {item.code for item in PALETTE}
    with (DATA / "reagents.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and {row["agreement"] for row in rows} == {"agree", "partial"}
    for row in rows:
        assert {code for stage in stages(row["colour_sequence"]) for code in stage} <= codes
