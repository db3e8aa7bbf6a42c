"""The paper of a report: type, headings that stand in the outline, bars, tables, page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from lims.foundation.measures import MM
from lims.foundation.paper import BOLD, PLAIN
from lims.foundation.words import _, say

PAGE = (210 * MM, 297 * MM)
MARGIN = 20 * MM
WIDE = PAGE[0] - 2 * MARGIN - 12
"""Within the frame, which keeps 6 points free on each side."""
INK, QUIET, RULE, BAND = "#111820", "#46565D", "#0F4552", "#E4E7E8"
BAR_WIDTH, BAR_HEIGHT = 42 * MM, 8.0


def paragraph(words: str, style: Any) -> Any:
    return marked_up(escape(words).replace("\n", "<br/>"), style)


def marked_up(words: str, style: Any) -> Any:
    from reportlab.platypus import Paragraph

    # The typeface has no narrow no-break space, which French puts between thousands.
    return Paragraph(words.replace("\u202f", "\u00a0"), style)


def heading(words: str, anchor: str, level: int, style: Any) -> Any:
    from reportlab.platypus import Paragraph

    class Heading(Paragraph):  # type: ignore[misc]
        def draw(self) -> None:
            self.canv.bookmarkPage(anchor)
            self.canv.addOutlineEntry(words, anchor, level, closed=level > 0)
            super().draw()

    return Heading(escape(words).replace("\u202f", "\u00a0"), style)


def bar(part: float) -> Any:
    """Return a bar as long as its part of the longest."""
    from reportlab.graphics.shapes import Drawing, Rect
    from reportlab.lib.colors import HexColor

    drawing = Drawing(BAR_WIDTH - 12, BAR_HEIGHT)
    if part > 0:
        long = max(0.8, (BAR_WIDTH - 12) * min(part, 1.0))
        drawn = Rect(0, 0, long, BAR_HEIGHT, fillColor=HexColor(RULE), strokeColor=None)
        drawing.add(drawn)
    return drawing


def table(rows: Sequence[Sequence[Any]], widths: Sequence[float], *, head: bool = False) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Table

    look: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(BAND)),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    if head:
        look.append(("LINEBELOW", (0, 0), (-1, 0), 1.0, HexColor(RULE)))
    made = Table(rows, colWidths=list(widths), repeatRows=1 if head else 0, hAlign="LEFT")
    made.setStyle(look)
    return made


def styles() -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, size: float, *, bold: bool = False, **more: Any) -> Any:
        font = BOLD if bold else PLAIN
        colour = HexColor(more.pop("colour", INK))
        given = {"leading": size * 1.4, "textColor": colour, **more}
        return ParagraphStyle(name, fontName=font, fontSize=size, **given)

    return {
        "h0": style("h0", 22, bold=True, colour=RULE, spaceAfter=6),
        "h1": style("h1", 14, bold=True, colour=RULE, spaceBefore=14, spaceAfter=4, keepWithNext=1),
        "h2": style("h2", 10.5, bold=True, spaceBefore=8, keepWithNext=1),
        "body": style("body", 9, spaceAfter=4),
        "quiet": style("quiet", 8, colour=QUIET, spaceAfter=2),
        "value": style("value", 14, bold=True),
        "part": style("part", 8.5, bold=True, spaceBefore=5, keepWithNext=1),
        "cell": style("cell", 8),
        "head": style("head", 8, bold=True),
        "number": style("number", 8, bold=True, alignment=2),
    }


def numbered(report: Any) -> Any:
    """Return a canvas that knows how many pages there are, and says so at the foot of each."""
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self.kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for place, state in enumerate(self.kept, start=1):
                self.__dict__.update(state)
                _foot(self, report, place, len(self.kept))
                super().showPage()
            super().save()

    return Numbered


def _foot(canvas: Any, report: Any, place: int, pages: int) -> None:
    canvas.setFont(PLAIN, 7.5)
    canvas.setFillColor(QUIET)
    canvas.drawString(MARGIN, 11 * MM, f"{report.subtitle} · {report.title}")
    number = _("Page %(n)s of %(pages)s", n=place, pages=pages)
    canvas.drawRightString(PAGE[0] - MARGIN, 11 * MM, say(number, report.language))
    if report.draft:
        words = say(_("Draft: not approved, not to be quoted"), report.language)
        canvas.setFont(BOLD, 8)
        canvas.drawRightString(PAGE[0] - MARGIN, PAGE[1] - 12 * MM, words)
