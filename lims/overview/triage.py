"""The order of work: which line of the rule in force a sample meets, and why in words.

The rule itself is data. It looks only at what is known when a sample is handed in; what no line
names goes in order of arrival. A sample that a person moved stands before or after all others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from lims.foundation.errors import Problem
from lims.foundation.words import Message, _

MOST_LINES = 20


class Fact(StrEnum):
    """What a line of the rule may look at."""

    INCIDENT = "incident"
    TAKEN = "taken"
    SOLD_AS = "sold as"
    FORM = "form"
    NEW_LOGO = "new logo"
    ALERT_LOOK = "alert look"
    DANGER_LOOK = "danger look"


FACT_WORDS: Mapping[Fact, Message] = {
    Fact.INCIDENT: _("is linked to an incident"),
    Fact.TAKEN: _("somebody took it already, with one of these effects"),
    Fact.SOLD_AS: _("was sold as"),
    Fact.FORM: _("has this form"),
    Fact.NEW_LOGO: _("has a logo that nobody handed in before"),
    Fact.ALERT_LOOK: _("looks like what an alert in force is about (form, colour, logo)"),
    Fact.DANGER_LOOK: _("looks like a product with a warning (form, colour, logo)"),
}
WITH_VALUES = (Fact.INCIDENT, Fact.TAKEN, Fact.SOLD_AS, Fact.FORM)


class RuleState(StrEnum):
    """Where a version of the rule is on its way."""

    DRAFT = "draft"
    IN_FORCE = "in force"
    REPLACED = "replaced"
    REFUSED = "refused"
    ENDED = "ended"


STATE_WORDS: Mapping[RuleState, Message] = {
    RuleState.DRAFT: _("draft"),
    RuleState.IN_FORCE: _("in force"),
    RuleState.REPLACED: _("replaced"),
    RuleState.REFUSED: _("refused"),
    RuleState.ENDED: _("ended"),
}
MOVES: Mapping[RuleState, frozenset[RuleState]] = {
    RuleState.DRAFT: frozenset({RuleState.IN_FORCE, RuleState.REFUSED}),
    RuleState.IN_FORCE: frozenset({RuleState.REPLACED, RuleState.ENDED}),
    RuleState.REPLACED: frozenset(),
    RuleState.REFUSED: frozenset(),
    RuleState.ENDED: frozenset(),
}


class Step(StrEnum):
    """How a person moved a sample."""

    FORWARD = "forward"
    BACK = "back"


class Group(IntEnum):
    """Before, among or after the samples that nobody moved."""

    FORWARD = 0
    BY_RULE = 1
    BACK = 2


@dataclass(frozen=True)
class Line:
    """One line of the rule: a fact, and the codes that meet it."""

    fact: Fact
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """What is known of a sample when it is handed in."""

    incident: str = ""
    taken: bool | None = None
    effects: tuple[str, ...] = ()
    sold_as: str = ""
    form: str = ""
    logo: str = ""
    new_logo: bool = False
    alert: str = ""
    product: str = ""


@dataclass(frozen=True)
class Place:
    """Why a sample stands where it stands; without `line` it came in order of arrival."""

    group: Group
    line: int | None = None
    fact: Fact | None = None
    value: str = ""
    reason: str = ""


def place(lines: Sequence[Line], told: Told, step: str = "", reason: str = "") -> Place:
    """Return the place of a sample: as a person moved it, by the first line it meets, by age."""
    if step:
        group = Group.FORWARD if step == Step.FORWARD else Group.BACK
        return Place(group, reason=reason)
    for at, line in enumerate(lines):
        value = _met(line, told)
        if value is not None:
            return Place(Group.BY_RULE, at, line.fact, value)
    return Place(Group.BY_RULE)


def _met(line: Line, told: Told) -> str | None:
    """Return what of a sample meets a line (a code or number), None when nothing does."""
    if line.fact == Fact.TAKEN:
        met = [effect for effect in told.effects if effect in line.values]
        return met[0] if told.taken and met else None
    found = {
        Fact.INCIDENT: told.incident,
        Fact.SOLD_AS: told.sold_as,
        Fact.FORM: told.form,
        Fact.NEW_LOGO: told.logo if told.new_logo else "",
        Fact.ALERT_LOOK: told.alert,
        Fact.DANGER_LOOK: told.product,
    }[line.fact]
    if line.fact in WITH_VALUES and found not in line.values:
        return None
    return found or None


def order(found: Place, arrived: datetime, code: str) -> tuple[int, int, datetime, str]:
    """Return what samples are sorted by: a person's move, the line, the arrival, the code."""
    return found.group, MOST_LINES if found.line is None else found.line, arrived, code


def because(found: Place, label: str = "") -> Message:
    """Return in words why a sample stands where it does; `label` says the value it met."""
    if found.group == Group.FORWARD:
        return _("first, because a person put it forward: %(why)s", why=found.reason)
    if found.group == Group.BACK:
        return _("last, because a person put it back: %(why)s", why=found.reason)
    if found.fact is None or found.line is None:
        return _("in order of arrival")
    why = _why(found.fact, label or found.value)
    if found.line == 0:
        return _("first, because: %(why)s", why=why)
    return _("before others, because: %(why)s", why=why)


def _why(fact: Fact, said: str) -> Message:
    return {
        Fact.INCIDENT: _("incident: %(what)s", what=said),
        Fact.TAKEN: _("already taken, effect: %(what)s", what=said),
        Fact.SOLD_AS: _("sold as %(name)s", name=said),
        Fact.FORM: _("form: %(what)s", what=said),
        Fact.NEW_LOGO: _("logo not handed in before: %(what)s", what=said),
        Fact.ALERT_LOOK: _("looks like alert %(number)s", number=said),
        Fact.DANGER_LOOK: _("looks like product %(number)s, which has a warning", number=said),
    }[fact]


def problems(lines: Sequence[Line], known: Mapping[Fact, Collection[str]]) -> list[Problem]:
    """Return what is wrong with the lines of a rule; `known` are the codes each fact may have."""
    if not lines:
        return [Problem("lines", _("A rule needs at least one line."))]
    if len(lines) > MOST_LINES:
        return [Problem("lines", _("At most %(n)s rows, please.", n=MOST_LINES))]
    found = []
    for at, line in enumerate(lines):
        if line.fact in WITH_VALUES and not line.values:
            found.append(Problem(f"lines.{at}.values", _("Choose at least one.")))
        if set(line.values) - set(known.get(line.fact, ())):
            found.append(Problem(f"lines.{at}.values", _("Choose one of the list.")))
        if line in lines[:at]:
            found.append(Problem(f"lines.{at}.fact", _("This line stands above already.")))
    return found


def kept(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return lines as plain values that JSON can hold."""
    return [{"fact": str(one.fact), "values": list(one.values)} for one in lines]


def read(rows: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    """Return the lines that were kept as plain values."""
    return tuple(Line(Fact(one["fact"]), tuple(one["values"])) for one in rows)
