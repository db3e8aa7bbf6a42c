"""The feeds of public alerts in one language: Atom 1.0 (RFC 4287) and RSS 2.0, never empty.

One entry per issued message. An entry's identifier is the absolute address of its CAP file, which
programs follow without looking at the links; people are led to the page beside it. What an entry
says is read from the issued file itself, so that a feed and its files cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from lxml import etree

from lims.alerts.cap.codes import MIME, MsgType
from lims.alerts.cap.reading import CapMessageText, Element, message, parse
from lims.alerts.cap.station import Station
from lims.alerts.cap.writing import BELGIUM, clean, moment
from lims.alerts.issued import Listed
from lims.alerts.published import PublicAlert
from lims.alerts.rules import AlertState
from lims.foundation.words import Message, _, say

ATOM = "http://www.w3.org/2005/Atom"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_SPACES: dict[Any, str] = {None: ATOM}
WORDS: dict[str, Message] = {
    "information": _("Information"),
    "caution": _("Caution"),
    "warning": _("Warning"),
    "red": _("Red alert"),
}
ENDS: dict[str, Message] = {
    AlertState.UPDATED: _("Replaced by an update: %(headline)s"),
    AlertState.WITHDRAWN: _("No longer holds: %(headline)s"),
    AlertState.EXPIRED: _("Expired: %(headline)s"),
    AlertState.SUPERSEDED: _("Replaced by another alert: %(headline)s"),
}


@dataclass(frozen=True)
class Entry:
    """One line of a feed; `content` is the CAP file, where there is one."""

    address: str
    page: str
    title: str
    summary: str
    category: str
    issued_at: datetime
    changed_at: datetime
    content: bytes = b""


@dataclass(frozen=True)
class Source:
    """Where a feed comes from, and in which language it speaks."""

    station: Station
    language: str

    def address(self, name: str) -> str:
        return f"{self.station.public_url}/{name}?lang={self.language}"

    @property
    def title(self) -> str:
        return say(_("Alerts of %(network)s", network=self.station.network), self.language)


def entries(
    source: Source, listed: Sequence[Listed], older: Sequence[PublicAlert], no_alert: bytes = b""
) -> list[Entry]:
    """Return the lines of a feed, the newest first; one that says so when there is no alert.

    `older` are alerts without a CAP file, because they were published before there were any or
    still owe theirs: they are led to by page.
    """
    lines = [_line(source, one) for one in listed] + [_older(source, one) for one in older]
    if not lines:
        return [_none(source, no_alert)]
    return sorted(lines, key=lambda one: one.issued_at, reverse=True)


def _line(source: Source, one: Listed) -> Entry:
    said = _Said(one.said, source.language)
    return Entry(
        address=source.station.address(one.identifier),
        page=said.page,
        title=_title(one, said.headline, source.language),
        summary=said.description,
        category=one.level,
        issued_at=one.issued_at,
        changed_at=_changed(one),
        content=one.content,
    )


class _Said:
    """What a message says in one language."""

    def __init__(self, read: CapMessageText, language: str) -> None:
        info = read.info(language)
        self.headline = info.headline if info else read.identifier
        self.description = info.description if info else ""
        self.page = info.web if info else ""
        self.expires = info.expires if info else ""


def _changed(one: Listed) -> datetime:
    """Return when a line last changed: its message was issued, ended, or passed its expiry."""
    if one.ended_at is not None:
        return one.ended_at
    return one.passed_at or one.issued_at


def _title(one: Listed, headline: str, language: str) -> str:
    """Return level and headline; a message that holds no longer says so first, and how it ended."""
    ended = ENDS.get(one.state)
    if ended is None and one.passed_at is not None:
        ended = ENDS[AlertState.EXPIRED]
    if one.said.msg_type == MsgType.CANCEL:
        return headline
    if ended is not None:
        return say(Message(ended.msgid, {"headline": headline}), language)
    return f"{say(WORDS[one.level], language)}: {headline}"


def _older(source: Source, one: PublicAlert) -> Entry:
    page = source.address(f"alerts/{one.number}")
    title = one.headline
    if one.ended_at is not None:
        title = say(_("Ended: %(headline)s", headline=title), source.language)
    elif one.is_current:
        title = f"{say(WORDS[one.level], source.language)}: {title}"
    address = f"{source.station.public_url}/alerts/{one.number}"
    return Entry(address, page, title, one.body, one.level, one.published_at, one.changed_at)


def _none(source: Source, no_alert: bytes) -> Entry:
    read = message(parse(no_alert))
    said, sent = _Said(read, source.language), datetime.fromisoformat(read.sent)
    address = source.station.address(read.identifier)
    return Entry(
        *(address, said.page, said.headline, said.description),
        *("information", sent, sent, no_alert),
    )


# ---------------------------------------------------------------------------------------- Atom


def atom(source: Source, lines: Sequence[Entry]) -> bytes:
    """Return the Atom feed as UTF-8 XML; each entry carries its signed file inside."""
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap=_SPACES)
    feed.set(XML_LANGUAGE, source.language)
    _add(feed, "id", source.address("alerts.atom"))
    _add(feed, "title", source.title)
    _add(feed, "updated", moment(max(one.changed_at for one in lines)))
    _link(feed, "self", "application/atom+xml", source.address("alerts.atom"))
    _link(feed, "alternate", "text/html", source.address("alerts"))
    _add(_add(feed, "author"), "name", source.station.network)
    for one in lines:
        _entry(feed, one)
    return _written(feed)


def _entry(feed: Element, one: Entry) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", one.address)
    _add(entry, "title", one.title)
    _add(entry, "updated", moment(one.changed_at))
    _add(entry, "published", moment(one.issued_at))
    if one.content:
        _link(entry, "alternate", MIME, one.address)
    _link(entry, "alternate", "text/html", one.page)
    _add(entry, "category").set("term", one.category)
    _add(entry, "summary", one.summary)
    if one.content:
        content = _add(entry, "content")
        content.set("type", MIME)
        content.append(parse(one.content, with_instructions=True))


def _link(parent: Element, rel: str, kind: str, address: str) -> None:
    link = _add(parent, "link")
    for name, value in (("rel", rel), ("type", kind), ("href", address)):
        link.set(name, value)


def _add(parent: Element, name: str, text: str = "") -> Element:
    made = etree.SubElement(parent, f"{{{ATOM}}}{name}", nsmap=_SPACES)
    if text:
        made.text = clean(text)
    return made


def _written(root: Element) -> bytes:
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


# ----------------------------------------------------------------------------------------- RSS


def rss(source: Source, lines: Sequence[Entry]) -> bytes:
    """Return the RSS 2.0 feed as UTF-8 XML; each item leads to its signed file."""
    root = etree.Element("rss", {"version": "2.0"})  # its own name space last: readers guess by it
    channel = etree.SubElement(root, "channel")
    _plain(channel, "title", source.title)
    _plain(channel, "link", source.address("alerts"))
    words = _("Alerts about drugs in circulation, each as a signed CAP 1.2 file.")
    _plain(channel, "description", say(words, source.language))
    _plain(channel, "language", source.language)
    _plain(channel, "lastBuildDate", _rfc_822(max(one.changed_at for one in lines)))
    _link(channel, "self", "application/rss+xml", source.address("alerts.rss"))
    for one in lines:
        item = etree.SubElement(channel, "item")
        _plain(item, "title", one.title)
        _plain(item, "link", one.address)
        _plain(item, "description", one.summary)
        _plain(item, "category", one.category)
        etree.SubElement(item, "guid", isPermaLink="true").text = one.address
        _plain(item, "pubDate", _rfc_822(one.issued_at))
    return _written(root)


def _plain(parent: Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = clean(text)


def _rfc_822(at: datetime) -> str:
    """Return a moment as RSS writes it, with its offset in Belgium, never a letter."""
    return format_datetime(at.astimezone(BELGIUM).replace(microsecond=0))
