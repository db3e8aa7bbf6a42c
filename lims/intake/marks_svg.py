"""Marks as a picture on the page: one label as it will be printed, drawn by the server."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from lims.foundation.measures import MM
from lims.foundation.paper import BOLD, CODE
from lims.intake.marks import Marks, Square, Words, runs

FAMILIES = {BOLD: ("B612", "700"), CODE: ("B612 Mono", "700")}
ANCHORS = {"left": "start", "middle": "middle", "right": "end"}


def svg(marks: Marks, size: tuple[float, float], title: str) -> str:
    """Return one label as SVG, true to scale, with the outline of the label."""
    width, height = size
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="label-shown" role="img"'
        f" aria-label={quoteattr(title)}"
        f' width="{width:g}mm" height="{height:g}mm"'
        f' viewBox="-0.5 -0.5 {width + 1:g} {height + 1:g}">',
        f'<rect width="{width:g}" height="{height:g}" rx="1.2" fill="#fff" stroke="#5b6b70"'
        ' stroke-width="0.25"/>',
        *(_square(one) for one in marks.squares),
        *(
            f'<rect x="{one.x:.2f}" y="{one.y:.2f}" width="{one.width:.2f}"'
            f' height="{one.height:.2f}" fill="none" stroke="#000" stroke-width="{one.line:g}"/>'
            for one in marks.frames
        ),
        *(_words(one) for one in marks.words),
        "</svg>",
    ]
    return "".join(drawn)


def _square(square: Square) -> str:
    module = square.side / len(square.modules)
    path = "".join(
        f"M{square.x + start * module:.3f} {square.y + row * module:.3f}"
        f"h{length * module:.3f}v{module:.3f}h-{length * module:.3f}z"
        for row, modules in enumerate(square.modules)
        for start, length in runs(modules)
    )
    return f'<path d="{path}" fill="#000"/>'


def _words(words: Words) -> str:
    family, weight = FAMILIES.get(words.font, ("B612", "400"))
    return (
        f'<text x="{words.x:.2f}" y="{words.y:.2f}" font-family="{family}" font-weight="{weight}"'
        f' font-size="{words.size / MM:.3f}" text-anchor="{ANCHORS[words.align]}" fill="#000">'
        f"{escape(words.text)}</text>"
    )
