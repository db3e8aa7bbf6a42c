"""What a label may look like: its paper, its square code, its words, and what cannot be.

All lengths are in mm. A label carries the code of its sample always; what the person said that it
is stands on no tube: an analyst who does not know it is not led by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lims.foundation.errors import Problem
from lims.foundation.measures import MM
from lims.foundation.words import Message, _

#: ISO/IEC 18004: four modules of white around the symbol.
QUIET = 4
#: QR version 1 has 21 modules a side.
VERSION_1 = 21
#: Printed side of a label's QR code without its quiet zone, in mm, where the label has room.
SIDE = 14.0
#: At 203 dots per inch, 12 mm give 4.6 dots per module: below that, worn prints stop decoding.
SMALLEST_SIDE = 12.0
LARGEST_SIDE = 40.0
#: Most office printers leave 4.2 mm of a sheet's edge white; ink stays clear of it, in mm.
EDGE = 5.0
#: Label printers leave less of their single label white, in mm.
ROLL_EDGE = 2.0
#: Beside the square, in mm: room for half a code at 10 points.
LEAST_WORDS = 11.0
#: Between ink and the edge of a label inside a sheet, in mm.
GAP = 1.0
#: Smallest type that words shrink to, in points; line height in parts of the type.
SMALLEST_TYPE, LEADING = 4.5, 1.2
#: Type of the code, in points: on one line, or in two halves where that would be too small.
CODE_TYPE, HALVED_BELOW = 14.0, 8.5
#: B612 Mono: every character is so many parts of the type wide.
MONO = 0.65
#: Above the code, where the word for a demonstration stands, in mm.
DEMONSTRATION = 3.2
MOST_COPIES, FARTHEST = 5, 10.0

FIELDS: Mapping[str, Message] = {
    "form": _("Form"),
    "colour": _("Colour"),
    "week": _("ISO week"),
    "day": _("Day"),
    "site": _("Site"),
    "mass": _("Mass handed in"),
    "outside_code": _("Own barcode of a partner"),
}
OUTPUTS: Mapping[str, Message] = {
    "pdf": _("PDF, for any printer"),
    "zpl203": _("ZPL, label printer of 203 dots per inch"),
    "zpl300": _("ZPL, label printer of 300 dots per inch"),
}
#: Dots per mm of label printers that speak ZPL, as their maker gives them (8 and 11.8).
DOTS = {"zpl203": 8.0, "zpl300": 11.8}
OWN = "own"


@dataclass(frozen=True)
class LabelLayout:
    """Paper of one kind, all in mm; labels are laid row by row from the top left."""

    name: str
    page: tuple[float, float]
    label: tuple[float, float]
    columns: int = 1
    rows: int = 1
    left: float = 0.0
    top: float = 0.0
    gap_x: float = 0.0
    gap_y: float = 0.0
    maker: str = ""
    source: str = ""

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    @property
    def right(self) -> float:
        """Return what is left of the page beside the last column."""
        used = self.columns * self.label[0] + (self.columns - 1) * self.gap_x
        return self.page[0] - self.left - used

    @property
    def bottom(self) -> float:
        """Return what is left of the page below the last row."""
        used = self.rows * self.label[1] + (self.rows - 1) * self.gap_y
        return self.page[1] - self.top - used

    def places(self) -> Iterator[tuple[float, float]]:
        """Yield the upper left corner of every label of one page, in mm from the upper left."""
        for row in range(self.rows):
            for column in range(self.columns):
                x = self.left + column * (self.label[0] + self.gap_x)
                yield x, self.top + row * (self.label[1] + self.gap_y)

    def white(self) -> tuple[float, float, float, float]:
        """Return what no ink may reach of each label: left, top, right, bottom, in mm.

        The same for every label of a sheet, so that all of them look alike.
        """
        if self.per_page == 1:
            return (ROLL_EDGE,) * 4
        beside = (self.left, self.top, self.right, self.bottom)
        left, top, right, bottom = (max(GAP, EDGE - margin) for margin in beside)
        return left, top, right, bottom


@dataclass(frozen=True)
class Design:
    """What a template chooses: fields in their order, sizes, copies, where the printer shifts."""

    fields: tuple[str, ...] = ("form", "day")
    qr_side: float = SIDE
    text_pt: float = 7.5
    copies: int = 1
    offset_x: float = 0.0
    offset_y: float = 0.0
    output: str = "pdf"


def quiet(side: float) -> float:
    """Return the white that a square needs on each side, in mm."""
    return side / VERSION_1 * QUIET


def has_room(paper: LabelLayout, side: float) -> bool:
    """Tell whether a label holds a square of this side with its white, and words beside it."""
    left, top, right, bottom = paper.white()
    width, height = paper.label
    around = quiet(side)
    across = max(left, around) + side + around + LEAST_WORDS + right
    return (
        across <= width + 1e-9
        and side + 2 * around <= height + 1e-9
        and side + top + bottom <= height + 1e-9
    )


def largest_side(paper: LabelLayout) -> float:
    """Return the largest square of a label in steps of 0.1 mm; 0 when not even 12 mm fit."""
    for tenths in range(round(LARGEST_SIDE * 10), round(SMALLEST_SIDE * 10) - 1, -1):
        if has_room(paper, tenths / 10):
            return tenths / 10
    return 0.0


def usual(paper: LabelLayout) -> Design:
    """Return how labels of a paper look when no template says more."""
    side = min(SIDE, largest_side(paper))
    return Design(fields=Design.fields[: most_lines(paper, side)], qr_side=side)


def module_dots(side: float, dots: float) -> int:
    """Return the whole dots of one module, so that the side has at least 12 mm."""
    least = -(-SMALLEST_SIDE * dots // VERSION_1)
    return int(max(least, side * dots // VERSION_1))


def side_in_dots(side: float, dots: float) -> float:
    """Return the side, in mm, that a printer of so many dots per mm really prints."""
    return module_dots(side, dots) * VERSION_1 / dots


def words_area(paper: LabelLayout, side: float) -> tuple[float, float, float, float]:
    """Return where words go: x, y of the upper left corner, width, height; mm within the label."""
    left, top, right, bottom = paper.white()
    x = max(left, quiet(side)) + side + quiet(side)
    return x, top, paper.label[0] - right - x, paper.label[1] - top - bottom


def most_lines(paper: LabelLayout, side: float) -> int:
    """Return how many lines of the smallest type stand below code and demonstration's mark."""
    _x, _y, width, height = words_area(paper, side)
    size, lines = code_type(width)
    left = height - DEMONSTRATION - lines * size * LEADING / MM
    return max(0, int(left * MM / (SMALLEST_TYPE * LEADING) + 1e-6))


def code_type(width: float) -> tuple[float, int]:
    """Return the type of a code in a room so wide, in points, and its lines: one or two."""
    alone = width * MM / (9 * MONO)  # four characters, a dash, four characters
    if alone >= HALVED_BELOW:
        return min(CODE_TYPE, alone), 1
    return min(CODE_TYPE, width * MM / (5 * MONO)), 2


def wrong_paper(paper: LabelLayout) -> list[Problem]:
    """Return, in words, why labels of this paper cannot be printed."""
    width, height = paper.page
    if paper.right < -1e-6 or paper.left < 0:
        return [Problem("own_label_width", _("The labels are wider than the page."))]
    if paper.bottom < -1e-6 or paper.top < 0:
        return [Problem("own_label_height", _("The labels are higher than the page."))]
    if not has_room(paper, SMALLEST_SIDE):
        told = _(
            "A label of %(w)s × %(h)s mm has no room for a square of 12 mm, the white around it "
            "and the code beside it.",
            w=_round(paper.label[0]),
            h=_round(paper.label[1]),
        )
        return [Problem("own_label_width" if paper.name == OWN else "paper", told)]
    if max(width, height) > 1000:
        return [Problem("own_page_width", _("A page is at most 1000 mm."))]
    return []


def wrong_design(paper: LabelLayout, design: Design) -> list[Problem]:
    """Return, in words, what of a design does not fit on its paper."""
    problems = _wrong_fields(design.fields)
    most = largest_side(paper)
    if not SMALLEST_SIDE <= design.qr_side <= most:
        told = _("On this paper the square has 12 to %(most)s mm a side.", most=_round(most))
        problems.append(Problem("qr_side", told))
    elif not problems and len(design.fields) > most_lines(paper, design.qr_side):
        told = _(
            "Below the code this label has room for so many lines: %(n)s. Leave fields out, or "
            "make the square smaller.",
            n=most_lines(paper, design.qr_side),
        )
        problems.append(Problem("fields", told))
    return problems + _wrong_output(paper, design, most)


def _wrong_output(paper: LabelLayout, design: Design, most: float) -> list[Problem]:
    if design.output not in OUTPUTS:
        return [Problem("output", _("Choose one of the list."))]
    if design.output == "pdf":
        return []
    if paper.per_page > 1:
        return [Problem("output", _("A label printer takes single labels, not sheets."))]
    real = side_in_dots(design.qr_side, DOTS[design.output])
    if not has_room(paper, real):
        told = _(
            "This printer prints the square %(side)s mm wide, in whole dots; the label has room "
            "for %(most)s mm.",
            side=_round(real),
            most=_round(most),
        )
        return [Problem("output", told)]
    return []


def _wrong_fields(fields: Sequence[str]) -> list[Problem]:
    if any(name not in FIELDS for name in fields):
        return [Problem("fields", _("Choose one of the list."))]
    if len(set(fields)) != len(fields):
        return [Problem("fields", _("Choose each field once."))]
    return []


def _round(length: float) -> Decimal:
    return Decimal(str(round(length, 1))).normalize()


OWN_MEASURES = (
    *("page_width", "page_height", "label_width", "label_height"),
    *("left", "top", "gap_x", "gap_y"),
)
"""What is typed of an own paper, in mm, besides its columns and rows."""


def own_paper(measures: Mapping[str, object]) -> LabelLayout:
    """Return the paper that was typed in mm; a measure that is missing counts as 0."""

    def mm(name: str) -> float:
        return float(str(measures.get(name) or 0))

    return LabelLayout(
        name=OWN,
        page=(mm("page_width"), mm("page_height")),
        label=(mm("label_width"), mm("label_height")),
        columns=int(str(measures.get("columns") or 1)),
        rows=int(str(measures.get("rows") or 1)),
        left=mm("left"),
        top=mm("top"),
        gap_x=mm("gap_x"),
        gap_y=mm("gap_y"),
    )
