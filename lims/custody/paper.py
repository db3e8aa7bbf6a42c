"""What the papers of custody share: an A4 page with facts, tables, squares, boxes, page x of y."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from lims.foundation.measures import MM
from lims.foundation.paper import BOLD, CODE, PLAIN, know_typefaces
from lims.foundation.words import Message, _, say

EDGE = 16
WIDTH = 210 - 2 * EDGE
INK, RULE = "#16222a", "#8a949b"
DEMO = _("Demonstration: nothing on this paper is real")
QUIET = 2


class Paper:
    """One A4 document that is written from top to bottom."""

    def __init__(self, title: str, language: str, *, demonstration: bool = False) -> None:
        know_typefaces()
        self.title_text, self.language, self.demonstration = title, language, demonstration
        self.parts: list[Any] = []

    def title(self, text: str) -> None:
        """Write the title."""
        self.line(text, 17, bold=True)

    def line(self, text: str, size: float, *, bold: bool = False, mono: bool = False) -> None:
        """Write a paragraph."""
        self.parts.append(_paragraph(text, size, bold=bold, mono=mono))

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Write terms with their values."""
        self.table([[term, value] for term, value in pairs], widths=(54, WIDTH - 54), heading=False)

    def table(
        self,
        rows: Sequence[Sequence[Any]],
        widths: Sequence[float],
        *,
        right: Sequence[int] = (),
        heading: bool = True,
    ) -> None:
        """Write a table; its first row is repeated on each page, `right` columns hold figures."""
        from reportlab.lib.colors import HexColor
        from reportlab.platypus import Table

        cells = [
            [
                _paragraph(cell, 9.5, bold=heading and not place, right=column in right)
                if isinstance(cell, str)
                else cell
                for column, cell in enumerate(row)
            ]
            for place, row in enumerate(rows)
        ]
        made = Table(
            cells, colWidths=[one * MM for one in widths], hAlign="LEFT", repeatRows=int(heading)
        )
        made.setStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(RULE)),
                ("TOPPADDING", (0, 0), (-1, -1), 2.2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
            ]
        )
        self.parts.append(made)

    def boxes(self, labels: Sequence[str], inside: str) -> None:
        """Draw boxes for signatures beside each other, kept on one page."""
        from reportlab.lib.colors import HexColor
        from reportlab.platypus import Table

        heads = [_paragraph(label, 10, bold=True) for label in labels]
        small = [_paragraph(inside, 8) for _label in labels]
        made = Table(
            [heads, small],
            colWidths=[WIDTH / len(labels) * MM] * len(labels),
            rowHeights=[None, 26 * MM],
            hAlign="LEFT",
        )
        made.setStyle(
            [("BOX", (place, 0), (place, 1), 0.8, HexColor(INK)) for place in range(len(labels))]
            + [("VALIGN", (0, 0), (-1, -1), "TOP"), ("NOSPLIT", (0, 0), (-1, -1))]
        )
        self.parts.append(made)

    def bytes(self) -> bytes:
        """Return the document."""
        from reportlab.lib.pagesizes import A4
        from reportlab.platypus import SimpleDocTemplate

        buffer = BytesIO()
        paper = SimpleDocTemplate(
            buffer,
            pagesize=A4,
            leftMargin=EDGE * MM,
            rightMargin=EDGE * MM,
            topMargin=14 * MM,
            bottomMargin=18 * MM,
            title=self.title_text,
            author="Balise",
            invariant=True,
        )
        paper.build(self.parts, canvasmaker=_counting(self))
        return buffer.getvalue()


def _counting(paper: Paper) -> Any:
    """Return a kind of canvas that writes “page x of y” once it knows how many there are."""
    from reportlab.pdfgen.canvas import Canvas

    class Counting(Canvas):  # type: ignore[misc,unused-ignore]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.kept: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self.kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for place, page in enumerate(self.kept, 1):
                self.__dict__.update(page)
                _foot(self, paper, place, len(self.kept))
                super().showPage()
            super().save()

    return Counting


def _foot(canvas: Any, paper: Paper, place: int, pages: int) -> None:
    words = say(_("page %(n)s of %(total)s", n=place, total=pages), paper.language)
    canvas.setFont(PLAIN, 8)
    canvas.drawString(EDGE * MM, 9 * MM, paper.title_text)
    canvas.drawRightString((210 - EDGE) * MM, 9 * MM, words)
    if paper.demonstration:
        canvas.setFont(BOLD, 9)
        canvas.drawCentredString(105 * MM, 288 * MM, said(DEMO, paper.language))


def said(message: Message, language: str) -> str:
    """Say a message on paper."""
    return say(message, language)


def square(text: str, side: float) -> Any:
    """Return a drawing of a QR code, `side` mm wide without its white edge; level Q."""
    import qrcode
    from qrcode.constants import ERROR_CORRECT_Q
    from reportlab.graphics.shapes import Drawing, Rect
    from reportlab.lib.colors import black

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    rows = code.get_matrix()
    module = side * MM / len(rows)
    whole = side * MM + 2 * QUIET * module
    drawing = Drawing(whole, whole)
    for line, row in enumerate(rows):
        for start, length in _runs(row):
            drawing.add(
                Rect(
                    (start + QUIET) * module,
                    (len(rows) - 1 - line + QUIET) * module,
                    length * module,
                    module * 1.02,
                    fillColor=black,
                    strokeColor=None,
                    strokeWidth=0,
                )
            )
    return drawing


def _runs(row: Sequence[Any]) -> list[tuple[int, int]]:
    found, start = [], None
    for place, dark in enumerate([*row, False]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            found.append((start, place - start))
            start = None
    return found


def _paragraph(
    text: str, size: float, *, bold: bool = False, mono: bool = False, right: bool = False
) -> Any:
    from reportlab.lib.enums import TA_LEFT, TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    font = CODE if mono else BOLD if bold else PLAIN
    style = ParagraphStyle(
        f"{font}{size}{right}",
        fontName=font,
        fontSize=size,
        leading=size * 1.35,
        spaceBefore=size * 0.4,
        alignment=TA_RIGHT if right else TA_LEFT,
    )
    return Paragraph(escape(text), style)
