from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.shares import Z95
from lims.intake.logo_words import fold_logo
from lims.products.charts import Dot, Line, Other, StripPlot, strip_plot, tick_step
from lims.products.colours import ciede2000
from lims.products.intervals import middle, rank_for_median, share_of
from lims.products.looks import Meant, colours_from
from lims.products.rules import (
    Look,
    Tolerance,
    colour_distance,
    likeness,
    likeness_of_words,
    median,
)

# G. Sharma, W. Wu, E. N. Dalal, Color Research & Application 30 (2005) 21-30, table 1.
SHARMA = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.4900 -0.0010 50 -2.4900 0.0009 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0010 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0011 7.2195
50 2.4900 -0.0010 50 -2.4900 0.0012 7.2195
50 -0.0010 2.4900 50 0.0009 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0010 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0011 -2.4900 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
PAIRS = [tuple(map(float, line.split())) for line in SHARMA.split("\n") if line]
HEXES = {"orange": "#F28C28", "red": "#E4572E", "blue": "#2454A4"}
BUOY = Look("tablet", "orange", "Buoy", "hexagon")


@pytest.mark.parametrize("pair", PAIRS)
def test_colour_distances_are_those_that_were_published(pair: tuple[float, ...]) -> None:
    one, other = (pair[0], pair[1], pair[2]), (pair[3], pair[4], pair[5])
    assert ciede2000(one, other) == pytest.approx(pair[6], abs=5e-5)
    assert ciede2000(other, one) == pytest.approx(pair[6], abs=5e-5)


def fits(wanted: Look, product: Look) -> float | None:
    """Return the share of a product, words compared with its own alone."""
    words = {fold_logo(product.logo), fold_logo(product.logo_back)} - {""}
    meant = Meant(
        front={one: likeness_of_words(fold_logo(wanted.logo), one) for one in words},
        back={one: likeness_of_words(fold_logo(wanted.logo_back), one) for one in words},
        shapes={
            product.shape: likeness_of_words(fold_logo(wanted.shape), fold_logo(product.shape))
        },
        colours=colours_from(wanted, HEXES),
    )
    found = likeness(wanted, product, meant, Tolerance())
    return None if found is None else found.score


@pytest.mark.parametrize(
    ("one", "other"), [("Red Bull", "RED-BULL"), ("Éclair", "eclair"), ("none", ""), ("Geen", "")]
)
def test_a_logo_is_one_however_it_is_written(one: str, other: str) -> None:
    assert fold_logo(one) == fold_logo(other)


def test_another_form_is_another_product_however_alike() -> None:
    assert fits(Look("capsule", "orange", "buoy"), BUOY) is None


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        (Look("tablet", "orange", "buoy"), Look("tablet", "red", "buoy")),
        (Look("tablet", "red", "buoy"), Look("tablet", "blue", "buoy")),
        (Look("tablet", "orange", "bouy"), Look("tablet", "orange", "anchor")),
        (Look("tablet", "", "buoy"), Look("tablet", "", "buoys")),
    ],
)
def test_what_looks_nearer_goes_first(nearer: Look, farther: Look) -> None:
    near, far = fits(nearer, BUOY), fits(farther, BUOY)
    assert near is not None
    assert far is None or near > far


def test_a_measure_fits_within_its_tolerance_and_an_unmeasured_one_counts_for_half() -> None:
    def length(mm: str | None) -> Look:
        return Look("tablet", "orange", length_mm=None if mm is None else Decimal(mm))

    asked = length("9.0")
    shares = [fits(asked, length(mm)) for mm in ("9.0", "9.4", None, "9.6")]
    assert shares == [1.0, pytest.approx((3 + 1.5 * 0.6) / 4.5), pytest.approx(3.75 / 4.5), 3 / 4.5]


def test_which_side_is_called_the_front_does_not_matter() -> None:
    straight = Look("tablet", logo="buoy", logo_back="anchor")
    turned = Look("tablet", logo="anchor", logo_back="buoy")
    assert fits(straight, turned) == fits(straight, straight) == 1
    assert fits(Look("tablet", logo="anchor"), straight) == 1
    other = fits(straight, Look("tablet", logo="buoy", logo_back="crown"))
    assert other is not None and 0.6 < other < 1


@pytest.mark.parametrize("n", [*range(1, 40), 57, 250, 1001])
def test_the_interval_of_the_middle_covers_at_least_95_per_cent_and_no_narrower_one_does(
    n: int,
) -> None:
    from scipy.stats import binom

    rank = rank_for_median(n)
    assert (rank == 0) == (n < 6)
    if rank:
        assert 1 - 2 * binom.cdf(rank - 1, n, 0.5) >= 0.95
        assert 1 - 2 * binom.cdf(rank, n, 0.5) < 0.95


@given(st.lists(st.decimals(0, 1000, places=2), min_size=1, max_size=60))
def test_the_middle_lies_in_its_interval(values: list[Decimal]) -> None:
    found = middle(values)
    assert (found.low is None) == (len(values) < 6)
    if found.low is not None and found.high is not None:
        assert min(values) <= found.low <= found.median <= found.high <= max(values)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_share_lies_where_the_score_test_does_not_reject_it(count: int, more: int) -> None:
    of = count + more
    found = share_of(count, of)
    if not of:
        assert found.share is found.low is None
        return
    assert found.share is not None and found.low is not None and found.high is not None
    assert 0 <= found.low <= found.share <= found.high <= 1
    for bound in (found.low, found.high):
        if 0 < bound < 1:
            spread = (bound * (1 - bound) / of) ** 0.5
            assert abs(count / of - bound) == pytest.approx(Z95 * spread, rel=1e-6)


def test_one_colour_lies_at_no_distance_from_itself() -> None:
    assert colour_distance("#F28C28", "#F28C28") == 0
    assert colour_distance("#000000", "#FFFFFF") == pytest.approx(100, abs=0.1)
    assert colour_distance("orange", "#FFFFFF") is None


@given(st.text(max_size=70), st.text(max_size=70))
def test_likeness_of_words_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    first, second = fold_logo(one), fold_logo(other)
    share = likeness_of_words(first, second)
    assert 0 <= share <= 1 and share == likeness_of_words(second, first)
    assert not first or likeness_of_words(first, first) == 1


@given(st.lists(st.decimals(0, 1000, places=2), min_size=1))
def test_the_middle_value_lies_in_the_middle(values: list[Decimal]) -> None:
    middle = median(values)
    assert sum(value <= middle for value in values) * 2 >= len(values)
    assert sum(value >= middle for value in values) * 2 >= len(values)


@given(
    dots=st.lists(
        st.builds(
            Dot,
            st.dates(date(2020, 1, 1), date(2030, 1, 1)),
            st.decimals(0, 100_000, places=3),
            st.one_of(st.none(), st.decimals(0, 1000, places=3)),
        ),
        max_size=40,
    ),
    words=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
    narrow=st.booleans(),
)
def test_every_sample_is_a_dot_and_the_picture_is_well_formed(
    dots: list[Dot], words: str, narrow: bool
) -> None:
    lines = (Line(Decimal(120), words),)
    plot = StripPlot(words, words, words, "W%", tuple(dots), lines, (), narrow)
    picture = ElementTree.fromstring(strip_plot(plot))
    circles = picture.findall("circle")
    assert len(circles) == len(dots)
    width = float(picture.attrib["viewBox"].split()[2])
    assert all(0 <= float(circle.attrib["cx"]) <= width for circle in circles)


def test_what_was_found_instead_is_drawn_on_the_ground() -> None:
    day = date(2026, 11, 2)
    instead = Other("PMMA", (day, day + timedelta(weeks=1)), late=True)
    plot = StripPlot("mg", "", "", "W%", (Dot(day, Decimal(100)),), (), (instead,))
    picture = strip_plot(plot)
    assert picture.count("dot--late") == 2 and "PMMA" in picture


@pytest.mark.parametrize("narrow", [False, True])
def test_the_words_of_a_limit_hide_no_measurement(narrow: bool) -> None:
    dot = Dot(date(2026, 11, 2), Decimal(121))
    limit = Line(Decimal(120), "caution above 120")
    picture = strip_plot(StripPlot("mg", "", "", "W%", (dot,), (limit,), (), narrow))
    assert picture.index("caution above 120</text>") < picture.index('<circle class="dot"')


@given(st.floats(0.001, 1e6), st.integers(2, 10))
def test_lines_lie_at_round_distances(most: float, about: int) -> None:
    step = tick_step(most, about)
    assert 0 < most / step <= about * 1.001
