"""The visitor's ticket on paper: one page, three languages, large print, and nothing to tell.

It bears no product, no sample code, no name, no date, and not how many samples there were. Its
secret stands behind the `#` of the address, which a browser does not send to a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from lims.foundation.measures import MM
from lims.foundation.paper import BOLD, CODE
from lims.foundation.words import LANGUAGES, Message, _, say
from lims.intake import marks
from lims.intake.label_design import DOTS, LEADING, QUIET
from lims.intake.labels import demonstration_mark
from lims.intake.marks import Line, Marks, Square, Words
from lims.intake.marks_pdf import pdf
from lims.intake.marks_zpl import zpl

TICKET_LINES: tuple[Message, ...] = (
    _("This ticket opens your result. Without it, nobody can find your result again."),
    _("How to get the result: scan the square or type the code at the address under it."),
    _("You can also show this ticket at the testing point. Come and talk with us."),
    _("When you have read the result, destroy this ticket."),
)
TICKET_TITLE = _("Your ticket")


@dataclass(frozen=True)
class TicketPaper:
    """One kind of paper for tickets, in mm and points; without a height it is as long as needed."""

    words: Message
    width: float
    height: float | None
    margin: float
    square: float
    title: float
    code: float
    first: float
    others: float
    output: str = "pdf"


class Drawn(NamedTuple):
    """A ticket as it lies on its paper."""

    marks: Marks
    size: tuple[float, float]


# Thermal rolls of 80 and 58 mm print 72 and 48 mm of their width.
_WIDE = TicketPaper(_("Receipt roll, 80 mm"), 80, None, 4, 44, 16, 24, 11, 9.5)
_NARROW = TicketPaper(_("Receipt roll, 58 mm"), 58, None, 5, 40, 14, 20, 10, 9)
PAPERS: Mapping[str, TicketPaper] = {
    "a5": TicketPaper(_("A5 page"), 148, 210, 12, 48, 20, 30, 12.5, 10.5),
    "roll-80": _WIDE,
    "roll-58": _NARROW,
    "zpl203-80": TicketPaper(
        _("ZPL, 80 mm, 203 dots per inch"), 80, None, 4, 44, 16, 24, 11, 9.5, "zpl203"
    ),
    "zpl203-58": TicketPaper(
        _("ZPL, 58 mm, 203 dots per inch"), 58, None, 5, 40, 14, 20, 10, 9, "zpl203"
    ),
    "zpl300-80": TicketPaper(
        _("ZPL, 80 mm, 300 dots per inch"), 80, None, 4, 44, 16, 24, 11, 9.5, "zpl300"
    ),
}
USUAL_PAPER = "a5"


def ticket_pdf(
    ticket: str, language: str, public_url: str, demonstration: bool, paper: str = USUAL_PAPER
) -> bytes:
    """Return the visitor's ticket as one page, in their language first and then in the others.

    `ticket` is grouped as printed.
    """
    drawn = draw(ticket, language, public_url, demonstration, PAPERS[paper])
    return pdf([drawn.marks], drawn.size, "Ticket")


def ticket_zpl(ticket: str, language: str, public_url: str, demonstration: bool, paper: str) -> str:
    """Return the visitor's ticket for a thermal printer."""
    drawn = draw(ticket, language, public_url, demonstration, PAPERS[paper])
    return zpl([drawn.marks], drawn.size, DOTS[PAPERS[paper].output])


def draw(
    ticket: str, language: str, public_url: str, demonstration: bool, paper: TicketPaper
) -> Drawn:
    """Return what stands on a ticket and the size of its page, in mm."""
    order = [language, *(other for other in LANGUAGES if other != language)]
    address = public_url.rstrip("/")
    made, middle = Marks(), paper.width / 2
    y = paper.margin
    if demonstration:
        demonstration_mark(made, paper.width - paper.margin, y, language, 12)
        y += 8
    titles = [say(TICKET_TITLE, other) for other in order]
    for title in titles if paper.height is None else ["  ·  ".join(titles)]:
        y = _middle(made, title, paper, y, paper.title, BOLD)
    modules = marks.modules_of(f"{address}/#{ticket.replace('-', '')}")
    white = paper.square / len(modules) * QUIET
    made.squares.append(Square(middle - paper.square / 2, y + white, paper.square, modules))
    y += paper.square + 2 * white
    groups = ticket.split("-")
    for half in (groups[:2], groups[2:]):
        y += paper.code * LEADING / MM
        made.words.append(
            Words(middle, y - paper.code * 0.2 / MM, "-".join(half), paper.code, CODE, "middle")
        )
    y = _middle(made, address, paper, y + 1.5, paper.first, BOLD) + 1.5
    for number, tongue in enumerate(order):
        y = _told(made, tongue, paper, y, paper.others if number else paper.first)
    return Drawn(made, (paper.width, paper.height or y + paper.margin))


def _told(made: Marks, language: str, paper: TicketPaper, y: float, size: float) -> float:
    """Add what a ticket is for in one language, under a line, and return where it ends."""
    made.lines.append(Line(paper.margin, y + 1, paper.width - paper.margin, y + 1, 0.25))
    y += 2.2
    told = f"{language.upper()} – {' '.join(say(line, language) for line in TICKET_LINES)}"
    for line in marks.wrapped(told, size, paper.width - 2 * paper.margin):
        y += size * LEADING / MM
        made.words.append(Words(paper.margin, y - size * 0.28 / MM, line, size))
    return y + 1.2


def _middle(made: Marks, text: str, paper: TicketPaper, y: float, size: float, font: str) -> float:
    """Add a line in the middle, on several where it is too long, and return where it ends."""
    most = paper.width - 2 * paper.margin
    for line in marks.wrapped(text, size, most, font):
        # An address has no space to break at.
        real = min(size, size * most / max(marks.width(line, size, font), 0.1))
        y += real * LEADING / MM
        made.words.append(Words(paper.width / 2, y - real * 0.28 / MM, line, real, font, "middle"))
    return y
