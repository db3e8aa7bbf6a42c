"""What the schema cannot say of an `info`: texts, times, codes, files and places.

Each rule stands with its source: OASIS Standard CAP-v1.2, sections 3.2.2 (info), 3.2.3 (resource)
and 3.2.4 (area), and what programs that read alerts need besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lims.alerts.cap.codes import NAMESPACE
from lims.alerts.cap.reading import Element, children, text, value_of
from lims.alerts.cap.remarks import Grade, Remark, is_seen, moment_of, remark
from lims.foundation.words import Message, _

LONGEST_HEADLINE = 160
"""What 3.2.2 calls a useful limit."""
_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,12})?"
_POINT = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_RADIUS = re.compile(r"\d{1,6}(?:\.\d{1,12})?", re.ASCII)


def info_remarks(root: Element) -> Iterator[Remark]:
    """Yield what is wrong with each info of a message of the right shape."""
    sent = text(root, "sent")
    for info in children(root, "info"):
        yield from _texts(info)
        yield from _times(info, sent)
        yield from _codes(info)
        yield from _web(info)
        for one in children(info, "resource"):
            yield from _resource(one)
        for one in children(info, "area"):
            yield from _area(one)


def _at(parent: Element, name: str) -> Element:
    found = parent.find(f"{{{NAMESPACE}}}{name}")
    return parent if found is None else found


def _error(rule: str, element: Element, message: Message) -> Remark:
    return remark(rule, Grade.ERROR, element, message)


def _texts(info: Element) -> Iterator[Remark]:
    for name in ("event", "headline", "description"):
        if not is_seen(text(info, name)):
            words = _("%(name)s is empty or missing. Readers show it.", name=name)
            yield _error(f"{name}-empty", _at(info, name), words)
    for name in ("instruction", "senderName", "contact", "audience"):
        element = info.find(f"{{{NAMESPACE}}}{name}")
        if element is not None and not value_of(element):
            words = _("%(name)s stands there without a text.", name=name)
            yield remark("empty", Grade.ADVICE, element, words)
    if len(text(info, "headline")) > LONGEST_HEADLINE:
        words = _("The headline is longer than %(n)s characters.", n=LONGEST_HEADLINE)
        yield remark("headline-long", Grade.ADVICE, _at(info, "headline"), words)


def _times(info: Element, sent_text: str) -> Iterator[Remark]:
    sent = moment_of(sent_text)
    expires, element = moment_of(text(info, "expires")), _at(info, "expires")
    if expires is None:
        words = _("There is no expires: each reader decides how long the alert holds.")
        yield remark("expires-missing", Grade.ADVICE, info, words)
        return
    if sent is not None and expires <= sent:
        words = _("It expires before it was sent.")
        yield _error("expires-before-sent", element, words)
    for name in ("effective", "onset"):
        begins = moment_of(text(info, name))
        if begins is not None and expires <= begins:
            words = _("It expires before %(name)s.", name=name)
            yield _error(f"expires-before-{name}", element, words)


def _codes(info: Element) -> Iterator[Remark]:
    for name in ("eventCode", "parameter"):
        for one in children(info, name):
            if not text(one, "valueName") or not text(one, "value"):
                words = _("%(name)s has an empty name or value.", name=name)
                yield _error("pair-empty", one, words)


def _web(info: Element) -> Iterator[Remark]:
    element = info.find(f"{{{NAMESPACE}}}web")
    if element is not None and not _is_address(value_of(element)):
        words = _("web is not a whole address such as https://example.org/page.")
        yield _error("web-address", element, words)


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _port = parts.port  # refuses one that no machine has
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and " " not in value


def _resource(resource: Element) -> Iterator[Remark]:
    if not text(resource, "resourceDesc"):
        words = _("%(name)s is empty or missing. Readers show it.", name="resourceDesc")
        yield _error("resource-words", resource, words)
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+(\s*;.*)?", text(resource, "mimeType"), re.ASCII):
        words = _("The kind of the file is not written as image/png is.")
        yield _error("resource-kind", _at(resource, "mimeType"), words)
    digest = text(resource, "digest")
    if digest and not re.fullmatch(r"[0-9a-fA-F]{40}", digest, re.ASCII):
        words = _("The digest is not a SHA-1 of 40 hexadecimal characters.")
        yield _error("resource-digest", _at(resource, "digest"), words)
    if not text(resource, "uri") and not text(resource, "derefUri"):
        words = _("The file has no address and no content.")
        yield remark("resource-address", Grade.ADVICE, resource, words)


def _area(area: Element) -> Iterator[Remark]:
    if not text(area, "areaDesc"):
        words = _("%(name)s is empty or missing. Readers show it.", name="areaDesc")
        yield _error("area-words", area, words)
    shapes = [one for name in ("polygon", "circle", "geocode") for one in children(area, name)]
    if not shapes:
        words = _("The area has words only: no polygon, circle or geocode.")
        yield remark("area-codes", Grade.ADVICE, area, words)
    for one in children(area, "polygon"):
        yield from _polygon(one)
    for one in children(area, "circle"):
        if not _is_circle(value_of(one)):
            words = _("A circle is latitude,longitude radius, in degrees and km.")
            yield _error("circle", one, words)
    for one in children(area, "geocode"):
        if not text(one, "valueName") or not text(one, "value"):
            words = _("%(name)s has an empty name or value.", name="geocode")
            yield _error("pair-empty", one, words)
    yield from _heights(area)


def _polygon(polygon: Element) -> Iterator[Remark]:
    points = value_of(polygon).split()
    if not points or not all(_is_point(one) for one in points):
        words = _("A polygon is latitude,longitude pairs in degrees, with spaces between.")
        yield _error("polygon", polygon, words)
    elif len(points) < 4:
        yield _error("polygon", polygon, _("A polygon has at least four points."))
    elif points[0] != points[-1]:
        words = _("The first and the last point of a polygon are the same. Here they are not.")
        yield _error("polygon", polygon, words)


def _is_point(one: str) -> bool:
    fits = _POINT.fullmatch(one)
    return fits is not None and abs(float(fits[1])) <= 90 and abs(float(fits[2])) <= 180


def _is_circle(value: str) -> bool:
    point, _space, radius = value.partition(" ")
    return _is_point(point) and bool(_RADIUS.fullmatch(radius.strip()))


def _heights(area: Element) -> Iterator[Remark]:
    altitude, ceiling = text(area, "altitude"), text(area, "ceiling")
    if ceiling and not altitude:
        words = _("A ceiling stands there without an altitude.")
        yield _error("ceiling", _at(area, "ceiling"), words)
    elif ceiling and float(ceiling) < float(altitude):
        words = _("The ceiling is lower than the altitude.")
        yield _error("ceiling", _at(area, "ceiling"), words)
