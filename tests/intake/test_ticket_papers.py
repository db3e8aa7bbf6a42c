"""Tickets on every paper: they open one result, in three languages, and tell nothing else."""

from __future__ import annotations

import numpy as np
import pypdfium2 as pdfium
import pytest

from bench.prints import burnt, codes, pages
from lims.foundation.measures import MM
from lims.foundation.paper import CODE
from lims.foundation.words import LANGUAGES, say
from lims.intake.marks import width
from lims.intake.ticket_papers import PAPERS, TICKET_LINES, TICKET_TITLE, draw, ticket_pdf
from tests.intake.prints import words

TICKET = "4F7K-92QM-XBZW-D3H6"
ADDRESS = "https://result.example.be"
LONG_ADDRESS = "https://resultaten-resultats.drogue-drugs.voorbeeld-exemple.example.be"
ON_PAGES = [name for name, paper in PAPERS.items() if paper.output == "pdf"]


def ticket(language: str = "fr", paper: str = "a5", demonstration: bool = False) -> bytes:
    return ticket_pdf(TICKET, language, ADDRESS, demonstration, paper)


@pytest.mark.parametrize("paper", ON_PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ticket_opens_its_result_and_tells_nothing_else(language: str, paper: str) -> None:
    (page,) = pages(ticket(language, paper))
    assert codes(burnt(page)) == [f"{ADDRESS}/#{TICKET.replace('-', '')}"]
    text = words(ticket(language, paper))
    assert "4F7K-92QM" in text and "XBZW-D3H6" in text and ADDRESS in text
    assert "Balise" not in text and b"Balise" not in ticket(language, paper)
    rest = text.replace(ADDRESS, "").replace("4F7K-92QM", "").replace("XBZW-D3H6", "")
    assert not any(letter.isdigit() for letter in rest), "no date, no number of samples"


@pytest.mark.parametrize("paper", ON_PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ticket_speaks_three_languages_the_visitors_first(language: str, paper: str) -> None:
    text = " ".join(words(ticket(language, paper)).split())
    for tongue in LANGUAGES:
        assert say(TICKET_TITLE, tongue) in text
        for line in TICKET_LINES:
            assert say(line, tongue).replace("\u00a0", " ") in text.replace("\u00a0", " ")
    first = min(LANGUAGES, key=lambda tongue: text.index(say(TICKET_LINES[0], tongue)))
    assert first == language


@pytest.mark.parametrize("name", PAPERS)
def test_the_code_is_large_and_nothing_leaves_its_paper(name: str) -> None:
    paper = PAPERS[name]
    for address in (ADDRESS, LONG_ADDRESS):
        drawn = draw(TICKET, "fr", address, True, paper)
        wide, high = drawn.size
        assert wide == paper.width and high == (paper.height or high)
        assert min(one.size for one in drawn.marks.words if one.font == CODE) >= 14
        (square,) = drawn.marks.squares
        assert square.side / len(square.modules) * 203 / 25.4 >= 5, "dots of one module"
        for one in drawn.marks.words:
            half = width(one.text, one.size, one.font)
            reach = {"left": (0, half), "middle": (half / 2, half / 2), "right": (half, 0)}
            before, after = reach[one.align]
            assert one.x - before >= paper.margin - 0.01
            assert one.x + after <= wide - paper.margin + 0.01
            assert one.y <= high - 2


@pytest.mark.parametrize("paper", ON_PAGES)
def test_a_ticket_is_one_page_of_its_size_in_black_on_white(paper: str) -> None:
    document = pdfium.PdfDocument(ticket("nl", paper))
    assert len(document) == 1
    wide, high = document[0].get_size()
    assert wide == pytest.approx(PAPERS[paper].width * MM, abs=0.1)
    assert high <= 420 * MM
    greys = np.asarray(document[0].render(scale=4, grayscale=True).to_pil().convert("L"))
    share = np.mean((greys > 30) & (greys < 225))
    assert share < 0.08, "only the rims of letters are neither black nor white"


@pytest.mark.parametrize(("language", "word"), [("fr", "DÉMO"), ("nl", "DEMO"), ("en", "DEMO")])
def test_a_demonstration_says_so_on_the_ticket(language: str, word: str) -> None:
    assert word in words(ticket(language, demonstration=True))
    assert word not in words(ticket(language))


def test_the_same_ticket_is_the_same_file_whenever_it_is_printed() -> None:
    assert ticket("nl", "roll-80", True) == ticket("nl", "roll-80", True)
