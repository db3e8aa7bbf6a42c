"""What leaves the printer at a testing point: labels for tubes and the visitor's ticket.

Drawn from plain values, as vectors. A label carries the sample code alone, never an address: the
bare code fits QR version 1, whose modules stay large enough for a tube. A ticket carries no
product, no sample code, no name and no date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

from lims.foundation.codes import shown
from lims.foundation.shipped import shipped
from lims.foundation.words import LANGUAGES, Message, _, say

MM = 72 / 25.4
#: ISO/IEC 18004: four modules of white around the symbol.
QUIET = 4
#: QR version 1 has 21 modules a side.
VERSION_1 = 21
#: One mask for all labels, instead of trying all eight and choosing by the standard's penalty:
#: that takes most of the time of a sheet, and 400 worn prints of each mask decoded alike
#: (78 to 81 %).
MASK = 2
#: Printed side of a label's QR code without its quiet zone, in mm, where the label has room.
SIDE = 14.0
#: At 203 dots per inch, 12 mm give 4.6 dots per module: below that, worn prints stop decoding.
SMALLEST_SIDE = 12.0


@dataclass(frozen=True)
class Label:
    """What one tube label says; `lines` are short words such as form, day or site."""

    code: str
    lines: tuple[str, ...] = ()
    demonstration: bool = False


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

    def places(self) -> Iterator[tuple[float, float]]:
        """Yield the lower left corner of every label of one page, in mm from the lower left."""
        for row in range(self.rows):
            for column in range(self.columns):
                x = self.left + column * (self.label[0] + self.gap_x)
                y = self.page[1] - self.top - (row + 1) * self.label[1] - row * self.gap_y
                yield x, y


A4, A5 = (210.0, 297.0), (148.0, 210.0)
#: White around a ticket, in mm.
MARGIN = 13.0
#: Most office printers leave 4.2 mm of a sheet's edge white; labels stay clear of it, in mm.
EDGE = 5.0
LAYOUTS = {
    layout.name: layout
    for layout in (
        LabelLayout("roll-62x29", (62, 29), (62, 29)),
        LabelLayout("roll-50x25", (50, 25), (50, 25)),
        LabelLayout("a4-3x7", A4, (70, 42.3), 3, 7, 0, 0.45),
        LabelLayout("a4-3x8", A4, (70, 37), 3, 8, 0, 0.5),
        LabelLayout("a4-4x10", A4, (48.5, 25.4), 4, 10, 8, 21.5),
    )
}

TICKET_LINES: tuple[Message, ...] = (
    _("This ticket opens your result. Without it, nobody can find your result again."),
    _("How to get the result: scan the square or type the code at the address below."),
    _("You can also show this ticket at the testing point. Come and talk with us."),
    _("When you have read the result, destroy this ticket."),
)
TICKET_TITLE = _("Your ticket")
TICKET_SHORT = _("This ticket opens your result. Destroy it when you have read it.")
DEMO = _("DEMO")


def label_pdf(labels: Sequence[Label], layout: LabelLayout, language: str) -> bytes:
    """Return a PDF of labels, on as many pages of the layout as they need.

    The QR code holds the bare eight characters: version 1, alphanumeric, level Q.
    """
    canvas, buffer = _canvas(layout.page, "Balise")
    places = list(layout.places())
    for index, label in enumerate(labels):
        if index and index % len(places) == 0:
            canvas.showPage()
        _draw_label(canvas, label, layout, places[index % len(places)], language)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def ticket_pdf(
    ticket: str, samples_count: int, language: str, public_url: str, demonstration: bool
) -> bytes:
    """Return the visitor's ticket as an A5 page, in their language with a line in the others.

    `ticket` is grouped as printed. The secret stands behind the `#` of the address, which a
    browser does not send to a server.
    """
    width, height = A5
    canvas, buffer = _canvas(A5, "Ticket")
    address = public_url.rstrip("/")
    y = height - 20.0
    _text(canvas, MARGIN, y, say(TICKET_TITLE, language), 26, "B612-Bold")
    if demonstration:
        _demo_mark(canvas, width - MARGIN, y, language, 13)
    link = f"{address}/#{ticket.replace('-', '')}"
    _draw_qr(canvas, _matrix(link), (width - 48) / 2, y - 57, 48)
    y = _ticket_code(canvas, ticket, width / 2, y - 71)
    y = _paragraphs(canvas, _ticket_words(samples_count, language), y - 12, width, 12.5)
    _text(canvas, MARGIN, y, address, 14, "B612-Bold", at_most=width - 2 * MARGIN)
    _ticket_foot(canvas, width, language)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _ticket_words(samples_count: int, language: str) -> list[str]:
    counted = _("Samples: %(n)s", n=samples_count)
    return [say(counted, language), *(say(line, language) for line in TICKET_LINES)]


def _ticket_code(canvas: Any, ticket: str, middle: float, y: float) -> float:
    """Draw the code on two lines around `middle` and return the height of the last, in mm."""
    groups = ticket.split("-")
    half = (len(groups) + 1) // 2
    canvas.setFont("B612Mono-Bold", 26)
    for row in (groups[:half], groups[half:]):
        canvas.drawCentredString(middle * MM, y * MM, "-".join(row))
        y -= 10.5
    return y + 10.5


def _ticket_foot(canvas: Any, width: float, language: str) -> None:
    others = [other for other in LANGUAGES if other != language]
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN * MM, 28 * MM, (width - MARGIN) * MM, 28 * MM)
    words = [f"{other.upper()} – {say(TICKET_SHORT, other)}" for other in others]
    _paragraphs(canvas, words, 22, width, 10)


def _paragraphs(canvas: Any, words: Sequence[str], y: float, width: float, size: float) -> float:
    """Draw paragraphs below each other and return where the next may start, in mm."""
    from reportlab.lib.utils import simpleSplit

    for text in words:
        for line in simpleSplit(text, "B612", size, (width - 2 * MARGIN) * MM):
            _text(canvas, MARGIN, y, line, size, "B612")
            y -= size * 1.3 / MM
        y -= 1.5
    return y


def _draw_label(
    canvas: Any, label: Label, layout: LabelLayout, place: tuple[float, float], language: str
) -> None:
    (width, height), (x, y) = layout.label, place
    # As large as the label allows with its quiet zone, between the smallest that decodes and 14 mm.
    room = min(height, width * 0.45) * VERSION_1 / (VERSION_1 + 2 * QUIET)
    side = max(SMALLEST_SIDE, min(SIDE, room))
    quiet = side / VERSION_1 * QUIET
    edge = EDGE if width >= 60 else quiet
    _draw_qr(canvas, _matrix(label.code), x + edge, y + (height - side) / 2, side)
    left, right = x + edge + side + quiet, x + width - (EDGE if width >= 60 else 1.5)
    middle = y + height / 2
    code = shown(label.code)
    _text(canvas, left, middle + 1.0, code, 14, "B612Mono-Bold", at_most=right - left)
    for number, line in enumerate(label.lines[:3], start=1):
        _text(canvas, left, middle + 0.6 - 3.4 * number, line, 7.5, "B612", at_most=right - left)
    if label.demonstration:
        _demo_mark(canvas, right, y + height - 5.5, language, 7)


def _demo_mark(canvas: Any, right: float, y: float, language: str, size: float) -> None:
    """Draw the framed word that says that nothing of this is real; `right` and `y` in mm."""
    word = say(DEMO, language)
    width = canvas.stringWidth(word, "B612-Bold", size) + size * 0.8
    canvas.setLineWidth(0.7)
    canvas.rect(right * MM - width, y * MM - size * 0.35, width, size * 1.45)
    canvas.setFont("B612-Bold", size)
    canvas.drawRightString(right * MM - size * 0.4, y * MM, word)


def _text(
    canvas: Any, x: float, y: float, text: str, size: float, font: str, at_most: float | None = None
) -> None:
    """Draw one line at x and y in mm, smaller when it is wider than `at_most` mm."""
    if at_most is not None:
        wide = canvas.stringWidth(text, font, size)
        size = min(size, size * at_most * MM / wide) if wide else size
    canvas.setFont(font, size)
    canvas.drawString(x * MM, y * MM, text)


def _draw_qr(canvas: Any, matrix: list[list[bool]], x: float, y: float, side: float) -> None:
    """Draw a QR code with its lower left corner at x and y, `side` mm wide without quiet zone.

    Runs of dark modules are one rectangle each, and all of them one filled path: no hair lines
    between neighbours, and a small file.
    """
    module = side * MM / len(matrix)
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        bottom = y * MM + (len(matrix) - 1 - row) * module
        for start, length in _runs(modules):
            path.rect(x * MM + start * module, bottom, length * module, module)
    canvas.drawPath(path, stroke=0, fill=1)


def _runs(modules: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for column, dark in enumerate([*modules, False]):
        if dark and start is None:
            start = column
        elif not dark and start is not None:
            yield start, column - start
            start = None


def _matrix(text: str) -> list[list[bool]]:
    """Return the modules of a QR code; a bare sample code always gets version 1, level Q."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q

    short = len(text) <= 8
    level = ERROR_CORRECT_Q if short else ERROR_CORRECT_M
    code = qrcode.QRCode(
        version=1 if short else None,
        error_correction=level,
        border=0,
        mask_pattern=MASK if short else None,
    )
    code.add_data(text, optimize=0)
    code.make(fit=not short)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def _canvas(page: tuple[float, float], title: str) -> tuple[Any, BytesIO]:
    from reportlab.pdfgen.canvas import Canvas

    _fonts()
    buffer = BytesIO()
    # Invariant: no clock and no random identifier in the file, so that a ticket tells no time.
    canvas = Canvas(buffer, pagesize=(page[0] * MM, page[1] * MM), invariant=1, pageCompression=1)
    canvas.setTitle(title)
    return canvas, buffer


@cache
def _fonts() -> None:
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    folder = shipped("static") / "fonts" / "ttf"
    for name in ("B612-Regular", "B612-Bold", "B612Mono-Bold"):
        registerFont(TTFont(name.removesuffix("-Regular"), str(folder / f"{name}.ttf")))
