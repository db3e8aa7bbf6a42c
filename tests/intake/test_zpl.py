"""What a thermal printer is sent: only known commands, squares that are read, harmless words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from bench.label_rates import random_codes
from bench.prints import codes
from lims.foundation.codes import shown
from lims.intake.label_design import DOTS, Design, usual, wrong_design
from lims.intake.labels import Label, label_zpl
from lims.intake.marks_zpl import field_data
from lims.intake.papers import papers
from lims.intake.ticket_papers import PAPERS as TICKETS
from lims.intake.ticket_papers import ticket_zpl
from tests.intake.zpl import _said, read_zpl

ROLLS = [name for name, paper in papers().items() if paper.per_page == 1]
TICKET = "4F7K-92QM-XBZW-D3H6"


def some_codes(n: int) -> list[str]:
    return random_codes(n, np.random.default_rng(11))


def for_printer(roll: str, output: str, **more: object) -> Design:
    return replace(usual(papers()[roll]), output=output, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("roll", ROLLS)
@pytest.mark.parametrize("output", DOTS)
def test_every_square_that_is_sent_to_a_thermal_printer_is_read(roll: str, output: str) -> None:
    paper, wanted = papers()[roll], some_codes(40)
    design = for_printer(roll, output)
    assert wrong_design(paper, design) == []
    made = [Label(code, ("comprimé", "semaine 47"), True) for code in wanted]
    printed = read_zpl(label_zpl(made, paper, "fr", design))
    assert [codes(one.picture()) for one in printed] == [[code] for code in wanted]
    for one, code in zip(printed, wanted, strict=True):
        assert (one.width, one.height) == tuple(round(s * DOTS[output]) for s in paper.label)
        assert [text for *_place, text in one.texts][1:] == [shown(code), "comprimé", "semaine 47"]


def test_the_square_is_version_1_level_q_and_at_least_12_mm() -> None:
    paper = papers()["roll-50x25"]
    design = for_printer("roll-50x25", "zpl203", qr_side=12.0)
    (printed,) = read_zpl(label_zpl([Label("K7QD3XM4")], paper, "en", design))
    (found,) = zxingcpp.read_barcodes(np.asarray(printed.picture()))
    assert (found.text, found.ec_level, found.extra["Version"]) == ("K7QD3XM4", "Q", "1")
    (_x, _y, dots) = printed.bitmaps[0]
    wide = np.flatnonzero(dots.any(axis=0))[-1] + 1
    assert dots.shape[0] == wide == 21 * 5, "five whole dots of a module: 13.1 mm"


def test_copies_and_the_shift_of_the_printer_reach_it() -> None:
    paper = papers()["roll-62x29"]
    plain, moved = (
        read_zpl(
            label_zpl([Label("K7QD3XM4")], paper, "en", for_printer("roll-62x29", "zpl203", **more))
        )[0]
        for more in ({}, {"copies": 3, "offset_x": 1.0, "offset_y": -0.5})
    )
    assert (plain.copies, moved.copies) == (1, 3)
    (x, y, _dots), (new_x, new_y, _same) = plain.bitmaps[0], moved.bitmaps[0]
    assert (new_x - x, new_y - y) == (8, -4)


@given(st.text(max_size=80))
def test_nothing_that_was_typed_becomes_a_command(text: str) -> None:
    data = field_data(text)
    assert data.isascii() and not set(data) & set("^~\\\n\r\x00")
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    assert _said(data) == kept.encode("utf-8", "replace").decode()


@pytest.mark.parametrize(
    "typed", ["^XZ~JA^XA^PQ9999", "_5E_58_5A", "~DYR:X", "a\n^XZ", "é€漢 100 %"]
)
def test_commands_in_the_words_of_a_label_are_printed_as_words(typed: str) -> None:
    paper = papers()["roll-62x29"]
    made = label_zpl(
        [Label("K7QD3XM4", (typed,))], paper, "fr", for_printer("roll-62x29", "zpl203")
    )
    (printed,) = read_zpl(made)
    assert printed.copies == 1
    said = " ".join(text for *_place, text in printed.texts)
    assert " ".join(typed.split()) in said


@pytest.mark.parametrize("name", [name for name, paper in TICKETS.items() if paper.output != "pdf"])
def test_a_ticket_for_a_thermal_printer_is_read_and_tells_nothing_else(name: str) -> None:
    (printed,) = read_zpl(ticket_zpl(TICKET, "nl", "https://result.example.be", False, name))
    assert codes(printed.picture()) == [f"https://result.example.be/#{TICKET.replace('-', '')}"]
    text = " ".join(text for *_place, text in printed.texts)
    assert "4F7K-92QM" in text and "Uw ticket" in text and "Votre ticket" in text
    sizes = {text: high for _x, _y, high, text in printed.texts}
    assert sizes["4F7K-92QM"] / DOTS[TICKETS[name].output] / 25.4 * 72 >= 14
