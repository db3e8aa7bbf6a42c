"""Setting type, pictograms, bands and pictures on a PDF page, in the colours of the screens."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from lims.foundation.measures import MM
from lims.foundation.paper import BOLD, PLAIN
from lims.foundation.shipped import shipped

BLACK = (0.0, 0.0, 0.0)
Ink = tuple[float, float, float]
#: Pictograms whose shapes are filled; the others are drawn as lines.
FILLED = "lv-"
BANDS = {"information": "info", "caution": "caution", "warning": "warning", "red": "red"}


def draw_band(canvas: Any, name: str, box: tuple[float, float, float, float]) -> Ink:
    """Fill a box (left, bottom, width, height) in the colour of a level; return its ink."""
    token = BANDS.get(name, name)
    canvas.saveState()
    canvas.setFillColorRGB(*colour(token))
    canvas.rect(*box, stroke=0, fill=1)
    canvas.restoreState()
    return colour(f"on-{token}")


def draw_sign(canvas: Any, name: str, ink: Ink, left: float, middle: float, wide: float) -> None:
    """Draw a pictogram with its left edge and middle given, `wide` points wide."""
    drawing = sign(name, ink, wide)
    drawing.drawOn(canvas, left, middle - drawing.height / 2)


def draw_picture(
    canvas: Any, data: bytes, box: tuple[float, float, float, float], most: float
) -> float:
    """Draw a picture into the left of a box, not wider than `most`; return the room it took."""
    from reportlab.lib.utils import ImageReader

    picture = ImageReader(io.BytesIO(data))
    wide, high = picture.getSize()
    scale = min(most / wide, box[3] / high)
    bottom = box[1] + box[3] - high * scale
    canvas.drawImage(picture, box[0], bottom, wide * scale, high * scale)
    taken: float = wide * scale + 6 * MM
    return taken


def line(text: str, size: float, ink: Sequence[float], *, bold: bool = False) -> Any:
    """Return a paragraph of plain text; size in points."""
    from reportlab.lib.colors import Color
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    style = ParagraphStyle(
        "line",
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=size * 1.28,
        textColor=Color(*ink),
        spaceAfter=size * 0.35,
    )
    return Paragraph(escape(text).replace("\n", "<br/>"), style)


def row(name: str, text: str, size: float) -> Any:
    """Return a pictogram with its words beside it."""
    from reportlab.platypus import Table

    mark = sign(name, BLACK, size * 1.7)
    table = Table([[mark, line(text, size, BLACK, bold=True)]], colWidths=[size * 2.3, None])
    none = [(side, (0, 0), (-1, -1), 0) for side in ("LEFTPADDING", "RIGHTPADDING")]
    little = [(side, (0, 0), (-1, -1), 1) for side in ("TOPPADDING", "BOTTOMPADDING")]
    table.setStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), *none, *little])
    return table


def height(parts: list[Any], wide: float) -> float:
    """Return how high parts stand one below the other in a column `wide` points wide."""
    heights: list[float] = [part.wrap(wide, 10_000)[1] + part.getSpaceAfter() for part in parts]
    return sum(heights)


def fit(
    canvas: Any,
    parts: list[Any],
    left: float,
    bottom: float,
    wide: float,
    high: float,
    scale: float,
    *,
    middle: bool = False,
) -> None:
    """Set parts from the top or in the middle of a box, smaller until they fit: nothing is cut."""
    from reportlab.platypus import Frame, KeepInFrame

    canvas.saveState()
    canvas.translate(left, bottom)
    canvas.scale(scale, scale)
    box = (wide / scale, high / scale)
    down = max(0.0, (box[1] - height(parts, box[0])) / 2) if middle else 0.0
    canvas.translate(0, -down)
    kept = KeepInFrame(*box, parts, mode="shrink")
    frame = Frame(0, 0, *box, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    frame.addFromList([kept], canvas)
    canvas.restoreState()


def sign(name: str, ink: Sequence[float], wide: float) -> Any:
    """Return a pictogram of the interface as a drawing, `wide` points wide."""
    from svglib.svglib import svg2rlg

    found = _symbols()[name]
    paint = "#" + "".join(f"{round(255 * part):02x}" for part in ink)
    style = f'fill="{paint}"' if name.startswith(FILLED) else f'fill="none" stroke="{paint}"'
    if name == "lv-information":
        style = f'fill="none" stroke="{paint}"'
    width, height = (float(part) for part in found[0].split()[2:])
    source = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{found[0]}" width="{width}" '
        f'height="{height}"><g {style} stroke-width="2" stroke-linecap="round" '
        f'stroke-linejoin="round">{found[1]}</g></svg>'
    )
    drawing: Any = svg2rlg(io.BytesIO(source.encode()))
    factor = wide / drawing.width
    drawing.scale(factor, factor)
    drawing.width, drawing.height = drawing.width * factor, drawing.height * factor
    return drawing


@cache
def _symbols() -> dict[str, tuple[str, str]]:
    """Return the view box and the shapes of every icon of the interface."""
    text = (shipped("static") / "icons.svg").read_text(encoding="utf-8")
    pattern = r'<symbol id="i-([a-z-]+)" viewBox="([^"]+)">(.*?)</symbol>'
    return {name: (box, shapes) for name, box, shapes in re.findall(pattern, text, re.DOTALL)}


@cache
def colour(name: str) -> Ink:
    """Return a colour of the light screens, by the name of its token, as three parts of one."""
    text = (shipped("static") / "css" / "tokens.css").read_text(encoding="utf-8")
    found = re.search(rf"--{name}:\s*#([0-9A-Fa-f]{{6}})", text)
    if found is None:
        raise KeyError(name)
    red, green, blue = (int(found[1][place : place + 2], 16) / 255 for place in (0, 2, 4))
    return red, green, blue
