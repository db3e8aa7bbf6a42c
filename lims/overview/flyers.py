"""The poster (A4) and the flyer (A5) of a testing point, with the QR code of its public page.

Drawn from plain values as vectors, one language a sheet. It names no product and no person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lims.foundation.measures import MM
from lims.foundation.paper import BOLD, PLAIN, new_canvas
from lims.foundation.words import Message, _, say

PAGES = {"a4": (210.0, 297.0), "a5": (148.0, 210.0)}
#: ISO/IEC 18004: four modules of white around the symbol.
QUIET = 4
INK, RULE = (0.067, 0.094, 0.125), (0.059, 0.271, 0.322)
#: Height of the coloured band and of the foot, in mm of an A4 sheet.
BAND, FOOT = 62.0, 82.0
LEADING = 1.35
#: How much larger than their least size words may be; the first that fits is taken.
LARGER = (1.6, 1.45, 1.3, 1.15, 1.0, 0.85, 0.7, 0.55)
PROMISES: tuple[Message, ...] = (
    _("No name, no date of birth, no number."),
    _("A ticket opens your result. No name stands with it."),
    _("We talk about it together, whatever you decide."),
)


@dataclass(frozen=True)
class Flyer:
    """What a sheet says, in one language."""

    name: str
    place: Sequence[str]
    hours: Sequence[tuple[str, str]]
    languages: str
    forms: str
    address: str
    demonstration: bool = False


def flyer_pdf(flyer: Flyer, size: str, language: str) -> bytes:
    """Return the sheet as a PDF of size a4 or a5."""
    width, height = PAGES[size]
    canvas, buffer = new_canvas((width, height), flyer.name)
    sheet = _Sheet(canvas, width, height, width / 210.0, language)
    sheet.head()
    sheet.body(flyer)
    sheet.foot(flyer)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Sheet:
    """A page that is filled from the top; sizes are those of A4, scaled."""

    def __init__(
        self, canvas: Any, width: float, height: float, scale: float, language: str
    ) -> None:
        self.canvas, self.width, self.height = canvas, width, height
        self.scale, self.language = scale, language
        self.left = 18.0 * scale
        self.y = height
        self.larger, self.drawing = 1.0, True

    def head(self) -> None:
        band = BAND * self.scale
        self.canvas.setFillColorRGB(*RULE)
        self.canvas.rect(0, (self.height - band) * MM, self.width * MM, band * MM, stroke=0, fill=1)
        self.canvas.setFillColorRGB(1, 1, 1)
        self.y = self.height - 26 * self.scale
        self._lines(self._say(_("Have it tested")), 40, BOLD)
        self._lines(self._say(_("Know more before you decide.")), 17, PLAIN)
        self.canvas.setFillColorRGB(*INK)

    def body(self, flyer: Flyer) -> None:
        """Write who, where, when and what as large as there is room for."""
        room = (FOOT + 4) * self.scale
        for larger in LARGER:
            self.larger, self.drawing = larger, False
            self._words(flyer)
            if self.y >= room:
                break
        self.drawing = True
        self._words(flyer)
        self.larger = 1.0

    def _words(self, flyer: Flyer) -> None:
        self.y = self.height - (BAND + 16) * self.scale
        self._lines(flyer.name, 22, BOLD)
        for line in flyer.place:
            self._lines(line, 13, PLAIN)
        if flyer.demonstration:
            self._lines(self._say(_("Demonstration: invented data")), 11, BOLD)
        self._title(_("When"))
        for day, hours in flyer.hours:
            self._row(day, hours, 13 * self.scale * self.larger)
        for title, text in (
            (_("What can be tested"), flyer.forms),
            (_("Languages"), flyer.languages),
        ):
            if text:
                self._title(title)
                self._lines(text, 13, PLAIN)

    def _title(self, title: Message) -> None:
        self.y -= 4 * self.scale * self.larger
        self._lines(self._say(title), 15, BOLD)

    def _row(self, day: str, hours: str, size: float) -> None:
        place = self.left + 64 * self.scale
        wide = (self.width - self.left - place) * MM
        if self.drawing:
            self.canvas.setFont(PLAIN, size)
            self.canvas.drawString(self.left * MM, self.y * MM, day)
        for line in self._split(hours, BOLD, size, wide):
            if self.drawing:
                self.canvas.setFont(BOLD, size)
                self.canvas.drawString(place * MM, self.y * MM, line)
            self.y -= size * LEADING / MM

    def foot(self, flyer: Flyer) -> None:
        side, low = (FOOT - 32) * self.scale, 20.0 * self.scale
        right = self.width - self.left
        self.canvas.setStrokeColorRGB(*RULE)
        self.canvas.setLineWidth(1.2)
        top = FOOT * self.scale
        self.canvas.line(self.left * MM, top * MM, right * MM, top * MM)
        _draw_qr(self.canvas, _matrix(flyer.address), right - side, low, side)
        self.y = top - 9 * self.scale
        for words in PROMISES:
            self._lines(self._say(words), 13, PLAIN, right=side + 12 * self.scale)
            self.y -= 1.2 * self.scale
        self.y = low - 8 * self.scale
        self._lines(flyer.address, 11, BOLD)

    def _say(self, words: Message) -> str:
        return say(words, self.language)

    def _lines(self, text: str, size: float, font: str, right: float = 0.0) -> None:
        """Draw a text below what stands already, broken where the page ends; size as on A4."""
        size *= self.scale * self.larger
        wide = (self.width - 2 * self.left - right) * MM
        for line in self._split(text, font, size, wide):
            if self.drawing:
                self.canvas.setFont(font, size)
                self.canvas.drawString(self.left * MM, self.y * MM, line)
            self.y -= size * LEADING / MM

    def _split(self, text: str, font: str, size: float, wide: float) -> list[str]:
        from reportlab.lib.utils import simpleSplit

        found: list[str] = simpleSplit(text, font, size, wide)
        return found


def _draw_qr(canvas: Any, matrix: list[list[bool]], x: float, y: float, side: float) -> None:
    """Draw a QR code with its lower left corner at x and y, `side` mm wide, as one path."""
    module = side * MM / len(matrix)
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        bottom = y * MM + (len(matrix) - 1 - row) * module
        for column, dark in enumerate(modules):
            if dark:
                path.rect(x * MM + column * module, bottom, module, module)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawPath(path, stroke=0, fill=1)


def _matrix(text: str) -> list[list[bool]]:
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(version=None, error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]
