"""The transport sheet as PDF, drawn from plain values: what travels, under which seal and permit.

It carries codes and masses alone: nothing of a visitor, nothing of what a sample was sold as.
Every code stands as a square too, so that the receiver can scan the paper beside the tubes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lims.custody.paper import Paper, square
from lims.foundation.codes import shown
from lims.foundation.words import Message, _, moment, number, say

SIGNERS = (_("Handed over by"), _("Carried by"), _("Received by"))
HASH_GROUP = 8


def draw_sheet(it: Mapping[str, Any], language: str, demonstration: bool) -> bytes:
    """Return the transport sheet of a sealed parcel (as `queries.sheet_facts` gives it), A4."""
    title = say(_("Transport sheet %(number)s", number=it["number"]), language)
    paper = Paper(title, language, demonstration=demonstration)
    paper.title(title)
    paper.facts(_facts(it, language))
    paper.line(say(_("Manifest"), language), 12, bold=True)
    titles = (_("No."), "", _("Code"), _("Gross mass (mg)"), _("Of it sample (mg)"))
    paper.table(
        [[say(one, language) for one in titles], *_rows(it["lines"], language)],
        widths=(12, 18, 44, 50, 50),
        right=(3, 4),
    )
    paper.facts(_sums(it, language))
    paper.line(say(_("Functions and signatures, no names"), language), 12, bold=True)
    paper.boxes([say(one, language) for one in SIGNERS], say(TIMES, language))
    paper.line(say(CONTROL, language), 9)
    paper.line(grouped(it["hash"]), 9, mono=True)
    return paper.bytes()


TIMES = _("Day and time, signature")
CONTROL = _(
    "Control number of this manifest (SHA-256). The receiver types its first eight characters; "
    "the system says whether this paper is the manifest that was sealed."
)


def grouped(text: str) -> str:
    """Return a hash in groups of eight, as it is read aloud."""
    return " ".join(text[at : at + HASH_GROUP] for at in range(0, len(text), HASH_GROUP))


def _facts(it: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    told: list[tuple[Message, str]] = [
        (_("Sent by"), it["sender"]),
        (_("Sent to"), it["receiver"]),
        (_("Seal"), " + ".join(it["seals"])),
        (_("Transport authorisation"), it["permit"]),
        (_("Issued by"), it["authority"]),
        (_("Valid"), _validity(it, language)),
        (_("Function of the carrier"), it["carrier"]),
        (_("Sealed on"), moment(it["sealed_at"], language)),
        (_("Left on"), moment(it["left_at"], language) if it["left_at"] else ""),
    ]
    if it["damaged"]:
        told.append((_("Remark"), say(_("The seal was found damaged at receipt."), language)))
    return [(say(term, language), value) for term, value in told if value]


def _validity(it: Mapping[str, Any], language: str) -> str:
    first, last = it["valid_from"], it["valid_until"]
    if first and last:
        return say(_("from %(first)s until %(last)s", first=first, last=last), language)
    return say(_("until %(last)s", last=last), language) if last else ""


def _rows(lines: Sequence[tuple[int, str, Any, Any]], language: str) -> list[list[Any]]:
    def mass(mg: Any) -> str:
        return "–" if mg is None else number(mg, language)

    return [
        [str(position), square(code, 12), shown(code), mass(gross), mass(net)]
        for position, code, gross, net in lines
    ]


def _sums(it: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    lines = it["lines"]
    gross = [one[2] for one in lines if one[2] is not None]
    net = [one[3] for one in lines if one[3] is not None]
    told = [(_("Samples"), str(len(lines)))]
    if gross:
        told.append((_("Sum of the gross masses"), f"{number(sum(gross), language)} mg"))
    if net:
        told.append((_("Sum of the sample masses"), f"{number(sum(net), language)} mg"))
    if it["gross_mg"] is not None:
        told.append((_("Whole parcel with packaging"), f"{number(it['gross_mg'], language)} mg"))
    return [(say(term, language), value) for term, value in told]
