"""A sheet that shows how far a printer shifts, and a list of sheets that were printed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lims.foundation.paper import BOLD, CODE, PLAIN
from lims.foundation.words import Message, _, say
from lims.intake import marks
from lims.intake.label_design import Design, LabelLayout
from lims.intake.marks import Frame, Line, Marks, Words
from lims.intake.marks_pdf import pdf

REACH = 5
"""How many mm the scales reach on each side of a label's edge."""
HOW: tuple[Message, ...] = (
    _("Print at 100 % on plain paper, hold it behind a sheet of labels against the light."),
    _("Read on both scales where the edge of the label is: right and down count plus."),
    _("Write these two numbers in the template. Printed again, the frames stand on the labels."),
)
LIST_PAGE = (210.0, 297.0)
_ROWS = 30


def calibration_pdf(layout: LabelLayout, design: Design, language: str) -> bytes:
    """Return the frames of all labels of a page, with scales in half mm across two edges."""
    page = Marks()
    places = list(layout.places())
    shift_x, shift_y = design.offset_x, design.offset_y
    for x, y in places:
        page.frames.append(Frame(x + shift_x, y + shift_y, *layout.label, 0.15))
    middle = places[len(places) // 2 + (layout.columns // 2 if layout.rows % 2 == 0 else 0)]
    for x, y in dict.fromkeys((places[0], middle)):
        _scales(page, layout, x + shift_x, y + shift_y)
    x, y = places[0]
    told = [say(line, language) for line in HOW] if layout.per_page > 1 else []
    by = {"x": Decimal(str(shift_x)), "y": Decimal(str(shift_y))}
    shifted = _("Shift now: %(x)s mm to the right, %(y)s mm down.", **by)
    told.append(say(shifted, language))
    size, lines = marks.fitted(
        told, (9.0, 8.0, 7.0, 6.0, 5.0), layout.label[0] - 12, layout.label[1] - 8
    )
    for number, line in enumerate(lines, start=1):
        baseline = y + shift_y + 6 + number * size * 0.42
        page.words.append(Words(x + shift_x + 9, baseline, line, size))
    return pdf([page], layout.page, "Balise")


def _scales(page: Marks, layout: LabelLayout, x: float, y: float) -> None:
    """Add a scale across the left and one across the upper edge of a label."""
    along, down = x + layout.label[0] * 0.75, y + layout.label[1] * 0.7
    for half in range(-2 * REACH, 2 * REACH + 1):
        long = 2.4 if half == 0 else 1.6 if half % 2 == 0 else 0.9
        page.lines.append(Line(x + half / 2, down - long, x + half / 2, down, 0.12))
        page.lines.append(Line(along, y + half / 2, along + long, y + half / 2, 0.12))
        if half and half % 4 == 0:
            said = f"{half // 2:+d}".replace("-", "−")
            page.words.append(Words(x + half / 2, down - 2.8, said, 4.5, align="middle"))
            page.words.append(Words(along + 2.8, y + half / 2 + 0.6, said, 4.5))


def sheet_list_pdf(
    title: Message, rows: Sequence[tuple[str, str, str, str, str]], language: str
) -> bytes:
    """Return the list of sheets: number, first code, last code, labels, where it is."""
    heads = (_("Sheet"), _("First code"), _("Last code"), _("Labels"), _("Where it is"))
    across = (16.0, 34.0, 76.0, 118.0, 140.0)
    pages = []
    for begin in range(0, max(1, len(rows)), _ROWS):
        page = Marks(words=[Words(16, 22, say(title, language), 16, BOLD)])
        y = 34.0
        for x, head in zip(across, heads, strict=True):
            page.words.append(Words(x, y, say(head, language), 9.5, BOLD))
        for row in rows[begin : begin + _ROWS]:
            page.lines.append(Line(16, y + 2.2, 194, y + 2.2))
            y += 8
            for number, (x, text) in enumerate(zip(across, row, strict=True)):
                font = CODE if number in (1, 2) else PLAIN
                page.words.append(Words(x, y, marks.shortened(text, 10, 52), 10, font))
        page.lines.append(Line(16, y + 2.2, 194, y + 2.2))
        pages.append(page)
    return pdf(pages, LIST_PAGE, "Balise")
