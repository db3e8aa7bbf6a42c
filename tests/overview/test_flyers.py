from __future__ import annotations

from io import BytesIO

import pypdfium2
import pytest
import zxingcpp

from lims.overview import flyers
from lims.overview.flyers import Flyer

FLYER = Flyer(
    name="Synthetic point",
    place=("Somewhere",),
    hours=(("Monday", "18:00–21:00"),),
    languages="French, Dutch",
    forms="tablet, powder",
    address="https://checking.example.org/points/synthetic-point",
)
FULL = Flyer(
    name="A synthetic point with a name that takes more than one line of the sheet",
    place=("A line about the place that is rather long as lines go",) * 6,
    hours=tuple((f"Day {n}", "13:00–17:00, 18:00–21:00") for n in range(20)),
    languages=", ".join(["a language"] * 18),
    forms=", ".join(["a form of sample"] * 20),
    address="https://checking.example.org/points/synthetic-point",
    demonstration=True,
)


@pytest.mark.parametrize("size", ["a4", "a5"])
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
@pytest.mark.parametrize("flyer", [FLYER, FULL], ids=["little", "much"])
def test_a_poster_is_one_page_whose_square_opens_the_public_page(
    size: str, language: str, flyer: Flyer
) -> None:
    paper = pypdfium2.PdfDocument(BytesIO(flyers.flyer_pdf(flyer, size, language)))
    assert len(paper) == 1
    width, height = paper[0].get_size()
    expected = flyers.PAGES[size]
    assert (width, height) == pytest.approx([side * flyers.MM for side in expected], abs=0.5)
    image = paper[0].render(scale=203 / 72).to_pil()
    assert [one.text for one in zxingcpp.read_barcodes(image)] == [flyer.address]
    text = paper[0].get_textpage().get_text_range()
    assert flyer.address in text and "%(" not in text


def test_a_flyer_is_the_same_each_time() -> None:
    assert flyers.flyer_pdf(FLYER, "a5", "fr") == flyers.flyer_pdf(FLYER, "a5", "fr")
