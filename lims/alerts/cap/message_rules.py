"""What the schema cannot say of a message as a whole: names, references, scope, languages.

Each rule stands with its source: OASIS Standard CAP-v1.2, section 3.2.1 (alert) unless told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lims.alerts.cap.codes import NAMESPACE
from lims.alerts.cap.reading import Element, children, pairs, text, value_of
from lims.alerts.cap.remarks import Grade, Remark, moment_of, remark
from lims.foundation.words import Message, _

LONGEST_NAME = 250
_RESTRICTED = re.compile(r"[\s,<&]")
DEMONSTRATION = re.compile(r"(demonstration|exercise|demo|test)([@.\-+_]|$)", re.IGNORECASE)
"""Senders that never warn anybody: ours in a demonstration begins like this."""
NOT_ON_THE_INTERNET = re.compile(
    r"(^|[@.])((example|invalid|test|localhost|local)|example\.(com|net|org)"
    r"|127(\.\d+){3}|\[?::1\]?)$",
    re.IGNORECASE,
)
"""Names that nobody can own (RFC 2606, RFC 6761)."""
CITING = ("Update", "Cancel", "Ack", "Error")
CODED = (
    *("category", "responseType", "urgency", "severity", "certainty"),
    *("effective", "onset", "expires"),
)


def message_remarks(root: Element) -> Iterator[Remark]:
    """Yield what is wrong with a message of the right shape."""
    yield from _names(root)
    yield from _status(root)
    yield from _scope(root)
    yield from _references(root)
    yield from _infos(root)


def _at(root: Element, name: str) -> Element:
    """Return an element of a message, or the message where it is absent."""
    found = root.find(f"{{{NAMESPACE}}}{name}")
    return root if found is None else found


def _error(rule: str, element: Element, message: Message) -> Remark:
    return remark(rule, Grade.ERROR, element, message)


def _names(root: Element) -> Iterator[Remark]:
    for name in ("identifier", "sender"):
        element = _at(root, name)
        value = element.text or ""
        if not value.strip():
            yield _error(f"{name}-empty", element, _("%(name)s is empty.", name=name))
        elif _RESTRICTED.search(value) or not value.isprintable():
            words = _(
                "%(name)s holds a space, a comma, <, & or something that nobody sees. "
                "None may stand there.",
                name=name,
            )
            yield _error(f"{name}-characters", element, words)
        elif len(value) > LONGEST_NAME:
            yield _error(f"{name}-long", element, _("%(name)s is too long.", name=name))


def _status(root: Element) -> Iterator[Remark]:
    status, sender = text(root, "status"), text(root, "sender")
    if status == "Actual" and DEMONSTRATION.match(sender):
        words = _("The status is Actual, but the sender is a demonstration.")
        yield _error("actual-demonstration", _at(root, "status"), words)
    elif status == "Actual" and NOT_ON_THE_INTERNET.search(sender):
        words = _("The status is Actual, but nobody can own this sender's name.")
        yield remark("sender-name", Grade.ADVICE, _at(root, "sender"), words)
    if status == "Exercise" and not text(root, "note"):
        words = _("An exercise says in its note which exercise it is.")
        yield remark("exercise-note", Grade.ADVICE, _at(root, "status"), words)
    if status == "Draft":
        words = _("The status is Draft: nobody may act on it.")
        yield remark("draft", Grade.ADVICE, _at(root, "status"), words)


def _scope(root: Element) -> Iterator[Remark]:
    scope = text(root, "scope")
    if scope == "Restricted" and not text(root, "restriction"):
        words = _("The scope is Restricted, but no restriction says to whom.")
        yield _error("restriction-missing", _at(root, "scope"), words)
    if scope != "Restricted" and text(root, "restriction"):
        words = _("A restriction stands there, but the scope is not Restricted.")
        yield _error("restriction-unasked", _at(root, "restriction"), words)
    if scope == "Private" and not text(root, "addresses"):
        words = _("The scope is Private, but there are no addresses.")
        yield _error("addresses-missing", _at(root, "scope"), words)


def _references(root: Element) -> Iterator[Remark]:
    kind, cited, element = text(root, "msgType"), text(root, "references"), _at(root, "references")
    if kind in CITING and not cited:
        words = _("A message of the kind %(kind)s cites the messages it is about.", kind=kind)
        yield _error("references-missing", _at(root, "msgType"), words)
    if kind == "Error" and not text(root, "note"):
        words = _("A message of the kind Error says in its note what was wrong.")
        yield remark("error-note", Grade.ADVICE, _at(root, "msgType"), words)
    if kind == "Alert" and cited:
        words = _("A first alert cites other messages. Is it an update?")
        yield remark("alert-references", Grade.ADVICE, element, words)
    sent, seen = moment_of(text(root, "sent")), set()
    for one in cited.split():
        parts = one.split(",")
        at = moment_of(parts[2]) if len(parts) == 3 else None
        if at is None or not all(parts):
            words = _(
                "A reference is sender,identifier,sent. This is not: %(text)s.", text=one[:80]
            )
            yield _error("reference-form", element, words)
            continue
        if parts[:2] == [text(root, "sender"), text(root, "identifier")]:
            yield _error("reference-itself", element, _("The message cites itself."))
        elif sent is not None and at > sent:
            words = _("It cites a message that was sent after it: %(text)s.", text=one[:80])
            yield _error("reference-later", element, words)
        if one in seen:
            words = _("It cites the same message twice: %(text)s.", text=one[:80])
            yield remark("reference-twice", Grade.ADVICE, element, words)
        seen.add(one)


def _infos(root: Element) -> Iterator[Remark]:
    infos = list(children(root, "info"))
    if (
        not infos
        and text(root, "msgType") in ("Alert", "Update")
        and text(root, "status") != "System"
    ):
        words = _("The alert has no info: it says nothing to anybody.")
        yield _error("info-missing", root, words)
    if len(infos) < 2:
        return
    if any(not text(one, "language") for one in infos):
        words = _("There are several infos, and not each of them names its language.")
        yield remark("language-missing", Grade.ADVICE, root, words)
    yield from _languages_differ(infos)


def _languages_differ(infos: list[Element]) -> Iterator[Remark]:
    """Each language says the same: programs sort by the codes of one info and show another."""
    by_language: dict[str, list[Element]] = {}
    for one in infos:
        by_language.setdefault(text(one, "language").lower() or "en-us", []).append(one)
    first, *others = by_language.values()
    for other in others:
        if len(other) != len(first):
            words = _("The languages do not have the same number of infos.")
            yield _error("languages-differ", other[0], words)
            continue
        for one, same in zip(other, first, strict=True):
            for name, mine, theirs in _coded(one, same):
                if mine != theirs:
                    words = _("%(name)s is not the same in every language.", name=name)
                    yield _error("languages-differ", one, words)


def _coded(one: Element, same: Element) -> Iterator[tuple[str, object, object]]:
    for name in CODED:
        yield name, _values(one, name), _values(same, name)
    yield "eventCode", sorted(pairs(one, "eventCode")), sorted(pairs(same, "eventCode"))
    for name in ("geocode", "polygon", "circle"):
        yield name, _places(one, name), _places(same, name)


def _values(info: Element, name: str) -> list[object]:
    values = sorted(value_of(one) for one in children(info, name))
    return [moment_of(value) or value for value in values]


def _places(info: Element, name: str) -> Sequence[object]:
    areas = list(children(info, "area"))
    if name == "geocode":
        return sorted(pair for area in areas for pair in pairs(area, name))
    return sorted(value_of(one) for area in areas for one in children(area, name))
