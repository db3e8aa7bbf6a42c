"""What stands on a label or a ticket, before it is drawn: words, squares, frames, lines.

Lengths are in mm from the upper left corner. The same marks are drawn as PDF, as ZPL and as a
picture on the page, so that a preview shows what is printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lims.foundation.measures import MM
from lims.foundation.paper import PLAIN, know_typefaces
from lims.intake.label_design import LEADING

#: One mask for all labels, instead of trying all eight and choosing by the standard's penalty:
#: that takes most of the time of a sheet, and 400 worn prints of each mask decoded alike
#: (78 to 81 %).
MASK = 2
Modules = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True)
class Words:
    """One line: `y` is its baseline, `size` in points; `align` is left, middle or right of x."""

    x: float
    y: float
    text: str
    size: float
    font: str = PLAIN
    align: str = "left"


@dataclass(frozen=True)
class Square:
    """A QR code with its upper left corner at x and y, without its quiet zone."""

    x: float
    y: float
    side: float
    modules: Modules


@dataclass(frozen=True)
class Frame:
    """An empty rectangle."""

    x: float
    y: float
    width: float
    height: float
    line: float = 0.25


@dataclass(frozen=True)
class Line:
    """A straight line."""

    x: float
    y: float
    to_x: float
    to_y: float
    line: float = 0.2


@dataclass
class Marks:
    """All that stands on one piece of paper."""

    words: list[Words] = field(default_factory=list)
    squares: list[Square] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def moved(self, x: float, y: float) -> Marks:
        """Return the same marks elsewhere."""
        return Marks(
            [replace(one, x=one.x + x, y=one.y + y) for one in self.words],
            [replace(one, x=one.x + x, y=one.y + y) for one in self.squares],
            [replace(one, x=one.x + x, y=one.y + y) for one in self.frames],
            [
                replace(one, x=one.x + x, y=one.y + y, to_x=one.to_x + x, to_y=one.to_y + y)
                for one in self.lines
            ],
        )


def modules_of(text: str) -> Modules:
    """Return the modules of a QR code; a bare sample code always gets version 1, level Q."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q

    short = len(text) <= 8
    code = qrcode.QRCode(
        version=1 if short else None,
        error_correction=ERROR_CORRECT_Q if short else ERROR_CORRECT_M,
        border=0,
        mask_pattern=MASK if short else None,
    )
    code.add_data(text, optimize=0)
    code.make(fit=not short)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def runs(modules: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield start and length of each run of dark modules in a row."""
    start: int | None = None
    for column, dark in enumerate([*modules, False]):
        if dark and start is None:
            start = column
        elif not dark and start is not None:
            yield start, column - start
            start = None


def width(text: str, size: float, font: str = PLAIN) -> float:
    """Return how wide a line is, in mm."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    know_typefaces()
    return float(stringWidth(text, font, size)) / MM


def wrapped(text: str, size: float, most: float, font: str = PLAIN) -> list[str]:
    """Return a text on lines of at most so many mm; a longer word stands alone and is too wide."""
    found: list[str] = []
    for word in text.split():
        longer = f"{found[-1]} {word}" if found else word
        if found and width(longer, size, font) <= most:
            found[-1] = longer
        else:
            found.append(word)
    return found


def fitted(
    texts: Sequence[str], sizes: Sequence[float], most: float, high: float
) -> tuple[float, list[str]]:
    """Return the largest of these types at which all texts stand in a room, and their lines.

    Where not even the last one does, its lines are cut, with an ellipsis to show it.
    """
    lines: list[str] = []
    for size in sizes:
        lines = [line for text in texts for line in wrapped(text, size, most)]
        fits = len(lines) * size * LEADING <= high * MM + 1e-6
        if fits and all(width(line, size) <= most + 1e-6 for line in lines):
            return size, lines
    size = sizes[-1]
    room = max(1, int(high * MM / (size * LEADING)))
    kept = [*lines[: room - 1], f"{lines[room - 1]} …"] if len(lines) > room else lines
    return size, [shortened(line, size, most) for line in kept]


def shortened(line: str, size: float, most: float) -> str:
    """Return a line that is at most so many mm wide; what is cut off is shown by an ellipsis."""
    if width(line, size) <= most:
        return line
    kept = line.rstrip(" …")
    while kept and width(f"{kept}…", size) > most:
        kept = kept[:-1]
    return f"{kept}…"
