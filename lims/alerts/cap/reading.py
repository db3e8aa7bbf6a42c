"""Reads a CAP file that anybody may have written: safely, and as plain text.

No document type, no entities, no network, a limit of size and of depth. Comments are dropped before
anything is read, so that a value cannot be cut in two between what is signed and what is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from lims.alerts.cap.codes import NAMESPACE
from lims.foundation.words import Message, _

LARGEST = 1_000_000
"""Bytes of a message. House convention: the longest that we write is under 20,000."""
DEEPEST, MOST_ELEMENTS = 12, 20_000
Element = etree._Element


class Unreadable(Exception):
    """A file that is no XML message at all, with words that say why."""

    def __init__(self, message: Message, line: int = 0) -> None:
        super().__init__(str(message))
        self.message, self.line = message, line


@dataclass(frozen=True)
class Area:
    """Where, in words and in codes."""

    description: str
    geocodes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Info:
    """What a message says in one language."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str
    sender_name: str
    urgency: str
    severity: str
    certainty: str
    effective: str
    expires: str
    web: str
    contact: str
    categories: tuple[str, ...]
    areas: tuple[Area, ...]


@dataclass(frozen=True)
class CapMessageText:
    """A message as plain text; a missing element is an empty text."""

    identifier: str
    sender: str
    sent: str
    status: str
    msg_type: str
    scope: str
    source: str
    note: str
    references: str
    incidents: str
    infos: tuple[Info, ...] = field(default=())

    def info(self, language: str) -> Info | None:
        """Return what it says in a language, else in English, else what comes first."""
        for wanted in (language, "en"):
            for one in self.infos:
                if one.language.lower().split("-")[0] == wanted:
                    return one
        return self.infos[0] if self.infos else None


def parse(data: bytes, *, with_instructions: bool = False) -> Element:
    """Return the root of an XML file; raises Unreadable in words."""
    if len(data) > LARGEST:
        raise Unreadable(_("The file is larger than %(n)s bytes.", n=LARGEST))
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    try:
        root = etree.fromstring(data, _parser(with_instructions))
    except (etree.XMLSyntaxError, ValueError, LookupError) as wrong:
        line = int(getattr(wrong, "lineno", 0) or 0)
        raise Unreadable(_("This is not XML, or it is cut short."), line) from None
    if root is None:
        raise Unreadable(_("This is not XML, or it is cut short."))
    about: Any = root.getroottree().docinfo
    if about.doctype or about.internalDTD is not None:
        raise Unreadable(_("The file brings a document type (DTD). That is refused."))
    _refuse_size(root)
    return root


def _parser(with_instructions: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=not with_instructions,
    )


def _refuse_size(root: Element) -> None:
    """Refuse what no alert is, before anything walks through it."""
    count, waiting = 0, [(root, 1)]
    while waiting:
        one, depth = waiting.pop()
        count += 1
        if depth > DEEPEST or count > MOST_ELEMENTS:
            raise Unreadable(_("The file has more parts, or deeper ones, than any alert."))
        waiting += [(child, depth + 1) for child in one]


def message(root: Element) -> CapMessageText:
    """Return what a message says, as plain text."""
    return CapMessageText(
        identifier=text(root, "identifier"),
        sender=text(root, "sender"),
        sent=text(root, "sent"),
        status=text(root, "status"),
        msg_type=text(root, "msgType"),
        scope=text(root, "scope"),
        source=text(root, "source"),
        note=text(root, "note"),
        references=text(root, "references"),
        incidents=text(root, "incidents"),
        infos=tuple(_info(one) for one in children(root, "info")),
    )


def _info(info: Element) -> Info:
    return Info(
        language=text(info, "language") or "en-US",
        event=text(info, "event"),
        headline=text(info, "headline"),
        description=text(info, "description"),
        instruction=text(info, "instruction"),
        sender_name=text(info, "senderName"),
        urgency=text(info, "urgency"),
        severity=text(info, "severity"),
        certainty=text(info, "certainty"),
        effective=text(info, "effective"),
        expires=text(info, "expires"),
        web=text(info, "web"),
        contact=text(info, "contact"),
        categories=tuple(value_of(one) for one in children(info, "category")),
        areas=tuple(
            Area(text(one, "areaDesc"), pairs(one, "geocode")) for one in children(info, "area")
        ),
    )


def children(parent: Element, name: str) -> Iterator[Element]:
    """Yield the elements of a name directly below another, in order."""
    return iter(parent.findall(f"{{{NAMESPACE}}}{name}"))


def text(parent: Element, name: str) -> str:
    """Return the text of the first element of a name, or nothing."""
    found = parent.find(f"{{{NAMESPACE}}}{name}")
    return "" if found is None else value_of(found)


def value_of(element: Element) -> str:
    """Return the text of an element without the space around it."""
    return (element.text or "").strip()


def pairs(parent: Element, name: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of `valueName` and `value`, in order."""
    return tuple((text(one, "valueName"), text(one, "value")) for one in children(parent, name))
