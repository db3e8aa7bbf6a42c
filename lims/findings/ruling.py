"""What a danger rule says, the way of its draft to another person, and what a change changes.

A rule judges nothing before a second person has published it; what it was before stays readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lims.findings.rules import Condition, Level, Rule
from lims.foundation.errors import Refused
from lims.foundation.words import Message, _

TARGETS = ("substance", "class", "structural group", "flag", "role", "any")
LIMIT_UNITS = ("mg/unit", "µg/unit", "mg/g", "%", "mg/ml")
LEVELS = (Level.INFORMATION, Level.CAUTION, Level.WARNING)
"""Red is decided by people, in an alert; no rule gives it."""


@dataclass(frozen=True)
class RuleText:
    """All that a version of a danger rule says."""

    rule_key: str
    target_type: str
    target: str
    condition: str
    level: str
    jurisdiction: str
    source: str
    condition_words: str = ""
    operator: str = ""
    limit_value: Decimal | None = None
    unit: str = ""
    expressed_as: str = ""
    dosage_form: str = ""
    expected_as: str = ""
    note: str = ""
    in_force: bool = True
    valid_from: date | None = None
    valid_until: date | None = None


class RuleDraftState(StrEnum):
    """Where a draft of a danger rule is on its way."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


S = RuleDraftState
MOVES: Mapping[RuleDraftState, frozenset[RuleDraftState]] = {
    S.DRAFT: frozenset({S.REVIEW, S.WITHDRAWN}),
    S.REVIEW: frozenset({S.DRAFT, S.PUBLISHED, S.WITHDRAWN}),
    S.PUBLISHED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
"""Which state may follow which; sent back is a draft again, with the reason."""
ON_ITS_WAY = (S.DRAFT, S.REVIEW)


def refuse_move(present: str, wanted: RuleDraftState) -> None:
    """Refuse a move that the table does not hold (Refused)."""
    if wanted not in MOVES[RuleDraftState(present)]:
        raise Refused(_("This draft has moved on in the meantime. Reload the page to see where."))


def refuse_editing(present: str) -> None:
    """Refuse to change anything but a draft (Refused)."""
    if present == S.REVIEW:
        raise Refused(_("This draft is in review. Send it back before you change it."))
    if present != S.DRAFT:
        raise Refused(_("What is published or withdrawn never changes. Begin a new draft."))


def refuse_outrun(base_version: int, present_version: int) -> None:
    """Refuse when the rule has a newer version than the one that the draft was compared with."""
    if base_version != present_version:
        raise Refused(
            _(
                "Version %(n)s was published since this was written. Send it back, read the "
                "difference again and save it.",
                n=present_version,
            )
        )


@dataclass(frozen=True)
class Difference:
    """One part of a rule as it stands and as it would be; values are shown by the door."""

    part: str
    before: Any
    after: Any


PARTS: Mapping[str, Message] = {
    "target_type": _("Looks at"),
    "target": _("Which"),
    "condition": _("Condition"),
    "condition_words": _("Condition, as in its source"),
    "operator": _("Comparison"),
    "limit_value": _("Limit"),
    "unit": _("Unit"),
    "expressed_as": _("Expressed as"),
    "dosage_form": _("Only for this form"),
    "expected_as": _("Only when sold as (key)"),
    "level": _("Level"),
    "jurisdiction": _("Place"),
    "source": _("Source"),
    "note": _("Remark"),
    "in_force": _("In force"),
    "valid_from": _("Valid from"),
    "valid_until": _("Valid until"),
}
"""The parts of a rule that may differ, with what each is called, in the order of the form."""


def differences(before: RuleText | None, after: RuleText) -> list[Difference]:
    """Return what would change; against nothing, every part that says something."""
    if before is None:
        said = ((part, getattr(after, part)) for part in PARTS)
        return [Difference(part, None, value) for part, value in said if value not in ("", None)]
    pairs = ((part, getattr(before, part), getattr(after, part)) for part in PARTS)
    return [Difference(part, old, new) for part, old, new in pairs if old != new]


def kept(text: RuleText) -> dict[str, Any]:
    """Return a rule as JSON can hold it; amounts and days as text."""
    return {
        name: value if value is None or isinstance(value, (str, bool)) else str(value)
        for name, value in asdict(text).items()
    }


def read(content: Mapping[str, Any]) -> RuleText:
    """Return a rule out of what JSON held."""
    values = dict(content)
    if values.get("limit_value") is not None:
        values["limit_value"] = Decimal(values["limit_value"])
    for name in ("valid_from", "valid_until"):
        if values.get(name) is not None:
            values[name] = date.fromisoformat(values[name])
    return RuleText(**values)


def text_of(record: Any) -> RuleText:
    """Return what a published version says."""
    return RuleText(**{one.name: getattr(record, one.name) for one in fields(RuleText)})


def judging(text: RuleText, version: int) -> Rule:
    """Return a rule as the judges take it, as if it were in force."""
    names = set(Rule.__dataclass_fields__) - {"key", "version", "in_force"}
    said = {name: getattr(text, name) for name in names}
    return Rule(key=text.rule_key, version=version, in_force=True, **said)


TARGET_WORDS: Mapping[str, Message] = {
    "substance": _("a substance (its key)"),
    "class": _("a chemical class"),
    "structural group": _("a structural group"),
    "flag": _("a flag of the library"),
    "role": _("a usual role"),
    "any": _("anything found"),
}
LEVEL_WORDS: Mapping[str, Message] = {
    "information": _("Information"),
    "caution": _("Caution"),
    "warning": _("Warning"),
}
CONDITION_WORDS: Mapping[str, Message] = {
    Condition.CONTENT: _("content beyond a limit"),
    Condition.ANY_DETECTION: _("any detection"),
    Condition.UNEXPECTED: _("found, and not what it was sold as"),
    Condition.HUMAN: _("a person decides"),
}
