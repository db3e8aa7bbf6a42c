"""Which papers and templates can be, said in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.foundation.shipped import shipped
from lims.intake.label_design import (
    FIELDS,
    OWN,
    QUIET,
    SMALLEST_SIDE,
    VERSION_1,
    Design,
    LabelLayout,
    largest_side,
    own_paper,
    usual,
    wrong_design,
    wrong_paper,
)
from lims.intake.labels import Label, label_marks
from lims.intake.papers import papers

PAPERS = papers()
LENGTH = st.floats(0, 400, allow_nan=False)


def fields(problems: object) -> set[str]:
    return {one.field for one in problems}  # type: ignore[attr-defined]


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS.keys())
def test_every_shipped_paper_names_its_source_and_takes_labels(paper: LabelLayout) -> None:
    assert paper.source
    assert wrong_paper(paper) == []
    assert wrong_design(paper, usual(paper)) == []


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS.keys())
def test_the_margins_of_a_shipped_sheet_are_alike_on_both_sides(paper: LabelLayout) -> None:
    assert paper.left == pytest.approx(paper.right, abs=0.06)
    assert paper.top == pytest.approx(paper.bottom, abs=0.06)


def test_the_file_of_papers_has_one_line_a_paper() -> None:
    table = (shipped("reference_data") / "label_papers.csv").read_text(encoding="utf-8")
    assert len(PAPERS) == len(table.strip().splitlines()) - 1


def test_what_the_person_said_that_it_is_stands_on_no_label() -> None:
    assert not {"sold_as", "believed", "street_name", "product"} & set(FIELDS)


def own(**changed: float) -> LabelLayout:
    measures = {"page_width": 210, "page_height": 297, "label_width": 60, "label_height": 30}
    return own_paper({**measures, "columns": 3, "rows": 9, "left": 10, "top": 10, **changed})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"label_width": 70}, "own_label_width"),
        ({"gap_x": 11}, "own_label_width"),
        ({"columns": 4}, "own_label_width"),
        ({"rows": 10}, "own_label_height"),
        ({"top": 30}, "own_label_height"),
        ({"label_width": 25}, "own_label_width"),
        ({"label_height": 16}, "own_label_width"),
    ],
)
def test_labels_that_do_not_fit_are_refused_at_their_field(changed: dict, field: str) -> None:  # type: ignore[type-arg]
    assert wrong_paper(own()) == []
    assert fields(wrong_paper(own(**changed))) == {field}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"qr_side": 11.9}, "qr_side"),
        ({"qr_side": 27.0}, "qr_side"),
        ({"fields": ("form", "form")}, "fields"),
        ({"fields": ("sold_as",)}, "fields"),
        ({"output": "zpl203"}, "output"),
        ({"output": "fax"}, "output"),
    ],
)
def test_a_design_that_does_not_fit_its_paper_is_refused(changed: dict, field: str) -> None:  # type: ignore[type-arg]
    paper = PAPERS["a4-3x8"]
    assert field in fields(wrong_design(paper, replace(usual(paper), **changed)))


def test_a_low_label_has_no_room_for_many_lines() -> None:
    paper = PAPERS["herma-4271"]
    design = replace(usual(paper), fields=("form", "colour", "week", "site", "mass"))
    assert fields(wrong_design(paper, design)) == {"fields"}


def test_a_label_just_high_enough_is_too_low_for_a_printer_of_203_dots() -> None:
    paper = own_paper({"page_width": 40, "page_height": 17, "label_width": 40, "label_height": 17})
    assert wrong_paper(paper) == []
    design = usual(paper)
    assert fields(wrong_design(paper, replace(design, output="zpl203"))) == {"output"}


@given(
    page=st.tuples(LENGTH, LENGTH),
    label=st.tuples(LENGTH, LENGTH),
    margins=st.tuples(LENGTH, LENGTH, LENGTH, LENGTH),
    counts=st.tuples(st.integers(1, 40), st.integers(1, 80)),
    side=st.floats(12, 40),
    chosen=st.lists(st.sampled_from(list(FIELDS)), max_size=8),
    demonstration=st.booleans(),
)
def test_whatever_paper_is_accepted_holds_its_square_with_its_white(
    page: tuple[float, float],
    label: tuple[float, float],
    margins: tuple[float, float, float, float],
    counts: tuple[int, int],
    side: float,
    chosen: list[str],
    demonstration: bool,
) -> None:
    paper = LabelLayout(OWN, page, label, *counts, *margins)
    design = Design(fields=tuple(chosen), qr_side=side)
    if wrong_paper(paper) or wrong_design(paper, design):
        return
    lines = tuple("exemple" for _each in chosen)
    made = label_marks(Label("K7QD3XM4", lines, demonstration), paper, design, "fr")
    (square,) = made.squares
    quiet = square.side / VERSION_1 * QUIET - 0.01
    assert square.side >= SMALLEST_SIDE
    assert min(square.x, square.y) >= quiet
    assert square.y + square.side + quiet <= label[1]
    assert all(one.x >= square.x + square.side + quiet for one in made.words if one.align == "left")
    assert all(0 <= one.y <= label[1] for one in made.words)


@given(width=st.floats(25, 120), height=st.floats(15, 80))
def test_the_largest_square_fits_and_a_larger_one_does_not(width: float, height: float) -> None:
    paper = LabelLayout("x", (width, height), (width, height))
    most = largest_side(paper)
    if most:
        assert wrong_design(paper, Design(fields=(), qr_side=most)) == []
        assert wrong_design(paper, Design(fields=(), qr_side=most + 0.1))
