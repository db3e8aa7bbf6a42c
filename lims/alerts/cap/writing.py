"""Writes a CAP 1.2 message from plain values: one `info` per language, coded fields identical.

Nothing stands between the elements: some readers drop empty text before they look at a signature,
which would then no longer fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from lims.alerts.cap.codes import NAMESPACE, Grades

BELGIUM = ZoneInfo("Europe/Brussels")
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES: dict[Any, str] = {None: NAMESPACE}
Element = etree._Element


@dataclass(frozen=True)
class Reference:
    """An earlier message that this one cites."""

    sender: str
    identifier: str
    sent: datetime

    def __str__(self) -> str:
        return f"{self.sender},{self.identifier},{moment(self.sent)}"


@dataclass(frozen=True)
class Told:
    """What one `info` says in its language (such as fr-BE)."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str
    web: str
    area: str


@dataclass(frozen=True)
class CapAlert:
    """A message before it is written."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    source: str
    note: str
    references: tuple[Reference, ...]
    incidents: str
    category: str
    response_type: str
    grades: Grades
    event_codes: tuple[tuple[str, str], ...]
    expires: datetime
    contact: str
    parameters: tuple[tuple[str, str], ...]
    geocodes: tuple[tuple[str, str], ...]
    told: tuple[Told, ...]


def write(alert: CapAlert) -> Element:
    """Return the message as a tree, its elements in the order of the standard (CAP 1.2, 3.2)."""
    root = etree.Element(_tag("alert"), nsmap=_SPACES)
    _add(root, "identifier", alert.identifier)
    _add(root, "sender", alert.sender)
    _add(root, "sent", moment(alert.sent))
    _add(root, "status", alert.status)
    _add(root, "msgType", alert.msg_type)
    _add_if(root, "source", alert.source)
    _add(root, "scope", "Public")
    _add_if(root, "note", alert.note)
    _add_if(root, "references", " ".join(str(one) for one in alert.references))
    _add_if(root, "incidents", alert.incidents)
    for told in alert.told:
        _info(root, alert, told)
    return root


def _info(root: Element, alert: CapAlert, told: Told) -> None:
    info = _add(root, "info")
    _add(info, "language", told.language)
    _add(info, "category", alert.category)
    _add(info, "event", told.event)
    _add_if(info, "responseType", alert.response_type)
    _add(info, "urgency", alert.grades.urgency)
    _add(info, "severity", alert.grades.severity)
    _add(info, "certainty", alert.grades.certainty)
    _pairs(info, "eventCode", alert.event_codes)
    _add(info, "effective", moment(alert.sent))
    _add(info, "expires", moment(alert.expires))
    _add_if(info, "senderName", alert.source)
    _add(info, "headline", told.headline)
    _add(info, "description", told.description)
    _add_if(info, "instruction", told.instruction)
    _add_if(info, "web", told.web)
    _add_if(info, "contact", alert.contact)
    _pairs(info, "parameter", alert.parameters)
    area = _add(info, "area")
    _add(area, "areaDesc", told.area)
    _pairs(area, "geocode", alert.geocodes)


def moment(at: datetime) -> str:
    """Return a moment with its offset in Belgium: `Z` is forbidden (CAP 1.2, 3.3.2)."""
    return at.astimezone(BELGIUM).isoformat(timespec="seconds")


def clean(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n"))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: Element, name: str, text: str = "") -> Element:
    made = etree.SubElement(parent, _tag(name))
    if text:
        made.text = clean(text)
    return made


def _add_if(parent: Element, name: str, text: str) -> None:
    if text:
        _add(parent, name, text)


def _pairs(parent: Element, name: str, pairs: tuple[tuple[str, str], ...]) -> None:
    for value_name, value in pairs:
        pair = _add(parent, name)
        _add(pair, "valueName", value_name)
        _add(pair, "value", value)
