"""Danger rules held against what was found: records in, a level and its reasons out.

Used for findings, and for partners' results, where the outcome is a list to look through.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy.orm import Session

from lims.findings import queries, rules
from lims.findings.records import DangerRule
from lims.findings.rules import Condition, Expected, Found, Known, Level, Outcome, Rule
from lims.findings.statements import Names, keep, kept_value
from lims.foundation.errors import Invalid
from lims.foundation.measures import Quantity, converted
from lims.foundation.shipped import shipped
from lims.library.records import Substance

_PLACE = re.compile(r"\b[A-Z]{2}\b")
UNKNOWN = frozenset({"", "unknown", "inconnu", "onbekend", "?"})
"""What a person says who does not know what it is."""


class Judged(Protocol):
    """What the rules need to know of a sample."""

    @property
    def form(self) -> str: ...
    @property
    def sold_as(self) -> str: ...
    @property
    def sold_as_substance(self) -> Substance | None: ...
    @property
    def unit_mass_mg(self) -> Decimal | None: ...


class Detected(Protocol):
    """What the rules need to know of a detection."""

    @property
    def substance(self) -> Substance | None: ...
    @property
    def label(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> Decimal | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def expressed_as(self) -> str: ...
    @property
    def uncertainty(self) -> Decimal | None: ...
    @property
    def loq(self) -> Decimal | None: ...


@dataclass(frozen=True)
class Weighing:
    """The danger level of what was found, and what every rule had to say, as kept."""

    level: Level
    outcomes: list[dict[str, Any]]


def weigh(
    session: Session,
    sample: Judged,
    detections: Iterable[Detected],
    today: date,
    decided: Collection[str] = (),
    in_force: Sequence[Rule] | None = None,
) -> Weighing:
    """Hold every rule against what was found; give `in_force` when weighing many samples."""
    judging = rules_on(session, today) if in_force is None else in_force
    found = [found_of(one) for one in detections]
    level, outcomes = rules.weigh(judging, found, expected_of(sample), tuple(decided))
    return Weighing(level, [kept_outcome(outcome) for outcome in outcomes])


def rules_on(session: Session, day: date) -> list[Rule]:
    """Return the rules as they judge on a day; context rules of chosen places are in force."""
    chosen = set(queries.jurisdictions(session))
    return [_rule(one, chosen) for one in queries.rules_of_day(session, day)]


def expected_of(sample: Judged) -> Expected:
    """Return what a sample was sold as, for the rules."""
    substance = sample.sold_as_substance
    return Expected(
        key=substance.key if substance else None,
        stated=substance is not None or sample.sold_as.strip().lower() not in UNKNOWN,
        late_onset=bool(substance and substance.late_onset),
        form=sample.form,
        unit_mass_mg=sample.unit_mass_mg,
    )


def known_of(substance: Substance | None, label: str = "") -> Known:
    """Return what the library says, or a bare name for a group or an unknown."""
    if substance is None:
        group = label if label in _group_names() else label + "s"
        names = _group_names().get(group)
        return Known(group, names) if names else Known(label, Names(label, label, label))
    return Known(
        key=substance.key,
        names=Names(substance.name_fr, substance.name_nl, substance.name_en),
        chemical_class=substance.chemical_class,
        role=substance.role,
        groups=tuple(substance.groups or ()),
        late_onset=substance.late_onset,
        salt_factor=substance.salt_factor_hcl,
    )


def found_of(detection: Detected) -> Found:
    """Return a detection as the rules see it."""
    value = detection.value if detection.value is not None else detection.loq
    quantity = None
    if value is not None and detection.unit:
        stated = detection.expressed_as or None
        quantity = Quantity(value, detection.unit, stated, detection.uncertainty)
    what = known_of(detection.substance, detection.label)
    return Found(what, detection.kind, quantity, detection.loq)


def rule_here(session: Session, record: DangerRule) -> Rule:
    """Return a version as it judges here: a context rule of a chosen place is in force."""
    return _rule(record, set(queries.jurisdictions(session)))


def _rule(record: DangerRule, chosen: set[str]) -> Rule:
    rule = rule_of(record)
    near = record.condition != Condition.HUMAN and places(record.jurisdiction) & chosen
    return replace(rule, in_force=True) if near else rule


def rule_of(record: DangerRule) -> Rule:
    """Return a published rule as plain data."""
    names = [name for name in Rule.__dataclass_fields__ if name != "key"]
    return Rule(key=record.rule_key, **{name: getattr(record, name) for name in names})


def places(jurisdiction: str) -> set[str]:
    """Return the two-letter codes that a jurisdiction names."""
    return set(_PLACE.findall(jurisdiction))


@dataclass(frozen=True)
class Limit:
    """A content limit in force, to be drawn beside what was measured."""

    value: Decimal
    unit: str
    level: str
    expressed_as: str
    rule: Rule


def limits_for(judging: Iterable[Rule], substance_key: str, form: str, unit: str) -> list[Limit]:
    """Return the content limits that rules set for a substance in a form, in a unit, low first."""
    found = []
    for rule in judging:
        is_content = rule.condition == Condition.CONTENT and rule.limit_value is not None
        is_here = (
            rule.in_force and rule.target_type == "substance" and rule.dosage_form in ("", form)
        )
        if not is_content or not is_here or substance_key not in rule.target.split("|"):
            continue
        try:
            limit = converted(Quantity(rule.limit_value or Decimal(0), rule.unit), unit)
        except Invalid:
            continue
        found.append(Limit(limit.value, unit, rule.level, rule.expressed_as, rule))
    return sorted(found, key=lambda one: one.value)


def offered_jurisdictions(current: Iterable[DangerRule]) -> list[str]:
    """Return the places that context rules name."""
    return sorted({code for one in current for code in places(one.jurisdiction)})


def kept_outcome(outcome: Outcome) -> dict[str, Any]:
    """Return what a rule had to say as JSON can hold it."""
    rule = outcome.rule
    return {
        "rule": rule.key,
        "version": rule.version,
        "level": rule.level,
        "verdict": str(outcome.verdict),
        "raises": outcome.raises,
        "in_force": rule.in_force,
        "condition": rule.condition_words,
        "limit": None if rule.limit_value is None else format(rule.limit_value, "f"),
        "operator": rule.operator,
        "unit": rule.unit,
        "substance": outcome.what.key if outcome.what else "",
        "name": kept_value(outcome.what.names) if outcome.what else None,
        "words": keep(outcome.words),
        "inputs": outcome.inputs,
    }


@lru_cache(maxsize=1)
def _group_names() -> dict[str, Names]:
    path = shipped("reference_data") / "structural_groups.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["group"]: Names(row["label_fr"], row["label_nl"], row["label_en"])
            for row in csv.DictReader(file)
        }
