"""What every printed page starts from: the typefaces, and an empty file of pages.

The typefaces are those of the screens (`static/fonts`), embedded in each file so that a page looks
the same on any machine. A page names them by the constants below, after `know_typefaces()`.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from lims.foundation.measures import MM
from lims.foundation.shipped import shipped

#: The third is for codes of samples, parcels and places, whose letters must not be mistaken.
PLAIN, BOLD, CODE = "B612", "B612-Bold", "B612Mono-Bold"
FILES = {PLAIN: "B612-Regular.ttf", BOLD: "B612-Bold.ttf", CODE: "B612Mono-Bold.ttf"}


@cache
def know_typefaces() -> None:
    """Make the typefaces known to the printer of pages, once for each process."""
    from reportlab.lib.fonts import addMapping
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    folder = shipped("static") / "fonts" / "ttf"
    for name, file in FILES.items():
        registerFont(TTFont(name, str(folder / file)))
    # No slanted face is shipped: what asks for one is set upright.
    for slanted in (0, 1):
        addMapping(PLAIN, 0, slanted, PLAIN)
        addMapping(PLAIN, 1, slanted, BOLD)


def new_canvas(page: tuple[float, float], title: str) -> tuple[Any, BytesIO]:
    """Return a canvas of pages of one size in mm, and the file it is saved to.

    No clock and no random identifier goes into it: the same input gives the same file, and a
    ticket tells no time.
    """
    from reportlab.pdfgen.canvas import Canvas

    know_typefaces()
    file = BytesIO()
    size = (page[0] * MM, page[1] * MM)
    canvas = Canvas(file, pagesize=size, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    return canvas, file
