"""Labels for tubes: the code, its square, and the few words that a template chooses.

A label carries the sample code alone, never an address: the bare code fits QR version 1, whose
modules stay large enough for a tube.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from lims.foundation.codes import shown
from lims.foundation.measures import MM
from lims.foundation.paper import BOLD, CODE, PLAIN
from lims.foundation.words import _, say
from lims.intake import marks
from lims.intake.label_design import (
    DEMONSTRATION,
    DOTS,
    LEADING,
    SMALLEST_TYPE,
    Design,
    LabelLayout,
    code_type,
    quiet,
    side_in_dots,
    usual,
    words_area,
)
from lims.intake.marks import Frame, Marks, Square, Words
from lims.intake.marks_pdf import pdf
from lims.intake.marks_zpl import zpl

DEMO = _("DEMO")
EXAMPLE = "EXAMPLE1"
"""What a preview's square says: letters that no sample code has, so that it is never taken for one.
"""
_CAPTION_MARGIN = 9.0


@dataclass(frozen=True)
class Label:
    """What one tube label says; `lines` are short words such as form, day or site."""

    code: str
    lines: tuple[str, ...] = ()
    demonstration: bool = False


def label_pdf(
    labels: Sequence[Label],
    layout: LabelLayout,
    language: str,
    design: Design | None = None,
    *,
    start: int = 1,
    captions: Sequence[str] = (),
) -> bytes:
    """Return a PDF of labels, on as many pages of the layout as they need.

    The QR code holds the bare eight characters: version 1, alphanumeric, level Q. `start` is the
    first label that is still on the first sheet; a caption stands above each page that has room.
    """
    chosen = design or usual(layout)
    several = [one for one in labels for _copy in range(chosen.copies)]
    pages = list(_pages(several, layout, language, chosen, start)) or [Marks()]
    if layout.per_page > 1 and layout.top >= _CAPTION_MARGIN:
        for page, caption in zip(pages, captions, strict=False):
            page.words.append(Words(layout.left, layout.top - 2.5, caption, 8))
    return pdf(pages, layout.page, "Balise")


def label_zpl(labels: Sequence[Label], layout: LabelLayout, language: str, design: Design) -> str:
    """Return labels for a thermal printer, one format each; copies are left to the printer."""
    dots = DOTS[design.output]
    real = replace(design, qr_side=side_in_dots(design.qr_side, dots))
    drawn = (label_marks(one, layout, real, language) for one in labels)
    shift = (design.offset_x, design.offset_y)
    return zpl(drawn, layout.label, dots, copies=design.copies, shift=shift)


def _pages(
    labels: Sequence[Label], layout: LabelLayout, language: str, design: Design, start: int
) -> Iterator[Marks]:
    places = list(layout.places())
    page, number = Marks(), start - 1
    for label in labels:
        if number == len(places):
            yield page
            page, number = Marks(), 0
        x, y = places[number]
        placed = label_marks(label, layout, design, language)
        placed = placed.moved(x + design.offset_x, y + design.offset_y)
        page.words += placed.words
        page.squares += placed.squares
        page.frames += placed.frames
        number += 1
    if labels:
        yield page


def label_marks(label: Label, layout: LabelLayout, design: Design, language: str) -> Marks:
    """Return what stands on one label: the square left, code and words beside it."""
    side = design.qr_side
    left, top, _right, bottom = layout.white()
    middle = (top + layout.label[1] - bottom) / 2
    across = max(left, quiet(side))
    made = Marks(squares=[Square(across, middle - side / 2, side, _modules(label.code))])
    x, y, wide, high = words_area(layout, side)
    if label.demonstration:
        demonstration_mark(made, x + wide, y + 0.2, language, 6.0)
        y, high = y + DEMONSTRATION, high - DEMONSTRATION
    sizes = _sizes(design.text_pt)
    size_of_code, lines_of_code = code_type(wide)
    whole = shown(label.code)
    code_lines = [whole] if lines_of_code == 1 else [whole[:5], whole[5:]]
    left_over = high - len(code_lines) * size_of_code * LEADING / MM
    size, lines = marks.fitted(label.lines, sizes, wide, left_over)
    block = (len(code_lines) * size_of_code + len(lines) * size) * LEADING / MM
    y += max(0.0, (high - block) / 2)
    for text, type_size, font in [
        *((line, size_of_code, CODE) for line in code_lines),
        *((line, size, PLAIN) for line in lines),
    ]:
        y += type_size * LEADING / MM
        made.words.append(Words(x, y - type_size * 0.28 / MM, text, type_size, font))
    return made


@lru_cache(maxsize=2048)
def _modules(code: str) -> marks.Modules:
    return marks.modules_of(code)


@lru_cache(maxsize=64)
def _sizes(largest: float) -> tuple[float, ...]:
    """Return the types that words may shrink to, in steps of a quarter point."""
    steps = int(max(0.0, largest - SMALLEST_TYPE) * 4)
    sizes = [largest - step / 4 for step in range(steps + 1)]
    return (*sizes, SMALLEST_TYPE) if sizes[-1] > SMALLEST_TYPE else tuple(sizes)


def demonstration_mark(made: Marks, right: float, y: float, language: str, size: float) -> None:
    """Add the framed word, its upper right corner at `right` and `y`."""
    word = say(DEMO, language)
    wide = marks.width(word, size, BOLD) + size * 0.7 / MM
    high = size * 1.25 / MM
    made.frames.append(Frame(right - wide, y, wide, high))
    made.words.append(
        Words(right - wide / 2, y + high - size * 0.27 / MM, word, size, BOLD, "middle")
    )
