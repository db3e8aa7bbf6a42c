from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.intake.logo_words import fold_logo
from lims.products.charts import Dot, Line, Other, StripPlot, strip_plot, tick_step
from lims.products.rules import (
    Look,
    colour_distance,
    has_same_look,
    likeness,
    likeness_of_words,
    median,
)

HEXES = {"orange": "#F28C28", "red": "#E4572E", "blue": "#2454A4"}
BUOY = Look("tablet", "orange", "Buoy", "hexagon")


@pytest.mark.parametrize(
    ("one", "other"), [("Red Bull", "RED-BULL"), ("Éclair", "eclair"), ("none", ""), ("Geen", "")]
)
def test_a_logo_is_one_however_it_is_written(one: str, other: str) -> None:
    assert fold_logo(one) == fold_logo(other)


def test_without_a_logo_no_look_is_the_same() -> None:
    assert has_same_look(BUOY, Look("tablet", "orange", "buoy"))
    assert not has_same_look(Look("powder", "white"), Look("powder", "white"))


def test_another_form_is_another_product_however_alike() -> None:
    assert likeness(Look("capsule", "orange", "buoy"), BUOY, HEXES) is None


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
    near, far = likeness(nearer, BUOY, HEXES), likeness(farther, BUOY, HEXES)
    assert near is not None
    assert far is None or near.score > far.score


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


@given(st.floats(0.001, 1e6), st.integers(2, 10))
def test_lines_lie_at_round_distances(most: float, about: int) -> None:
    step = tick_step(most, about)
    assert 0 < most / step <= about * 1.001
