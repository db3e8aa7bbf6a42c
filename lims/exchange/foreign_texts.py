"""From a stranger's CAP message to plain text of bounded length: no markup, no links, no tricks.

What is kept is shown as text. Addresses stay text that nobody is led to, attached files are left
out, and characters that turn the reading direction or hide are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lims.alerts.cap.codes import SEVERITIES
from lims.alerts.cap.reading import CapMessageText, Info
from lims.alerts.cap.remarks import Remark, moment_of
from lims.foundation.words import keep

LONGEST_LINE, LONGEST_TEXT, MOST_INFOS, MOST_AREAS, MOST_CITED = 200, 5000, 12, 20, 100
_MARKUP = re.compile(r"<[^<>]{0,2000}>")
_TURNED = str.maketrans("<>", "‹›")
_SPACES = re.compile(r"[ \t]+")
_LINES = re.compile(r"\n{3,}")
LEVELS = {"Extreme": "red", "Severe": "warning", "Moderate": "caution", "Minor": "information"}
"""Severity → the level that a signal is proposed with; a person decides."""


@dataclass(frozen=True)
class ForeignText:
    """A message as it is kept."""

    sender: str
    identifier: str
    sent: datetime
    status: str
    msg_type: str
    severity: str
    headlines: str
    infos: list[dict[str, Any]]
    expires: datetime | None
    cited: list[tuple[str, str]]


def plain(text: str, longest: int) -> str:
    """Return a stranger's text as plain text, cut where it is too long."""
    kept = "".join(one for one in text.replace("\r", "\n") if _is_kept(one))
    kept = unicodedata.normalize("NFC", _MARKUP.sub(" ", kept))
    if _MARKUP.search(kept):  # markup inside markup, written to be left over
        kept = kept.translate(_TURNED)
    kept = _LINES.sub("\n\n", _SPACES.sub(" ", kept)).strip()
    return kept if len(kept) <= longest else kept[: longest - 1].rstrip() + "…"


def line(text: str, longest: int = LONGEST_LINE) -> str:
    """Return a stranger's text on one line."""
    return plain(" ".join(text.split()), longest)


def _is_kept(letter: str) -> bool:
    return letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def foreign_text(said: CapMessageText, sent: datetime) -> ForeignText:
    """Return what is kept of a message whose shape is right."""
    infos = [_info(one) for one in said.infos[:MOST_INFOS]]
    ends = [moment_of(one.expires) for one in said.infos]
    known = [one for one in ends if one is not None]
    return ForeignText(
        sender=said.sender,
        identifier=said.identifier,
        sent=sent,
        status=said.status,
        msg_type=said.msg_type,
        severity=gravest(one.severity for one in said.infos),
        headlines="\n".join(dict.fromkeys(one["headline"] for one in infos)),
        infos=infos,
        expires=max(known) if known and len(known) == len(ends) else None,
        cited=_cited(said.references),
    )


def gravest(severities: Iterable[str]) -> str:
    """Return the gravest of some severities; none is unknown."""
    found = [one for one in severities if one in SEVERITIES]
    return min(found, key=SEVERITIES.index) if found else "Unknown"


def _info(info: Info) -> dict[str, Any]:
    areas = info.areas[:MOST_AREAS]
    return {
        "language": line(info.language, 20),
        "event": line(info.event),
        "headline": line(info.headline) or line(info.event),
        "description": plain(info.description, LONGEST_TEXT),
        "instruction": plain(info.instruction, LONGEST_TEXT),
        "sender_name": line(info.sender_name),
        "urgency": info.urgency,
        "severity": info.severity,
        "certainty": info.certainty,
        "categories": list(info.categories[:5]),
        "web": line(info.web, 300),
        "contact": line(info.contact),
        "areas": [line(one.description) for one in areas if one.description],
    }


def _cited(references: str) -> list[tuple[str, str]]:
    found = (one.split(",") for one in references.split()[:MOST_CITED])
    pairs = [(one[0], one[1]) for one in found if len(one) == 3]
    return [one for one in dict.fromkeys(pairs) if all(0 < len(part) <= 250 for part in one)]


def kept_remarks(remarks: Sequence[Remark]) -> list[dict[str, Any]]:
    """Return remarks as JSON can hold them, said later in any language."""
    return [
        {"grade": str(one.grade), "place": one.place[:120], "message": keep(one.message)}
        for one in remarks
    ]
