"""Papers of keeping: protocols of destruction, reports of holdings, labels of places."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Any

from lims.custody.paper import Paper, square
from lims.custody.rules import MOVE_WORDS, ORDER_OUT
from lims.custody.sheet import grouped
from lims.foundation.codes import shown
from lims.foundation.measures import MM
from lims.foundation.paper import CODE, PLAIN, new_canvas
from lims.foundation.words import _, moment, number, say

LABEL = (62.0, 29.0)


def draw_protocol(it: Mapping[str, Any], language: str) -> bytes:
    """Return the protocol of a destruction as an A4 PDF, with places for two signatures."""
    title = say(_("Protocol of destruction %(number)s", number=it["number"]), language)
    paper = Paper(title, language)
    paper.title(title)
    facts = [
        (_("Site"), it["site"]),
        (_("Day and time"), moment(it["at"], language)),
        (_("Reason"), it["reason"]),
        (_("How"), it["method"]),
        (_("Destroyed by (account)"), it["by"]),
        (_("Witness (account)"), it["witness"]),
    ]
    paper.facts([(say(term, language), value) for term, value in facts if value])
    rows: list[list[Any]] = [[say(_("No."), language), say(_("Code"), language), "mg"]]
    for place, (code, mg) in enumerate(it["lines"], 1):
        rows.append([str(place), shown(code), number(mg, language)])
    rows.append(["", say(_("Sum"), language), number(sum(mg for _c, mg in it["lines"]), language)])
    paper.table(rows, widths=(14, 60, 40), right=(2,))
    words = [_("Destroyed by"), _("Witness")]
    paper.boxes([say(one, language) for one in words], say(_("Day and time, signature"), language))
    paper.line(_journal_line(it, language), 9)
    paper.line(grouped(it["journal_hash"]), 9, mono=True)
    return paper.bytes()


def _journal_line(it: Mapping[str, Any], language: str) -> str:
    words = _(
        "Written in the journal as entry %(n)s, whose chain proves it. Hash of that entry:",
        n=it["journal_seq"],
    )
    return say(words, language)


def draw_holdings(it: Mapping[str, Any], language: str) -> bytes:
    """Return a report of holdings (as `shown.report_facts` gives it) as an A4 PDF."""
    title = say(_("Holdings at the end of %(day)s", day=it["day"]), language)
    paper = Paper(title, language)
    paper.title(title)
    paper.line(it["site"], 12, bold=True)
    paper.line(say(_("By place"), language), 12, bold=True)
    heads = (_("Place"), _("Samples"), "mg")
    rows: list[list[Any]] = [[say(one, language) for one in heads]]
    for code, name, samples, mg in it["places"]:
        where = f"{code} {name}".strip() or say(_("in no place"), language)
        rows.append([where, str(samples), number(mg, language)])
    paper.table(rows, widths=(100, 30, 40), right=(1, 2))
    _account(paper, it, language)
    paper.line(say(_("Sample by sample"), language), 12, bold=True)
    lines: list[list[Any]] = [[say(one, language) for one in (_("Code"), _("Place"), "mg")]]
    for code, mg, place, name in it["lines"]:
        mass = say(_("not weighed"), language) if mg is None else number(mg, language)
        lines.append([shown(code), f"{place} {name}".strip() or "–", mass])
    paper.table(lines, widths=(50, 80, 40), right=(2,))
    paper.line(say(_("SHA-256 of this report"), language), 9)
    paper.line(grouped(it["sha256"]), 9, mono=True)
    paper.line(_journal_line(it, language), 9)
    paper.line(grouped(it["journal_hash"]), 9, mono=True)
    return paper.bytes()


def _account(paper: Paper, it: Mapping[str, Any], language: str) -> None:
    since, until = it["since"], it["day"]
    words = _("The account from %(first)s to %(last)s", first=since, last=until)
    paper.line(say(words, language), 12, bold=True)
    rows: list[list[Any]] = [[say(_("Why"), language), "mg"]]
    rows.append([say(_("Held at the beginning"), language), number(it["opening"], language)])
    for kind, mg in it["moves"]:
        sign = "− " if kind in ORDER_OUT and mg else ""
        rows.append([say(MOVE_WORDS[kind], language), f"{sign}{number(mg, language)}"])
    rows.append([say(_("Held at the end"), language), number(it["closing"], language)])
    paper.table(rows, widths=(100, 40), right=(1,))


def write_csv(it: Mapping[str, Any]) -> str:
    """Return a report of holdings as CSV: one line a sample, then what proves it."""
    file = StringIO()
    table = csv.writer(file, lineterminator="\r\n")
    table.writerow(["site", "day", "code", "mg", "place", "place_name"])
    for code, mg, place, name in it["lines"]:
        mass = "" if mg is None else format(mg, "f")
        table.writerow(
            [_plain(it["site"]), it["day"].isoformat(), shown(code), mass, place, _plain(name)]
        )
    table.writerow([])
    table.writerow(["sha256", it["sha256"]])
    table.writerow(["journal entry", it["journal_seq"], it["journal_hash"]])
    return file.getvalue()


def _plain(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def draw_place_label(number_of: str, name: str) -> bytes:
    """Return the label of a storage place as a PDF of 62 × 29 mm."""
    from reportlab.graphics import renderPDF

    canvas, buffer = new_canvas(LABEL, number_of)
    renderPDF.draw(square(number_of, 18), canvas, 3 * MM, 3.5 * MM)
    canvas.setFont(CODE, 16)
    canvas.drawString(27 * MM, 16 * MM, number_of)
    canvas.setFont(PLAIN, 9)
    canvas.drawString(27 * MM, 9 * MM, name[:22])
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()
