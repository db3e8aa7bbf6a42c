"""The certificate of a released finding as PDF, drawn from plain values.

It carries the sample's code, what was found, how and how surely: nothing of the visitor, of the
visit, or of the people who signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from lims.foundation.measures import MM
from lims.foundation.paper import BOLD, PLAIN, know_typefaces
from lims.foundation.words import Message, _, day, number, say

LEVELS: dict[str, Message] = {
    "neutral": _("Neutral"),
    "information": _("Information"),
    "caution": _("Caution"),
    "warning": _("Warning"),
    "red": _("Red alert"),
}
KINDS: dict[str, Message] = {
    "measured": _("measured"),
    "found": _("found"),
    "below-loq": _("found, below the limit of quantification"),
    "not-detected": _("not detected"),
    "not-looked-for": _("not looked for"),
}


def draw_certificate(it: Mapping[str, Any], language: str) -> bytes:
    """Return the certificate of a finding (as `shown_finding` gives it) as an A4 PDF."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    know_typefaces()
    buffer = BytesIO()
    paper = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=18 * MM,
        rightMargin=18 * MM,
        topMargin=16 * MM,
        bottomMargin=16 * MM,
        title=say(_("Certificate of analysis"), language),
        author="Balise",
        invariant=True,
    )
    paper.build([*_heading(it, language), *_results(it, language), *_methods(it, language)])
    return buffer.getvalue()


def _heading(it: Mapping[str, Any], language: str) -> list[Any]:
    signed = _("author only: lone laboratory") if it["lone_exception"] else SIGNED
    facts = [
        (_("Sample"), it["code"]),
        (_("Laboratory"), it["laboratory"]),
        (_("Form"), it["form_label"]),
        (_("Sold as"), it["sold_as"]),
        (_("Version"), str(it["version"])),
        (_("Released"), day(it["released_at"], language) if it["released_at"] else ""),
        (_("Signatures"), say(signed, language)),
    ]
    shown = [_line(say(_("Certificate of analysis"), language), 16, bold=True)]
    if it["state"] == "superseded":
        shown.append(_line(say(_("This version no longer stands."), language), 11, bold=True))
    return [*shown, _table([[say(term, language), value] for term, value in facts], [40, 134])]


SIGNED = _("author and second person")


def _results(it: Mapping[str, Any], language: str) -> list[Any]:
    axes = [
        (_("Is it what was expected?"), it["match_label"]),
        (_("Danger"), f"{say(LEVELS[it['danger']], language)}. {it['danger_reason']}"),
        (_("How sure?"), f"{it['confidence_label']}. {it['confidence_reason']}"),
    ]
    titles = (_("Substance"), _("Role"), _("Share"), _("Amount"), _("Expressed as"))
    rows = [[say(title, language) for title in titles]]
    rows += [_detection(one, language) for one in it["detections"]]
    return [
        _line(say(_("The conclusion"), language), 12, bold=True),
        _table([[say(term, language), value] for term, value in axes], [50, 124]),
        _line(say(_("Detections"), language), 12, bold=True),
        _table(rows, [40, 38, 32, 36, 28], heading=True),
    ]


def _detection(one: Mapping[str, Any], language: str) -> list[str]:
    figure = say(KINDS[one["kind"]], language)
    if one["kind"] == "measured" and one["value"] is not None:
        spread = f" ± {number(one['uncertainty'], language)}" if one["uncertainty"] else ""
        figure = f"{number(one['value'], language)}{spread} {one['unit_label']}"
    return [
        *(one["name"], one["role_label"], one["abundance_label"], figure, one["expressed_label"]),
    ]


def _methods(it: Mapping[str, Any], language: str) -> list[Any]:
    parts: list[Any] = [_line(say(_("What each method says"), language), 12, bold=True)]
    for row in it["methods"]:
        mark = f" ({say(_('methods disagree'), language)})" if row["clash"] else ""
        parts.append(_line(row["name"] + mark, 10, bold=True))
        said = [_cell(cell, language) for cell in row["cells"] if cell["kind"] != "not-looked-for"]
        parts.append(_line("; ".join(said), 9))
    if it["explanation"]:
        parts.append(_line(it["explanation"], 9))
    parts.append(_line(say(_("What was looked for"), language), 12, bold=True))
    parts.append(_line(say(LIMITS, language), 9))
    for run in it["scope"]:
        parts.append(_line(f"{run['technique']}, {run['protocol']}", 10, bold=True))
        parts.append(_line("; ".join(_unfound(run["not_detected"], language)), 9))
    return parts


LIMITS = _(
    "“Not detected” means: not above the limit of the method. What was not looked for can be there."
)


def _cell(cell: Mapping[str, Any], language: str) -> str:
    detail = f" ({cell['detail']})" if cell["detail"] else ""
    return f"{cell['technique']} {cell['number']}: {say(KINDS[cell['kind']], language)}{detail}"


def _unfound(found: Iterable[Mapping[str, Any]], language: str) -> list[str]:
    told = []
    for one in found:
        if one["lod"] is None:
            told.append(one["name"])
            continue
        values = {"n": number(one["lod"], language), "unit": one["unit"]}
        told.append(f"{one['name']}: {say(_('not above %(n)s %(unit)s', **values), language)}")
    return told


def _line(text: str, size: float, *, bold: bool = False) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    font = BOLD if bold else PLAIN
    style = ParagraphStyle(
        f"{font}{size}", fontName=font, fontSize=size, leading=size * 1.35, spaceBefore=size * 0.35
    )
    return Paragraph(escape(text), style)


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float], *, heading: bool = False) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Table

    cells = [
        [_line(str(text), 9, bold=heading and not place) for text in row]
        for place, row in enumerate(rows)
    ]
    table = Table(cells, colWidths=[width * MM for width in widths], hAlign="LEFT", repeatRows=1)
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor("#8a949b")),
        ]
    )
    return table
