"""The card that lies beside a sample on its photo: a bar of 50 mm, squares of 10 mm, patches.

It measures only when it was printed at 100 %, and says so. The patches are colours of the
network's own palette as a printer gives them: good for comparing photos with this same card.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lims.foundation.measures import MM
from lims.foundation.paper import BOLD, PLAIN, new_canvas
from lims.foundation.words import _, say

A4 = (210.0, 297.0)
LEFT, BOTTOM, WIDE, HIGH = 35.0, 165.0, 140.0, 90.0
"""Where the card stands on its sheet and how large it is, in mm."""
BAR, SQUARE = 50.0, 10.0
PATCHES = ("white", "grey", "black", "red", "yellow", "green", "blue")
"""Codes of the palette: the ends and middle of lightness, and four hues apart."""
WORDS = (
    _("Print this page at its real size, without “fit to page”."),
    _("Measure the bar with a ruler: it must be 50 mm long. If it is not, print again."),
    _("Cut the card out. Lay it flat beside the sample, both in one light, and nothing else."),
    _("No hand, no face and no place in the picture."),
    _("Printed colours differ between printers. They help to compare photos and measure nothing."),
)


def scale_card(language: str, patches: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return the card as one A4 page of PDF; `patches` are names and sRGB such as #8C8F92."""
    canvas, buffer = new_canvas(A4, say(_("Scale card"), language))
    canvas.setFont(BOLD, 20)
    canvas.drawString(LEFT * MM, 272 * MM, say(_("Scale card for photos of samples"), language))
    canvas.drawString(LEFT * MM, 262 * MM, "100 %")
    canvas.setDash(3, 3)
    canvas.rect(LEFT * MM, BOTTOM * MM, WIDE * MM, HIGH * MM)
    canvas.setDash()
    _bar(canvas, LEFT + 10, BOTTOM + HIGH - 22)
    _squares(canvas, LEFT + 80, BOTTOM + HIGH - 40)
    _patches(canvas, patches, LEFT + 10, BOTTOM + 12)
    _sentences(canvas, language)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _bar(canvas: Any, x: float, y: float) -> None:
    """Draw the bar of 50 mm with its millimetres, its left end at x and y."""
    canvas.setLineWidth(0.5)
    canvas.line(x * MM, y * MM, (x + BAR) * MM, y * MM)
    for place in range(int(BAR) + 1):
        high = 8 if place % 10 == 0 else 5 if place % 5 == 0 else 3
        canvas.line((x + place) * MM, y * MM, (x + place) * MM, (y + high) * MM)
    canvas.setFont(BOLD, 10)
    for place in range(0, int(BAR) + 1, 10):
        canvas.drawCentredString((x + place) * MM, (y - 5) * MM, str(place))
    canvas.drawString((x + BAR + 5) * MM, (y - 5) * MM, "mm")


def _squares(canvas: Any, x: float, y: float) -> None:
    """Draw five by three squares of 10 mm, black and white in turn, lower left at x and y."""
    for row in range(3):
        for column in range(5):
            canvas.rect(
                (x + column * SQUARE) * MM,
                (y + row * SQUARE) * MM,
                SQUARE * MM,
                SQUARE * MM,
                stroke=1,
                fill=(row + column) % 2,
            )


def _patches(canvas: Any, patches: Sequence[tuple[str, str]], x: float, y: float) -> None:
    canvas.setFont(PLAIN, 7)
    for place, (name, value) in enumerate(patches):
        left = x + place * 17
        red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
        canvas.setFillColorRGB(red, green, blue)
        canvas.rect(left * MM, (y + 5) * MM, 15 * MM, 18 * MM, stroke=1, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(left * MM, y * MM, name[:14])


def _sentences(canvas: Any, language: str) -> None:
    from reportlab.lib.utils import simpleSplit

    y = BOTTOM - 15
    for words in WORDS:
        for line in simpleSplit(say(words, language), PLAIN, 13, WIDE * MM):
            canvas.setFont(PLAIN, 13)
            canvas.drawString(LEFT * MM, y * MM, line)
            y -= 7
        y -= 3
