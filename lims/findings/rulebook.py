"""The book of danger rules: those that come with the program, and choosing whose judge here.

A person's rule goes another way: it is drafted, and a second person publishes it (rule_review).
"""

from __future__ import annotations

import csv
import uuid
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from lims import journal
from lims.findings import danger, queries
from lims.findings.records import DangerRule
from lims.findings.rules import Condition
from lims.findings.ruling import RuleText
from lims.foundation.actors import Actor
from lims.foundation.errors import refuse_field
from lims.foundation.measures import unit_name
from lims.foundation.shipped import shipped
from lims.foundation.words import _
from lims.network.records import Installation
from lims.network.rules import Permission


@dataclass(frozen=True)
class ChooseJurisdictions:
    """The places whose context rules are to judge here too, as two-letter codes."""

    codes: tuple[str, ...]


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


def _shipped_rules() -> list[RuleText]:
    """Read the rules that come with the program."""
    path = shipped("reference_data") / "danger_rules.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [_read(row) for row in csv.DictReader(file)]


def _read(row: dict[str, str]) -> RuleText:
    kind, target = row["target_type"], row["target"]
    if target.startswith("role:"):
        kind = "role"
    stated = row["expressed_as"]
    value = row["value"]
    computable = "-" not in value
    return RuleText(
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


def _differs(record: DangerRule, command: RuleText) -> bool:
    return any(getattr(record, name) != value for name, value in asdict(command).items())


def _add_version(session: Session, actor: Actor, command: RuleText) -> DangerRule:
    version = queries.last_version(session, command.rule_key) + 1
    rule = DangerRule(
        id=uuid.uuid4(), version=version, published_by=actor.account, **asdict(command)
    )
    session.add(rule)
    session.flush()
    return rule
