"""The Atom 1.0 feed of public alerts (RFC 4287), in one language, never empty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from lims.alerts.published import PublicAlert
from lims.foundation.words import Message, _, say

NAMESPACE = "http://www.w3.org/2005/Atom"
BELGIUM = ZoneInfo("Europe/Brussels")
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""The day that the entry of an empty feed bears, so that it stays the same."""
WORDS: dict[str, Message] = {
    "information": _("Information"),
    "caution": _("Caution"),
    "warning": _("Warning"),
    "red": _("Red alert"),
}


def atom(listed: Sequence[PublicAlert], language: str, root: str, network: str) -> bytes:
    """Return the feed as UTF-8 XML; `root` is the address of the public application."""
    root = root.rstrip("/")
    address = f"{root}/alerts.atom?lang={language}"
    updated = max((one.changed_at for one in listed), default=BEGINNING)
    ElementTree.register_namespace("", NAMESPACE)
    feed = ElementTree.Element(_tag("feed"), {"xml:lang": language})
    _add(feed, "id", address)
    _add(feed, "title", say(_("Alerts of %(network)s", network=network), language))
    _add(feed, "updated", moment(updated))
    _add(feed, "link", rel="self", type="application/atom+xml", href=address)
    _add(feed, "link", rel="alternate", type="text/html", href=f"{root}/alerts?lang={language}")
    _add(_add(feed, "author"), "name", network)
    for one in listed:
        _entry(feed, one, language, root)
    if not listed:
        _no_alert(feed, language, root)
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(feed: ElementTree.Element, one: PublicAlert, language: str, root: str) -> None:
    address = f"{root}/alerts/{one.number}"
    entry = _add(feed, "entry")
    _add(entry, "id", address)
    _add(entry, "title", _title(one, language))
    _add(entry, "updated", moment(one.changed_at))
    _add(entry, "published", moment(one.published_at))
    _add(entry, "link", rel="alternate", type="text/html", href=f"{address}?lang={language}")
    _add(entry, "category", term=one.level)
    _add(entry, "summary", one.headline)
    _add(entry, "content", one.body, type="text")


def _title(one: PublicAlert, language: str) -> str:
    """Return level and headline; a warning that has ended says so first."""
    if one.ended_at is not None:
        ended = _("Ended: %(headline)s", headline=one.headline)
        return say(ended, language)
    if not one.is_current:
        return one.headline
    return f"{say(WORDS[one.level], language)}: {one.headline}"


def _no_alert(feed: ElementTree.Element, language: str, root: str) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", f"{root}/alerts")
    _add(entry, "title", say(_("No alert at present"), language))
    _add(entry, "updated", moment(BEGINNING))
    _add(entry, "link", rel="alternate", type="text/html", href=f"{root}/alerts?lang={language}")
    words = _("There is no alert now. That does not make any drug safe.")
    _add(entry, "content", say(words, language), type="text")


def moment(at: datetime) -> str:
    """Return a moment with its offset in Belgium, never `Z`, which some readers misread."""
    return at.astimezone(BELGIUM).isoformat(timespec="seconds")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(
    parent: ElementTree.Element, name: str, text: str = "", **attributes: str
) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, _tag(name), attributes)
    if text:
        made.text = "".join(one for one in text if one >= " " or one in "\n\t")
    return made
