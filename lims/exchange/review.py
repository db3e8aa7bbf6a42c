"""Which danger rules a partner's sample would meet: a list for a person to read.

Partners' rows are back-dated, often without the basis of an amount or the form of the product.
What the rules say about them is therefore never a signal and never an alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from lims.exchange.flags import Flag

LEVELS = ("information", "caution", "warning", "red")


class Rule(Protocol):
    """What is read of a published danger rule."""

    rule_key: str
    version: int
    target_type: str
    target: str
    condition: str
    operator: str
    limit_value: Decimal | None
    unit: str
    dosage_form: str
    expected_as: str
    level: str


@dataclass(frozen=True)
class Found:
    """One substance of the library in a partner's sample, with its amount if one is known."""

    key: str
    substance_class: str
    groups: tuple[str, ...] = ()
    amount: Decimal | None = None
    amount_kind: str = ""


@dataclass(frozen=True)
class Sold:
    """What a partner's sample was sold as, and its form where that is known."""

    key: str = ""
    form: str = ""


def rules_met(found: Sequence[Found], sold: Sold, rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return the rules that a sample meets, the gravest first; human conditions are not judged."""
    met = [
        {"rule": rule.rule_key, "version": rule.version, "level": rule.level, "about": one.key}
        for rule in rules
        if rule.condition in ("content", "any-detection") and _applies(rule, sold)
        for one in found
        if _is_target(rule, one) and _exceeds(rule, one)
    ]
    unique = {(row["rule"], row["about"]): row for row in met}
    return sorted(unique.values(), key=lambda row: (-_grade(str(row["level"])), str(row["rule"])))


def to_read(met: Sequence[dict[str, Any]], flags: Iterable[Flag]) -> bool:
    """Tell whether a sample goes on the review list: a rule of caution or more, or a flag."""
    return any(_grade(row["level"]) >= _grade("caution") for row in met) or any(flags)


def _grade(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else -1


def _applies(rule: Rule, sold: Sold) -> bool:
    """A rule for one form is read for a sample of unknown form too: it is a list to look at."""
    form_fits = not rule.dosage_form or sold.form in ("", rule.dosage_form)
    return form_fits and (not rule.expected_as or rule.expected_as == sold.key)


def _is_target(rule: Rule, one: Found) -> bool:
    if rule.target_type == "substance":
        return rule.target == one.key
    if rule.target_type == "class":
        return rule.target == one.substance_class
    return (
        rule.target_type == "structural group" and rule.target.removeprefix("group:") in one.groups
    )


def _exceeds(rule: Rule, one: Found) -> bool:
    if rule.condition == "any-detection":
        return True
    unit = rule.unit.partition(" ")[0].partition("/")[0].replace("µ", "u")
    if one.amount is None or rule.limit_value is None or unit != one.amount_kind:
        return False
    return (
        one.amount >= rule.limit_value if rule.operator == ">=" else one.amount > rule.limit_value
    )
