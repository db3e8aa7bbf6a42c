"""Labels that a scanner reads, on every paper, clean and worn."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pypdfium2 as pdfium
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from bench.label_rates import random_codes, rate
from bench.prints import WEARS, burnt
from lims.foundation.codes import shown
from lims.foundation.shares import wilson
from lims.foundation.shipped import shipped
from lims.foundation.words import LANGUAGES
from lims.intake.label_design import (
    SMALLEST_SIDE,
    Design,
    LabelLayout,
    largest_side,
    usual,
    words_area,
)
from lims.intake.labels import Label, label_marks, label_pdf
from lims.intake.marks import width
from lims.intake.papers import papers
from tests.intake.prints import DPI, codes, pages, words

MM = 72 / 25.4
#: A label that leaves room for a QR code of 12 mm and no more.
SMALL = LabelLayout("small", (38, 16.6), (38, 16.6))
PAPERS = papers()
SMALL_SQUARE = Design(qr_side=SMALLEST_SIDE)


def some_codes(n: int, seed: int = 20261122) -> list[str]:
    return random_codes(n, np.random.default_rng(seed))


def labels(n: int, **more: object) -> list[Label]:
    return [Label(code, ("tablet", "week 47"), **more) for code in some_codes(n)]  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", PAPERS.values(), ids=PAPERS.keys())
def test_every_label_of_every_paper_is_read_at_203_dpi(layout: LabelLayout) -> None:
    made = labels(layout.per_page + 1, demonstration=True)
    printed = [burnt(page) for page in pages(label_pdf(made, layout, "fr"))]
    assert len(printed) == 2
    read = [text for page in printed for text in codes(page)]
    assert sorted(read) == sorted(label.code for label in made)


@pytest.mark.parametrize("layout", PAPERS.values(), ids=PAPERS.keys())
def test_every_size_of_square_with_every_field_is_read_at_203_dpi(layout: LabelLayout) -> None:
    lines = ("plaque / caillou cristallisé", "plusieurs couleurs", "semaine 47", "12,5 mg")
    for side in (SMALLEST_SIDE, largest_side(layout)):
        wanted = some_codes(min(layout.per_page, 12), seed=round(side * 10))
        design = Design(qr_side=side, text_pt=12, offset_x=0.7, offset_y=-0.4)
        pdf = label_pdf([Label(code, lines) for code in wanted], layout, "fr", design)
        assert sorted(t for page in pages(pdf) for t in codes(burnt(page))) == sorted(wanted)


def test_a_code_of_12_mm_is_read_at_203_dpi() -> None:
    made = labels(200)
    read = [codes(page) for page in pages(label_pdf(made, SMALL, "en", SMALL_SQUARE))]
    assert read == [[label.code] for label in made]


def test_a_label_carries_the_bare_code_in_version_1_level_q() -> None:
    (page,) = pages(label_pdf(labels(1), SMALL, "en", SMALL_SQUARE), dpi=600)
    (found,) = zxingcpp.read_barcodes(np.asarray(page))
    assert found.text == some_codes(1)[0]
    assert found.ec_level == "Q" and found.extra["Version"] == "1"
    corner = found.position
    side = np.hypot(corner.top_right.x - corner.top_left.x, corner.top_right.y - corner.top_left.y)
    assert side / 600 * 25.4 == pytest.approx(SMALLEST_SIDE, abs=0.3)


#: Read of 1600 prints of 12 mm, 200 of each of the seeds 1 to 8; the test has another seed. Its
#: bound is four standard deviations below the lower end of Wilson's interval of these.
MEASURED = {
    "turned by any angle": 1600,
    "contrast of 15 to 40 %": 1600,
    "scratches, focus 1 dot": 1278,
    "poor camera, upright": 1260,
    "poor camera, any angle, scratches": 775,
}


@pytest.mark.parametrize("wear", MEASURED)
def test_worn_prints_of_12_mm_are_read_as_often_as_measured_and_never_misread(wear: str) -> None:
    found = rate(wear, SMALL, SMALL_SQUARE, WEARS[wear], 200, seed=203)
    low, _high = wilson(MEASURED[wear], 1600)
    assert found.right >= 200 * low - 4 * np.sqrt(200 * low * (1 - low))
    assert found.wrong == 0


@pytest.mark.parametrize("millimetres", [30, 20, 16, 14])
def test_a_square_of_14_mm_is_read_around_a_tube(millimetres: int) -> None:
    layout = PAPERS["roll-50x25"]
    wear = WEARS[f"tube of {millimetres} mm"]
    assert rate("", layout, usual(layout), wear, 50, seed=5).right == 50


def test_only_a_square_of_12_mm_is_read_around_a_tube_of_11_mm() -> None:
    layout, wear = PAPERS["roll-50x25"], WEARS["tube of 11 mm"]
    assert rate("", layout, SMALL_SQUARE, wear, 50, seed=5).right == 50
    assert rate("", layout, usual(layout), wear, 50, seed=5).right == 0


def test_a_label_shows_its_code_in_two_groups_of_four() -> None:
    (label,) = labels(1)
    text = words(label_pdf([label], PAPERS["roll-62x29"], "fr"))
    assert shown(label.code) in text
    assert "tablet" in text and "week 47" in text


@pytest.mark.parametrize(("language", "word"), [("fr", "DÉMO"), ("nl", "DEMO"), ("en", "DEMO")])
def test_a_demonstration_says_so_on_paper(language: str, word: str) -> None:
    layout = PAPERS["roll-50x25"]
    assert word in words(label_pdf(labels(1, demonstration=True), layout, language))
    assert word not in words(label_pdf(labels(1), layout, language))


def vocabulary(name: str, language: str) -> list[str]:
    path = shipped("reference_data") / "vocabularies" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as rows:
        return [row[f"label_{language}"] for row in csv.DictReader(rows)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_form_and_no_colour_is_cut_off_on_any_paper(language: str) -> None:
    code = some_codes(1)[0]
    told = [(form, "07/2026") for form in vocabulary("dosage_form", language)]
    told += [(colour, "07/2026") for colour in vocabulary("colour", language)]
    for layout in PAPERS.values():
        design = usual(layout)
        x, y, wide, high = words_area(layout, design.qr_side)
        for lines in told:
            made = label_marks(Label(code, lines, True), layout, design, language)
            said = [one for one in made.words if one.align == "left"]
            assert " ".join(one.text for one in said).endswith(" ".join(lines))
            for one in said:
                assert one.x == x and width(one.text, one.size, one.font) <= wide + 0.01
                assert y <= one.y - one.size * 0.75 / MM and one.y <= y + high
                assert one.size >= 4.5


def test_words_that_are_too_long_for_their_label_end_in_an_ellipsis() -> None:
    layout = PAPERS["avery-l4732"]
    label = Label(some_codes(1)[0], ("matériel usagé, résidu de produit comestible " * 3,))
    (page,) = pages(label_pdf([label], layout, "fr"))
    assert "…" in words(label_pdf([label], layout, "fr"))
    right = round((layout.left + layout.label[0] - 0.9) * DPI / 25.4)
    gap = round((layout.gap_x + 0.8) * DPI / 25.4)
    assert (np.asarray(page)[:, right : right + gap] > 200).all()


@given(st.text(max_size=120), st.sampled_from(list(PAPERS)), st.booleans())
def test_whatever_was_typed_stays_within_its_label(text: str, name: str, demo: bool) -> None:
    layout = PAPERS[name]
    made = label_marks(Label("K7QD3XM4", (text, text), demo), layout, usual(layout), "nl")
    wide, high = layout.label
    for one in made.words:
        if one.align == "left":
            assert one.x >= 0 and one.x + width(one.text, one.size, one.font) <= wide
        assert 0 <= one.y <= high


def test_printing_begins_at_the_first_free_label_and_copies_stand_side_by_side() -> None:
    layout = PAPERS["avery-l7160"]
    wanted = some_codes(11)
    design = replace(usual(layout), copies=2)
    made = label_pdf([Label(code) for code in wanted], layout, "en", design, start=20)
    first, second = pages(made)
    assert codes(first) == [wanted[0]] * 2
    assert sorted(codes(second)) == sorted(wanted[1:] * 2)


def test_a_sheet_of_blank_labels_bears_its_number_where_the_margin_has_room() -> None:
    made = [Label(code) for code in some_codes(2)]
    told = "7 · 2222-2222 – YYYY-YYYY"
    assert told in words(label_pdf(made, PAPERS["avery-l7160"], "en", captions=[told]))
    assert told not in words(label_pdf(made, PAPERS["a4-3x8"], "en", captions=[told]))


@pytest.mark.parametrize("layout", PAPERS.values(), ids=PAPERS.keys())
def test_labels_fit_on_their_page_without_touching(layout: LabelLayout) -> None:
    places = list(layout.places())
    assert len(places) == len(set(places)) == layout.columns * layout.rows
    for x, y in places:
        assert x >= -0.01 and x + layout.label[0] <= layout.page[0] + 0.01
        assert y >= -0.01 and y + layout.label[1] <= layout.page[1] + 0.01
    page = pdfium.PdfDocument(label_pdf(labels(1), layout, "en"))[0]
    assert page.get_size() == pytest.approx([side * MM for side in layout.page], abs=0.1)


def test_an_empty_sheet_is_still_a_page() -> None:
    assert len(pdfium.PdfDocument(io.BytesIO(label_pdf([], PAPERS["a4-3x8"], "fr")))) == 1
