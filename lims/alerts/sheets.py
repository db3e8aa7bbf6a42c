"""The poster (A4, A5) and the pocket card (A7, or eight on A4) of an alert as PDF.

Drawn as vectors from the words of `posters`, which hold what the public is told and nothing else;
colours and pictograms are those of the screens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lims.alerts.posters import Column, Poster
from lims.alerts.typesetting import (
    BLACK,
    draw_band,
    draw_picture,
    draw_sign,
    fit,
    height,
    line,
    row,
)
from lims.foundation.measures import MM
from lims.foundation.paper import new_canvas

PAGES = {"a4": (210.0, 297.0), "a5": (148.0, 210.0)}
#: ISO 216 A7, lying: eight of them fill an A4 sheet.
CARD = (105.0, 74.0)
ORDER = ("fr", "nl", "en")
SIZES = (17.0, 15.5, 14.0, 12.5, 11.0)
"""Sizes of the text of a poster, in points of A4: the first that fits is taken."""


@dataclass(frozen=True)
class Foot:
    """What stands at the foot of every sheet."""

    brand: str
    number: str
    day: str
    review_week: str
    tlp: str
    level: str
    state: str = ""
    demonstration: bool = False
    picture: bytes | None = None


def poster_pdf(poster: Poster, foot: Foot, size: str) -> bytes:
    """Return the poster as a PDF of size a4 or a5, three languages beside each other."""
    sheet = _Sheet(PAGES[size], PAGES[size][0] / 210.0, poster, foot)
    sheet.head()
    sheet.look()
    sheet.late()
    sheet.columns()
    return sheet.done()


def card_pdf(poster: Poster, foot: Foot) -> bytes:
    """Return the pocket card as a PDF of three A7 pages: one language each."""
    canvas, buffer = new_canvas(CARD, poster.title)
    for column in poster.columns:
        _Card(canvas, poster, foot, column).draw()
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def cards_pdf(poster: Poster, foot: Foot) -> bytes:
    """Return A4 pages of eight pocket cards to cut, one language a page."""
    canvas, buffer = new_canvas(PAGES["a4"], poster.title)
    for column in poster.columns:
        canvas.beginForm(f"card-{column.language}")
        _Card(canvas, poster, foot, column).draw()
        canvas.endForm()
        for place in range(8):
            canvas.saveState()
            canvas.translate((place % 2) * CARD[0] * MM, (place // 2) * CARD[1] * MM)
            canvas.doForm(f"card-{column.language}")
            canvas.setLineWidth(0.3)
            canvas.setDash(2, 3)
            canvas.setStrokeColorRGB(0.5, 0.5, 0.5)
            canvas.rect(0, 0, CARD[0] * MM, CARD[1] * MM, stroke=1, fill=0)
            canvas.restoreState()
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


class _Sheet:
    """A page filled from the top; sizes are those of A4, scaled."""

    def __init__(self, page: tuple[float, float], scale: float, poster: Poster, foot: Foot) -> None:
        self.canvas, self.buffer = new_canvas(page, poster.title)
        self.wide, self.high, self.scale = page[0] * MM, page[1] * MM, scale
        self.poster, self.foot = poster, foot
        self.margin = 12 * MM * scale
        self.y = self.high - self.margin

    def head(self) -> None:
        high = 40 * MM * self.scale
        ink = draw_band(self.canvas, self.foot.level, self._place(high))
        sign = 46 * MM * self.scale
        draw_sign(self.canvas, f"lv-{self.foot.level}", ink, self._left(5), self._mid(high), sign)
        words = [line(_joined(self.poster.level), 13, ink, bold=True)]
        words.append(line(self.poster.title, 30, ink, bold=True))
        if self.poster.subtitles:
            words.append(line(" · ".join(text for _one, text in self.poster.subtitles), 12, ink))
        inner = self.wide - 2 * self.margin - sign - 14 * MM * self.scale
        left = self.margin + sign + 9 * MM * self.scale
        fit(self.canvas, words, left, self.y + 2, inner, high - 4, self.scale, middle=True)
        self.y -= 5 * MM * self.scale

    def look(self) -> None:
        if not self.poster.look and self.foot.picture is None:
            return
        high = (62 if self.foot.picture else 34) * MM * self.scale
        box = self._place(high)
        left = box[0]
        if self.foot.picture is not None:
            left += draw_picture(self.canvas, self.foot.picture, box, 72 * MM * self.scale)
        lines = [line(f"{term}: {value}", 11, BLACK) for term, value in self.poster.look]
        fit(self.canvas, lines, left, self.y, box[0] + box[2] - left, high, self.scale)
        self.y -= 4 * MM * self.scale

    def late(self) -> None:
        if not self.poster.late_onset:
            return
        high = 16 * MM * self.scale
        ink = draw_band(self.canvas, "late", self._place(high))
        side = 11 * MM * self.scale
        draw_sign(self.canvas, "late", ink, self._left(4), self._mid(high), side)
        words = [line(_joined(self.poster.late), 17, ink, bold=True)]
        left = self._left(20)
        inner = self.wide - self.margin - left
        fit(self.canvas, words, left, self.y, inner, high, self.scale, middle=True)
        self.y -= 4 * MM * self.scale

    def columns(self) -> None:
        low = self.margin + 14 * MM * self.scale
        gap = 6 * MM * self.scale
        wide = (self.wide - 2 * self.margin - 2 * gap) / 3
        high = self.y - low
        size = self._largest((wide, high))
        for place, column in enumerate(self.poster.columns):
            left = self.margin + place * (wide + gap)
            fit(self.canvas, _told(column, size), left, low, wide, high, self.scale)

    def _largest(self, box: tuple[float, float]) -> float:
        """Return the largest size at which every column fits; the smallest is shrunk further."""
        room = (box[0] / self.scale, box[1] / self.scale)
        for size in SIZES:
            if all(height(_told(one, size), room[0]) <= room[1] for one in self.poster.columns):
                return size
        return SIZES[-1]

    def done(self) -> bytes:
        _draw_foot(self.canvas, self.poster, self.foot, self.margin, self.wide, self.scale)
        self.canvas.showPage()
        self.canvas.save()
        return self.buffer.getvalue()

    def _place(self, high: float) -> tuple[float, float, float, float]:
        """Take a band of the page; return its left, bottom, width and height."""
        self.y -= high
        return self.margin, self.y, self.wide - 2 * self.margin, high

    def _left(self, mm: float) -> float:
        return self.margin + mm * MM * self.scale

    def _mid(self, high: float) -> float:
        return self.y + high / 2


class _Card:
    """A pocket card in one language: level, what it looks like, what to do."""

    def __init__(self, canvas: Any, poster: Poster, foot: Foot, column: Column) -> None:
        self.canvas, self.poster, self.foot, self.column = canvas, poster, foot, column

    def draw(self) -> None:
        wide, high, margin = CARD[0] * MM, CARD[1] * MM, 4 * MM
        language = self.column.language
        band = (0.0, high - 19 * MM, wide, 19 * MM)
        ink = draw_band(self.canvas, self.foot.level, band)
        draw_sign(self.canvas, f"lv-{self.foot.level}", ink, margin, high - 9.5 * MM, 24 * MM)
        subtitle = dict(self.poster.subtitles).get(language, "")
        head = [
            line(self.poster.level[language], 8, ink, bold=True),
            line(self.poster.title, 13, ink, bold=True),
            *([line(subtitle, 8, ink)] if subtitle else []),
        ]
        left = margin + 27 * MM
        fit(self.canvas, head, left, band[1], wide - margin - left, band[3], 1.0, middle=True)
        words = [line(" · ".join(f"{value}" for _term, value in self.poster.look), 8, BLACK)]
        if self.poster.late_onset:
            words.append(row("late", self.poster.late[language], 9))
        words += [row(sign, text, 9) for sign, text in self.column.advice]
        words += [line(text, 8, BLACK) for text in self.column.paragraphs]
        fit(self.canvas, words, margin, 9 * MM, wide - 2 * margin, band[1] - 10 * MM, 1.0)
        _draw_foot(self.canvas, self.poster, self.foot, margin, wide, 0.62, (language,))


def _told(column: Column, size: float) -> list[Any]:
    """Return one language's column: headline where a person wrote one, text, what to do."""
    words = [line(column.language.upper(), size, BLACK, bold=True)]
    if column.headline:
        words.append(line(column.headline, size + 1, BLACK, bold=True))
    words += [line(text, size, BLACK) for text in column.paragraphs]
    return [*words, *(row(sign, text, size) for sign, text in column.advice)]


def _joined(words: Any) -> str:
    return " · ".join(dict.fromkeys(words[language] for language in ORDER))


def _draw_foot(
    canvas: Any,
    poster: Poster,
    foot: Foot,
    margin: float,
    wide: float,
    scale: float,
    languages: tuple[str, ...] = ORDER,
) -> None:
    """Write number, day, review and label at the foot, and plainly what is no published alert."""
    review = " · ".join(dict.fromkeys(poster.review[one] for one in languages))
    said = [foot.brand, foot.number, poster.week, foot.day, f"{review}: {foot.review_week}"]
    words = [line(" · ".join(one for one in (*said, foot.tlp) if one), 8, BLACK)]
    marks = [foot.state] if foot.state else []
    if foot.demonstration:
        marks += dict.fromkeys(poster.demonstration[one] for one in languages)
    if marks:
        words.append(line(" · ".join(marks), 8, BLACK, bold=True))
    fit(canvas, words, margin, margin * 0.6, wide - 2 * margin, 12 * MM * scale, scale)
