"""What is wrong with a CAP file: one remark per finding, with its place, its rule and its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from lxml import etree

from lims.alerts.cap.reading import Element
from lims.foundation.words import Message, _


class Grade(StrEnum):
    """How grave a remark is."""

    BROKEN = "broken"
    """It is no CAP 1.2: the schema refuses it too."""
    ERROR = "error"
    """The schema lets it pass; the standard, or the programs that read alerts, do not."""
    ADVICE = "advice"
    """Allowed, and better otherwise."""


@dataclass(frozen=True)
class Remark:
    """One finding. `rule` is a stable name, `place` a path such as `alert/info[2]/expires`."""

    rule: str
    grade: Grade
    place: str
    line: int
    message: Message


def remark(rule: str, grade: Grade, element: Element, message: Message) -> Remark:
    """Return a remark about an element."""
    return Remark(rule, grade, place_of(element), _line(element), message)


def _line(element: Element) -> int:
    line: Any = element.sourceline
    return line if isinstance(line, int) else 0


def local(element: Element) -> str:
    """Return the name of an element without its namespace, short enough to be shown."""
    name = element.tag if isinstance(element.tag, str) else "?"
    return name.rpartition("}")[2][:60]


def place_of(element: Element) -> str:
    """Return the path of an element, with a number where it has brothers of its name."""
    parts: list[str] = []
    one: Element | None = element
    while one is not None:
        name = local(one)
        parts.append(f"{name}{_number_among_brothers(one, name)}")
        one = one.getparent()
    return "/".join(reversed(parts))


def is_seen(text: str) -> bool:
    """Tell whether a reader sees anything of a text: marks that have no width are nothing."""
    return any(one.isprintable() and not one.isspace() for one in text)


_BEFORE = etree.XPath("count(preceding-sibling::*[local-name() = $name])")
_AFTER = etree.XPath("count(following-sibling::*[local-name() = $name])")


def _number_among_brothers(one: Element, name: str) -> str:
    before: Any = _BEFORE(one, name=name)
    after: Any = _AFTER(one, name=name)
    return f"[{int(before) + 1}]" if before or after else ""


LARGEST_OFFSET = timedelta(hours=14)
"""W3C XML Schema part 2, 3.2.7.3: an offset lies between -14:00 and +14:00."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.ASCII)


def moment_of(text: str) -> datetime | None:
    """Return the moment that CAP writes as `2026-11-22T14:00:00+01:00`, or None."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    offset = found.utcoffset()
    return found if offset is not None and abs(offset) <= LARGEST_OFFSET else None


def moment_problem(text: str) -> Message | None:
    """Return what is wrong with how a moment is written (CAP 1.2, 3.3.2), or None."""
    if moment_of(text) is not None:
        return None
    if text.endswith(("Z", "z")):
        return _("The time ends in Z. CAP wants an offset such as +01:00.")
    return _("This is not a date and time as CAP writes it: 2026-11-22T14:00:00+01:00.")
