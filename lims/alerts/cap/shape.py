"""The shape of a CAP 1.2 message: which elements stand where, how often, with which values.

Written from OASIS Standard CAP-v1.2 (1 July 2010), sections 3.2 and 3.4, so that a file can be
checked without the standard's schema beside it; tests compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lims.alerts.cap import codes
from lims.alerts.cap.codes import NAMESPACE, XMLDSIG
from lims.alerts.cap.reading import Element, value_of
from lims.alerts.cap.remarks import Grade, Remark, local, moment_problem, remark
from lims.foundation.words import Message, _

MANY = 10_000


@dataclass(frozen=True)
class Place:
    """An element below another: how often it may stand there, and what it holds."""

    name: str
    least: int = 0
    most: int = 1
    values: Sequence[str] = ()
    check: Callable[[str], Message | None] | None = None
    below: Sequence[Place] = ()


def _whole_number(text: str) -> Message | None:
    fits = re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII)
    return None if fits else _("This is not a whole number.")


def _decimal(text: str) -> Message | None:
    fits = re.fullmatch(r"[+-]?(\d{1,12}(\.\d{0,12})?|\.\d{1,12})", text, re.ASCII)
    return None if fits else _("This is not a number.")


def _language(text: str) -> Message | None:
    fits = re.fullmatch(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", text, re.ASCII)
    return None if fits else _("This is not a language code such as fr-BE.")


_PAIR = (Place("valueName", 1), Place("value", 1))
_AREA = (
    Place("areaDesc", 1),
    Place("polygon", most=MANY),
    Place("circle", most=MANY),
    Place("geocode", most=MANY, below=_PAIR),
    Place("altitude", check=_decimal),
    Place("ceiling", check=_decimal),
)
_RESOURCE = (
    *(Place("resourceDesc", 1), Place("mimeType", 1), Place("size", check=_whole_number)),
    *(Place("uri"), Place("derefUri"), Place("digest")),
)
_INFO = (
    Place("language", check=_language),
    Place("category", 1, MANY, codes.CATEGORIES),
    Place("event", 1),
    Place("responseType", 0, MANY, codes.RESPONSE_TYPES),
    Place("urgency", 1, values=codes.URGENCIES),
    Place("severity", 1, values=codes.SEVERITIES),
    Place("certainty", 1, values=codes.CERTAINTIES),
    Place("audience"),
    Place("eventCode", most=MANY, below=_PAIR),
    *(Place(name, check=moment_problem) for name in ("effective", "onset", "expires")),
    *(Place(name) for name in ("senderName", "headline", "description", "instruction")),
    *(Place(name) for name in ("web", "contact")),
    Place("parameter", most=MANY, below=_PAIR),
    Place("resource", most=MANY, below=_RESOURCE),
    Place("area", most=MANY, below=_AREA),
)
ALERT = (
    *(Place("identifier", 1), Place("sender", 1), Place("sent", 1, check=moment_problem)),
    Place("status", 1, values=codes.STATUSES),
    Place("msgType", 1, values=codes.MSG_TYPES),
    Place("source"),
    Place("scope", 1, values=codes.SCOPES),
    *(Place("restriction"), Place("addresses"), Place("code", most=MANY)),
    *(Place("note"), Place("references"), Place("incidents")),
    Place("info", most=MANY, below=_INFO),
)
"""The elements of a message in their order."""
OLDER: Mapping[str, str] = {
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "http://www.incident.com/cap/1.0": "1.0",
}


def shape_of(root: Element) -> Iterator[Remark]:
    """Yield what keeps a file from being a CAP 1.2 message, in the order of the file."""
    if root.tag != f"{{{NAMESPACE}}}alert":
        yield remark("not-cap", Grade.BROKEN, root, _no_alert(root))
    else:
        yield from _below(root, ALERT)


def _no_alert(root: Element) -> Message:
    name = root.tag if isinstance(root.tag, str) else ""
    space = name.rpartition("}")[0].lstrip("{")
    version = OLDER.get(space)
    if version:
        return _("This is CAP %(version)s. Only CAP 1.2 is checked.", version=version)
    return _(
        "This is XML, but not a CAP 1.2 alert: it begins with %(name)s (name space: %(space)s).",
        name=local(root),
        space=space[:80] or "-",
    )


def _below(parent: Element, places: Sequence[Place]) -> Iterator[Remark]:
    yield from _strays(parent)
    present, counts = 0, dict.fromkeys((place.name for place in places), 0)
    order = {place.name: at for at, place in enumerate(places)}
    for child in parent:
        if _is_signature(child):
            continue
        name = local(child)
        if not str(child.tag).startswith(f"{{{NAMESPACE}}}") or name not in order:
            words = _("%(name)s does not belong in %(parent)s.", name=name, parent=local(parent))
            yield remark("unknown-element", Grade.BROKEN, child, words)
            continue
        counts[name] += 1
        if order[name] < present:
            words = _("%(name)s stands too late: the order is fixed.", name=name)
            yield remark("order", Grade.BROKEN, child, words)
        present = max(present, order[name])
        yield from _one(child, places[order[name]])
    yield from _counted(parent, places, counts)


def _counted(
    parent: Element, places: Sequence[Place], counts: Mapping[str, int]
) -> Iterator[Remark]:
    for place in places:
        if counts[place.name] < place.least:
            words = _("%(name)s is missing.", name=place.name)
            yield remark("missing", Grade.BROKEN, parent, words)
        if counts[place.name] > place.most:
            words = _("%(name)s stands there more than once.", name=place.name)
            yield remark("repeated", Grade.BROKEN, parent, words)


def _is_signature(child: Element) -> bool:
    parent = child.getparent()
    return (
        parent is not None
        and parent.getparent() is None
        and str(child.tag).startswith(f"{{{XMLDSIG}}}")
    )


def _one(element: Element, place: Place) -> Iterator[Remark]:
    if place.below:
        yield from _below(element, place.below)
        return
    yield from _attributes(element)
    if len(element):
        words = _("%(name)s holds other elements; it takes a text.", name=place.name)
        yield remark("not-text", Grade.BROKEN, element, words)
        return
    value = value_of(element)
    if place.values and (element.text or "") not in place.values:
        words = _(
            "%(value)s is not one of the values of %(name)s: %(values)s.",
            value=value[:40] or "-",
            name=place.name,
            values=", ".join(place.values),
        )
        yield remark("value", Grade.BROKEN, element, words)
    problem = place.check(value) if place.check else None
    if problem is not None:
        yield remark(_rule_of(place), Grade.BROKEN, element, problem)


def _rule_of(place: Place) -> str:
    return "time" if place.check is moment_problem else "value"


def _strays(parent: Element) -> Iterator[Remark]:
    yield from _attributes(parent)
    between = [parent.text, *(child.tail for child in parent)]
    if any(text and text.strip() for text in between):
        words = _("There is text between the elements of %(name)s.", name=local(parent))
        yield remark("stray-text", Grade.BROKEN, parent, words)


def _attributes(element: Element) -> Iterator[Remark]:
    instance = "{http://www.w3.org/2001/XMLSchema-instance}"
    if any(not str(name).startswith(instance) for name in element.attrib):
        words = _("%(name)s takes no attributes.", name=local(element))
        yield remark("attribute", Grade.BROKEN, element, words)
