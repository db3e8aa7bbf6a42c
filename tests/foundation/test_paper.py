from __future__ import annotations

from io import BytesIO

import pypdfium2
import pytest
from reportlab.lib.fonts import tt2ps
from reportlab.pdfbase.pdfmetrics import stringWidth

from lims.foundation import paper
from lims.foundation.shipped import shipped


def written(text: str, font: str) -> bytes:
    canvas, file = paper.new_canvas((100.0, 50.0), "Synthetic page")
    canvas.setFont(font, 12)
    canvas.drawString(10, 10, text)
    canvas.showPage()
    canvas.save()
    return bytes(file.getvalue())


@pytest.mark.parametrize("font", sorted(paper.FILES))
def test_a_page_brings_its_typeface_along(font: str) -> None:
    made = written("µg à 10 °C", font)
    assert b"/FontFile2" in made
    assert "µg à 10 °C" in pypdfium2.PdfDocument(BytesIO(made))[0].get_textpage().get_text_range()


def test_the_same_page_gives_the_same_file() -> None:
    assert written("PL-1", paper.CODE) == written("PL-1", paper.CODE)


def test_a_page_has_the_size_in_millimetres_that_was_asked_for() -> None:
    wide, high = pypdfium2.PdfDocument(BytesIO(written("a", paper.PLAIN)))[0].get_size()
    assert (wide / 72 * 25.4, high / 72 * 25.4) == pytest.approx((100, 50), abs=0.01)


def test_slanted_words_are_set_upright_and_bold_ones_bold() -> None:
    paper.know_typefaces()
    faces = [tt2ps(paper.PLAIN, bold, slanted) for bold in (0, 1) for slanted in (0, 1)]
    assert faces == [paper.PLAIN, paper.PLAIN, paper.BOLD, paper.BOLD]


def test_every_character_of_a_code_is_equally_wide() -> None:
    paper.know_typefaces()
    assert (
        len({stringWidth(one, paper.CODE, 10) for one in "ABCDEFGHJKMNPQRSTVWXYZ0123456789-"}) == 1
    )


def test_every_typeface_has_its_file() -> None:
    assert all(
        (shipped("static") / "fonts" / "ttf" / file).is_file() for file in paper.FILES.values()
    )
