"""The book of danger rules: publishing them version by version, and choosing whose judge here."""

from __future__ import annotations

import csv
import re
import uuid
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims import journal
from lims.findings import danger, queries
from lims.findings.records import DangerRule
from lims.findings.rules import Condition, Level
from lims.foundation.actors import Actor
from lims.foundation.errors import Invalid, Problem, refuse_field
from lims.foundation.measures import unit_name
from lims.foundation.shipped import shipped
from lims.foundation.words import _
from lims.library.records import Substance
from lims.network.records import Installation
from lims.network.rules import Permission

TARGETS = ("substance", "class", "structural group", "flag", "role", "any")
LIMIT_UNITS = ("mg/unit", "µg/unit", "mg/g", "%", "mg/ml")
LEVELS = (Level.INFORMATION, Level.CAUTION, Level.WARNING)
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True)
class PublishRule:
    """A new danger rule, or a new version of one."""

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


@dataclass(frozen=True)
class ChooseJurisdictions:
    """The places whose context rules are to judge here too, as two-letter codes."""

    codes: tuple[str, ...]


def publish_rule(session: Session, actor: Actor, command: PublishRule) -> DangerRule:
    """Publish a danger rule or its next version; the versions before stay readable."""
    actor.must(Permission.PUBLISH_RULES)
    problems = _problems(session, command)
    if problems:
        raise Invalid(problems)
    rule = _add_version(session, actor, command)
    subjects = [("danger_rule", rule.rule_key)]
    facts = {"version": rule.version, "level": rule.level, "in_force": rule.in_force}
    journal.record(session, actor, "publish danger rule", subjects, rule=rule.rule_key, **facts)
    return rule


def publish_shipped_rules(session: Session, actor: Actor) -> list[DangerRule]:
    """Publish the rules that come with the program; return what was new.

    A rule that somebody in the network has since changed keeps the network's version.
    """
    actor.must(Permission.PUBLISH_RULES)
    current = {one.rule_key: one for one in queries.current_rules(session)}
    added = []
    for command in _shipped_rules():
        there = current.get(command.rule_key)
        if there is None or (there.published_by == actor.account and _differs(there, command)):
            added.append(_add_version(session, actor, command))
    if added:
        subjects = [("danger_rule", one.rule_key) for one in added]
        journal.record(session, actor, "publish shipped danger rules", subjects, n=len(added))
    return added


def choose_jurisdictions(
    session: Session, actor: Actor, command: ChooseJurisdictions
) -> tuple[str, ...]:
    """Choose the places whose computable context rules judge here too."""
    actor.must(Permission.PUBLISH_RULES)
    offered = danger.offered_jurisdictions(queries.current_rules(session))
    if not set(command.codes) <= set(offered):
        raise refuse_field("codes", _("Choose one of the list."))
    codes = sorted(set(command.codes))
    kept = session.get(Installation, queries.JURISDICTIONS)
    if kept is None:
        kept = Installation(key=queries.JURISDICTIONS, value={})
        session.add(kept)
    kept.value = {"codes": codes}
    journal.record(session, actor, "choose jurisdictions of danger rules", codes=codes)
    return tuple(codes)


def _problems(session: Session, command: PublishRule) -> list[Problem]:
    """Return what is wrong with a rule before it is published."""
    unreadable = [
        Problem(name, _("This text holds characters that cannot be shown."))
        for name, value in asdict(command).items()
        if isinstance(value, str) and not value.replace("\n", " ").isprintable()
    ]
    if unreadable:
        return unreadable
    choices = (
        ("target_type", command.target_type in TARGETS),
        ("condition", command.condition in tuple(Condition)),
        ("level", command.level in LEVELS),
    )
    found = [
        Problem(name, _("Choose one of the list.")) for name, is_good in choices if not is_good
    ]
    if not _KEY.fullmatch(command.rule_key):
        words = _("Small letters, digits and dashes only, such as mdma-120.")
        found.append(Problem("rule_key", words))
    for name in ("source", "jurisdiction", "target"):
        if not getattr(command, name).strip():
            found.append(Problem(name, _("This answer is needed.")))
    if command.target_type == "substance" and not _in_library(session, command.target):
        found.append(Problem("target", _("This substance is not in the library.")))
    if command.expected_as and not _in_library(session, command.expected_as):
        found.append(Problem("expected_as", _("This substance is not in the library.")))
    if command.valid_from and command.valid_until and command.valid_until < command.valid_from:
        found.append(Problem("valid_until", _("The end lies before the beginning.")))
    return found + (_limit_problems(command) if command.condition == Condition.CONTENT else [])


def _limit_problems(command: PublishRule) -> list[Problem]:
    found = []
    if command.operator not in (">", ">="):
        found.append(Problem("operator", _("Choose one of the list.")))
    if command.limit_value is None or command.limit_value <= 0:
        found.append(Problem("limit_value", _("A content rule needs a limit above zero.")))
    if unit_name(command.unit) not in LIMIT_UNITS:
        found.append(Problem("unit", _("Choose one of the list.")))
    return found


def _in_library(session: Session, key: str) -> bool:
    return session.scalar(select(Substance.id).where(Substance.key == key)) is not None


def _shipped_rules() -> list[PublishRule]:
    """Read the rules that come with the program."""
    path = shipped("reference_data") / "danger_rules.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [_read(row) for row in csv.DictReader(file)]


def _read(row: dict[str, str]) -> PublishRule:
    kind, target = row["target_type"], row["target"]
    if target.startswith("role:"):
        kind = "role"
    stated = row["expressed_as"]
    value = row["value"]
    computable = "-" not in value
    return PublishRule(
        rule_key=row["rule_id"],
        target_type=kind,
        target=target.removeprefix("role:").removeprefix("group:").removesuffix(":y"),
        condition=_condition(row),
        condition_words=row["condition"] if computable else f"{row['condition']} {value}",
        operator=row["operator"] if row["operator"] in (">", ">=") else "",
        limit_value=Decimal(value) if value and computable else None,
        unit=unit_name(row["unit"]),
        expressed_as="" if stated == "not stated" else stated,
        dosage_form=row["dosage_form"],
        expected_as=row["expected_as"],
        level=row["level"],
        jurisdiction=row["jurisdiction"],
        source=row["source"],
        note=row["note"],
        in_force=row["default_on"] == "y",
        valid_from=_first_day(row["valid_from"]),
    )


def _condition(row: dict[str, str]) -> str:
    """Return how a shipped rule is judged; what cannot be computed is left to people."""
    words = row["condition"]
    if "human decision" in row["note"]:
        return Condition.HUMAN
    if words == "content":
        return Condition.CONTENT
    if words.startswith("any detection"):
        return Condition.ANY_DETECTION
    return Condition.UNEXPECTED if words.startswith("unexpected") else Condition.HUMAN


def _first_day(text: str) -> date | None:
    return date.fromisoformat(text + "-01-01"[len(text) - 4 :]) if text else None


def _differs(record: DangerRule, command: PublishRule) -> bool:
    return any(getattr(record, name) != value for name, value in asdict(command).items())


def _add_version(session: Session, actor: Actor, command: PublishRule) -> DangerRule:
    query = select(DangerRule.version).where(DangerRule.rule_key == command.rule_key)
    last = session.scalar(query.order_by(DangerRule.version.desc()).limit(1)) or 0
    rule = DangerRule(
        id=uuid.uuid4(), version=last + 1, published_by=actor.account, **asdict(command)
    )
    session.add(rule)
    session.flush()
    return rule
