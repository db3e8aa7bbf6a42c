"""Marks as PDF: vectors, with typefaces that come along, and no clock in the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lims.foundation.measures import MM
from lims.foundation.paper import new_canvas
from lims.intake.marks import Marks, Square, Words, runs


def pdf(pages: Iterable[Marks], page: tuple[float, float], title: str) -> bytes:
    """Return a PDF of pages of one size, in mm."""
    canvas, buffer = new_canvas(page, title)
    for marks in pages:
        _draw(canvas, marks, page[1])
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Any, marks: Marks, height: float) -> None:
    for square in marks.squares:
        _draw_square(canvas, square, height)
    for frame in marks.frames:
        canvas.setLineWidth(frame.line * MM)
        y = (height - frame.y - frame.height) * MM
        canvas.rect(frame.x * MM, y, frame.width * MM, frame.height * MM)
    for line in marks.lines:
        canvas.setLineWidth(line.line * MM)
        canvas.line(line.x * MM, (height - line.y) * MM, line.to_x * MM, (height - line.to_y) * MM)
    for words in marks.words:
        _draw_words(canvas, words, height)


def _draw_words(canvas: Any, words: Words, height: float) -> None:
    canvas.setFont(words.font, words.size)
    draw = {
        "left": canvas.drawString,
        "middle": canvas.drawCentredString,
        "right": canvas.drawRightString,
    }[words.align]
    draw(words.x * MM, (height - words.y) * MM, words.text)


def _draw_square(canvas: Any, square: Square, height: float) -> None:
    """Draw a QR code; its dark modules are one filled path.

    Runs of dark modules are one rectangle each: no hair lines between neighbours, a small file.
    """
    module = square.side * MM / len(square.modules)
    top = (height - square.y) * MM
    path = canvas.beginPath()
    for row, modules in enumerate(square.modules):
        for start, length in runs(modules):
            x = square.x * MM + start * module
            path.rect(x, top - (row + 1) * module, length * module, module)
    canvas.drawPath(path, stroke=0, fill=1)
